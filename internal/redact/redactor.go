// SPDX-License-Identifier: MPL-2.0

package redact

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// minLength is the length in bytes from which a value is redacted. Shorter
	// values occur within ordinary words, and protect nothing.
	minLength = 4
	// minPrefix is the least length, in bytes, of a part of a secret that is redacted
	// at the end of a text. A server may cut its message in the middle of a secret.
	minPrefix = 6
	// maxText is the length of the longest text that is searched, in bytes. The
	// rest is removed: nobody reads an error of that size.
	maxText = 64 << 10
	// maxDepth is how many times one text may be escaped, as in the JSON of a URL
	// of a URL.
	maxDepth = 3
)

// Redactor replaces secrets in text that comes from outside, such as the error of
// a server that repeats what it was sent. It finds a secret in clear, in base64 at
// any offset and in hex, and each of these under the escapes of JSON, URLs and
// HTML, in part, mixed or repeated. The zero value knows no secrets.
type Redactor struct{ patterns []pattern }

// New returns a Redactor of the given secrets. Secrets below 4 bytes are ignored.
func New(secrets ...Secret) Redactor { return Redactor{}.With(secrets...) }

// With returns a Redactor that knows more secrets.
func (r Redactor) With(secrets ...Secret) Redactor {
	patterns := slices.Clone(r.patterns)
	for _, secret := range secrets {
		if len(secret) >= minLength {
			patterns = append(patterns, patternsOf(secret.Reveal())...)
		}
	}
	slices.SortFunc(patterns, func(a, b pattern) int { return cmp.Or(cmp.Compare(a.text, b.text), cmp.Compare(a.kind, b.kind)) })
	return Redactor{slices.Compact(patterns)}
}

// Clean returns the text with every secret replaced by a placeholder, and with
// control, formatting and bidirectional characters escaped, so that it cannot
// change how a terminal shows what is around it. Line feeds and tabs are kept.
func (r Redactor) Clean(text string) string {
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "..."
	}
	return Printable(r.replace(text))
}

func (r Redactor) replace(text string) string {
	if len(r.patterns) == 0 {
		return text
	}
	var found []span
	for _, v := range views(text) {
		found = append(found, r.find(v)...)
	}
	if len(found) == 0 {
		return text
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var clean strings.Builder
	end := 0
	for _, s := range found {
		if s.from >= end {
			clean.WriteString(text[end:s.from])
			clean.WriteString(redacted)
		}
		end = max(end, s.to)
	}
	clean.WriteString(text[end:])
	return clean.String()
}

// span is a part of a text, in bytes.
type span struct{ from, to int }

// find returns the parts of the original text that hold a secret in the view.
func (r Redactor) find(v view) []span {
	var found []span
	lower := strings.ToLower(v.text)
	folded := len(lower) == len(v.text) // the positions agree
	for _, p := range r.patterns {
		text := v.text
		if p.kind == inHex && folded {
			text = lower
		}
		for from := 0; ; {
			i := strings.Index(text[from:], p.text)
			if i < 0 {
				break
			}
			start, end := from+i, from+i+len(p.text)
			from = start + 1
			if p.kind == inBase64 {
				start, end = widen(text, start, end)
			}
			found = append(found, span{v.at[start], v.at[end]})
		}
		if p.kind == inClear {
			if n := cutAtEnd(text, p.text); n > 0 {
				found = append(found, span{v.at[len(text)-n], v.at[len(text)]})
			}
		}
	}
	return found
}

// cutAtEnd returns how many bytes at the end of the text are the beginning of a
// secret, or 0 if they are too few to be one.
func cutAtEnd(text, secret string) int {
	text = strings.TrimRight(text, ".…")
	for n := min(len(text), len(secret)-1); n >= minPrefix; n-- {
		if strings.HasSuffix(text, secret[:n]) {
			return n
		}
	}
	return 0
}

// widen adds the characters at either end of a base64 text that hold some bits of
// the secret.
func widen(text string, start, end int) (from, to int) {
	for range 2 {
		if start > 0 && isBase64(text[start-1]) {
			start--
		}
		if end < len(text) && (isBase64(text[end]) || text[end] == '=') {
			end++
		}
	}
	return start, end
}

func isBase64(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("+/-_", c) >= 0
}

// pattern is a text by which a secret is found.
type pattern struct {
	text string
	kind int
}

const (
	inClear = iota
	inBase64
	inHex // lower case
)

func patternsOf(secret string) []pattern {
	patterns := []pattern{{secret, inClear}, {hex.EncodeToString([]byte(secret)), inHex}}
	for offset := range 3 {
		text := base64AtOffset(secret, offset)
		patterns = append(patterns, pattern{text, inBase64}, pattern{strings.NewReplacer("+", "-", "/", "_").Replace(text), inBase64})
	}
	return patterns
}

// base64AtOffset returns the characters of a base64 text that depend on the secret
// alone if it begins at a byte whose index has the given remainder by 3.
func base64AtOffset(secret string, offset int) string {
	const bitsOfByte, bitsOfCharacter = 8, 6
	encoded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", offset) + secret))
	first := int(math.Ceil(float64(offset*bitsOfByte) / bitsOfCharacter))
	return encoded[first : (offset+len(secret))*bitsOfByte/bitsOfCharacter]
}

// Printable escapes the characters that change how a terminal shows a text:
// control characters, escape sequences, bidirectional and invisible formatting
// characters, and bytes that are not UTF-8. Line feeds and tabs are kept.
func Printable(text string) string {
	if !strings.ContainsFunc(text, isUnprintable) {
		return text
	}
	var printable strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)):
			fmt.Fprintf(&printable, `\x%02x`, text[i])
		case !isUnprintable(r):
			printable.WriteRune(r)
		case r <= unicode.MaxLatin1:
			fmt.Fprintf(&printable, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&printable, `\u%04x`, r)
		default:
			fmt.Fprintf(&printable, `\U%08x`, r)
		}
	}
	return printable.String()
}

func isUnprintable(r rune) bool {
	if r == '\n' || r == '\t' {
		return false
	}
	return r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

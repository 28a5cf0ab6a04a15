// SPDX-License-Identifier: MPL-2.0

package redact

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

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

// SPDX-License-Identifier: MPL-2.0

package validation

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxQuoted is how many characters of a value a message repeats.
const maxQuoted = 80

// Quote quotes a value for a message. Long values are shortened. Characters that
// cannot be seen or change how a text is shown are escaped, and so are letters of
// other scripts that look like the Latin letters beside them.
func Quote(value string) string {
	if n := utf8.RuneCountInString(value); n > maxQuoted {
		return fmt.Sprintf("%s (shortened, %d characters)", quote(string([]rune(value)[:maxQuoted])+"..."), n)
	}
	return quote(value)
}

func quote(value string) string {
	quoted := strconv.Quote(value)
	if !strings.ContainsFunc(value, isLatinLetter) {
		return quoted
	}
	var shown strings.Builder
	for _, r := range quoted {
		if r >= utf8.RuneSelf && lookAlikes.Replace(string(r)) != string(r) {
			shown.WriteString(strings.Trim(strconv.QuoteToASCII(string(r)), `"`))
		} else {
			shown.WriteRune(r)
		}
	}
	return shown.String()
}

func isLatinLetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// lookAlikes maps letters of other scripts to the Latin letters that they look
// like, for the letters that occur in identifiers.
var lookAlikes = strings.NewReplacer(
	"а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "х", "x", "у", "y", "і", "i", "ј", "j", "ѕ", "s", "һ", "h", "ԁ", "d", "ո", "n",
	"ο", "o", "α", "a", "ι", "i", "ν", "v", "κ", "k", "ρ", "p", "τ", "t",
	"‐", "-", "‑", "-", "–", "-", "—", "-", "−", "-", "．", ".", "：", ":", "＿", "_",
)

// Plain returns a value without blanks and invisible characters, in lower case, and
// with Latin letters in place of those that look alike.
func Plain(value string) string {
	value = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, value)
	return lookAlikes.Replace(value)
}

// Suggest returns sentences that name the choice which a wrong value probably
// means, and why the value differs from it; it is empty if no choice is near.
func Suggest(value string, choices []string) string {
	choice, ok := Nearest(value, choices)
	if !ok {
		return ""
	}
	switch {
	case strings.EqualFold(value, choice):
		return fmt.Sprintf(" Did you mean %q? Upper and lower case matter.", choice)
	case strings.EqualFold(strings.TrimSpace(value), choice):
		return fmt.Sprintf(" Did you mean %q? The value has blanks around it.", choice)
	case Plain(value) == Plain(choice):
		return fmt.Sprintf(" Did you mean %q? The value has characters that look alike or cannot be seen.", choice)
	}
	return fmt.Sprintf(" Did you mean %q? It is the nearest known value.", choice)
}

// Nearest returns the choice that equals the value but for case, blanks and
// look-alike characters, or else the nearest one within a small edit distance:
// one edit, or two for values of at least 20 characters.
func Nearest(value string, choices []string) (string, bool) {
	plain := Plain(value)
	if plain == "" {
		return "", false
	}
	limit := 1
	if len(plain) >= 20 {
		limit = 2
	}
	nearest, least := "", limit+1
	for _, choice := range choices {
		if Plain(choice) == plain {
			return choice, true
		}
		if d := editDistance(plain, Plain(choice), least); d < least {
			nearest, least = choice, d
		}
	}
	return nearest, nearest != ""
}

// editDistance counts insertions, deletions, substitutions and swaps of adjacent
// bytes; it returns limit if there are at least that many.
func editDistance(a, b string, limit int) int {
	if max(len(a)-len(b), len(b)-len(a)) >= limit {
		return limit
	}
	before, previous, current := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
			least = min(least, current[j])
		}
		if least >= limit {
			return limit
		}
		before, previous, current = previous, current, before
	}
	return min(previous[len(b)], limit)
}

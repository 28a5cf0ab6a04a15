// SPDX-License-Identifier: MPL-2.0

package javaregexp

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

func soon() time.Time { return time.Now().Add(time.Minute) }

// TestStarts compares Starts with what Java 25 finds, in bytes of UTF-8.
func TestStarts(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          []int
	}{
		{`^`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{0, 5, 9, 17, 23, 29}},
		{`$`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{3, 8, 14, 21, 27, 29, 31}},
		{`(?-m)^`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{0}},
		{`(?-m)$`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{29, 31}},
		{`(?d)^`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{0, 5, 9, 29}},
		{`(?d)$`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{4, 8, 28, 30, 31}},
		{`\A`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{0}},
		{`\z`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{31}},
		{`\Z`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{29, 31}},
		{`\R`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{3, 8, 14, 21, 27, 29}},
		{`\R{2}`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{27}},
		{`(?:\R)+\n`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{}},
		{`\R\n`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{3, 27, 29}},
		{`\P{all}`, "a\x00b", []int{}},
		{`[\P{all}\x{0}]`, "a\x00b", []int{1}},
		{`a\P{all}?b`, "ab a\x00b", []int{0}},
		{`\P{IsAssigned}`, "a\x00\u0378b", []int{2}},
		{`.+`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{0, 5, 9, 17, 23}},
		{`(?s).+`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{0}},
		{`(?d).+`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{0, 5, 9, 29}},
		{`.*`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{0, 3, 4, 5, 8, 9, 14, 17, 21, 23, 27, 28, 29, 30, 31}},
		{`\v`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{3, 4, 8, 14, 21, 27, 28, 29, 30}},
		{`\h`, "one\r\ntwo\nthree\u2028four\u0085five\r\n\r\n", []int{}},
		{`\b`, "a\u0301b été_1, x-y", []int{0, 4, 7, 8, 10, 12, 14, 15, 16, 17}},
		{`\B`, "a\u0301b été_1, x-y", []int{1, 3, 5, 11, 13}},
		{`\w+`, "a\u0301b été_1, x-y", []int{0, 3, 7, 10, 14, 16}},
		{`\W`, "a\u0301b été_1, x-y", []int{1, 4, 5, 8, 12, 13, 15}},
		{`\d`, "a\u0301b été_1, x-y", []int{11}},
		{`\s`, "a\u0301b été_1, x-y", []int{4, 13}},
		{`\S+`, "a\u0301b été_1, x-y", []int{0, 5, 14}},
		{`\p{L}+`, "a\u0301b été_1, x-y", []int{0, 3, 5, 14, 16}},
		{`\p{Lu}`, "a\u0301b été_1, x-y", []int{}},
		{`\p{Punct}`, "a\u0301b été_1, x-y", []int{10, 12, 15}},
		{`\p{IsLatin}`, "a\u0301b été_1, x-y", []int{0, 3, 5, 7, 8, 14, 16}},
		{`\P{IsAlphabetic}`, "a\u0301b été_1, x-y", []int{1, 4, 10, 11, 12, 13, 15}},
		{`\p{sc=Latin}`, "a\u0301b été_1, x-y", []int{0, 3, 5, 7, 8, 14, 16}},
		{`\p{gc=Nd}`, "a\u0301b été_1, x-y", []int{11}},
		{`x*`, "a\u0301b été_1, x-y", []int{0, 1, 3, 4, 5, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17}},
		{`[^a-z&&[^ ]]`, "a\u0301b été_1, x-y", []int{1, 4, 5, 8, 10, 11, 12, 13, 15}},
		{`[a-c[x-z]]`, "a\u0301b été_1, x-y", []int{0, 3, 14, 16}},
		{`[\w&&[^_]]`, "a\u0301b été_1, x-y", []int{0, 3, 7, 11, 14, 16}},
		{`[]x]`, "a\u0301b été_1, x-y", []int{14}},
		{`[x-]`, "a\u0301b été_1, x-y", []int{14, 15}},
		{`[^\S,]`, "a\u0301b été_1, x-y", []int{4, 13}},
		{`(?i)k`, "Kk\u212asSß chapter CHAPTER", []int{0, 1}},
		{`(?iu)k`, "Kk\u212asSß chapter CHAPTER", []int{0, 1, 2}},
		{`(?i)[a-k]`, "Kk\u212asSß chapter CHAPTER", []int{0, 1, 10, 11, 12, 15, 18, 19, 20, 23}},
		{`(?i:CHAP)ter`, "Kk\u212asSß chapter CHAPTER", []int{10}},
		{`(?i)chapter`, "Kk\u212asSß chapter CHAPTER", []int{10, 18}},
		{`(?i)\p{Lower}`, "Kk\u212asSß chapter CHAPTER", []int{0, 1, 5, 6, 10, 11, 12, 13, 14, 15, 16, 18, 19, 20, 21, 22, 23, 24}},
		{`s(?i)s`, "Kk\u212asSß chapter CHAPTER", []int{5}},
		{`(?i)(k)\1`, "Kk\u212asSß chapter CHAPTER", []int{0}},
		{`(?=b)`, "abab aab aaab xyzzy 2024-05 #3", []int{1, 3, 7, 12}},
		{`(?!b)a`, "abab aab aaab xyzzy 2024-05 #3", []int{0, 2, 5, 6, 9, 10, 11}},
		{`(?<=a)b`, "abab aab aaab xyzzy 2024-05 #3", []int{1, 3, 7, 12}},
		{`(?<!a)b`, "abab aab aaab xyzzy 2024-05 #3", []int{}},
		{`(?<=a{2,3})b`, "abab aab aaab xyzzy 2024-05 #3", []int{7, 12}},
		{`a++b`, "abab aab aaab xyzzy 2024-05 #3", []int{0, 2, 5, 9}},
		{`a*+b`, "abab aab aaab xyzzy 2024-05 #3", []int{0, 2, 5, 9}},
		{`(?>a|ab)b`, "abab aab aaab xyzzy 2024-05 #3", []int{0, 2, 6, 11}},
		{`(a)(b)\1`, "abab aab aaab xyzzy 2024-05 #3", []int{0}},
		{`(?<n>a)\k<n>`, "abab aab aaab xyzzy 2024-05 #3", []int{5, 9}},
		{`(.)\1`, "abab aab aaab xyzzy 2024-05 #3", []int{5, 9, 16}},
		{`\1a`, "abab aab aaab xyzzy 2024-05 #3", []int{}},
		{`\Qab\Eab`, "abab aab aaab xyzzy 2024-05 #3", []int{0}},
		{`(?x) a b # both`, "abab aab aaab xyzzy 2024-05 #3", []int{0, 2, 6, 11}},
		{`(?x)[a b]`, "abab aab aaab xyzzy 2024-05 #3", []int{0, 1, 2, 3, 5, 6, 7, 9, 10, 11, 12}},
		{`a{2}`, "abab aab aaab xyzzy 2024-05 #3", []int{5, 9}},
		{`a{2,}?`, "abab aab aaab xyzzy 2024-05 #3", []int{5, 9}},
		{`a??b`, "abab aab aaab xyzzy 2024-05 #3", []int{0, 2, 6, 11}},
		{`(a|ab)(c|bab)?`, "abab aab aaab xyzzy 2024-05 #3", []int{0, 5, 6, 9, 10, 11}},
		{`\x61b`, "abab aab aaab xyzzy 2024-05 #3", []int{0, 2, 6, 11}},
		{`\u0061\0142`, "abab aab aaab xyzzy 2024-05 #3", []int{0, 2, 6, 11}},
		{`\x{61}`, "abab aab aaab xyzzy 2024-05 #3", []int{0, 2, 5, 6, 9, 10, 11}},
		{`\cI|b`, "abab aab aaab xyzzy 2024-05 #3", []int{1, 3, 7, 12}},
		{`(?:a|aa)+b`, "abab aab aaab xyzzy 2024-05 #3", []int{0, 2, 5, 9}},
		{`(a|e)(b|c)?`, "abab aab aaab xyzzy 2024-05 #3", []int{0, 2, 5, 6, 9, 10, 11}},
		{`x|`, "abab aab aaab xyzzy 2024-05 #3", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30}},
		{`(?:)`, "abab aab aaab xyzzy 2024-05 #3", []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30}},
		{` |#`, "abab aab aaab xyzzy 2024-05 #3", []int{4, 8, 13, 19, 27, 28}},
		{`(?<=[.!?])\s`, "One. Two! Three?\nFour", []int{4, 9, 16}},
		{`x*`, "a😀", []int{0, 1, 3, 5}},
		{`(?!b)`, "😀", []int{0, 2, 4}},
		{`[😀😁]`, "a😀b😁", []int{1, 6}},
		{`.`, "😀😁", []int{0, 4}},
		{`\ud83d\ude00`, "a😀", []int{1}},
		{`\Ga`, "aaba", []int{0, 1}},
		{`\G|b`, "aaba", []int{0, 2, 3}},
		{`\X`, "e\u0301👩\u200d👩a", []int{0, 3, 14}},
		{`\b{g}`, "e\u0301a", []int{0, 3, 4}},
		{`(?<=b\X)a`, "bba", []int{}},
		{`\N{LATIN SMALL LETTER B}`, "aaba", []int{2}},
		{`[\N{DIGIT ONE}-\N{DIGIT THREE}]`, "a1b4", []int{1}},
		{`(?U)\w+`, "été x", []int{0, 6}},
		{`(?U)\b`, "été", []int{0, 5}},
		{`\p{InThai}`, "aก", []int{1}},
		{`\p{blk=Thai}`, "aก", []int{1}},
		{`\p{block=BasicLatin}`, "aก", []int{0}},
		{`\p{sc=Grek}`, "aα", []int{1}},
		{`\p{javaLowerCase}`, "Aa", []int{1}},
		{`\p{IsAssigned}`, "\u0378a", []int{2}},
		{`\p{IsEmoji_Presentation}`, "a😀", []int{1}},
		{`[a&&]`, "ab&", []int{0}},
		{`[a&&&b]`, "ab&", []int{0, 1, 2}},
		{`[&&a]`, "ab&", []int{0}},
		{`[a-f&&[d-z]&&[e-k]]`, "abdefg", []int{3, 4}},
		{`\n(?=\()`, "x\n(1)\n2\n(3)", []int{1, 7}},
	} {
		compiled, err := Compile(c.pattern)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		got, err := compiled.Starts(c.text, soon())
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q on %q: got %v, %v, want %v", c.pattern, c.text, got, err, c.want)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	for _, c := range []struct{ pattern, want string }{
		{`(a`, "unclosed group"},
		{`a)`, "unmatched closing parenthesis"},
		{`[a`, "unclosed character class"},
		{`*a`, "dangling '*'"},
		{`a**`, "dangling '*'"},
		{`a{2`, "unclosed counted closure"},
		{`a{2,1}`, "illegal repetition range"},
		{`a{99999999999}`, "repetition of more than"},
		{`a{x}`, "illegal repetition"},
		{`\`, "trailing backslash"},
		{`\y`, "illegal or not supported"},
		{`\pX`, "unknown character property"},
		{`\p{Foo}`, "unknown character property"},
		{`\p{IsFoo}`, "unknown character property"},
		{`\p{L`, "unclosed character family"},
		{`(?<1>a)`, "group name"},
		{`(?<n`, "group name"},
		{`(?<n>a)(?<n>b)`, "defined twice"},
		{`\k<n>`, "does not exist"},
		{`\kn`, "not followed by"},
		{`[b-a]`, "illegal character range"},
		{`[a-\d]`, "illegal character range"},
		{`\x{110000}`, "illegal hexadecimal code point"},
		{`\x4`, "illegal hexadecimal escape"},
		{`\ud83d`, "surrogate without its other half"},
		{`\08`, "illegal octal escape"},
		{`\c`, "illegal control escape"},
		{`(?z)`, "not supported"},
		{`(?i`, "unknown inline modifier"},
	} {
		if _, err := Compile(c.pattern); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got error %v, want one with %q", c.pattern, err, c.want)
		}
	}
}

// TestEngine pins which engine runs a pattern: Go's own takes linear time.
func TestEngine(t *testing.T) {
	for _, c := range []struct {
		pattern                        string
		literal, regular, backtracking bool
	}{
		{`\n\n`, true, false, false},
		{`\Q.*\E`, true, false, false},
		{`[.!?]\s+`, false, true, false},
		{`(?i)chapter \d{1,1000}`, false, true, false},
		{`a\z|(b)`, false, true, false},
		{`a{1001}`, false, false, true},
		{`^a`, false, false, true},
		{`(?:a?)*`, false, false, true},
		{`(?=a)`, false, false, true},
		{`a++`, false, false, true},
		{`[a&&b]`, false, false, true},
	} {
		compiled, err := Compile(c.pattern)
		if err != nil {
			t.Errorf("%q: %v", c.pattern, err)
			continue
		}
		if (compiled.literal != "") != c.literal || (compiled.regular != nil) != c.regular ||
			(compiled.backtracking != nil) != c.backtracking {
			t.Errorf("%q: got %+v", c.pattern, compiled)
		}
	}
}

func TestTimeLimit(t *testing.T) {
	for _, c := range []struct{ name, pattern, text string }{
		{"backtracking", `(?>)(?:a|aa)+$`, strings.Repeat("a", 500) + "!"},
		{"many matches", `(?=a)`, strings.Repeat("a", 500)},
		{"many regular matches", `a|b`, strings.Repeat("a", 500)},
	} {
		t.Run(c.name, func(t *testing.T) {
			compiled, err := Compile(c.pattern)
			if err != nil {
				t.Fatal(err)
			}
			if starts, err := compiled.Starts(c.text, time.Now()); !errors.Is(err, ErrTooSlow) || starts != nil {
				t.Errorf("got %v, %v", starts, err)
			}
		})
	}
}

// TestCased checks that cased has all code points that differ from another one only
// by case.
func TestCased(t *testing.T) {
	all := cased()
	for r := range rune(unicode.MaxRune + 1) {
		if unicode.SimpleFold(r) != r && !all.contains(r) {
			t.Errorf("%U is missing", r)
		}
	}
}

func FuzzStarts(f *testing.F) {
	f.Add(`(?i)[a-c&&[^b]]+?\R{1,2}|(?<=x)\b`, "ab\r\n\u0301x")
	f.Add(`(?x) (a) \1 # c`, "aa 😀")
	f.Add(`\p{IsHan}{2,}+|x*|$`, "中文 x\u0085")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		// Classes of Unicode and large counts make the search slow, not wrong.
		if len(pattern) > 40 || len(text) > 100 || !utf8.ValidString(pattern) || !utf8.ValidString(text) {
			return
		}
		compiled, err := Compile(pattern)
		if err != nil {
			return
		}
		starts, err := compiled.Starts(text, time.Now().Add(100*time.Millisecond))
		if err != nil {
			return
		}
		for i, start := range starts {
			outside := start > len(text) || start < len(text) && !utf8.RuneStart(text[start]) && !utf8.RuneStart(text[start-2])
			if outside || i > 0 && start < starts[i-1] {
				t.Fatalf("%q on %q: got %v", pattern, text, starts)
			}
		}
	})
}

// TestGraphemes compares patterns with \X and \b{g} with what Java 25 finds, in
// code units of UTF-16.
func TestGraphemes(t *testing.T) {
	t.Parallel()
	rows, err := os.ReadFile(filepath.Join("testdata", "graphemes.txt"))
	if err != nil {
		t.Fatal(err)
	}
	compiled := map[string]*Regexp{}
	for row := range strings.Lines(string(rows)) {
		fields := strings.Split(strings.TrimSuffix(row, "\n"), "\t")
		pattern, want := fields[0], fields[2]
		var text []rune
		for digits := range strings.FieldsSeq(fields[1]) {
			text = append(text, mustHex(digits))
		}
		if compiled[pattern] == nil {
			if compiled[pattern], err = Compile(pattern); err != nil {
				t.Errorf("%s: %v", pattern, err)
				continue
			}
		}
		starts, err := compiled[pattern].Starts(string(text), soon())
		var got []string
		for _, start := range starts {
			got = append(got, fmt.Sprint(unitsBefore(text, start)))
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s on %x: got %v, %v, want %s", pattern, text, got, err, want)
		}
	}
}

// unitsBefore converts an offset in bytes of UTF-8 to code units of UTF-16.
func unitsBefore(text []rune, offset int) (units int) {
	for _, r := range text {
		size := utf8.RuneLen(r)
		if offset < size {
			return units + offset/2 // between the halves of a surrogate pair
		}
		offset -= size
		units += len(utf16.Encode([]rune{r}))
	}
	return units
}

// TestGraphemeClusters compares the clusters that \X matches with nextBoundary, which
// \b{g} uses, for texts of code points of every class.
func TestGraphemeClusters(t *testing.T) {
	t.Parallel()
	cluster, err := Compile(`\X`)
	if err != nil {
		t.Fatal(err)
	}
	classes := []rune{'a', '\r', '\n', 0x1, 0x300, 0x903, 0x200D, 0xA9, 0x1F600, 0x1F1E6, 0x1100, 0x1160, 0x11A8, 0xAC00, 0xAC01, 0x600, 0x915, 0x94D, 0x9BF, 0x378, 0xD4D, 0xD15, 0x93C}
	random := rand.New(rand.NewPCG(1, 1))
	for range 3000 {
		text := make([]rune, 1+random.IntN(9))
		for i := range text {
			text[i] = classes[random.IntN(len(classes))]
		}
		var want []int
		for at := 0; at < len(text); at = nextBoundary(text, at) {
			want = append(want, len(string(text[:at])))
		}
		if got, err := cluster.Starts(string(text), soon()); err != nil || !slices.Equal(got, want) {
			t.Errorf("%x: got %v, %v, want %v", text, got, err, want)
		}
	}
}

// TestGraphemeEdgesOfLongClusters ends within its time although each cluster has
// another length.
func TestGraphemeEdgesOfLongClusters(t *testing.T) {
	t.Parallel()
	compiled, err := Compile(`\b{g}`)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for length := range 200 {
		text.WriteString("a" + strings.Repeat("\u0301", length))
	}
	if starts, err := compiled.Starts(text.String(), soon()); err != nil || len(starts) != 201 {
		t.Errorf("%d matches, %v", len(starts), err)
	}
}

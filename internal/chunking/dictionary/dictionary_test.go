// SPDX-License-Identifier: MPL-2.0

package dictionary

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/gen/icu"
)

// scripts are those that a test names. Han has none.
var scripts = map[string]*Script{"Han": nil, "Thai": &Thai, "Lao": &Lao, "Khmer": &Khmer, "Burmese": &Burmese}

// boundariesOf appends the boundaries inside of a run of a script.
func boundariesOf(d *Divider, script string, boundaries []int, text string, start, end int) []int {
	if script == "Han" {
		return d.Han(boundaries, text, start, end)
	}
	return d.Script(scripts[script], boundaries, text, start, end)
}

// TestBoundaries compares the engines with ICU.
func TestBoundaries(t *testing.T) {
	var divider Divider
	for _, c := range []struct{ script, want string }{
		{"Han", "東京|は|日本|の|首都|です"},
		{"Han", "南京市|长江|大|桥"},
		{"Han", "すもも|も|も|も|も|も|もの|うち"},
		{"Han", "データベース|の|検索"},
		{"Han", "ｶﾞｰﾃﾞﾝ|ﾊﾟｰﾃｨｰ"},
		{"Han", "かﾞ|く"},
		{"Han", "㌕|㍍|㌫"},
		{"Han", "北|⼤學"},
		{"Han", "𠮷|野家"},
		{"Han", "中"},
		{"Han", "中|\U00016FF0"},
		{"Han", "日|\U00016FF1|本"},
		{"Han", "㍍|中\U00016FF0"},
		{"Thai", "ภาษา|ไทย|ง่า|ยมากๆ"},
		{"Thai", "กรุงเทพฯ|และ|เชียงใหม่"},
		{"Thai", "ฦฦฦฦฦฦ"},
		{"Thai", "มาก"},
		{"Lao", "ພາສາ|ລາວ|ແມ່ນ|ງ່າຍ"},
		{"Khmer", "ខ្ញុំ|ចូលចិត្ត|ញ៉ាំបាយ"},
		{"Burmese", "မြန်မာဘာသာ|စကား"},
	} {
		text := strings.ReplaceAll(c.want, "|", "")
		// The run is inside of a text and follows an earlier one.
		cuts := boundariesOf(&divider, c.script, []int{1}, "xyz"+text+"中ก", 3, 3+len(text))
		var got strings.Builder
		from := 0
		for _, cut := range cuts[1:] {
			got.WriteString(text[from:cut-3] + "|")
			from = cut - 3
		}
		if got.WriteString(text[from:]); got.String() != c.want || cuts[0] != 1 {
			t.Errorf("%s: got %s, want %s", c.script, got.String(), c.want)
		}
	}
}

// TestLongKatakana checks that 20 katakana and more are no longer one word.
func TestLongKatakana(t *testing.T) {
	var divider Divider
	const kana = "ァィゥェォャュョヮヵヶヴヰヱヮャュョァィ"
	if cuts := divider.Han(nil, kana[:3*8], 0, 3*8); len(cuts) != 0 {
		t.Errorf("8 katakana: got cuts %v", cuts)
	}
	if cuts := divider.Han(nil, kana, 0, len(kana)); len(cuts) == 0 {
		t.Error("20 katakana: got no cuts")
	}
}

// TestWordsOfICU checks that the dictionaries have the words of ICU with their costs and
// no others.
func TestWordsOfICU(t *testing.T) {
	key := func(units []uint16) (text string) {
		for _, unit := range units {
			text += string([]byte{byte(unit >> 8), byte(unit)})
		}
		return text
	}
	random := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{"cjdict", "thaidict", "laodict", "khmerdict", "burmesedict"} {
		original, err := icu.Read("data/" + name + ".dict.gz")
		if err != nil {
			t.Fatal(err)
		}
		d := load(name)
		find := func(units []uint16) (cost int) {
			node := int32(rootNode)
			for _, unit := range units {
				if node = d.trie.step(node, d.codes[unit]); node == noNode {
					return -1
				}
			}
			if d.trie[node].link&isWord == 0 {
				return -1
			}
			return int(d.costs[node])
		}
		costs := map[string]int{}
		for _, word := range original.Words {
			costs[key(word.Units)] = int(word.Cost)
			if got := find(word.Units); got != int(word.Cost) {
				t.Fatalf("%s: word %x has the cost %d, want %d", name, word.Units, got, word.Cost)
			}
		}
		words := 0
		for _, cell := range d.trie {
			words += int(cell.link & isWord)
		}
		if words != len(original.Words) || d.offset != original.Offset {
			t.Errorf("%s: %d words, offset %d, want %d, %d", name, words, d.offset, len(original.Words), original.Offset)
		}
		for range 20_000 {
			// A word with one other unit, which often does not occur in any word.
			units := slices.Clone(original.Words[random.IntN(len(original.Words))].Units)
			limit := 0xD800
			if d.offset != 0 {
				limit = maxLetter + 1
			}
			units[random.IntN(len(units))] = uint16(random.IntN(limit))
			want, found := costs[key(units)]
			if !found {
				want = -1
			}
			if got := find(units); got != want {
				t.Fatalf("%s: %x has the cost %d, want %d", name, units, got, want)
			}
		}
	}
}

// TestWordsFitTheirSet checks the bounds that wordSet and lookUp depend on.
func TestWordsFitTheirSet(t *testing.T) {
	const maxCandidates = 20
	for _, script := range scripts {
		if script == nil {
			continue
		}
		cells := script.dictionary().trie
		for i := range cells {
			depth, words := 0, 0
			for node := int32(i); node > rootNode; node = cells[node].parent {
				depth++
				words += int(cells[node].link & isWord)
			}
			if depth > 63 || words > maxCandidates {
				t.Fatalf("a word has %d code points and begins with %d words", depth, words)
			}
		}
	}
}

func FuzzBoundaries(f *testing.F) {
	for _, text := range []string{
		"東京は日本の首都です", "ｶﾞｰﾃﾞﾝﾊﾟｰﾃｨｰ㍍かﾞ北⼤", "กรุงเทพฯๆและเชียงใหม่", "ພາສາລາວແມ່ນງ່າຍ", "ខ្ញុំចូលចិត្តញ៉ាំបាយ",
		"မြန်မာဘာသာစကားꩠꩻ", "𠮷野家でＡ",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, input string) {
		text := strings.ToValidUTF8(input, "中")
		var used Divider
		for name := range scripts {
			run := longRunes(text, bytesPerRune)
			if name == "Han" {
				run = longRunes(text, 2)
			}
			cuts := boundariesOf(&used, name, nil, run, 0, len(run))
			for i, cut := range cuts {
				if cut <= 0 || cut >= len(run) || !utf8.RuneStart(run[cut]) || i > 0 && cut <= cuts[i-1] {
					t.Fatalf("%s cuts %q at %v", name, run, cuts)
				}
			}
			if !slices.Equal(cuts, boundariesOf(&Divider{}, name, nil, run, 0, len(run))) {
				t.Fatalf("%s cuts %q in more than one way", name, run)
			}
		}
	})
}

// longRunes drops the code points of fewer bytes, which do not occur in the runs of a
// script.
func longRunes(text string, atLeast int) string {
	return strings.Map(func(r rune) rune {
		if utf8.RuneLen(r) < atLeast || atLeast == bytesPerRune && utf8.RuneLen(r) > bytesPerRune {
			return -1
		}
		return r
	}, text)
}

// BenchmarkFirstUse measures what the first text of a script waits for.
func BenchmarkFirstUse(b *testing.B) {
	for _, name := range []string{"cjdict", "thaidict", "laodict", "khmerdict", "burmesedict"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				load(name)
			}
		})
	}
}

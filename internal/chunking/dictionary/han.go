// SPDX-License-Identifier: MPL-2.0

package dictionary

import (
	"math"
	"slices"
	"sync"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxWordLength = 20
	// unknownCost is the cost of a code point that is not a word.
	unknownCost = 255

	maxKatakanaRun = 20
	unreached      = math.MaxInt32
)

// katakanaCosts are the costs of a run of katakana as one word, by its length.
// Longer runs have the first.
var katakanaCosts = [...]int32{8192, 984, 408, 240, 204, 252, 300, 372, 480}

func katakanaCost(length int) int32 {
	if length >= len(katakanaCosts) {
		return katakanaCosts[0]
	}
	return katakanaCosts[length]
}

func isKatakana(r rune) bool {
	return r >= 0x30A1 && r <= 0x30FE && r != 0x30FB || r >= 0xFF66 && r <= 0xFF9F
}

var hanDictionary = sync.OnceValue(func() dictionary { return load("cjdict") })

// hanSearch is the state of a search in a run of Han. Places count code points after
// normalization to NFKC, the form of the dictionary.
type hanSearch struct {
	dictionary
	runes []rune
	// offsets are the offsets of the code points in the run, and the length of
	// the run. All code points that one part of the run is normalized to have the
	// offset of that part.
	offsets []int
	// steps are the cheapest ways to each place.
	steps []step
}

type step struct {
	cost int32
	from int32 // The place before this one, -1 if there is none.
}

// Han appends the boundaries inside of text[start:end], a run of Han and kana, along
// the path of lowest cost through all words.
func (d *Divider) Han(boundaries []int, text string, start, end int) []int {
	s := &d.han
	s.dictionary = hanDictionary()
	s.normalize(text[start:end])
	s.search()
	return s.collect(boundaries, start, end)
}

// normalize sets runes and offsets. As in ICU, code points of a run that is
// normalized already keep their own offsets, even those that combine.
func (s *hanSearch) normalize(run string) {
	most := len(run)/2 + 1 // No code point of such a run is shorter than two bytes.
	s.runes, s.offsets = slices.Grow(s.runes[:0], most)[:most], slices.Grow(s.offsets[:0], most+1)[:most]
	isNormal, count := true, 0
	for i := 0; i < len(run); count++ {
		r, size := rune(0), bytesPerRune
		if run[i]>>4 == 0xE && i+2 < len(run) {
			r = rune(run[i]&0x0F)<<12 | rune(run[i+1]&0x3F)<<6 | rune(run[i+2]&0x3F)
		} else {
			r, size = utf8.DecodeRuneInString(run[i:])
		}
		s.runes[count], s.offsets[count] = r, i
		isNormal = isNormal && isNormalAlone(r)
		i += size
	}
	s.runes, s.offsets = s.runes[:count], s.offsets[:count]
	if !isNormal && !norm.NFKC.IsNormalString(run) {
		s.runes, s.offsets = s.runes[:0], s.offsets[:0]
		for start := 0; start < len(run); {
			size := norm.NFKC.NextBoundaryInString(run[start:], true)
			for _, r := range norm.NFKC.String(run[start : start+size]) {
				s.runes, s.offsets = append(s.runes, r), append(s.offsets, start)
			}
			start += size
		}
	}
	s.offsets = append(s.offsets, len(run))
}

// isNormalAlone reports whether NFKC never changes a code point, whatever is
// around it: hiragana, katakana, the main block of ideographs with its first
// extension, and the iteration mark.
func isNormalAlone(r rune) bool {
	return r >= 0x3400 && r <= 0x9FFF || r >= 0x3041 && r <= 0x30FE && r != 0x3099 && r != 0x309A && r != 0x309B &&
		r != 0x309C && r != 0x309F || r >= 0x3005 && r <= 0x3007
}

func (s *hanSearch) search() {
	s.steps = slices.Grow(s.steps[:0], len(s.runes)+1)[:len(s.runes)+1]
	for i := range s.steps {
		s.steps[i] = step{unreached, -1}
	}
	s.steps[0].cost = 0
	afterKatakana := false
	for i, r := range s.runes {
		if s.steps[i].cost == unreached {
			continue
		}
		s.addWords(i)
		katakana := isKatakana(r)
		if katakana && !afterKatakana {
			if length := s.katakanaRun(i); length < maxKatakanaRun {
				s.add(i, length, katakanaCost(length))
			}
		}
		afterKatakana = katakana
	}
}

// add considers a word of the given length at place i.
func (s *hanSearch) add(i, length int, cost int32) {
	if to := &s.steps[i+length]; cost+s.steps[i].cost < to.cost {
		*to = step{cost + s.steps[i].cost, int32(i)} //nolint:gosec // a run has less than 2^31 code points
	}
}

// addWords considers the words that begin at place i, and the code point there
// as an unknown word if it is not a word.
func (s *hanSearch) addWords(i int) {
	t, node := s.trie, int32(rootNode)
	known := false
	for n, r := range s.runes[i:min(i+maxWordLength, len(s.runes))] {
		if r < 0x10000 {
			node = t.step(node, s.codes[r])
		} else {
			lead, trail := utf16.EncodeRune(r)
			if node = t.step(node, s.codes[lead]); node != noNode {
				node = t.step(node, s.codes[trail])
			}
		}
		if node == noNode {
			break
		}
		if t[node].link&isWord != 0 {
			s.add(i, n+1, int32(s.costs[node]))
			known = known || n == 0
		}
	}
	if !known {
		s.add(i, 1, unknownCost)
	}
}

// katakanaRun returns the number of katakana from place i on, at most
// maxKatakanaRun.
func (s *hanSearch) katakanaRun(i int) (length int) {
	for length < maxKatakanaRun && i+length < len(s.runes) && isKatakana(s.runes[i+length]) {
		length++
	}
	return length
}

// collect appends the places on the cheapest path. After normalization, several
// of them can have the same offset.
func (s *hanSearch) collect(boundaries []int, start, end int) []int {
	first := len(boundaries)
	last := end
	for i := s.steps[len(s.runes)].from; i > 0; i = s.steps[i].from {
		if offset := start + s.offsets[i]; offset > start && offset < last {
			boundaries = append(boundaries, offset)
			last = offset
		}
	}
	slices.Reverse(boundaries[first:])
	return boundaries
}

// SPDX-License-Identifier: MPL-2.0

package dictionary

import (
	"math/bits"
	"slices"
	"sync"
	"unicode"
)

// Script is a script with a dictionary of its own.
type Script struct {
	dictionary func() *scriptDictionary
	// minRun is the number of code points below which a run is one word.
	minRun int
}

// The scripts that have a dictionary of their own. Vowels that no word can end with
// are written before their consonant.
var (
	Thai = Script{minRun: 4, dictionary: loadScript("thaidict", []traitRange{
		{0x0E01, 0x0E2E, canBegin},
		{0x0E2F, 0x0E2F, elision},
		{0x0E31, 0x0E31, cannotEnd},
		{0x0E40, 0x0E44, canBegin | cannotEnd},
		{0x0E46, 0x0E46, repetition},
	})}
	Lao = Script{minRun: 2, dictionary: loadScript("laodict", []traitRange{
		{0x0E81, 0x0EAE, canBegin},
		{0x0EC0, 0x0EC4, canBegin | cannotEnd},
		{0x0EDC, 0x0EDD, canBegin},
	})}
	Khmer = Script{minRun: 4, dictionary: loadScript("khmerdict", []traitRange{
		{0x1780, 0x17B3, canBegin},
		{0x17D2, 0x17D2, cannotEnd}, // The sign that joins consonants.
	})}
	Burmese = Script{minRun: 2, dictionary: loadScript("burmesedict", []traitRange{{0x1000, 0x102A, canBegin}})}
)

// Traits of code points.
const (
	canBegin   uint8 = 1 << iota // An unknown word may end before it.
	cannotEnd                    // No unknown word may end with it.
	mark                         // It joins the word before it.
	elision                      // It joins the word before it.
	repetition                   // It joins the word before it.
)

// scriptDictionary is the dictionary of a script and the traits of its code points. A
// letter is the difference between a code point and offset.
type scriptDictionary struct {
	trie    trie
	offset  rune
	letters [0x100]letter
}

// letter is a code point of a run.
type letter struct {
	// words are those that begin at the letter, in a search that has looked them up.
	words wordSet
	// node is that of the letter as the first of a word, or noNode.
	node   int32
	code   uint16 // In the trie.
	traits uint8
}

// Letters of the code points that the dictionary does not reach.
const (
	maxLetter   = 0xFD
	otherMark   = 0xFE
	otherLetter = 0xFF
)

// traitRange has the traits of the code points from first to last.
type traitRange struct {
	first, last rune
	traits      uint8
}

func loadScript(name string, ranges []traitRange) func() *scriptDictionary {
	return sync.OnceValue(func() *scriptDictionary {
		d := load(name)
		s := &scriptDictionary{trie: d.trie, offset: d.offset}
		for i := range s.letters {
			l := letter{node: s.trie.step(rootNode, d.codes[i]), code: d.codes[i]}
			if l.node != noNode {
				l.words = unknownWords
			}
			if i <= maxLetter && unicode.Is(unicode.M, d.offset+rune(i)) {
				l.traits = mark
			}
			s.letters[i] = l
		}
		for _, r := range ranges {
			for i := r.first; i <= r.last; i++ {
				s.letters[i-d.offset].traits |= r.traits
			}
		}
		s.letters[otherMark].traits = mark
		return s
	})
}

// outsideLetter returns the index in letters of a code point that the dictionary
// does not reach.
func outsideLetter(r rune) int {
	if unicode.Is(unicode.M, r) {
		return otherMark
	}
	return otherLetter
}

const (
	// All code points of these scripts take three bytes.
	bytesPerRune = 3

	// shortWord is the length from which a word does not take in unknown code
	// points that follow. shortPrefix is the number of code points that it must
	// share with some word to count as the start of one.
	shortWord   = 3
	shortPrefix = 3
)

// Script appends the boundaries inside of text[start:end], a run of one script. It
// takes at each place the longest word that more words can follow.
func (d *Divider) Script(script *Script, boundaries []int, text string, start, end int) []int {
	if end-start < script.minRun*bytesPerRune {
		return boundaries
	}
	s := &d.script
	s.reset(script.dictionary(), text[start:end])
	for place := s.word(0); place < s.length; place += s.word(place) {
		boundaries = append(boundaries, start+place*bytesPerRune)
	}
	return boundaries
}

// scriptSearch is the state of a search in a run of one script. Places count code
// points.
type scriptSearch struct {
	trie trie
	// letters are those of the run, and one at its end at which no word begins.
	letters []letter
	length  int // Of the run.
}

// wordSet holds the lengths of the words that begin at a place: bit n-1 stands
// for length n.
type wordSet uint64

// unknownWords is the wordSet of a place that has not been looked up. No word
// has 64 code points.
const unknownWords wordSet = 1 << 63

func (w wordSet) longest() int  { return bits.Len64(uint64(w)) }
func (w wordSet) shortest() int { return bits.TrailingZeros64(uint64(w)) + 1 }

// without returns the set without a length.
func (w wordSet) without(length int) wordSet { return w &^ (1 << (length - 1)) }

func (s *scriptSearch) reset(d *scriptDictionary, run string) {
	s.length = len(run) / bytesPerRune
	s.trie, s.letters = d.trie, slices.Grow(s.letters[:0], s.length+1)[:s.length+1]
	letters := s.letters[:s.length]
	for i := range letters {
		if len(run) < bytesPerRune {
			break // Never happens; the compiler needs no bounds checks for the three indexes.
		}
		r := rune(run[0]&0x0F)<<12 | rune(run[1]&0x3F)<<6 | rune(run[2]&0x3F)
		run = run[bytesPerRune:]
		index := int(r - d.offset)
		if uint(index) > maxLetter { // A negative index is a large unsigned one.
			index = outsideLetter(r)
		}
		letters[i] = d.letters[index]
	}
	s.letters[s.length] = letter{}
}

// at returns the words at a place.
func (s *scriptSearch) at(place int) wordSet {
	if words := s.letters[place].words; words != unknownWords {
		return words
	}
	return s.lookUp(place)
}

// lookUp finds the words that begin at a place. ICU considers at most 20 of them, but
// no dictionary has as many that begin with one another.
func (s *scriptSearch) lookUp(place int) (words wordSet) {
	cells, letters := s.trie, s.letters[place:s.length]
	node := letters[0].node
	link := cells[node].link
	words = wordSet(link & isWord)
	for i := 1; i < len(letters); i++ {
		// As in step. The link is read once, and no branch depends on isWord.
		child := link>>1 + int32(letters[i].code)
		if uint(child) >= uint(len(cells)) || cells[child].parent != node { //nolint:gosec // a negative index becomes larger than every length
			break
		}
		node, link = child, cells[child].link
		words |= wordSet(link&isWord) << i
	}
	s.letters[place].words = words
	return words
}

// isPrefix reports whether the first code points at a place, shortPrefix of
// them except the last, begin some word.
func (s *scriptSearch) isPrefix(place int) bool {
	node := int32(rootNode)
	for i, l := range s.letters[place:s.length] {
		if i == shortPrefix-1 {
			return true
		}
		if node = s.trie.step(node, l.code); node == noNode {
			break
		}
	}
	return false
}

// word returns the length of the word at a place, known or unknown, with what
// joins it.
func (s *scriptSearch) word(place int) (length int) {
	length = s.best(place)
	if length < shortWord && place+length < s.length {
		length += s.unknown(place+length, length > 0)
	}
	for place+length < s.length && s.letters[place+length].traits&mark != 0 {
		length++
	}
	return length + s.suffix(place+length)
}

// best returns the length of the longest word at a place that two more words
// can follow, else of the shortest that one word can follow, else of the longest.
// It returns 0 if there is no word.
func (s *scriptSearch) best(place int) int {
	first := s.at(place)
	if first == 0 {
		return 0
	}
	best := first.longest()
	if first.shortest() == best || place+best == s.length {
		return best
	}
	for first != 0 {
		length := first.longest()
		first = first.without(length)
		second := s.at(place + length)
		if second == 0 {
			continue
		}
		best = length
		if place+length+second.longest() == s.length {
			return best
		}
		for second != 0 {
			next := second.longest()
			second = second.without(next)
			if s.at(place+length+next) != 0 {
				return best
			}
		}
	}
	return best
}

// unknown returns the number of code points at a place that belong to no word:
// all up to the first at which a word can begin and does. They join the short
// word before them, if there is one.
func (s *scriptSearch) unknown(place int, afterWord bool) (length int) {
	if s.at(place) != 0 || afterWord && s.isPrefix(place) {
		return 0
	}
	for length = 1; place+length < s.length; length++ {
		next := place + length
		if s.letters[next-1].traits&cannotEnd == 0 && s.letters[next].traits&canBegin != 0 && s.at(next) != 0 {
			break
		}
	}
	return length
}

// suffix returns the number of signs of elision and repetition at a place that
// belong to the word before it: at most one of each, and none that begin a known
// word.
func (s *scriptSearch) suffix(place int) (length int) {
	letters := s.letters
	if place == s.length || letters[place].traits&(elision|repetition) == 0 || s.at(place) != 0 {
		return 0
	}
	if letters[place].traits&elision != 0 && letters[place-1].traits&(elision|repetition) == 0 {
		length++
	}
	next := place + length
	if next < s.length && letters[next].traits&repetition != 0 && letters[next-1].traits&repetition == 0 {
		length++
	}
	return length
}

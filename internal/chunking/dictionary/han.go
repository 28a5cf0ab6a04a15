package dictionary

import (
	"math"
	"slices"
	"sync"
	"unicode/utf16"
)

// HanEngine cuts runs of Han and kana by the cheapest path through all words.
type HanEngine struct{}

// Han is the engine for Chinese and Japanese.
var Han HanEngine

const (
	maxWordLength = 20
	// unknownCost is that of a code point that is no word of its own.
	unknownCost = 255

	maxKatakanaRun = 20
	unreached      = math.MaxInt32
)

// katakanaCosts is what a run of katakana costs as one word, by its length;
// longer ones cost as much as none.
var katakanaCosts = [...]int{8192, 984, 408, 240, 204, 252, 300, 372, 480}

func katakanaCost(length int) int {
	if length >= len(katakanaCosts) {
		return katakanaCosts[0]
	}
	return katakanaCosts[length]
}

func isKatakana(r rune) bool {
	return r >= 0x30A1 && r <= 0x30FE && r != 0x30FB || r >= 0xFF66 && r <= 0xFF9F
}

// paths holds the search for the cheapest path through one run, in code points
// after normalisation.
type paths struct {
	normalised
	cost []int // of the cheapest path to each place
	from []int // the place before it on that path
}

var pathsPool = sync.Pool{New: func() any { return new(paths) }}

// Cut appends to cuts the boundaries inside of the run text[start:end].
func (HanEngine) Cut(cuts []int, text string, start, end int) []int {
	p := pathsPool.Get().(*paths) //nolint:forcetypeassert // the pool holds nothing else
	defer pathsPool.Put(p)
	p.normalise(text[start:end])
	p.search(hanTrie())
	return p.collect(cuts, start, end)
}

func (p *paths) search(words *charTrie) {
	p.cost, p.from = p.cost[:0], p.from[:0]
	for range len(p.runes) + 1 {
		p.cost, p.from = append(p.cost, unreached), append(p.from, -1)
	}
	p.cost[0] = 0
	afterKatakana := false
	for i, r := range p.runes {
		if p.cost[i] == unreached {
			continue
		}
		p.addWords(words, i)
		katakana := isKatakana(r)
		if katakana && !afterKatakana {
			if length := p.katakanaRun(i); length < maxKatakanaRun {
				p.relax(i, i+length, katakanaCost(length))
			}
		}
		afterKatakana = katakana
	}
}

// relax takes the word between two places if that makes the path cheaper.
func (p *paths) relax(from, to, cost int) {
	if cost += p.cost[from]; cost < p.cost[to] {
		p.cost[to], p.from[to] = cost, from
	}
}

// addWords takes the words that begin at place i, and the code point there as
// an unknown word if it is none itself.
func (p *paths) addWords(words *charTrie, i int) {
	known := false
	n := p.root(words, p.runes[i])
	for length := 1; n.pos != 0; length++ {
		cost, isWord, goesOn := words.value(n)
		if isWord {
			p.relax(i, i+length, cost)
			known = known || length == 1
		}
		if !goesOn || length == maxWordLength || i+length == len(p.runes) {
			break
		}
		n = p.follow(words, n, p.runes[i+length])
	}
	if !known {
		p.relax(i, i+1, unknownCost)
	}
}

func (p *paths) root(words *charTrie, r rune) charNode {
	lead, trail := units(r)
	n := words.root(lead)
	if trail == 0 || n.pos == 0 {
		return n
	}
	return words.follow(n, trail)
}

func (p *paths) follow(words *charTrie, n charNode, r rune) charNode {
	lead, trail := units(r)
	n = words.follow(n, lead)
	if trail == 0 || n.pos == 0 {
		return n
	}
	return words.follow(n, trail)
}

// units is r in UTF-16. The trail is 0 if there is but one unit.
func units(r rune) (lead, trail uint16) {
	if r < 0x10000 {
		return uint16(r), 0 //nolint:gosec // it fits
	}
	high, low := utf16.EncodeRune(r)
	return uint16(high), uint16(low) //nolint:gosec // surrogates fit
}

// katakanaRun is how many katakana follow from place i on, at most
// maxKatakanaRun.
func (p *paths) katakanaRun(i int) (length int) {
	for length < maxKatakanaRun && i+length < len(p.runes) && isKatakana(p.runes[i+length]) {
		length++
	}
	return length
}

// collect appends the places of the cheapest path. Normalisation may put several
// of them at one offset, the start included.
func (p *paths) collect(cuts []int, start, end int) []int {
	first := len(cuts)
	for i := p.from[len(p.runes)]; i > 0; i = p.from[i] {
		cuts = append(cuts, start+p.offsets[i])
	}
	slices.Reverse(cuts[first:])
	kept, previous := first, start
	for _, cut := range cuts[first:] {
		if cut > previous && cut < end {
			cuts[kept] = cut
			kept, previous = kept+1, cut
		}
	}
	return cuts[:kept]
}

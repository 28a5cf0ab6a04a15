// SPDX-License-Identifier: MPL-2.0

package segment

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"sort"
	"sync"
)

// Index holds all word boundaries of a text, a bit for each offset. It counts and
// finds words, and finds sentences, without scanning the text again.
type Index struct {
	text   string
	blocks []block
	memory *memory
}

// marks has a bit for each of 64 offsets: for boundaries between segments, and for
// those at which a word ends.
type marks struct {
	boundaries, words uint64
	// terminators are the offsets at which a code point may end a sentence. Others
	// can be among them.
	terminators uint64
}

// block describes 64 offsets.
type block struct {
	marks
	// lastBefore is the last boundary before the block, wordsBefore the number of
	// words that end before it.
	lastBefore, wordsBefore int
}

const blockShift = 6

func below(offset int) uint64 { return 1<<(offset&63) - 1 }

// pooledMemory keeps the memory of released indexes. Without it, a tenth of the time
// of short segments is spent on garbage collection.
var pooledMemory sync.Pool

func newMemory() *memory {
	if used, ok := pooledMemory.Get().(*memory); ok {
		return used
	}
	return new(memory)
}

func (m *memory) emptyBlocks(count int) []block {
	m.blocks = slices.Grow(m.blocks[:0], count)[:count]
	clear(m.blocks)
	return m.blocks
}

// Release lets a later index use the memory of this one, which must not be used
// afterwards.
func (x Index) Release() { pooledMemory.Put(x.memory) }

// NewIndex finds the boundaries of text, which must be valid UTF-8.
func NewIndex(text string) Index {
	x := Index{text: text, memory: newMemory()}
	x.blocks = x.memory.emptyBlocks((len(text)+1)>>blockShift + 1)
	x.blocks[0].boundaries = 1
	// Not declared by the loop, because each iteration would then copy the iterator.
	walk := Words{text: text, memory: x.memory}
	for walk.End < len(text) {
		if found := asciiBoundaries(text[walk.End:]); found.boundaries != 0 {
			x.set(walk.End, found)
			walk.jump(walk.End + 63 - bits.LeadingZeros64(found.boundaries))
			continue
		}
		start := walk.End
		// In a segment that a dictionary divides, all boundaries are the iterator's.
		for once := true; once || walk.inSegment(); once = false {
			walk.Next()
			x.setOne(walk.End, walk.Status)
		}
		if walk.mayEndSentence {
			x.setTerminators(start, walk.End)
		}
	}
	x.sum()
	return x
}

// set adds what asciiBoundaries found from offset on.
func (x Index) set(offset int, found marks) {
	b, shift := &x.blocks[offset>>blockShift], offset&63
	b.boundaries |= found.boundaries << shift
	b.words |= found.words << shift
	b.terminators |= found.terminators << shift
	if shift > 0 && found.boundaries>>(64-shift) != 0 {
		next := &x.blocks[offset>>blockShift+1]
		next.boundaries |= found.boundaries >> (64 - shift)
		next.words |= found.words >> (64 - shift)
		next.terminators |= found.terminators >> (64 - shift)
	}
}

func (x Index) setOne(offset int, status Status) {
	b, bit := &x.blocks[offset>>blockShift], uint64(1)<<(offset&63)
	b.boundaries |= bit
	if status != None {
		b.words |= bit
	}
}

// setTerminators marks the code points of a segment that may end a sentence.
func (x Index) setTerminators(start, end int) {
	for i := start; i < end; {
		value, size := property(x.text, i)
		if value&terminatorBit != 0 {
			x.blocks[i>>blockShift].terminators |= 1 << (i & 63)
		}
		i += size
	}
}

// sum sets lastBefore and wordsBefore of all blocks.
func (x Index) sum() {
	last, words := 0, 0
	for i := range x.blocks {
		b := &x.blocks[i]
		b.lastBefore, b.wordsBefore = last, words
		words += bits.OnesCount64(b.words)
		if b.boundaries != 0 {
			last = i<<blockShift + 63 - bits.LeadingZeros64(b.boundaries)
		}
	}
}

// Words returns the number of words in the text.
func (x Index) Words() int { return x.endingBefore(len(x.text) + 1) }

// endingBefore returns the number of words that end before offset.
func (x Index) endingBefore(offset int) int {
	b := &x.blocks[offset>>blockShift]
	return b.wordsBefore + bits.OnesCount64(b.words&below(offset))
}

// preceding returns the last boundary before offset, 0 for 0.
func (x Index) preceding(offset int) int {
	b := &x.blocks[offset>>blockShift]
	if earlier := b.boundaries & below(offset); earlier != 0 {
		return offset&^63 + 63 - bits.LeadingZeros64(earlier)
	}
	return b.lastBefore
}

// following returns the first boundary after offset, or the end of the text.
func (x Index) following(offset int) int {
	later := x.blocks[offset>>blockShift].boundaries &^ (below(offset) | 1<<(offset&63))
	for i := offset >> blockShift; ; later = x.blocks[i].boundaries {
		if later != 0 {
			return i<<blockShift + bits.TrailingZeros64(later)
		}
		if i++; i == len(x.blocks) {
			return len(x.text)
		}
	}
}

// terminator returns the first offset from offset on that is marked as one at which
// a code point may end a sentence, or the end of the text.
func (x Index) terminator(offset int) int {
	later := x.blocks[offset>>blockShift].terminators &^ below(offset)
	for i := offset >> blockShift; ; later = x.blocks[i].terminators {
		if later != 0 {
			return i<<blockShift + bits.TrailingZeros64(later)
		}
		if i++; i == len(x.blocks) {
			return len(x.text)
		}
	}
}

// WordEnd returns the offset at which word number n ends, counted from 1. For 0 it
// returns 0.
func (x Index) WordEnd(n int) (offset int) {
	if n == 0 {
		return 0
	}
	i := sort.Search(len(x.blocks), func(i int) bool { return x.blocks[i].wordsBefore >= n }) - 1
	ends := x.blocks[i].words
	for earlier := n - 1 - x.blocks[i].wordsBefore; earlier > 0; earlier-- {
		ends &= ends - 1
	}
	return i<<blockShift + bits.TrailingZeros64(ends)
}

// Count returns the number of words from start to end as Elasticsearch counts them:
// from the last boundary before start on. A word that ends at start is thus counted,
// if no other segment lies between its end and start.
func (x Index) Count(start, end int) int {
	return x.endingBefore(end+1) - x.endingBefore(x.preceding(start))
}

// Skip returns the offset after a number of words, which are counted as by Count, and
// after the segment that follows the last of them. For no words it returns the last
// boundary before start.
func (x Index) Skip(start, words int) (offset int) {
	from := x.preceding(start)
	if words == 0 {
		return from
	}
	return x.following(x.WordEnd(x.endingBefore(from) + words))
}

// A window is the next 64 bytes of a text. For each kind of byte it has one word
// of 64 bits.
const (
	windowSize = 64
	laneSize   = 8

	lows  = 0x0101010101010101
	highs = 0x8080808080808080

	// gather, multiplied by lanes of 0 or 1, moves these bits into the highest byte.
	gather = 0x0102040810204080
)

// window holds a bit for each byte of each kind.
type window struct {
	letters, digits, blanks uint64
	// others are the bytes that only the state machine can decide about: bytes that
	// are not ASCII, the low line, and the carriage return, which may join a line
	// feed.
	others uint64
}

// asciiBoundaries finds the first word boundaries of a text that begins at one,
// as far as they depend on ASCII alone: bit i stands for offset i. There are none if
// the state machine has to find the first boundary. The terminators are all bytes
// before the last boundary except letters, digits and blanks.
func asciiBoundaries(text string) (found marks) {
	if len(text) < windowSize || lane(text, 0)&highs != 0 {
		return found
	}
	w := look(text)
	alnums := w.letters | w.digits
	joined := alnums&(alnums<<1) | w.blanks&(w.blanks<<1)
	// A character between two letters or digits may join them.
	for middles := alnums << 1 & (alnums >> 1) &^ (alnums | w.blanks); middles != 0; middles &= middles - 1 {
		i := bits.TrailingZeros64(middles)
		if joins(text[i], w.letters>>(i-1), w.digits>>(i-1)) {
			joined |= 3 << i
		}
	}
	// The last byte and the bytes next to others depend on what follows.
	known := bits.TrailingZeros64(w.others | 1<<(windowSize-1))
	found.boundaries = ^joined & (1<<max(known-1, 0) - 1) &^ 1
	found.words = found.boundaries & (alnums << 1)
	found.terminators = (1<<bits.Len64(found.boundaries>>1) - 1) &^ (alnums | w.blanks)
	return found
}

// look finds the kinds of the first bytes of text. Lanes hold the result of a
// comparison in their highest bit, so that a byte itself must not have this bit.
func look(text string) (w window) {
	for i := 0; i < windowSize; i += laneSize {
		lanes := lane(text, i)
		ascii := lanes &^ highs
		folded := ascii | 0x20*lows
		w.letters |= bitsOf(within(folded, 'a', 'z')&^lanes) << i
		w.digits |= bitsOf(within(ascii, '0', '9')&^lanes) << i
		w.blanks |= bitsOf(equal(ascii, ' ')&^lanes) << i
		w.others |= bitsOf(equal(ascii, '_')|equal(ascii, '\r')|lanes) << i
	}
	return w
}

// lane returns eight bytes as a number.
func lane(text string, i int) uint64 { return binary.LittleEndian.Uint64([]byte(text[i : i+laneSize])) }

func within(lanes uint64, first, last byte) uint64 {
	return (lanes + uint64(0x80-first)*lows) &^ (lanes + uint64(0x7F-last)*lows)
}

func equal(lanes uint64, b byte) uint64 { return ^(lanes ^ uint64(b)*lows + 0x7F*lows) }

func bitsOf(lanes uint64) uint64 { return (lanes & highs >> 7) * gather >> 56 }

// joins reports whether b joins the bytes before and after it, whose kinds are in
// bits 0 and 2.
func joins(b byte, letters, digits uint64) bool {
	const around = 5
	switch b {
	case '.', '\'':
		return letters&around == around || digits&around == around
	case ':':
		return letters&around == around
	case ',', ';':
		return digits&around == around
	}
	return false
}

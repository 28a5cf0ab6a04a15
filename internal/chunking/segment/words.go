// SPDX-License-Identifier: MPL-2.0

package segment

import (
	"math"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/dictionary"
)

// Status is the kind of the segment that ends at a word boundary. Every segment
// with a status other than None is a word.
type Status int

// The statuses, with ICU's numbers.
const (
	None        Status = 0
	Number      Status = 100
	Letter      Status = 200
	Ideographic Status = 400
)

// statusOf is the status for each code in the low bits of an entry of wordStates.
// Code 0 is the code of a state in which no word can end.
var statusOf = [...]Status{None, None, Number, Letter, Ideographic}

// Words iterates over the word boundaries of a text. The start of the text is
// not among them.
type Words struct {
	text string

	// End is the current boundary, Status the status of the segment before it.
	End    int
	Status Status

	// cuts are the boundaries that a dictionary found in the segment that ends at
	// segmentEnd and that Next has not reached yet.
	cuts       []int
	segmentEnd int
	memory     *memory

	// mayEndSentence is true if the segment that ends at segmentEnd can contain a code
	// point that ends a sentence.
	mayEndSentence bool

	// scanned is the number of bytes that the state machine has read. Tests use it
	// to check that the time is linear.
	scanned int
}

// memory is what later iterators and indexes use again.
type memory struct {
	blocks  []block
	cuts    []int
	divider dictionary.Divider
}

// NewWords returns an iterator over text, which must be valid UTF-8.
func NewWords(text string) Words { return Words{text: text, memory: &memory{}} }

// Next moves to the next boundary. It returns false if there is none.
func (w *Words) Next() bool {
	if w.inSegment() {
		w.nextCut()
		return true
	}
	if w.End == len(w.text) {
		return false
	}
	w.nextByRules()
	return true
}

// inSegment reports whether the current boundary is inside of a segment that a
// dictionary cuts.
func (w *Words) inSegment() bool { return w.End < w.segmentEnd }

// jump moves to a boundary that asciiBoundaries found.
func (w *Words) jump(end int) { w.End, w.segmentEnd = end, end }

func (w *Words) nextCut() {
	if len(w.cuts) == 0 {
		w.End = w.segmentEnd
		return
	}
	w.End, w.cuts = w.cuts[0], w.cuts[1:]
}

// nextByRules runs the state machine until no rule continues. The segment ends
// at the last place at which a rule could end.
func (w *Words) nextByRules() {
	// Nothing in the loop calls a function, so that its variables stay in registers.
	text, end := w.text[w.End:], 0
	entry, accepted := uint(startState<<categoryBits), uint(0)
	// The values of the code points, joined by OR and by AND: all code points have the
	// same engine if both have it.
	some, all := uint16(0), uint16(math.MaxUint16)
	i := 0
	for i < len(text) {
		var value uint16
		size := 1
		switch b := text[i]; {
		case b < 0x80:
			value = asciiProperty(b)
		case b < 0xE0 && i+1 < len(text):
			value, size = twoByteProperty(b, text[i+1]), 2
		case b < 0xF0 && i+2 < len(text):
			value, size = threeByteProperty(b, text[i+1], text[i+2]), 3
		case i+3 < len(text):
			value, size = fourByteProperty(b, text[i+1], text[i+2], text[i+3]), 4
		}
		entry = uint(wordStates[entry&^categoryMask|uint(value)&categoryMask])
		if entry == 0 {
			break
		}
		i += size
		some |= value
		all &= value
		if entry&categoryMask != 0 {
			end, accepted = i, entry
		}
	}
	w.scanned += i
	start := w.End
	w.Status = statusOf[accepted&categoryMask]
	w.End, w.segmentEnd = start+end, start+end
	w.mayEndSentence = some&terminatorBit != 0
	if some>>engineShift != engineNone {
		w.cut(start, (some^all)>>engineShift == 0)
	}
}

// cut looks up in dictionaries where the segment from start to segmentEnd is
// divided, and moves End to the first of these boundaries. If oneEngine is true,
// all code points of the segment have the same engine.
func (w *Words) cut(start int, oneEngine bool) {
	cuts := w.memory.cuts[:0]
	for i := start; i < w.segmentEnd; {
		engine, end := w.run(i, oneEngine)
		switch engine {
		case engineHan:
			cuts = w.memory.divider.Han(cuts, w.text, i, end)
		case engineThai:
			cuts = w.memory.divider.Script(&dictionary.Thai, cuts, w.text, i, end)
		case engineLao:
			cuts = w.memory.divider.Script(&dictionary.Lao, cuts, w.text, i, end)
		case engineKhmer:
			cuts = w.memory.divider.Script(&dictionary.Khmer, cuts, w.text, i, end)
		case engineBurmese:
			cuts = w.memory.divider.Script(&dictionary.Burmese, cuts, w.text, i, end)
		}
		i = end
	}
	w.memory.cuts, w.cuts = cuts, cuts
	w.nextCut()
}

// run returns the engine of the code point at text[i:] and the end of its run,
// which is at most the end of the segment.
func (w *Words) run(i int, oneEngine bool) (engine uint16, end int) {
	value, size := property(w.text, i)
	engine = value >> engineShift
	switch engine {
	case engineHanCommon:
		engine = engineHan
	case engineHanExtend:
		engine = engineNone
	}
	if oneEngine {
		return engine, w.segmentEnd
	}
	for i += size; i < w.segmentEnd; i += size {
		value, size = property(w.text, i)
		if !continues(engine, value>>engineShift) {
			break
		}
	}
	return engine, i
}

// continues reports whether a code point with the engine next belongs to the run
// of the code points before it, whose engine is engine.
func continues(engine, next uint16) bool {
	if engine == next {
		return true
	}
	return (engine == engineHan || engine == engineCommon) && next >= engineHanCommon
}

// SPDX-License-Identifier: MPL-2.0

package segment

import "math/bits"

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

// asciiSegments has a bit for each of the offsets that a window begins at.
type asciiSegments struct {
	// boundaries are those between segments, words those at which a word ends.
	boundaries, words uint64
	// terminators are the bytes before the last boundary that may end a sentence:
	// all except letters, digits and blanks.
	terminators uint64
}

// asciiBoundaries finds the first word boundaries of a text that begins at one,
// as far as they depend on ASCII alone: bit i stands for offset i. There are none if
// the state machine has to find the first boundary.
func asciiBoundaries(text string) (found asciiSegments) {
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
func lane(text string, i int) uint64 {
	text = text[i : i+laneSize]
	return uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24 |
		uint64(text[4])<<32 | uint64(text[5])<<40 | uint64(text[6])<<48 | uint64(text[7])<<56
}

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

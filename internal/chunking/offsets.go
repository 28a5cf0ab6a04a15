package chunking

import (
	"math/bits"
	"unicode/utf8"
)

// chunks adds UTF-16 offsets to spans. An offset in the middle of four bytes
// stands for the place between the halves of a surrogate pair. UTF-8 cannot
// express it: the offset in bytes is that of the code point.
func chunks(text string, spans []span) []Chunk {
	c := cursor{text: text}
	chunks := make([]Chunk, len(spans))
	for i, s := range spans {
		start, end := alignDown(text, s.start), alignDown(text, s.end)
		chunks[i] = Chunk{Start: c.to(start), End: c.to(end), StartByte: start, EndByte: end}
		if start < s.start {
			chunks[i].Start++
		}
		if end < s.end {
			chunks[i].End++
		}
	}
	return chunks
}

// alignDown returns the start of the code point that an offset is inside of.
func alignDown(text string, offset int) int {
	for offset < len(text) && !utf8.RuneStart(text[offset]) {
		offset--
	}
	return offset
}

// cursor turns offsets in bytes into UTF-16 code units, going on or back from the
// last offset.
type cursor struct {
	text  string
	bytes int
	units int
}

func (c *cursor) to(offset int) (units int) {
	if offset >= c.bytes {
		c.units += utf16Length(c.text[c.bytes:offset])
	} else {
		c.units -= utf16Length(c.text[offset:c.bytes])
	}
	c.bytes = offset
	return c.units
}

// utf16Length counts the UTF-16 code units of valid UTF-8: one for each byte
// that begins a code point and another for each that begins one of four bytes.
func utf16Length(text string) (units int) {
	const top = 0x8080808080808080
	for ; len(text) >= 8; text = text[8:] {
		units += 8
		word := load(text)
		if word&top == 0 {
			continue
		}
		continuation := word & ^(word << 1) & top
		fourBytes := word & (word << 1) & (word << 2) & (word << 3) & top
		units += bits.OnesCount64(fourBytes) - bits.OnesCount64(continuation)
	}
	for i := range len(text) {
		b := text[i]
		if b&0xC0 != 0x80 {
			units++
		}
		if b >= 0xF0 {
			units++
		}
	}
	return units
}

func load(text string) uint64 {
	return uint64(text[0]) | uint64(text[1])<<8 | uint64(text[2])<<16 | uint64(text[3])<<24 |
		uint64(text[4])<<32 | uint64(text[5])<<40 | uint64(text[6])<<48 | uint64(text[7])<<56
}

// SPDX-License-Identifier: MPL-2.0

package chunking

import (
	"math/bits"
	"unicode/utf8"
)

// chunks adds UTF-16 offsets to spans. Starts and ends of spans ascend, so that one
// pass through the text finds them all. An offset in the middle of four bytes stands
// for the place between the two halves of a surrogate pair, which UTF-8 cannot
// express: the offset in bytes is then the start of the code point.
func chunks(text string, spans []span) []Chunk {
	c := cursor{text: text}
	chunks := make([]Chunk, len(spans))
	for start, end := 0, 0; end < len(spans); {
		if start < len(spans) && spans[start].start <= spans[end].end {
			chunks[start].StartByte, chunks[start].Start = c.to(spans[start].start)
			start++
		} else {
			chunks[end].EndByte, chunks[end].End = c.to(spans[end].end)
			end++
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

// cursor converts offsets in bytes to UTF-16 code units. It counts from the last
// offset on.
type cursor struct {
	text  string
	bytes int
	units int
}

// to returns the start of the code point that an offset is in, in bytes, and the
// offset in UTF-16 code units.
func (c *cursor) to(offset int) (bytes, units int) {
	bytes = alignDown(c.text, offset)
	if bytes >= c.bytes {
		c.units += utf16Length(c.text[c.bytes:bytes])
	} else {
		c.units -= utf16Length(c.text[bytes:c.bytes])
	}
	c.bytes = bytes
	if bytes < offset {
		return bytes, c.units + 1
	}
	return bytes, c.units
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

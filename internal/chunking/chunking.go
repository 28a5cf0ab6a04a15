// SPDX-License-Identifier: MPL-2.0

// Package chunking divides text into chunks as Elasticsearch does before it embeds
// them, down to the offset: with the words and sentences of ICU4J 77 (Unicode 16)
// and the regular expressions of Java 25.
package chunking

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"unicode/utf8"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/javaregexp"
)

// The strategies.
const (
	StrategyWord      = "word"
	StrategySentence  = "sentence"
	StrategyRecursive = "recursive"
	StrategyNone      = "none"
)

// ErrInvalidUTF8 is returned for a text that has no UTF-16 offsets because it is
// not valid UTF-8.
var ErrInvalidUTF8 = errors.New("text is not valid UTF-8")

// Settings determine how a text is divided. Sizes are counted in words.
type Settings struct {
	Strategy     string
	MaxChunkSize int
	// Overlap, for word, is the number of words that a chunk shares with the one
	// before.
	Overlap int
	// SentenceOverlap, for sentence, is 1 if chunks begin with the last sentence of
	// the chunk before, else 0.
	SentenceOverlap int
	// Separators, for recursive, are Java regular expressions. Each divides the
	// parts that are still too long after the one before.
	Separators []string
	// SeparatorGroup, for recursive without Separators, is plaintext or markdown. If
	// it is empty, it is plaintext.
	SeparatorGroup string
}

// Chunk is a part of a text, from its start to before its end.
type Chunk struct {
	// Start and End count UTF-16 code units, as Elasticsearch does.
	Start, End int
	// StartByte and EndByte count bytes of UTF-8.
	StartByte, EndByte int
}

// Chunker divides texts by the same settings. It is safe for concurrent use.
type Chunker struct {
	cut func(text string) ([]span, error)
}

// span is a chunk in bytes.
type span struct{ start, end int }

// New returns a chunker. It checks only what the division needs, not all bounds of
// Elasticsearch, and compiles the separators. Its errors name the setting.
func New(s Settings) (*Chunker, error) {
	if s.Strategy != StrategyNone && s.MaxChunkSize < 1 {
		return nil, fmt.Errorf("max_chunk_size %d is less than 1", s.MaxChunkSize)
	}
	switch s.Strategy {
	case StrategyWord:
		if s.Overlap < 0 || s.Overlap > s.MaxChunkSize/2 {
			return nil, fmt.Errorf("overlap %d is not between 0 and %d, half of max_chunk_size", s.Overlap, s.MaxChunkSize/2)
		}
		return &Chunker{words{s.MaxChunkSize, s.Overlap}.cut}, nil
	case StrategySentence:
		if s.SentenceOverlap != 0 && s.SentenceOverlap != 1 {
			return nil, fmt.Errorf("sentence_overlap %d is neither 0 nor 1", s.SentenceOverlap)
		}
		return &Chunker{sentences{s.MaxChunkSize, s.SentenceOverlap == 1}.cut}, nil
	case StrategyRecursive:
		separators, err := compileSeparators(s.Separators, s.SeparatorGroup)
		if err != nil {
			return nil, err
		}
		return &Chunker{recursive{s.MaxChunkSize, separators}.cut}, nil
	case StrategyNone:
		return &Chunker{func(text string) ([]span, error) { return []span{{0, len(text)}}, nil }}, nil
	}
	return nil, fmt.Errorf("unknown strategy %q", s.Strategy)
}

// Chunks divides text. An empty text is one empty chunk. The time is linear in the
// length of the text, except for separators that are regular expressions. It
// returns ErrInvalidUTF8, or a *SeparatorError that wraps javaregexp.ErrTooSlow.
func (c *Chunker) Chunks(text string) ([]Chunk, error) {
	if !utf8.ValidString(text) {
		return nil, ErrInvalidUTF8
	}
	spans, err := c.cut(text)
	if err != nil {
		return nil, err
	}
	return chunks(text, spans), nil
}

// ValidateSeparator returns an error if a separator is no valid regular
// expression of Java, or one that this package does not support.
func ValidateSeparator(separator string) error {
	_, err := javaregexp.Compile(separator)
	return err
}

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
		word := binary.LittleEndian.Uint64([]byte(text[:8]))
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

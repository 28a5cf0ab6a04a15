// SPDX-License-Identifier: MPL-2.0

// Package icu reads the compiled word dictionaries of ICU4J.
package icu

import (
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"
)

// Dictionary is the content of a dictionary file.
type Dictionary struct {
	// Offset is subtracted from code points in a dictionary whose units are bytes.
	// In others, which have the offset 0, units are those of UTF-16.
	Offset rune
	// Words ascend by their units.
	Words []Word
}

// Word is a word with its cost. Dictionaries whose units are bytes have no costs.
type Word struct {
	Units []uint16
	Cost  uint16
}

// Layout of a dictionary file, which is big-endian: ICU's data header, whose first
// two bytes are its size, then eight 32-bit words, then the trie.
const (
	formatOffset  = 12
	formatName    = "Dict"
	trieWord      = 0
	sizeWord      = 3
	kindWord      = 4
	transformWord = 5
	kindMask      = 7
	kindUTF16     = 1
	offsetMask    = 0x1FFFFF
)

// Decompress returns the content of a file that is compressed with gzip.
func Decompress(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // The file is only read.
	decompressor, err := gzip.NewReader(file)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(decompressor)
}

// Read reads a dictionary file that is compressed with gzip.
func Read(path string) (Dictionary, error) {
	data, err := Decompress(path)
	if err != nil {
		return Dictionary{}, err
	}
	if string(data[formatOffset:formatOffset+len(formatName)]) != formatName {
		return Dictionary{}, fmt.Errorf("%s is not a dictionary of ICU", path)
	}
	words := data[binary.BigEndian.Uint16(data):]
	word := func(i int) uint32 { return binary.BigEndian.Uint32(words[i*4:]) }
	trie := words[word(trieWord):word(sizeWord)]
	r := reader{isBytes: word(kindWord)&kindMask != kindUTF16}
	if r.isBytes {
		for _, b := range trie {
			r.units = append(r.units, uint16(b))
		}
	} else {
		for i := 0; i < len(trie); i += 2 {
			r.units = append(r.units, binary.BigEndian.Uint16(trie[i:]))
		}
	}
	r.node(0, nil)
	return Dictionary{Offset: rune(word(transformWord) & offsetMask), Words: r.words}, nil
}

// reader reads ICU's BytesTrie and UCharsTrie. Both consist of units: branch
// nodes, nodes that match some units in a row, and values. They differ in the
// width of a unit and in the encoding of numbers.
type reader struct {
	units   []uint16
	isBytes bool
	words   []Word
}

// Lead units of nodes.
const (
	bytesLinear = 0x10
	bytesValue  = 0x20
	bytesFinal  = 1
	charsLinear = 0x30
	charsValue  = 0x40
	charsFinal  = 0x8000
	charsType   = 0x3F

	// A branch with more edges begins with a binary search.
	maxLinearEdges = 5
)

// node reads the words that begin with prefix, from the node at an offset on.
func (r *reader) node(offset int, prefix []uint16) {
	lead := int(r.units[offset])
	linear := charsLinear
	switch {
	case r.isBytes:
		linear = bytesLinear
		if lead >= bytesValue {
			cost, end, isFinal := r.number(offset)
			r.add(prefix, cost)
			if isFinal {
				return
			}
			offset, lead = end, int(r.units[end])
		}
		offset++
	case lead >= charsFinal:
		cost, _, _ := r.number(offset)
		r.add(prefix, cost)
		return
	case lead >= charsValue:
		cost, end := r.nodeValue(offset)
		r.add(prefix, cost)
		offset, lead = end, lead&charsType
	default:
		offset++
	}
	if lead >= linear {
		end := offset + lead - linear + 1
		r.node(end, slices.Concat(prefix, r.units[offset:end]))
		return
	}
	if lead == 0 {
		lead = int(r.units[offset])
		offset++
	}
	r.branch(offset, lead+1, prefix)
}

// branch reads a branch node with the given number of edges.
func (r *reader) branch(offset, count int, prefix []uint16) {
	for count > maxLinearEdges {
		distance, start := r.distance(offset + 1)
		r.branch(start+distance, count>>1, prefix)
		count -= count >> 1
		offset = start
	}
	for ; count > 1; count-- {
		longer := slices.Concat(prefix, r.units[offset:offset+1])
		value, end, isFinal := r.number(offset + 1)
		if isFinal {
			r.add(longer, value)
		} else {
			r.node(end+value, longer)
		}
		offset = end
	}
	r.node(offset+1, slices.Concat(prefix, r.units[offset:offset+1]))
}

func (r *reader) add(units []uint16, cost int) {
	word := Word{Units: units}
	if !r.isBytes {
		word.Cost = uint16(cost)
	}
	r.words = append(r.words, word)
}

// nodeValue reads a value that shares its lead unit with a node.
func (r *reader) nodeValue(offset int) (value, end int) {
	switch lead := int(r.units[offset]); {
	case lead < 0x4040:
		return lead>>6 - 1, offset + 1
	case lead < 0x7FC0:
		return r.join(lead&0x7FC0>>6-0x101, offset+1, 1)
	}
	return r.join(0, offset+1, 2)
}

// number reads a number and whether it is a final value.
func (r *reader) number(offset int) (number, end int, isFinal bool) {
	lead, high, more := int(r.units[offset]), 0, 0
	if r.isBytes {
		isFinal = lead&bytesFinal != 0
		switch lead >>= 1; {
		case lead < 0x51:
			high = lead - 0x10
		case lead < 0x6C:
			high, more = lead-0x51, 1
		case lead < 0x7E:
			high, more = lead-0x6C, 2
		default:
			more = 3 + lead&1
		}
	} else {
		isFinal = lead >= charsFinal
		switch lead &^= charsFinal; {
		case lead < 0x4000:
			high = lead
		case lead < 0x7FFF:
			high, more = lead-0x4000, 1
		default:
			more = 2
		}
	}
	number, end = r.join(high, offset+1, more)
	return number, end, isFinal
}

// distance reads the length of a jump, which starts at end.
func (r *reader) distance(offset int) (distance, end int) {
	lead, high, more := int(r.units[offset]), 0, 0
	switch {
	case !r.isBytes && lead < 0xFC00, r.isBytes && lead < 0xC0:
		high = lead
	case !r.isBytes && lead < 0xFFFF:
		high, more = lead-0xFC00, 1
	case !r.isBytes:
		more = 2
	case lead < 0xF0:
		high, more = lead-0xC0, 1
	case lead < 0xFE:
		high, more = lead-0xF0, 2
	default:
		more = 3 + lead&1
	}
	return r.join(high, offset+1, more)
}

// join extends a number by the next units.
func (r *reader) join(high, offset, units int) (number, end int) {
	width := 16
	if r.isBytes {
		width = 8
	}
	for _, unit := range r.units[offset : offset+units] {
		high = high<<width | int(unit)
	}
	return high, offset + units
}

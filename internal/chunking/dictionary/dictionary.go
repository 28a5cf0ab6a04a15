// SPDX-License-Identifier: MPL-2.0

// Package dictionary finds the word boundaries in runs of scripts that are
// written without spaces, as ICU4J 77 does with the same dictionaries. Chinese
// and Japanese are divided along the path of lowest cost, Thai, Lao, Khmer and
// Burmese by the longest words that more words can follow.
//
// The dictionaries are embedded in compressed form and decoded on first use.
// Texts must be valid UTF-8. Offsets count bytes.
package dictionary

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/binary"
	"fmt"
	"math"
	"path"
)

//go:embed data/*.trie.gz
var files embed.FS

// Divider finds the boundaries in runs. It uses the memory of earlier runs again and
// is not safe for concurrent use.
type Divider struct {
	han    hanSearch
	script scriptSearch
}

// dictionary is a dictionary as gen writes it.
type dictionary struct {
	trie trie
	// costs are the costs of the words that end at the cells of the trie.
	costs []uint16
	// codes are the codes in the trie, by unit: a unit of UTF-16 of a word or, in a
	// dictionary with an offset, the difference between a code point and the offset.
	codes  []uint16
	offset rune
}

// trie is a double-array trie. The child of a node by a code is the cell at the
// node's base plus the code, if that cell's parent is the node.
type trie []cell

// cell takes eight bytes, because most of the time of a search is spent on reading
// cells.
type cell struct {
	// link is the base, shifted by one bit, and the bit isWord.
	link   int32
	parent int32
}

// isWord is the bit of a link that is set if a word ends at the cell.
const isWord = 1

const (
	rootNode = 0
	// noNode is the result of a step that no word takes. Only the root has it as its
	// parent.
	noNode = -1

	// noChildren is the base of a leaf. With every code it is out of range.
	noChildren = math.MinInt32 / 2
	free       = -2
)

// step returns the child of a node by a code, or noNode.
func (t trie) step(node int32, code uint16) int32 {
	child := t[node].link>>1 + int32(code)
	if uint(child) < uint(len(t)) && t[child].parent == node { //nolint:gosec // a negative index becomes larger than every length
		return child
	}
	return noNode
}

// load decodes an embedded dictionary, whose format is that of pack in gen.
func load(name string) dictionary {
	file := decompress(name)
	d := dictionary{offset: file.next(), codes: make([]uint16, 1<<16)}
	units := file.next()
	for i := range d.codes {
		d.codes[i] = uint16(units) //nolint:gosec // less than 2^16, and not the code of any unit
	}
	for code := range units {
		d.codes[file.next()] = uint16(code)
	}
	d.trie = make(trie, file.next())
	d.costs = make([]uint16, len(d.trie))
	for i := range d.trie {
		d.trie[i] = cell{link: noChildren << 1, parent: free}
	}
	d.trie[rootNode].parent = noNode

	nodes := make([]int32, 1, file.next())
	words, counts, firsts, codes := file.column(), file.column(), file.column(), file.column()
	first := int32(0)
	for i := 0; i < len(nodes); i++ {
		node, base, code := nodes[i], int32(noChildren), int32(0)
		if count := counts.next(); count > 0 {
			first += firsts.nextSigned()
			for n := range count {
				if code += codes.next(); n == 0 {
					base = first - code
				}
				d.trie[base+code].parent = node
				nodes = append(nodes, base+code)
			}
		}
		d.trie[node].link = base << 1
		if word := words.next(); word > 0 {
			d.trie[node].link |= isWord
			d.costs[node] = uint16(word - 1) //nolint:gosec // costs have 16 bits
		}
	}
	return d
}

// column is a sequence of variable-length integers, which all fit into 32 bits.
type column []byte

// decompress returns an embedded file. It panics if the file cannot be read, because
// the build is broken in this case.
func decompress(name string) column {
	compressed, err := files.ReadFile(path.Join("data", name+".trie.gz"))
	if err != nil {
		panic(err)
	}
	decompressor, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		panic(err)
	}
	var data bytes.Buffer
	// The last four bytes of a gzip file are its size. Memory that grows costs more time.
	data.Grow(int(binary.LittleEndian.Uint32(compressed[len(compressed)-4:])) + bytes.MinRead)
	if _, err := data.ReadFrom(decompressor); err != nil {
		panic(fmt.Errorf("dictionary %s: %w", name, err))
	}
	return data.Bytes()
}

func (c *column) next() int32 {
	value, size := binary.Uvarint(*c)
	*c = (*c)[size:]
	return int32(value) //nolint:gosec // see column
}

func (c *column) nextSigned() int32 {
	value, size := binary.Varint(*c)
	*c = (*c)[size:]
	return int32(value) //nolint:gosec // see column
}

// column returns the column that comes next, after its length.
func (c *column) column() column {
	length := c.next()
	inner := (*c)[:length]
	*c = (*c)[length:]
	return inner
}

// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/binary"
	"math/bits"
	"os"
	"path/filepath"
	"slices"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/gen/icu"
)

// dictionaries are the names of the dictionaries of ICU.
var dictionaries = []string{"burmesedict", "cjdict", "khmerdict", "laodict", "thaidict"}

// packDictionaries writes the trie of each dictionary of a directory. It keeps files
// with the right content, because other versions of Go may compress it to other bytes.
func packDictionaries(directory string) error {
	for _, name := range dictionaries {
		packed, isWritten, err := packDictionary(directory, name)
		if err != nil {
			return err
		}
		if isWritten {
			continue
		}
		var file bytes.Buffer
		// Writing to a buffer never fails, and the level is valid.
		compressor, _ := gzip.NewWriterLevel(&file, gzip.BestCompression)
		_, _ = compressor.Write(packed)
		_ = compressor.Close()
		if err := os.WriteFile(triePath(directory, name), file.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// packDictionary returns the trie of a dictionary and whether its file has it.
func packDictionary(directory, name string) (packed []byte, isWritten bool, err error) {
	dictionary, err := icu.Read(filepath.Join(directory, name+".dict.gz"))
	if err != nil {
		return nil, false, err
	}
	packed = pack(dictionary)
	written, err := icu.Decompress(triePath(directory, name))
	return packed, err == nil && bytes.Equal(written, packed), nil
}

func triePath(directory, name string) string { return filepath.Join(directory, name+".trie.gz") }

// trieNode is a node of a trie. Its cell is its place in the double array.
type trieNode struct {
	unit     uint16
	code     int
	cell     int
	isWord   bool
	cost     uint16
	children []*trieNode
}

// pack returns the trie of a dictionary in the format that package dictionary reads:
// variable-length integers of package encoding/binary. They are the offset, the
// number of units and the units in the order of their codes, the number of cells, the
// number of nodes, and four columns, each after its length in bytes. The columns hold,
// for each node level by level from the root on,
//   - 0, or 1 more than the cost of the word that ends at the node;
//   - the number of children;
//   - if there are children, the cell of the first child, as the difference from the one
//     before in the column;
//   - for each child, the difference of its code from that of the child before, or
//     from 0.
func pack(dictionary icu.Dictionary) []byte {
	root, units := grow(dictionary.Words)
	var array doubleArray
	var words, counts, firsts, codes []byte
	count, lastFirst := 0, 0
	for level := []*trieNode{root}; len(level) > 0; {
		var next []*trieNode
		for _, n := range level {
			word := uint64(0)
			if n.isWord {
				word = uint64(n.cost) + 1
			}
			words = binary.AppendUvarint(words, word)
			counts = binary.AppendUvarint(counts, uint64(len(n.children)))
			if len(n.children) > 0 {
				array.place(n.children)
				firsts = binary.AppendVarint(firsts, int64(n.children[0].cell-lastFirst))
				lastFirst = n.children[0].cell
			}
			lastCode := 0
			for _, child := range n.children {
				codes = binary.AppendUvarint(codes, uint64(child.code-lastCode))
				lastCode = child.code
			}
			next = append(next, n.children...)
		}
		count += len(level)
		level = next
	}
	out := binary.AppendUvarint(nil, uint64(dictionary.Offset))
	out = binary.AppendUvarint(out, uint64(len(units)))
	for _, unit := range units {
		out = binary.AppendUvarint(out, uint64(unit))
	}
	out = binary.AppendUvarint(out, uint64(len(array.skip)))
	out = binary.AppendUvarint(out, uint64(count))
	for _, column := range [][]byte{words, counts, firsts, codes} {
		out = append(binary.AppendUvarint(out, uint64(len(column))), column...)
	}
	return out
}

// grow makes a trie of words, which ascend. It also returns the units of all edges.
// The code of a unit is its place among them: frequent units have low codes, so that
// cells lie close together. Children ascend by code.
func grow(words []icu.Word) (root *trieNode, units []uint16) {
	root = &trieNode{}
	edges := map[uint16][]*trieNode{} // By their unit.
	nodes := []*trieNode{root}
	for _, word := range words {
		n := root
		for _, unit := range word.Units {
			last := len(n.children) - 1
			if last < 0 || n.children[last].unit != unit {
				child := &trieNode{unit: unit}
				n.children = append(n.children, child)
				edges[unit] = append(edges[unit], child)
				nodes = append(nodes, child)
				last++
			}
			n = n.children[last]
		}
		n.isWord, n.cost = true, word.Cost
	}
	for unit := range edges {
		units = append(units, unit)
	}
	slices.SortFunc(units, func(a, b uint16) int {
		return cmp.Or(cmp.Compare(len(edges[b]), len(edges[a])), cmp.Compare(a, b))
	})
	for code, unit := range units {
		for _, child := range edges[unit] {
			child.code = code
		}
	}
	for _, n := range nodes {
		slices.SortFunc(n.children, func(a, b *trieNode) int { return cmp.Compare(a.code, b.code) })
	}
	return root, units
}

// doubleArray finds cells for the children of nodes. The cell of a child is the base of
// its parent plus its code.
type doubleArray struct {
	// skip is the cell itself for a free cell, else a later cell before which none is
	// free.
	skip []int
	// searchFrom are cells from which free cells are searched, by the bit length
	// of the number of children: there may be room for one child but not for many.
	searchFrom [17]int
}

// maxAttempts is the number of bases tried before a range of cells is given up.
const maxAttempts = 8

// place sets the cells of children, which ascend by code.
func (d *doubleArray) place(children []*trieNode) {
	from := &d.searchFrom[bits.Len(uint(len(children)))]
	first, attempts := d.nextFree(max(*from, 1)), 1
	for ; !d.fits(first, children); attempts++ {
		first = d.nextFree(first + 1)
	}
	if attempts > maxAttempts {
		*from = first
	}
	for _, child := range children {
		child.cell = first + child.code - children[0].code
		for len(d.skip) <= child.cell {
			d.skip = append(d.skip, len(d.skip))
		}
		d.skip[child.cell] = child.cell + 1
	}
}

// nextFree returns the first free cell from a cell on.
func (d *doubleArray) nextFree(from int) int {
	free := from
	for !d.isFree(free) {
		free = d.skip[free]
	}
	for cell := from; cell < free; {
		cell, d.skip[cell] = d.skip[cell], free
	}
	return free
}

func (d *doubleArray) isFree(cell int) bool { return cell >= len(d.skip) || d.skip[cell] == cell }

// fits reports whether the cells of children are free if the first is in a given cell.
func (d *doubleArray) fits(first int, children []*trieNode) bool {
	return !slices.ContainsFunc(children, func(child *trieNode) bool {
		return !d.isFree(first + child.code - children[0].code)
	})
}

// SPDX-License-Identifier: MPL-2.0

package dictionary

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// trie is a double-array trie. The child of a node by a code is the cell at the
// node's base plus the code, if that cell's parent is the node.
type trie struct {
	cells []cell
	// costs are the costs of the words that end at the cells. A dictionary of kind
	// kindBytes has none.
	costs []uint16
}

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
	// noNode is the result of a step that no word takes. It is not the parent of any
	// cell, so that every step from it fails too.
	noNode = -1

	// noChildren is the base of a leaf. With every code it is out of range.
	noChildren = math.MinInt32 / 2
	free       = -2
)

// step returns the child of a node by a code, or noNode.
func (t trie) step(node int32, code uint16) int32 {
	child := t.cells[node].link>>1 + int32(code)
	if uint(child) < uint(len(t.cells)) && t.cells[child].parent == node { //nolint:gosec // a negative index becomes larger than every length
		return child
	}
	return noNode
}

// newTrie decodes the trie of a dictionary file. The code of a unit is its place
// in codes: frequent units have low codes, so that cells lie close together.
func newTrie(f file) (t trie, codes []uint16) {
	r := icuTrie{isBytes: f.kind == kindBytes}
	if r.isBytes {
		r.units = make([]uint16, len(f.trie))
		for i, b := range f.trie {
			r.units[i] = uint16(b)
		}
	} else {
		r.units = make([]uint16, len(f.trie)/2)
		for i := range r.units {
			r.units[i] = binary.BigEndian.Uint16(f.trie[i*2:])
		}
	}
	codes = codesByFrequency(r.units)
	b := builder{hasCosts: !r.isBytes}
	b.reserve(len(r.units))
	b.grow(1)
	b.cells[rootNode].parent = noNode
	type pending struct {
		node     int32
		position icuPosition
	}
	level, next := []pending{{node: rootNode}}, []pending(nil)
	var edges []icuEdge
	for ; len(level) > 0; level, next = next, level[:0] {
		for _, parent := range level {
			// The position of the root has no value, whatever stands there.
			value := icuValue{}
			if parent.position != (icuPosition{}) {
				value = r.value(parent.position)
			}
			if value.isWord {
				b.setWord(parent.node, value.cost)
			}
			if value.isFinal {
				continue
			}
			edges = r.edges(edges[:0], parent.position)
			for i := range edges {
				edges[i].unit = codes[edges[i].unit]
			}
			if len(edges) > 1 {
				slices.SortFunc(edges, func(a, b icuEdge) int { return cmp.Compare(a.unit, b.unit) })
			}
			base := b.place(parent.node, edges)
			for _, e := range edges {
				next = append(next, pending{base + int32(e.unit), e.to})
			}
		}
	}
	return b.trie, codes
}

// codesByFrequency numbers all units by the number of times they occur.
func codesByFrequency(units []uint16) []uint16 {
	counts := make([]int, 0x10000)
	for _, unit := range units {
		counts[unit]++
	}
	order := make([]uint16, len(counts))
	for i := range order {
		order[i] = uint16(i)
	}
	slices.SortStableFunc(order, func(a, b uint16) int { return counts[b] - counts[a] })
	codes := make([]uint16, len(order))
	for code, unit := range order {
		codes[unit] = uint16(code)
	}
	return codes
}

// builder places the children of nodes in free cells.
type builder struct {
	trie
	hasCosts bool
	// taken has a bit for each cell that is not free.
	taken []uint64
	// searchFrom are offsets from which free cells are searched, by the bit length
	// of the number of children: there may be room for one child but not for many.
	searchFrom [17]int32
}

// reserve allocates memory for a number of cells.
func (b *builder) reserve(count int) {
	b.cells = slices.Grow(b.cells, count)
	if b.hasCosts {
		b.costs = slices.Grow(b.costs, count)
	}
}

func (b *builder) grow(length int) {
	for len(b.taken) <= length>>6 {
		b.taken = append(b.taken, 0)
	}
	for len(b.cells) < length {
		b.cells = append(b.cells, cell{link: noChildren << 1, parent: free})
		if b.hasCosts {
			b.costs = append(b.costs, 0)
		}
	}
}

func (b *builder) setWord(node int32, cost uint16) {
	b.cells[node].link |= isWord
	if b.hasCosts {
		b.costs[node] = cost
	}
}

// maxAttempts is the number of bases tried before a range of cells is given up.
const maxAttempts = 8

// place reserves cells for the children of a node and returns their base.
func (b *builder) place(node int32, edges []icuEdge) (base int32) {
	from := &b.searchFrom[bits.Len(uint(len(edges)))]
	first := max(*from, 1)
	for first = b.nextFree(first); ; first = b.nextFree(first + 1) {
		if base = first - int32(edges[0].unit); b.fits(base, edges[1:]) {
			break
		}
	}
	if first-*from >= maxAttempts {
		*from = first
	}
	b.cells[node].link = base<<1 | b.cells[node].link&isWord
	for _, e := range edges {
		child := base + int32(e.unit)
		b.grow(int(child) + 1)
		b.cells[child].parent = node
		b.taken[child>>6] |= 1 << (child & 63)
	}
	return base
}

// nextFree returns the first free cell from a cell on. There is always one behind the
// last cell.
func (b *builder) nextFree(from int32) int32 {
	i := int(from >> 6)
	if i >= len(b.taken) {
		return from
	}
	for word := ^b.taken[i] &^ (1<<(from&63) - 1); ; word = ^b.taken[i] {
		if word != 0 {
			return int32(i<<6 + bits.TrailingZeros64(word)) //nolint:gosec // a trie has less than 2^30 cells
		}
		if i++; i == len(b.taken) {
			return int32(i << 6) //nolint:gosec // a trie has less than 2^30 cells
		}
	}
}

// fits reports whether the cells of edges are free.
func (b *builder) fits(base int32, edges []icuEdge) bool {
	for _, e := range edges {
		child := base + int32(e.unit)
		if i := int(child >> 6); i < len(b.taken) && b.taken[i]>>(child&63)&1 != 0 {
			return false
		}
	}
	return true
}

// icuTrie reads ICU's BytesTrie and UCharsTrie. Both consist of units: branch
// nodes, nodes that match some units in a row, and values. They differ in the
// width of a unit and in the encoding of numbers.
type icuTrie struct {
	units   []uint16
	isBytes bool
}

// icuPosition is a node of the trie or, if remaining is not 0, the next unit of
// those that are to be matched in a row.
type icuPosition struct{ offset, remaining int }

// icuEdge leads from a node to a child. Edges of a node ascend by unit.
type icuEdge struct {
	unit uint16
	to   icuPosition
}

// icuValue is the value of a node.
type icuValue struct {
	isWord bool
	cost   uint16
	// isFinal is true if the node has no children.
	isFinal bool
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

func (r icuTrie) value(p icuPosition) icuValue {
	lead := r.units[p.offset]
	switch {
	case p.remaining > 0:
	case r.isBytes && lead >= bytesValue:
		return icuValue{isWord: true, isFinal: lead&bytesFinal != 0}
	case r.isBytes:
	case lead >= charsFinal:
		return icuValue{isWord: true, cost: uint16(r.number(p.offset + 1)), isFinal: true} //nolint:gosec // costs of a dictionary fit into 16 bits
	case lead >= charsValue:
		cost, _ := r.nodeValue(p.offset)
		return icuValue{isWord: true, cost: uint16(cost)} //nolint:gosec // costs of a dictionary fit into 16 bits
	}
	return icuValue{}
}

// nodeValue reads a value that shares its lead unit with a node, and returns
// where the node goes on.
func (r icuTrie) nodeValue(offset int) (value, end int) {
	switch lead := int(r.units[offset]); {
	case lead < 0x4040:
		return lead>>6 - 1, offset + 1
	case lead < 0x7FC0:
		return (lead&0x7FC0-0x4040)<<10 | int(r.units[offset+1]), offset + 2
	}
	return r.join(0, offset+1, 2), offset + 3
}

// edges appends the edges of a node that is not final.
func (r icuTrie) edges(edges []icuEdge, p icuPosition) []icuEdge {
	offset, remaining := p.offset, p.remaining
	if remaining == 0 {
		lead, linear := int(r.units[offset]), bytesLinear
		switch {
		case !r.isBytes:
			linear = charsLinear
			if lead >= charsValue {
				_, offset = r.nodeValue(offset)
				lead &= charsType
			} else {
				offset++
			}
		case lead >= bytesValue:
			offset = r.afterNumber(offset + 1)
			lead = int(r.units[offset])
			offset++
		default:
			offset++
		}
		if lead < linear {
			if lead == 0 {
				lead = int(r.units[offset])
				offset++
			}
			return r.branch(edges, offset, lead+1)
		}
		remaining = lead - linear + 1
	}
	return append(edges, icuEdge{r.units[offset], icuPosition{offset + 1, remaining - 1}})
}

// branch appends the edges of a branch node of the given number of edges.
func (r icuTrie) branch(edges []icuEdge, offset, count int) []icuEdge {
	for count > maxLinearEdges {
		distance, after := r.distance(offset + 1)
		edges = r.branch(edges, after+distance, count>>1)
		count -= count >> 1
		offset = after
	}
	for ; count > 1; count-- {
		unit, lead := r.units[offset], r.units[offset+1]
		after := r.afterNumber(offset + 2)
		to := after
		if r.isBytes && lead&bytesFinal != 0 || !r.isBytes && lead >= charsFinal {
			to = offset + 1
		} else {
			to += r.number(offset + 2)
		}
		edges = append(edges, icuEdge{unit, icuPosition{offset: to}})
		offset = after
	}
	return append(edges, icuEdge{r.units[offset], icuPosition{offset: offset + 1}})
}

// number reads the number whose lead unit is before offset.
func (r icuTrie) number(offset int) int {
	lead := int(r.units[offset-1])
	if !r.isBytes {
		switch lead &^= charsFinal; {
		case lead < 0x4000:
			return lead
		case lead < 0x7FFF:
			return r.join(lead-0x4000, offset, 1)
		}
		return r.join(0, offset, 2)
	}
	switch lead >>= 1; {
	case lead < 0x51:
		return lead - 0x10
	case lead < 0x6C:
		return r.join(lead-0x51, offset, 1)
	case lead < 0x7E:
		return r.join(lead-0x6C, offset, 2)
	}
	return r.join(0, offset, 3+lead&1)
}

func (r icuTrie) afterNumber(offset int) int {
	lead := int(r.units[offset-1])
	if !r.isBytes {
		switch lead &^= charsFinal; {
		case lead < 0x4000:
			return offset
		case lead < 0x7FFF:
			return offset + 1
		}
		return offset + 2
	}
	switch lead >>= 1; {
	case lead < 0x51:
		return offset
	case lead < 0x6C:
		return offset + 1
	case lead < 0x7E:
		return offset + 2
	}
	return offset + 3 + lead&1
}

// distance reads the length of a jump and returns where the jump starts.
func (r icuTrie) distance(offset int) (distance, start int) {
	lead := int(r.units[offset])
	offset++
	high, more := 0, 0
	switch {
	case !r.isBytes && lead < 0xFC00, r.isBytes && lead < 0xC0:
		return lead, offset
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
	return r.join(high, offset, more), offset + more
}

// join extends a number by the next units.
func (r icuTrie) join(high, offset, units int) int {
	width := 16
	if r.isBytes {
		width = 8
	}
	for _, unit := range r.units[offset : offset+units] {
		high = high<<width | int(unit)
	}
	return high
}

package dictionary

import (
	"encoding/binary"
	"sync"
)

// charTrie reads ICU's UCharsTrie: as byteTrie, but of UTF-16 units, and its
// values are the costs of words.
type charTrie struct {
	units []uint16
	// roots are the nodes that the first unit of a word leads to, from unit
	// firstRoot on.
	roots []charNode
}

// charNode is a place in the trie: pos is that of a node, or of the next unit
// to match while left more are to be matched in a row. A pos of 0 is no place.
type charNode struct {
	pos  int32
	left int32
}

// Lead units of nodes; those from charValue on carry a value, final or not.
const (
	charLinear = 0x30
	charValue  = 0x40
	charFinal  = 0x8000
	charType   = 0x3F

	// No word begins with a lower unit.
	firstRoot = 0x2E80
)

var hanTrie = sync.OnceValue(func() *charTrie {
	f := load("cjdict")
	if f.kind != kindChars {
		panic("dictionary cjdict: not a trie of UTF-16")
	}
	t := &charTrie{units: make([]uint16, len(f.trie)/2)}
	for i := range t.units {
		t.units[i] = binary.BigEndian.Uint16(f.trie[i*2:])
	}
	t.roots = make([]charNode, 0x10000-firstRoot)
	for i := range t.roots {
		t.roots[i] = t.follow(charNode{}, uint16(firstRoot+i))
	}
	return t
})

// root is the place after the first unit of a word.
func (t *charTrie) root(unit uint16) charNode {
	if unit < firstRoot {
		return charNode{}
	}
	return t.roots[unit-firstRoot]
}

// at is the place of a node or, with more to match in a row, of the next unit.
func at(pos, left int) charNode {
	return charNode{int32(pos), int32(left)} //nolint:gosec // there are but a million units
}

// follow goes on from n by one unit. It answers no place if no word does.
func (t *charTrie) follow(n charNode, unit uint16) charNode {
	pos := int(n.pos)
	if n.left > 0 {
		if t.units[pos] != unit {
			return charNode{}
		}
		return charNode{n.pos + 1, n.left - 1}
	}
	node := t.units[pos]
	pos++
	if node >= charFinal {
		return charNode{}
	}
	if node >= charValue {
		// A value and a node share the unit.
		pos = t.afterNodeValue(pos, node)
		node &= charType
	}
	if node < charLinear {
		return t.branch(pos, int(node), unit)
	}
	if t.units[pos] != unit {
		return charNode{}
	}
	return at(pos+1, int(node-charLinear))
}

// branch goes from a branch node of length+1 keys to the node that unit leads
// to.
func (t *charTrie) branch(pos, length int, unit uint16) charNode {
	if length == 0 {
		length = int(t.units[pos])
		pos++
	}
	length++
	for length > listLength {
		key := t.units[pos]
		delta, after := t.delta(pos + 1)
		if unit < key {
			length >>= 1
			pos = after + delta
		} else {
			length -= length >> 1
			pos = after
		}
	}
	for ; length > 1; length-- {
		key, value := t.units[pos], t.units[pos+1]
		after := afterValue(pos+2, value)
		if key == unit {
			if value >= charFinal {
				return at(pos+1, 0)
			}
			return at(after+t.number(pos+2, value), 0)
		}
		pos = after
	}
	if t.units[pos] != unit {
		return charNode{}
	}
	return at(pos+1, 0)
}

// value is the cost of the word that ends at n, and whether longer words go on
// from there.
func (t *charTrie) value(n charNode) (cost int, isWord, goesOn bool) {
	if n.left > 0 {
		return 0, false, true
	}
	node, pos := t.units[n.pos], int(n.pos)+1
	switch {
	case node < charValue:
		return 0, false, true
	case node >= charFinal:
		return t.number(pos, node&^charFinal), true, false
	case node < 0x4040:
		return int(node>>6) - 1, true, true
	case node < 0x7FC0:
		return int(node&0x7FC0-0x4040)<<10 | int(t.units[pos]), true, true
	}
	return int(t.units[pos])<<16 | int(t.units[pos+1]), true, true
}

// number reads the value whose lead unit, less its final bit, stands before pos.
func (t *charTrie) number(pos int, lead uint16) int {
	switch {
	case lead < 0x4000:
		return int(lead)
	case lead < 0x7FFF:
		return int(lead-0x4000)<<16 | int(t.units[pos])
	}
	return int(t.units[pos])<<16 | int(t.units[pos+1])
}

func afterValue(pos int, lead uint16) int {
	switch lead &^= charFinal; {
	case lead < 0x4000:
		return pos
	case lead < 0x7FFF:
		return pos + 1
	}
	return pos + 2
}

func (t *charTrie) afterNodeValue(pos int, node uint16) int {
	switch {
	case node < 0x4040:
		return pos
	case node < 0x7FC0:
		return pos + 1
	}
	return pos + 2
}

// delta reads how far a jump goes, from 1 to 3 units.
func (t *charTrie) delta(pos int) (delta, after int) {
	delta = int(t.units[pos])
	switch {
	case delta < 0xFC00:
		return delta, pos + 1
	case delta < 0xFFFF:
		return (delta-0xFC00)<<16 | int(t.units[pos+1]), pos + 2
	}
	return int(t.units[pos+1])<<16 | int(t.units[pos+2]), pos + 3
}

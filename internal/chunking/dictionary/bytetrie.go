package dictionary

// byteTrie reads ICU's BytesTrie: nodes that branch, nodes that match up to 16
// bytes in a row, and values. Values do not matter to the engines that use it.
type byteTrie struct {
	nodes []byte
	shift rune
}

func loadByteTrie(name string) byteTrie {
	f := load(name)
	if f.kind != kindBytes {
		panic("dictionary " + name + ": not a trie of bytes")
	}
	return byteTrie{f.trie, f.shift}
}

// Lead bytes of nodes; those from byteValue on carry a value, final or not, in
// the seven bits above the lowest.
const (
	byteLinear = 0x10
	byteValue  = 0x20
	byteFinal  = 1

	// A branch with more keys begins with a binary search.
	listLength = 5
)

// code is what a code point is in the trie. Those beyond reach share the last.
func (t byteTrie) code(r rune) byte {
	if r -= t.shift; r < 0 || r > 0xFD {
		return 0xFF
	}
	return byte(r)
}

// words finds the words that codes begins with. It answers how many codes it
// looked at, the one where it got stuck included.
func (t byteTrie) words(codes []byte, lengths *lengths) (looked int) {
	lengths.count = 0
	pos := 0
	for i := 0; i < len(codes); {
		node := t.nodes[pos]
		pos++
		switch {
		case node < byteLinear:
			i++
			var found bool
			if pos, found = t.branch(pos, int(node), codes[i-1]); !found {
				return i
			}
		case node < byteValue:
			for left := int(node) - byteLinear + 1; left > 0; left-- {
				if i == len(codes) {
					return i
				}
				i++
				if t.nodes[pos] != codes[i-1] {
					return i
				}
				pos++
			}
		default:
			if node&byteFinal != 0 {
				return i
			}
			pos = t.afterValue(pos, node)
			continue
		}
		if node := t.nodes[pos]; node >= byteValue {
			lengths.add(i)
			if node&byteFinal != 0 {
				return i
			}
		}
	}
	return len(codes)
}

// branch goes from a branch node of length+1 keys to the node that code leads
// to.
func (t byteTrie) branch(pos, length int, code byte) (to int, found bool) {
	if length == 0 {
		length = int(t.nodes[pos])
		pos++
	}
	length++
	for length > listLength {
		key := t.nodes[pos]
		delta, after := t.delta(pos + 1)
		if code < key {
			length >>= 1
			pos = after + delta
		} else {
			length -= length >> 1
			pos = after
		}
	}
	for ; length > 1; length-- {
		key, value := t.nodes[pos], t.nodes[pos+1]
		after := t.afterValue(pos+2, value)
		if key == code {
			if value&byteFinal != 0 {
				return pos + 1, true
			}
			return after + t.value(pos+2, value), true
		}
		pos = after
	}
	return pos + 1, t.nodes[pos] == code
}

// delta reads how far a jump goes, from 1 to 5 bytes.
func (t byteTrie) delta(pos int) (delta, after int) {
	delta = int(t.nodes[pos])
	pos++
	switch {
	case delta < 0xC0:
		return delta, pos
	case delta < 0xF0:
		return t.number(delta-0xC0, pos, 1), pos + 1
	case delta < 0xFE:
		return t.number(delta-0xF0, pos, 2), pos + 2
	case delta == 0xFE:
		return t.number(0, pos, 3), pos + 3
	}
	return t.number(0, pos, 4), pos + 4
}

// value reads the value whose lead byte stands before pos.
func (t byteTrie) value(pos int, lead byte) int {
	switch lead >>= 1; {
	case lead < 0x51:
		return int(lead) - 0x10
	case lead < 0x6C:
		return t.number(int(lead)-0x51, pos, 1)
	case lead < 0x7E:
		return t.number(int(lead)-0x6C, pos, 2)
	case lead == 0x7E:
		return t.number(0, pos, 3)
	}
	return t.number(0, pos, 4)
}

func (t byteTrie) afterValue(pos int, lead byte) int {
	switch lead >>= 1; {
	case lead < 0x51:
		return pos
	case lead < 0x6C:
		return pos + 1
	case lead < 0x7E:
		return pos + 2
	}
	return pos + 3 + int(lead&1)
}

// number continues high with the next bytes.
func (t byteTrie) number(high, pos, bytes int) int {
	for _, b := range t.nodes[pos : pos+bytes] {
		high = high<<8 | int(b)
	}
	return high
}

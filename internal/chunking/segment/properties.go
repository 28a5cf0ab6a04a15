package segment

// Classes of Sentence_Break, numbered as in the trie.
const (
	other = iota
	carriageReturn
	lineFeed
	separator
	extend
	format
	space
	lower
	upper
	otherLetter
	numeric
	aTerm
	sContinue
	sTerm
	closing
)

// Engines, numbered as in the trie: what cuts the runs of a code point.
const (
	engineNone = iota
	engineHan
	engineThai
	engineLao
	engineKhmer
	engineBurmese
	// engineCommon leaves runs of kana marks of the script Common uncut.
	engineCommon
	// engineHanCommon continues runs of engineCommon, else belongs to
	// engineHan.
	engineHanCommon
	// engineHanExtend continues runs of the three above but begins none.
	engineHanExtend
)

const (
	categoryMask = 1<<categoryBits - 1
	classMask    = 1<<(engineShift-categoryBits) - 1
)

// property looks up the code point at text[i:], whose size in bytes it also
// answers. The low six bits of each byte of UTF-8 index a stage of the trie.
func property(text string, i int) (value uint16, size int) {
	b := text[i]
	if b < 0x80 {
		return asciiProperty(b), 1
	}
	if b < 0xE0 {
		return trieLeaves[leaf(trieMiddle[b&0x1F], text[i+1])], 2
	}
	if b < 0xF0 {
		middle := trieMiddle[int(trieRoot[b&0xF])<<6|int(text[i+1]&0x3F)]
		return trieLeaves[leaf(middle, text[i+2])], 3
	}
	middle := trieMiddle[int(trieRoot[int(b&7)<<6|int(text[i+1]&0x3F)])<<6|int(text[i+2]&0x3F)]
	return trieLeaves[leaf(middle, text[i+3])], 4
}

// asciiProperty is property for ASCII, whose leaves are the first two.
func asciiProperty(b byte) uint16 { return trieLeaves[b] }

func leaf(middle uint16, last byte) int { return int(middle)<<6 | int(last&0x3F) }

func sentenceClass(value uint16) uint16 { return value >> categoryBits & classMask }

// SPDX-License-Identifier: MPL-2.0

// Package segment finds word and sentence boundaries as ICU4J 77 does (Unicode
// 16): by UAX 29 with ICU's own word rules, and by dictionaries in Han, kana, Thai,
// Lao, Khmer and Burmese.
//
// Texts must be valid UTF-8. Offsets count bytes. Both iterators take time linear
// in the length of the text.
//
// tables.go is generated: "make generate" or "go generate" in this folder.
package segment

//go:generate go run ../gen

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

// Engines, numbered as in the trie: the dictionary that divides runs of a code point.
const (
	engineNone = iota
	engineHan
	engineThai
	engineLao
	engineKhmer
	engineBurmese
	// engineCommon is for kana marks of the script Common, whose runs are not divided.
	engineCommon
	// engineHanCommon continues runs of engineCommon. Elsewhere it is the same as
	// engineHan.
	engineHanCommon
	// engineHanExtend continues runs of the engines engineHan, engineCommon and
	// engineHanCommon but does not begin a run.
	engineHanExtend
)

const (
	categoryMask = 1<<categoryBits - 1
	classMask    = 0xF
)

// property returns the value of the code point at text[i:] and its size in bytes.
// The low six bits of each byte of UTF-8 are the index in one stage of the trie.
func property(text string, i int) (value uint16, size int) {
	switch b := text[i]; {
	case b < 0x80:
		return asciiProperty(b), 1
	case b < 0xE0:
		return twoByteProperty(b, text[i+1]), 2
	case b < 0xF0:
		return threeByteProperty(b, text[i+1], text[i+2]), 3
	}
	return fourByteProperty(text[i], text[i+1], text[i+2], text[i+3]), 4
}

// asciiProperty is property for ASCII. Its code points are in the first two leaves.
func asciiProperty(b byte) uint16 { return trieLeaves[b] }

func twoByteProperty(first, second byte) uint16 { return leaf(trieMiddle[first&0x1F], second) }

func threeByteProperty(first, second, third byte) uint16 {
	return leaf(trieMiddle[int(first&0xF)<<6|int(second&0x3F)], third)
}

func fourByteProperty(first, second, third, fourth byte) uint16 {
	root := trieRoot[int(first&7)<<6|int(second&0x3F)]
	return leaf(trieMiddle[int(root)<<6|int(third&0x3F)], fourth)
}

func leaf(middle uint16, last byte) uint16 { return trieLeaves[int(middle)<<6|int(last&0x3F)] }

func sentenceClass(value uint16) uint16 { return value >> categoryBits & classMask }

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
	"io"
	"path"
)

//go:embed data/*.gz
var files embed.FS

// Layout of a dictionary file of ICU4J, which is big-endian: ICU's data header,
// whose first two bytes are its size, then eight 32-bit words, then the trie.
const (
	formatOffset  = 12
	formatName    = "Dict"
	trieWord      = 0
	sizeWord      = 3
	kindWord      = 4
	transformWord = 5
	kindMask      = 7
	kindBytes     = 0
	kindUTF16     = 1
	offsetMask    = 0x1FFFFF
	headerWords   = 8
)

// Divider finds the boundaries in runs. It uses the memory of earlier runs again and
// is not safe for concurrent use.
type Divider struct {
	han    hanSearch
	script scriptSearch
}

// file is a dictionary as ICU stores it.
type file struct {
	trie []byte
	kind uint32
	// offset is subtracted from code points in a dictionary of kind kindBytes.
	offset rune
}

// load decompresses an embedded dictionary. It panics if the dictionary cannot
// be read, because the build is broken in this case.
func load(name string, kind uint32) file {
	compressed, err := files.ReadFile(path.Join("data", name+".dict.gz"))
	if err != nil {
		panic(err)
	}
	decompressor, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		panic(err)
	}
	data, err := io.ReadAll(decompressor)
	if err != nil {
		panic(fmt.Errorf("dictionary %s: %w", name, err))
	}
	header := int(binary.BigEndian.Uint16(data))
	if string(data[formatOffset:formatOffset+len(formatName)]) != formatName {
		panic(fmt.Errorf("dictionary %s is not in ICU's format", name))
	}
	words := data[header : header+headerWords*4]
	word := func(i int) uint32 { return binary.BigEndian.Uint32(words[i*4:]) }
	f := file{
		trie:   data[header+int(word(trieWord)) : header+int(word(sizeWord))],
		kind:   word(kindWord) & kindMask,
		offset: rune(word(transformWord) & offsetMask),
	}
	if f.kind != kind {
		panic(fmt.Errorf("dictionary %s has a trie of kind %d, want %d", name, f.kind, kind))
	}
	return f
}

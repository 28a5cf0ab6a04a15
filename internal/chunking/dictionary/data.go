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

// Where things stand in a dictionary file of ICU4J, which is big-endian: ICU's
// data header, whose first two bytes are its size, then eight words of 32 bits,
// then the trie.
const (
	formatAt    = 12
	format      = "Dict"
	trieWord    = 0
	sizeWord    = 3
	kindWord    = 4
	shiftWord   = 5
	kindMask    = 7
	kindBytes   = 0
	kindChars   = 1
	shiftMask   = 0x1FFFFF
	wordsLength = 8 * 4
)

// file is a dictionary as ICU stores it.
type file struct {
	trie  []byte
	kind  uint32
	shift rune // what a trie of bytes takes off code points
}

// load unpacks an embedded dictionary. It panics on one that it cannot read,
// for that is a fault of the build.
func load(name string) file {
	packed, err := files.ReadFile(path.Join("data", name+".dict.gz"))
	if err != nil {
		panic(err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(err)
	}
	data, err := io.ReadAll(unpacked)
	if err != nil {
		panic(fmt.Errorf("dictionary %s: %w", name, err))
	}
	return parse(name, data)
}

func parse(name string, data []byte) file {
	header := int(binary.BigEndian.Uint16(data))
	if string(data[formatAt:formatAt+len(format)]) != format {
		panic(fmt.Errorf("dictionary %s: not in ICU's format", name))
	}
	words := data[header : header+wordsLength]
	word := func(i int) uint32 { return binary.BigEndian.Uint32(words[i*4:]) }
	return file{
		trie:  data[header+int(word(trieWord)) : header+int(word(sizeWord))],
		kind:  word(kindWord) & kindMask,
		shift: rune(word(shiftWord) & shiftMask),
	}
}

// SPDX-License-Identifier: MPL-2.0

// Package vectors has what the tests of several packages compare with or try: the
// answers of Elasticsearch's own classes, and texts of unusual code points. Each file
// of answers says in its first row how it was made.
package vectors

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

//go:embed testdata
var files embed.FS

// Rows decodes the rows of a file, which may be compressed with gzip, without the
// first one.
func Rows[T any](tb testing.TB, name string) []T {
	tb.Helper()
	content, err := files.ReadFile("testdata/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	if strings.HasSuffix(name, ".gz") {
		reader, err := gzip.NewReader(bytes.NewReader(content))
		if err != nil {
			tb.Fatal(err)
		}
		if content, err = io.ReadAll(reader); err != nil {
			tb.Fatal(err)
		}
	}
	var encoded []json.RawMessage
	if err := json.Unmarshal(content, &encoded); err != nil {
		tb.Fatal(err)
	}
	rows := make([]T, len(encoded)-1)
	for i, row := range encoded[1:] {
		if err := json.Unmarshal(row, &rows[i]); err != nil {
			tb.Fatal(err)
		}
	}
	return rows
}

// Spell makes a text of any bytes: bytes of ASCII stay as they are, the others become
// code points of all kinds that the rules distinguish.
func Spell(bytes string) string {
	const kinds = "\u0301\u200D\u00AD\u200E\u0085\u2028\u2003\u3000\u00B7\u2019\u2024\uFF0E\uFF0C\u037Eéßאבश्ظ١０ªㄅ" +
		"한글ㄱ中文々〇⼤豈㍍𠀀𠮷あいがカターｰｶﾞﾟ゛〱ﾞกาษฯๆเ๑ລາວເ໑កខ្ញា១မြန်၁ꩠᥐᦀ۔。！？」）“”«…😀🏽❤🇩🇪𝒜𐐀٬٫‿＿\uFFFD"
	runes := []rune(kinds)
	var text strings.Builder
	for _, b := range []byte(bytes) {
		if b < 0x80 {
			text.WriteByte(b)
		} else {
			text.WriteRune(runes[int(b-0x80)%len(runes)])
		}
	}
	return text.String()
}

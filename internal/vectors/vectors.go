// SPDX-License-Identifier: MPL-2.0

// Package vectors has the answers of Elasticsearch's own classes, which the tests of
// several packages compare with. Each file says in its first row how it was made.
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

// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestVectors compares this project with the answers of Elasticsearch that an
// earlier run recorded (make conformance-vectors), without Java.
func TestVectors(t *testing.T) {
	t.Parallel()
	kinds, closeKinds, err := newKinds()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeKinds)
	for _, k := range kinds {
		vectors := readVectors(t, filepath.Join("testdata", k.name+".jsonl"))
		if len(vectors) == 0 {
			t.Errorf("%s: no vectors", k.name)
		}
		for _, v := range vectors {
			if got := k.ours(v.Row.restored()); !k.same(v.Answer, got) {
				t.Errorf("%s: %+v: got %s, want %s", k.name, v.Row, got, v.Answer)
			}
		}
	}
}

func readVectors(t *testing.T, path string) []vector {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // the file is only read
	var vectors []vector
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v vector
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		vectors = append(vectors, v)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return vectors
}

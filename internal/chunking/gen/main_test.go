// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestTablesAreUpToDate(t *testing.T) {
	made := filepath.Join(t.TempDir(), "tables.go")
	if err := run("properties.txt", made); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(made)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../segment/tables.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error(`segment/tables.go is not what is made of properties.txt: run "make generate"`)
	}
}

func TestDictionariesAreUpToDate(t *testing.T) {
	for _, name := range dictionaries {
		if _, isWritten, err := packDictionary("../dictionary/data", name); err != nil || !isWritten {
			t.Errorf(`%s.trie.gz is not what is made of %s.dict.gz (error: %v): run "make generate"`, name, name, err)
		}
	}
}

// TestMachine runs the word rules, as compiled, over sequences of classes.
func TestMachine(t *testing.T) {
	categories := make([]map[string]bool, len(classNames)+1)
	number := map[string]int{"none": 0}
	categories[0] = map[string]bool{}
	for i, name := range classNames {
		number[name], categories[i+1] = i+1, map[string]bool{name: true}
	}
	m := minimize(build(wordRules(), categories))
	for _, c := range []struct {
		classes []string
		length  int // of the longest match
		status  int
	}{
		{[]string{"Letter", "Letter"}, 2, 200},
		{[]string{"Letter", "Numeric"}, 2, 100},
		{[]string{"Letter", "MidLetter", "Letter"}, 3, 200},
		{[]string{"Letter", "MidLetter", "Numeric"}, 1, 200},
		{[]string{"Letter", "MidLetter", "Extend", "Letter"}, 4, 200},
		{[]string{"Numeric", "MidNum", "Numeric"}, 3, 100},
		{[]string{"Letter", "Hangul"}, 1, 200},
		{[]string{"Hangul", "Hangul", "Extend", "Hangul"}, 3, 0},
		{[]string{"CR", "LF", "LF"}, 2, 0},
		{[]string{"CR", "Extend"}, 1, 0},
		{[]string{"Extend", "Extend", "Letter"}, 2, 0},
		{[]string{"ExtendNumLet", "ExtendNumLet"}, 2, 200},
		{[]string{"ExtendNumLet"}, 1, 0},
		{[]string{"Regional_Indicator", "Regional_Indicator", "Regional_Indicator"}, 2, 0},
		{[]string{"none", "ZWJ", "Pictographic"}, 3, 0},
		{[]string{"none", "none"}, 1, 0},
		{[]string{"KanaKanji", "KanaKanji", "Letter"}, 2, 400},
	} {
		state, length, status := 1, 0, -1
		for i, class := range c.classes {
			if state = m.transitions[state][number[class]]; m.status[state] >= 0 {
				length, status = i+1, m.status[state]
			}
		}
		if length != c.length || status != c.status {
			t.Errorf("%v: got %d with status %d, want %d with %d", c.classes, length, status, c.length, c.status)
		}
	}
}

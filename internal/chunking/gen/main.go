// SPDX-License-Identifier: MPL-2.0

// Command gen writes ../segment/tables.go, the properties of every code point and the
// state machine of the word rules, and ../dictionary/data/*.trie.gz, the dictionaries
// of ICU in a form that is decoded quickly. It is run by "go generate" in
// internal/chunking/segment, reads nothing but properties.txt and
// ../dictionary/data/*.dict.gz, and always writes the same content.
package main

import (
	"fmt"
	"os"
)

func main() {
	err := run("../gen/properties.txt", "tables.go")
	if err == nil {
		err = packDictionaries("../dictionary/data")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(from, to string) error {
	p, err := readProperties(from)
	if err != nil {
		return err
	}
	categories, categoryOf := wordCategories(p)
	machine := minimize(build(wordRules(), categories))
	values := classOfSentences(p)
	for r, class := range values {
		values[r] = uint16(categoryOf[r]) | class<<categoryBits | engine(p, r)<<engineShift
		if mayEndSentence(class) {
			values[r] |= terminatorBit
		}
	}
	source, err := source(values, machine)
	if err != nil {
		return err
	}
	return os.WriteFile(to, source, 0o644)
}

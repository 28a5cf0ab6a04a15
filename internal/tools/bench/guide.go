// SPDX-License-Identifier: MPL-2.0

package main

import (
	_ "embed"
	"os"
	"text/template"
)

//go:embed guide.md.tmpl
var guideText string

// guide is the content of the performance guide.
type guide struct {
	Machine string
	Rounds  int
	// Table has one screen, All every row.
	Table, All string
	// Chunking compares the speed of chunking with Elasticsearch's own classes.
	Chunking string
}

func (g guide) write(path string) error {
	page, err := template.New("guide").Parse(guideText)
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := page.Execute(file, g); err != nil {
		return err
	}
	return file.Close()
}

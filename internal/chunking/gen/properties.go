// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
)

const codePoints = 0x110000

// properties holds for each "property/value" the code points that have it.
type properties map[string][]bool

func readProperties(path string) (properties, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	p := properties{}
	for lines := bufio.NewScanner(bytes.NewReader(data)); ; {
		if !lines.Scan() {
			return p, errors.Join(lines.Err(), p.complete())
		}
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		var first, last int
		var name string
		if _, err := fmt.Sscanf(lines.Text(), "%X..%X; %s", &first, &last, &name); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", path, lines.Text(), err)
		}
		if p[name] == nil {
			p[name] = make([]bool, codePoints)
		}
		for r := first; r <= last; r++ {
			p[name][r] = true
		}
	}
}

// has panics on an unknown name, because complete has checked the input.
func (p properties) has(name string, r int) bool { return p[name][r] }

// complete returns an error if properties.txt lacks a value that is needed.
func (p properties) complete() error {
	for _, class := range sentenceClasses[1:] {
		if p["Sentence_Break/"+class] == nil {
			return fmt.Errorf("no code point with Sentence_Break %s", class)
		}
	}
	for _, class := range wordBreaks {
		if p["Word_Break/"+class] == nil {
			return fmt.Errorf("no code point with Word_Break %s", class)
		}
	}
	for _, name := range []string{
		"Script/Han", "Script/Hiragana", "Script/Katakana", "Script/Thai", "Script/Lao", "Script/Khmer", "Script/Myanmar",
		"Script/Common", "Line_Break/Complex_Context", "Grapheme_Cluster_Break/Control", "Binary_Property/Ideographic",
		"Binary_Property/Extended_Pictographic",
	} {
		if p[name] == nil {
			return fmt.Errorf("no code point with %s", name)
		}
	}
	return nil
}

func hangulSyllable(r int) bool { return r >= 0xAC00 && r <= 0xD7A3 }

// sentenceClasses are the values of Sentence_Break; package segment names them
// in the same order.
var sentenceClasses = []string{
	"Other", "CR", "LF", "Sep", "Extend", "Format", "Sp", "Lower", "Upper", "OLetter", "Numeric", "ATerm", "SContinue",
	"STerm", "Close",
}

// classOfSentences returns the position in sentenceClasses of each code point.
func classOfSentences(p properties) []uint16 {
	classes := make([]uint16, codePoints)
	for i, class := range sentenceClasses[1:] {
		for r, has := range p["Sentence_Break/"+class] {
			if has {
				classes[r] = uint16(i + 1)
			}
		}
	}
	return classes
}

// mayEndSentence reports whether a sentence can end after a code point of the class.
func mayEndSentence(class uint16) bool {
	switch sentenceClasses[class] {
	case "CR", "LF", "Sep", "ATerm", "STerm":
		return true
	}
	return false
}

// The engines, with the same numbers as in package segment.
const (
	engineNone = iota
	engineHan
	engineThai
	engineLao
	engineKhmer
	engineBurmese
	engineCommon
	engineHanCommon
	engineHanExtend
)

// engine returns the engine of a code point as in ICU. Dictionary characters are
// those with line-break class SA, Han, kana and Hangul. Hangul and the SA scripts
// without a dictionary are never divided. The prolonged sound marks, of the script
// Common, belong to Han, and so do the half-width voiced marks, which do not begin a
// run. Runs of the other kana marks of the script Common are not divided.
func engine(p properties, r int) uint16 {
	if p.has("Line_Break/Complex_Context", r) {
		switch {
		case p.has("Script/Thai", r):
			return engineThai
		case p.has("Script/Lao", r):
			return engineLao
		case p.has("Script/Khmer", r):
			return engineKhmer
		case p.has("Script/Myanmar", r):
			return engineBurmese
		}
		return engineNone
	}
	switch {
	case p.has("Script/Han", r), p.has("Script/Hiragana", r), p.has("Script/Katakana", r):
		return engineHan
	case r == 0x30FC, r == 0xFF70:
		return engineHanCommon
	case r == 0xFF9E, r == 0xFF9F:
		return engineHanExtend
	case p.has("Word_Break/Katakana", r) && p.has("Script/Common", r):
		return engineCommon
	}
	return engineNone
}

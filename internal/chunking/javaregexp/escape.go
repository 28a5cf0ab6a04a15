// SPDX-License-Identifier: MPL-2.0

package javaregexp

import (
	"errors"
	"fmt"
	"unicode"
	"unicode/utf16"
)

// escape reads the rest of an escape after its backslash, outside of a class.
func (p *parser) escape() (*node, error) {
	if p.at == len(p.pattern) {
		return nil, errors.New("trailing backslash")
	}
	r := p.pattern[p.at]
	switch r {
	case 'A':
		return p.take(&node{kind: textStart})
	case 'z':
		return p.take(&node{kind: textEnd})
	case 'Z':
		return p.take(&node{kind: lastLineEnd, unixLines: p.unixLines})
	case 'R':
		return p.take(&node{kind: lineBreak})
	case 'b', 'B':
		if p.acceptAll(`b{g}`) {
			return &node{kind: graphemeEdge}, nil
		}
		return p.take(&node{kind: wordEdge, negative: r == 'B', set: p.escapeClass(wordRunes, unicodeWord)})
	case 'X':
		return p.take(&node{kind: grapheme})
	case 'G':
		return p.take(&node{kind: lastMatchEnd})
	case 'k':
		return p.namedReference()
	}
	if r >= '1' && r <= '9' {
		return p.numbered()
	}
	class, single, err := p.escapedSet()
	if class == nil {
		class = p.cased(runes(single))
	}
	return &node{kind: oneOf, set: class}, err
}

func (p *parser) take(n *node) (*node, error) {
	p.at++
	return n, nil
}

// numbered reads a reference to a group by number. A digit belongs to the number if
// a group with that number exists.
func (p *parser) numbered() (*node, error) {
	number := int(p.pattern[p.at] - '0')
	for p.at++; p.at < len(p.pattern) && p.pattern[p.at] >= '0' && p.pattern[p.at] <= '9'; p.at++ {
		longer := number*10 + int(p.pattern[p.at]-'0')
		if longer > p.groups {
			break
		}
		number = longer
	}
	return &node{kind: reference, number: number, ignoreCase: p.ignoreCase}, nil
}

func (p *parser) namedReference() (*node, error) {
	p.at++
	if !p.acceptAll("<") {
		return nil, errors.New(`\k is not followed by '<'`)
	}
	name, err := p.name('>')
	if err != nil {
		return nil, err
	}
	number := p.names[name]
	if number == 0 {
		return nil, fmt.Errorf("named group <%s> does not exist", name)
	}
	return &node{kind: reference, number: number, ignoreCase: p.ignoreCase}, nil
}

// escapedSet reads an escape for a class of code points. For an escape of a single
// code point, it returns nil and the code point.
func (p *parser) escapedSet() (class set, single rune, err error) {
	if p.at == len(p.pattern) {
		return nil, 0, errors.New("trailing backslash")
	}
	r := p.pattern[p.at]
	p.at++
	switch r {
	case 'd':
		return p.escapeClass(digits, unicodeDigits), 0, nil
	case 'D':
		return p.escapeClass(digits, unicodeDigits).inverse(), 0, nil
	case 's':
		return p.escapeClass(spaces, whiteSpace), 0, nil
	case 'S':
		return p.escapeClass(spaces, whiteSpace).inverse(), 0, nil
	case 'w':
		return p.escapeClass(wordRunes, unicodeWord), 0, nil
	case 'W':
		return p.escapeClass(wordRunes, unicodeWord).inverse(), 0, nil
	case 'h':
		return horizontal, 0, nil
	case 'H':
		return horizontal.inverse(), 0, nil
	case 'v':
		return vertical, 0, nil
	case 'V':
		return vertical.inverse(), 0, nil
	case 'p', 'P':
		class, err = p.property(r == 'P')
		return class, 0, err
	}
	single, err = p.escapedRune(r)
	return nil, single, err
}

// escapeClass returns the class of an escape: that of ASCII or, with the flag U,
// that of Unicode.
func (p *parser) escapeClass(ascii set, ofUnicode func() set) set {
	if p.unicodeClasses {
		return ofUnicode()
	}
	return ascii
}

func unicodeDigits() set { return mustLookup("gc=Nd") }

// escapedRune reads an escape of a single code point that begins with r.
func (p *parser) escapedRune(r rune) (rune, error) {
	switch r {
	case 't':
		return '\t', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 'f':
		return '\f', nil
	case 'a':
		return 0x07, nil
	case 'e':
		return 0x1B, nil
	case 'c':
		return p.control()
	case 'N':
		return p.runeNamed()
	case '0':
		return p.octal()
	case 'x':
		if p.acceptAll("{") {
			return p.hexBraced()
		}
		return p.hex(2)
	case 'u':
		return p.utf16()
	}
	if isLetterOrDigit(r, true) {
		return 0, fmt.Errorf(`escape \%c is illegal or not supported`, r)
	}
	return r, nil
}

func (p *parser) control() (rune, error) {
	if p.at == len(p.pattern) {
		return 0, errors.New("illegal control escape")
	}
	p.at++
	return p.pattern[p.at-1] ^ 64, nil
}

// octal reads up to three digits of a value of at most 0377.
func (p *parser) octal() (rune, error) {
	value, start := rune(0), p.at
	for p.at < len(p.pattern) && p.at < start+3 && p.pattern[p.at] >= '0' && p.pattern[p.at] <= '7' && value < 0o40 {
		value = value<<3 | (p.pattern[p.at] - '0')
		p.at++
	}
	if p.at == start {
		return 0, errors.New("illegal octal escape")
	}
	return value, nil
}

func (p *parser) hex(length int) (rune, error) {
	value := rune(0)
	for range length {
		if p.at == len(p.pattern) || hexDigit(p.pattern[p.at]) < 0 {
			return 0, errors.New("illegal hexadecimal escape")
		}
		value = value<<4 | hexDigit(p.pattern[p.at])
		p.at++
	}
	return value, nil
}

func (p *parser) hexBraced() (rune, error) {
	value, start := rune(0), p.at
	for p.at < len(p.pattern) && hexDigit(p.pattern[p.at]) >= 0 && value <= unicode.MaxRune {
		value = value<<4 | hexDigit(p.pattern[p.at])
		p.at++
	}
	if p.at == start || !p.acceptAll("}") || value > unicode.MaxRune {
		return 0, errors.New("illegal hexadecimal code point")
	}
	return value, nil
}

// utf16 reads four digits, or two times four digits of a surrogate pair.
func (p *parser) utf16() (rune, error) {
	unit, err := p.hex(4)
	if err != nil || !utf16.IsSurrogate(unit) {
		return unit, err
	}
	start := p.at
	if p.acceptAll(`\u`) {
		if trail, err := p.hex(4); err == nil {
			if pair := utf16.DecodeRune(unit, trail); pair != unicode.ReplacementChar {
				return pair, nil
			}
		}
	}
	p.at = start
	return 0, errors.New("surrogate without its other half, which no text can hold")
}

func hexDigit(r rune) rune {
	switch {
	case r >= '0' && r <= '9':
		return r - '0'
	case r >= 'a' && r <= 'f':
		return r - 'a' + 10
	case r >= 'A' && r <= 'F':
		return r - 'A' + 10
	}
	return -1
}

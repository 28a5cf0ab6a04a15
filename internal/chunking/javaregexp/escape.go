// SPDX-License-Identifier: MPL-2.0

package javaregexp

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// escapedNodes are the kinds of nodes whose escape is a single character.
var escapedNodes = map[rune]kind{
	'A': textStart,
	'z': textEnd,
	'Z': lastLineEnd,
	'R': lineBreak,
	'X': grapheme,
	'G': lastMatchEnd,
}

// escape reads the rest of an escape after its backslash, outside of a class.
func (p *parser) escape() (*node, error) {
	r, err := p.escaped()
	if err != nil {
		return nil, err
	}
	if kind, found := escapedNodes[r]; found {
		return &node{kind: kind, unixLines: p.unixLines}, nil
	}
	switch {
	case r == 'b' && p.acceptAll(`{g}`):
		return &node{kind: graphemeEdge}, nil
	case r == 'b' || r == 'B':
		return &node{kind: wordEdge, negative: r == 'B', set: p.escapeClass(wordRunes, unicodeWord)}, nil
	case r == 'k':
		return p.namedReference()
	case r >= '1' && r <= '9':
		return p.numbered(int(r - '0')), nil
	}
	class, single, err := p.escapedSet(r)
	if class == nil {
		class = p.cased(runes(single))
	}
	return &node{kind: oneOf, set: class}, err
}

// escaped reads the character after a backslash.
func (p *parser) escaped() (rune, error) {
	if p.at == len(p.pattern) {
		return 0, errors.New("trailing backslash")
	}
	p.at++
	return p.pattern[p.at-1], nil
}

// numbered reads the rest of a reference to a group by number. A digit belongs to the
// number if a group with that number exists.
func (p *parser) numbered(number int) *node {
	for ; p.at < len(p.pattern) && p.pattern[p.at] >= '0' && p.pattern[p.at] <= '9'; p.at++ {
		longer := number*10 + int(p.pattern[p.at]-'0')
		if longer > p.groups {
			break
		}
		number = longer
	}
	return p.reference(number)
}

func (p *parser) namedReference() (*node, error) {
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
	return p.reference(number), nil
}

func (p *parser) reference(number int) *node {
	p.referred[number] = true
	return &node{kind: reference, number: number, ignoreCase: p.ignoreCase}
}

// escapedSet reads the rest of an escape for a class of code points, which begins with
// r. For an escape of a single code point, it returns nil and the code point.
func (p *parser) escapedSet(r rune) (class set, single rune, err error) {
	switch r {
	case 'd', 'D':
		class = p.escapeClass(digits, unicodeDigits)
	case 's', 'S':
		class = p.escapeClass(spaces, whiteSpace)
	case 'w', 'W':
		class = p.escapeClass(wordRunes, unicodeWord)
	case 'h', 'H':
		class = horizontal
	case 'v', 'V':
		class = vertical
	case 'p', 'P':
		if class, err = p.property(); err != nil {
			return nil, 0, err
		}
	default:
		single, err = p.escapedRune(r)
		return nil, single, err
	}
	if unicode.IsUpper(r) {
		class = class.inverse()
	}
	return class, 0, nil
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

var controls = map[rune]rune{'t': '\t', 'n': '\n', 'r': '\r', 'f': '\f', 'a': '\a', 'e': 0x1B}

// escapedRune reads an escape of a single code point that begins with r.
func (p *parser) escapedRune(r rune) (rune, error) {
	if control, found := controls[r]; found {
		return control, nil
	}
	switch r {
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

// hexDigit returns the value of a hexadecimal digit, or -1.
func hexDigit(r rune) rune {
	return rune(strings.IndexRune("0123456789abcdef", unicode.ToLower(r))) //nolint:gosec // at most 15
}

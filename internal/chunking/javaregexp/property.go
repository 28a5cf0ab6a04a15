// SPDX-License-Identifier: MPL-2.0

package javaregexp

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/runenames"
)

// propertyFile holds the properties of java.lang.Character of JDK 25 (Unicode
// 16). gen/javaproperties/Properties.java writes it.
//
//go:embed data/properties.txt.gz
var propertyFile []byte

// properties returns the ranges of each property as text, by key: "gc=Lu",
// "sc=LATIN", "blk=THAI", "is=Letter". Other names of scripts and blocks are
// keys as well.
var properties = sync.OnceValue(func() map[string]string {
	decompressor, err := gzip.NewReader(bytes.NewReader(propertyFile))
	if err != nil {
		panic(err)
	}
	data, err := io.ReadAll(decompressor)
	if err != nil {
		panic(err)
	}
	ranges, aliases := map[string]string{}, map[string]string{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if alias, found := strings.CutPrefix(line, "alias "); found {
			name, key, _ := strings.Cut(alias, "\t")
			aliases[name] = key
			continue
		}
		key, value, _ := strings.Cut(line, " ")
		ranges[key] = value
	}
	for name, key := range aliases {
		ranges[name] = ranges[key]
	}
	return ranges
})

// lookup returns the union of properties. It reports whether all of them exist.
func lookup(keys ...string) (set, bool) {
	var spans set
	for _, key := range keys {
		text, found := properties()[key]
		if !found {
			return nil, false
		}
		for field := range strings.FieldsSeq(text) {
			first, last, isRange := strings.Cut(field, "-")
			if !isRange {
				last = first
			}
			spans = append(spans, span{mustHex(first), mustHex(last)})
		}
	}
	return union(spans), true
}

func mustHex(text string) rune {
	r, err := strconv.ParseUint(text, 16, 31)
	if err != nil {
		panic(err)
	}
	return rune(r)
}

func mustLookup(keys ...string) set {
	s, found := lookup(keys...)
	if !found {
		panic(fmt.Sprintf("unknown property in %q", keys))
	}
	return s
}

// posix are the POSIX classes, which contain only ASCII in Java, and the names that
// Java adds.
var posix = map[string]set{
	"ASCII":  {{0, 0x7F}},
	"Lower":  {{'a', 'z'}},
	"Upper":  {{'A', 'Z'}},
	"Alpha":  {{'A', 'Z'}, {'a', 'z'}},
	"Digit":  {{'0', '9'}},
	"Alnum":  {{'0', '9'}, {'A', 'Z'}, {'a', 'z'}},
	"Punct":  {{'!', '/'}, {':', '@'}, {'[', '`'}, {'{', '~'}},
	"Graph":  {{'!', '~'}},
	"Print":  {{' ', '~'}},
	"Blank":  {{'\t', '\t'}, {' ', ' '}},
	"Cntrl":  {{0, 0x1F}, {0x7F, 0x7F}},
	"XDigit": {{'0', '9'}, {'A', 'F'}, {'a', 'f'}},
	"Space":  {{'\t', '\r'}, {' ', ' '}},
	"L1":     {{0, 0xFF}},
	"all":    {{0, unicode.MaxRune}},
}

// binary are the keys of Java's binary properties, by name in upper case.
var binary = map[string][]string{
	"ALPHABETIC":            {"is=Alphabetic"},
	"CONTROL":               {"gc=Cc"},
	"EMOJI":                 {"is=Emoji"},
	"EMOJI_PRESENTATION":    {"is=EmojiPresentation"},
	"EMOJI_MODIFIER":        {"is=EmojiModifier"},
	"EMOJI_MODIFIER_BASE":   {"is=EmojiModifierBase"},
	"EMOJI_COMPONENT":       {"is=EmojiComponent"},
	"EXTENDED_PICTOGRAPHIC": {"is=ExtendedPictographic"},
	"IDEOGRAPHIC":           {"is=Ideographic"},
	"LETTER":                {"is=Letter"},
	"LOWERCASE":             {"is=LowerCase"},
	"TITLECASE":             {"is=TitleCase"},
	"UPPERCASE":             {"is=UpperCase"},
	"PUNCTUATION":           {"gc=Pc", "gc=Pd", "gc=Ps", "gc=Pe", "gc=Po", "gc=Pi", "gc=Pf"},
}

// posixBinary are the POSIX names of binary properties.
var posixBinary = map[string][]string{
	"ALPHA": {"is=Alphabetic"},
	"LOWER": {"is=LowerCase"},
	"UPPER": {"is=UpperCase"},
	"PUNCT": binary["PUNCTUATION"],
	"ALNUM": {"is=Alphabetic", "gc=Nd"},
	"CNTRL": {"gc=Cc"},
	"DIGIT": {"gc=Nd"},
}

// caseless are the names that Java reads differently with the flag i.
var caseless = map[string]string{"Lower": "Alpha", "Upper": "Alpha", "Lu": "LC", "Ll": "LC", "Lt": "LC"}

// property reads the rest of a property after \p or \P.
func (p *parser) property() (set, error) {
	if p.at == len(p.pattern) {
		return nil, errors.New("illegal character property")
	}
	name := string(p.pattern[p.at])
	p.at++
	if name == "{" {
		name = p.untilBrace()
		if p.at == len(p.pattern) {
			return nil, errors.New("unclosed character family")
		}
		if name == "" {
			return nil, errors.New("empty character family")
		}
		p.at++
	}
	s, found := p.propertySet(name)
	if !found {
		return nil, fmt.Errorf("unknown character property {%s}", name)
	}
	return s, nil
}

// untilBrace reads up to a closing brace or the end.
func (p *parser) untilBrace() string {
	start := p.at
	for p.at < len(p.pattern) && p.pattern[p.at] != '}' {
		p.at++
	}
	return string(p.pattern[start:p.at])
}

func (p *parser) propertySet(name string) (set, bool) {
	if key, value, found := strings.Cut(name, "="); found {
		switch strings.ToLower(key) {
		case "sc", "script":
			return lookup("sc=" + strings.ToUpper(value))
		case "blk", "block":
			return lookup("blk=" + strings.ToUpper(value))
		case "gc", "general_category":
			return p.named(value)
		}
		return nil, false
	}
	if block, found := strings.CutPrefix(name, "In"); found {
		return lookup("blk=" + strings.ToUpper(block))
	}
	if rest, found := strings.CutPrefix(name, "Is"); found {
		if s, found := p.binaryProperty(strings.ToUpper(rest)); found {
			return s, true
		}
		if s, found := p.posixProperty(strings.ToUpper(rest)); found {
			return s, true
		}
		if s, found := p.named(rest); found {
			return s, true
		}
		return lookup("sc=" + strings.ToUpper(rest))
	}
	if p.unicodeClasses {
		if s, found := p.posixProperty(strings.ToUpper(name)); found {
			return s, true
		}
	}
	return p.named(name)
}

// anyCase replaces the properties of letter case where the flag i is set.
func (p *parser) anyCase(keys []string) []string {
	if p.ignoreCase && len(keys) == 1 {
		switch keys[0] {
		case "is=LowerCase", "is=UpperCase", "is=TitleCase":
			return []string{"is=LowerCase", "is=UpperCase", "is=TitleCase"}
		}
	}
	return keys
}

func (p *parser) binaryProperty(name string) (set, bool) {
	switch name {
	case "ASSIGNED":
		return mustLookup("gc=Cn").inverse(), true
	case "HEXDIGIT", "HEX_DIGIT":
		return hexDigits(), true
	case "JOINCONTROL", "JOIN_CONTROL":
		return joinControls, true
	case "NONCHARACTERCODEPOINT", "NONCHARACTER_CODE_POINT":
		s := set{{0xFDD0, 0xFDEF}}
		for plane := rune(0); plane <= unicode.MaxRune; plane += 0x10000 {
			s = append(s, span{plane + 0xFFFE, plane + 0xFFFF})
		}
		return union(s), true
	case "WHITESPACE", "WHITE_SPACE":
		return whiteSpace(), true
	case "WORD":
		return unicodeWord(), true
	}
	keys, found := binary[name]
	if !found {
		return nil, false
	}
	return lookup(p.anyCase(keys)...)
}

func (p *parser) posixProperty(name string) (set, bool) {
	switch name {
	case "SPACE":
		return whiteSpace(), true
	case "XDIGIT":
		return hexDigits(), true
	case "BLANK":
		return union(mustLookup("gc=Zs"), runes('\t')), true
	case "GRAPH":
		return graphic(), true
	case "PRINT":
		return union(graphic(), mustLookup("gc=Zs"), runes('\t')).intersect(mustLookup("gc=Cc").inverse()), true
	}
	keys, found := posixBinary[name]
	if !found {
		return nil, false
	}
	return lookup(p.anyCase(keys)...)
}

// named returns the category, POSIX class or method of java.lang.Character with
// a name.
func (p *parser) named(name string) (set, bool) {
	if other := caseless[name]; p.ignoreCase && other != "" {
		name = other
	}
	if s, found := posix[name]; found {
		return s, true
	}
	switch name {
	case "LC":
		return lookup("gc=Lu", "gc=Ll", "gc=Lt")
	case "LD":
		return lookup("gc=Lu", "gc=Ll", "gc=Lt", "gc=Lm", "gc=Lo", "gc=Nd")
	case "L", "M", "N", "Z", "C", "P", "S":
		var keys []string
		for key := range properties() {
			if len(key) == len("gc=Xx") && strings.HasPrefix(key, "gc="+name) {
				keys = append(keys, key)
			}
		}
		return lookup(keys...)
	}
	if method, found := strings.CutPrefix(name, "java"); found {
		switch method {
		case "Emoji", "EmojiPresentation", "EmojiModifier", "EmojiModifierBase", "EmojiComponent", "ExtendedPictographic",
			"SupplementaryCodePoint", "BmpCodePoint", "ValidCodePoint":
			return nil, false
		}
		return lookup(p.anyCase([]string{"is=" + method})...)
	}
	return lookup("gc=" + name)
}

var joinControls = set{{0x200C, 0x200D}}

func whiteSpace() set {
	return union(mustLookup("gc=Zs", "gc=Zl", "gc=Zp"), set{{'\t', '\r'}, {0x85, 0x85}})
}

func hexDigits() set {
	return union(mustLookup("gc=Nd"), set{{'A', 'F'}, {'a', 'f'}, {0xFF21, 0xFF26}, {0xFF41, 0xFF46}})
}

func unicodeWord() set {
	return union(mustLookup("is=Alphabetic", "gc=Mn", "gc=Me", "gc=Mc", "gc=Nd", "gc=Pc"), joinControls)
}

func graphic() set {
	return mustLookup("gc=Zs", "gc=Zl", "gc=Zp", "gc=Cc", "gc=Cs", "gc=Cn").inverse()
}

// runeNamed reads the name of a code point in braces.
func (p *parser) runeNamed() (rune, error) {
	if !p.acceptAll("{") {
		return 0, errors.New("illegal character name escape sequence")
	}
	name := p.untilBrace()
	if p.at == len(p.pattern) || name == "" {
		return 0, errors.New("unclosed character name escape sequence")
	}
	p.at++
	name = strings.ToUpper(strings.TrimSpace(name))
	for r := range rune(unicode.MaxRune + 1) {
		if runenames.Name(r) == name {
			return r, nil
		}
	}
	// Java names other code points by their block and number.
	if i := strings.LastIndexByte(name, ' '); i > 0 {
		if code, err := strconv.ParseUint(name[i+1:], 16, 21); err == nil {
			r := rune(code)
			block, found := lookup("blk=" + name[:i])
			if found && name[i+1:] == fmt.Sprintf("%X", r) && len(block.intersect(runes(r))) > 0 {
				return r, nil
			}
		}
	}
	return 0, fmt.Errorf("unknown character name [%s]", name)
}

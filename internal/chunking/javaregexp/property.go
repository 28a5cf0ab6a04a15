package javaregexp

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// posix are the classes of POSIX, which are of ASCII alone in Java, and Java's
// own names.
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

// binary are the properties of Java with a table here, by lower-case name.
var binary = map[string][]*unicode.RangeTable{
	"alphabetic":              {unicode.L, unicode.Nl, unicode.Other_Alphabetic},
	"ideographic":             {unicode.Ideographic},
	"letter":                  {unicode.L},
	"lowercase":               {unicode.Ll, unicode.Other_Lowercase},
	"uppercase":               {unicode.Lu, unicode.Other_Uppercase},
	"titlecase":               {unicode.Lt},
	"punctuation":             {unicode.P},
	"control":                 {unicode.Cc},
	"white_space":             {unicode.White_Space},
	"digit":                   {unicode.Nd},
	"hex_digit":               {unicode.Hex_Digit},
	"join_control":            {unicode.Join_Control},
	"noncharacter_code_point": {unicode.Noncharacter_Code_Point},
}

// caseless are what Java takes the letter cases for under the flag i.
var caseless = map[string]string{"Lower": "Alpha", "Upper": "Alpha", "Lu": "LC", "Ll": "LC", "Lt": "LC"}

// property reads what follows \p or \P.
func (p *parser) property(inverted bool) (set, error) {
	if p.at == len(p.pattern) {
		return nil, errors.New("illegal character property")
	}
	name := string(p.pattern[p.at])
	p.at++
	if name == "{" {
		start := p.at
		for p.at < len(p.pattern) && p.pattern[p.at] != '}' {
			p.at++
		}
		if p.at == len(p.pattern) {
			return nil, errors.New("unclosed character family")
		}
		name = string(p.pattern[start:p.at])
		p.at++
	}
	if other := caseless[name]; p.ignoreCase && other != "" {
		name = other
	}
	s, err := propertySet(name)
	if inverted {
		s = s.inverse()
	}
	return s, err
}

func propertySet(name string) (set, error) {
	if key, value, found := strings.Cut(name, "="); found {
		switch strings.ToLower(key) {
		case "sc", "script":
			return script(value)
		case "gc", "general_category":
			return category(value)
		}
		return nil, fmt.Errorf("character property {%s} is not supported", name)
	}
	if s, found := posix[name]; found {
		return s, nil
	}
	if rest, found := strings.CutPrefix(name, "Is"); found {
		if tables, found := binary[strings.ToLower(rest)]; found {
			return tableUnion(tables...), nil
		}
		if s, err := category(rest); err == nil {
			return s, nil
		}
		return script(rest)
	}
	return category(name)
}

func category(name string) (set, error) {
	switch name {
	case "LC":
		return tableUnion(unicode.Lu, unicode.Ll, unicode.Lt), nil
	case "LD":
		return tableUnion(unicode.L, unicode.Nd), nil
	}
	// Go calls some sets categories that Java does not.
	t, found := unicode.Categories[name]
	if !found || len(name) > 2 {
		return nil, fmt.Errorf("character property {%s} is unknown or not supported", name)
	}
	return table(t), nil
}

func script(name string) (set, error) {
	for known, t := range unicode.Scripts {
		if strings.EqualFold(known, name) {
			return table(t), nil
		}
	}
	return nil, fmt.Errorf("character property {%s} is unknown or not supported", name)
}

func tableUnion(tables ...*unicode.RangeTable) set {
	sets := make([]set, len(tables))
	for i, t := range tables {
		sets[i] = table(t)
	}
	return union(sets...)
}

// SPDX-License-Identifier: MPL-2.0

package javaregexp

import (
	"strings"
	"sync"
)

// graphemeClasses are the classes of UAX #29 that \X and \b{g} need, as JDK 25 has
// them. In contrast to the standard, unassigned code points are controls, and a
// spacing mark may stand between a pictograph and its joiner.
type graphemeClasses struct {
	control, prepend, extend, l, v, t, lv, lvt, pictographic set
	consonant, linker, linked                                set // of Indic conjuncts; linked are the InCB extenders
}

var graphemes = sync.OnceValue(func() graphemeClasses {
	return graphemeClasses{
		control: mustLookup("gcb=Control"), prepend: mustLookup("gcb=Prepend"), extend: mustLookup("gcb=Extend"),
		l: mustLookup("gcb=L"), v: mustLookup("gcb=V"), t: mustLookup("gcb=T"), lv: mustLookup("gcb=LV"), lvt: mustLookup("gcb=LVT"),
		pictographic: mustLookup("is=ExtendedPictographic"),
		consonant:    mustLookup("incb=Consonant"), linker: mustLookup("incb=Linker"), linked: mustLookup("incb=Extend"),
	}
})

const zeroWidthJoiner = 0x200D

func isRegional(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }

// nextBoundary returns where the extended grapheme cluster ends that begins at a
// place of a text, whatever is before it.
func nextBoundary(text []rune, at int) int {
	if at >= len(text) {
		return len(text)
	}
	c := graphemes()
	pictograph := c.pictographic.contains(text[at])
	// conjunct is 1 after a consonant and its extenders, 2 once a linker was among
	// them.
	regional, conjunct := 0, 0
	for at++; at < len(text); at++ {
		before, after := text[at-1], text[at]
		if isRegional(before) {
			regional++
		}
		switch {
		case c.consonant.contains(before):
			conjunct = 1
		case conjunct > 0 && c.linker.contains(before):
			conjunct = 2
		case conjunct > 0 && c.linked.contains(before):
		default:
			conjunct = 0
		}
		switch {
		case pictograph && before == zeroWidthJoiner && c.pictographic.contains(after):
		case conjunct == 2 && c.consonant.contains(after):
		case regional%2 == 1 && isRegional(before) && isRegional(after):
		case c.breaksBetween(before, after):
			return at
		}
	}
	return at
}

// breaksBetween reports whether there is a boundary between two code points,
// without the rules that look further back.
func (c graphemeClasses) breaksBetween(before, after rune) bool {
	isControl := func(r rune) bool { return r == '\r' || r == '\n' || c.control.contains(r) }
	switch {
	case before == '\r' && after == '\n':
		return false
	case isControl(before) || isControl(after):
		return true
	case after == zeroWidthJoiner || c.extend.contains(after), c.prepend.contains(before):
		return false
	case c.l.contains(before):
		return !c.l.contains(after) && !c.v.contains(after) && !c.lv.contains(after) && !c.lvt.contains(after)
	case c.lv.contains(before) || c.v.contains(before):
		return !c.v.contains(after) && !c.t.contains(after)
	case c.lvt.contains(before) || c.t.contains(before):
		return !c.t.contains(after)
	}
	return true
}

// graphemePattern returns what \X matches, in the syntax of regexp2.
var graphemePattern = sync.OnceValue(func() string {
	c := graphemes()
	control := union(c.control, runes('\r', '\n'))
	joiner := runes(zeroWidthJoiner)
	replace := strings.NewReplacer(
		"OTHER", `[^\uD800-\uDFFF`+strings.TrimPrefix(class(control), "["),
		"EXTEND", class(union(c.extend, joiner)), "JOINER", class(joiner), "PREPEND", class(c.prepend),
		"OPEN", class(union(c.lv, c.v)), "LEAD", class(c.l), "VOWEL", class(c.v), "TAIL", class(c.t), "SYLLABLE", class(union(c.lv, c.lvt)),
		"FLAG", class(set{{0x1F1E6, 0x1F1FF}}), "PICTURE", class(c.pictographic),
		"CONSONANT", class(c.consonant), "LINKER", class(c.linker), "LINKED", class(union(c.linked, c.linker)),
	)
	return replace.Replace(`(?>\r\n|(?:PICTURE(?:EXTEND*JOINERPICTURE)*|` +
		`PREPEND*(?:FLAG{2}|LEAD*(?:OPENVOWEL*TAIL*|SYLLABLETAIL*)|LEAD+|TAIL+|` +
		`CONSONANT(?:LINKED*LINKERLINKED*CONSONANT)*|OTHER))EXTEND*|[\s\S])`) // the last one is a control
})

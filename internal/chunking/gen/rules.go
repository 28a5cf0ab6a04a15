// SPDX-License-Identifier: MPL-2.0

package main

// The word rules of ICU 77: UAX 29 with separate rules for Han, kana, Hangul and the
// South-East Asian scripts, so that dictionaries can divide runs of them.

var wordBreaks = []string{
	"CR", "LF", "Newline", "Extend", "ZWJ", "Regional_Indicator", "Format", "Katakana", "Hebrew_Letter", "ALetter",
	"Single_Quote", "Double_Quote", "MidNumLet", "MidLetter", "MidNum", "Numeric", "ExtendNumLet", "WSegSpace",
}

// membership returns a function that reports whether a code point belongs to a class
// of the rules.
func membership(p properties, name string) func(r int) bool {
	kanaKanji := func(r int) bool {
		return p.has("Script/Han", r) || p.has("Script/Hiragana", r) || p.has("Word_Break/Katakana", r)
	}
	switch name {
	case "Pictographic":
		return func(r int) bool { return p.has("Binary_Property/Extended_Pictographic", r) }
	case "Ideographic":
		return func(r int) bool { return p.has("Binary_Property/Ideographic", r) }
	case "Hiragana":
		return func(r int) bool { return p.has("Script/Hiragana", r) }
	case "Extend":
		return func(r int) bool { return p.has("Word_Break/Extend", r) && !p.has("Script/Han", r) }
	case "Hangul":
		return hangulSyllable
	case "KanaKanji":
		return kanaKanji
	case "Letter":
		return func(r int) bool {
			complexContext := p.has("Line_Break/Complex_Context", r) &&
				!p.has("Word_Break/Extend", r) && !p.has("Grapheme_Cluster_Break/Control", r)
			return (complexContext || p.has("Word_Break/ALetter", r)) && !kanaKanji(r) && !hangulSyllable(r)
		}
	}
	members := p["Word_Break/"+name]
	return func(r int) bool { return members[r] }
}

// classNames are all classes of the rules.
var classNames = []string{
	"CR", "LF", "Newline", "Extend", "ZWJ", "Format", "Regional_Indicator", "Katakana", "Hebrew_Letter", "Letter",
	"Single_Quote", "Double_Quote", "MidNumLet", "MidLetter", "MidNum", "Numeric", "ExtendNumLet", "WSegSpace",
	"Pictographic", "Ideographic", "Hiragana", "Hangul", "KanaKanji",
}

// rule is a pattern with the status of the segments that it ends.
type rule struct {
	pattern *node
	status  int
	// alone is true if the rule cannot follow another rule.
	alone bool
}

func wordRules() []rule {
	letter := []string{"Letter", "Hebrew_Letter"}
	return []rule{
		{pattern: join("CR", "LF")},
		{pattern: join("ZWJ", "Pictographic")},
		{pattern: join("WSegSpace", "WSegSpace")},
		{pattern: seq(one(ignored...), tail()), alone: true},
		{pattern: seq(except("CR", "LF", "Newline", "Extend", "Format", "ZWJ"), tail())},

		{pattern: extended("Numeric"), status: 100},
		{pattern: extended("Letter"), status: 200},
		{pattern: one("Hangul"), status: 200},
		{pattern: extended("Hebrew_Letter"), status: 200},
		{pattern: extended("Katakana"), status: 400},
		{pattern: extended("Hiragana"), status: 400},
		{pattern: extended("Ideographic"), status: 400},

		{pattern: seq(extended(letter...), one(letter...))},
		{pattern: seq(extended(letter...), extended("MidLetter", "MidNumLet", "Single_Quote"), one(letter...)), status: 200},
		{pattern: seq(extended("Hebrew_Letter"), one("Single_Quote")), status: 200},
		{pattern: seq(extended("Hebrew_Letter"), extended("Double_Quote"), one("Hebrew_Letter"))},
		{pattern: seq(extended("Numeric"), one("Numeric"))},
		{pattern: seq(extended(letter...), one("Numeric"))},
		{pattern: seq(extended("Numeric"), one(letter...))},
		{pattern: seq(extended("Numeric"), extended("MidNum", "MidNumLet", "Single_Quote"), one("Numeric"))},
		{pattern: seq(extended("Katakana"), one("Katakana")), status: 400},

		{pattern: seq(extended(letter...), one("ExtendNumLet")), status: 200},
		{pattern: seq(extended("Numeric"), one("ExtendNumLet")), status: 100},
		{pattern: seq(extended("Katakana"), one("ExtendNumLet")), status: 400},
		{pattern: seq(extended("ExtendNumLet"), one("ExtendNumLet")), status: 200},
		{pattern: seq(extended("ExtendNumLet"), one(letter...)), status: 200},
		{pattern: seq(extended("ExtendNumLet"), one("Numeric")), status: 100},
		{pattern: seq(extended("ExtendNumLet"), one("Katakana")), status: 400},

		{pattern: seq(extended("Regional_Indicator"), one("Regional_Indicator")), alone: true},
		{pattern: join("Hangul", "Hangul"), status: 200},
		{pattern: join("KanaKanji", "KanaKanji"), status: 400},
		{pattern: except()},
	}
}

// ignored are the classes that extend the code point before them.
var ignored = []string{"Extend", "Format", "ZWJ"}

func tail() *node                      { return star(one(ignored...)) }
func extended(classes ...string) *node { return seq(one(classes...), tail()) }
func join(class, another string) *node { return seq(one(class), one(another)) }

// wordCategories divides the code points into categories: code points that belong
// to the same classes have the same category. categories[i] are the classes of
// category i, categoryOf are the categories of the code points. Category 0 is the
// category of U+10FFFF, which belongs to no class.
func wordCategories(p properties) (categories []map[string]bool, categoryOf []uint8) {
	classesOf := make([]uint32, codePoints)
	for bit, name := range classNames {
		in := membership(p, name)
		for r := range classesOf {
			if in(r) {
				classesOf[r] |= 1 << bit
			}
		}
	}
	known := map[uint32]uint8{}
	categoryOf = make([]uint8, codePoints)
	for i := range categoryOf {
		r := codePoints - 1 - i
		classes := classesOf[r]
		category, seen := known[classes]
		if !seen {
			category = uint8(len(categories))
			known[classes] = category
			names := map[string]bool{}
			for bit, name := range classNames {
				names[name] = classes&(1<<bit) != 0
			}
			categories = append(categories, names)
		}
		categoryOf[r] = category
	}
	return categories, categoryOf
}

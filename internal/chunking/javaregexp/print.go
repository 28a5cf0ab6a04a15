// SPDX-License-Identifier: MPL-2.0

package javaregexp

import (
	"fmt"
	"strings"
	"unicode"
)

// printer writes a pattern in the syntax of regexp2, which is also the syntax of Go's
// regexp for regular patterns.
type printer struct {
	out strings.Builder
	parsed
	situation
	// inFixed is set in a repeated group into which Java does not backtrack. It
	// matters for \R.
	inFixed bool
	// inLookbehind is set in look-behinds, which see the text before the search.
	inLookbehind bool
}

// translate writes the pattern for a search in a situation.
func (p parsed) translate(s situation) string {
	w := printer{parsed: p, situation: s}
	w.node(p.root)
	return w.out.String()
}

func (w *printer) node(n *node) {
	switch n.kind {
	case oneOf:
		w.out.WriteString(class(n.set))
	case sequence:
		for _, child := range n.children {
			w.node(child)
		}
	case alternation:
		w.out.WriteString("(?:")
		for i, child := range n.children {
			if i > 0 {
				w.out.WriteString("|")
			}
			w.node(child)
		}
		w.out.WriteString(")")
	case repetition:
		w.repetition(n)
	case capture:
		if w.referred[n.number] {
			w.group(fmt.Sprintf("(?<g%d>", n.number), n.children[0])
		} else {
			w.group("(?:", n.children[0])
		}
	case atomic:
		w.group("(?>", n.children[0])
	case lookahead, lookbehind:
		outer := w.inLookbehind
		w.inLookbehind = n.kind == lookbehind
		w.group(lookaround(n), n.children[0])
		w.inLookbehind = outer
	case grapheme:
		w.out.WriteString(graphemePattern())
	case reference:
		w.reference(n)
	case lineBreak:
		w.lineBreak()
	default:
		w.anchor(n)
	}
}

// reference writes a reference. It does not match if the group does not exist.
func (w *printer) reference(n *node) {
	switch {
	case n.number > w.groups:
		w.out.WriteString(class(nil))
	case n.ignoreCase:
		fmt.Fprintf(&w.out, `(?i:\k<g%d>)`, n.number)
	default:
		fmt.Fprintf(&w.out, `\k<g%d>`, n.number)
	}
}

func (w *printer) group(opening string, n *node) {
	w.out.WriteString(opening)
	w.node(n)
	w.out.WriteString(")")
}

func lookaround(n *node) string {
	switch {
	case n.kind == lookahead && n.negative:
		return "(?!"
	case n.kind == lookahead:
		return "(?="
	case n.negative:
		return "(?<!"
	}
	return "(?<="
}

func (w *printer) repetition(n *node) {
	if n.greed == possessive {
		w.out.WriteString("(?>")
	} else {
		w.out.WriteString("(?:")
	}
	outer := w.inFixed
	w.inFixed = outer || n.children[0].fixed()
	w.group("(?:", n.children[0])
	w.inFixed = outer
	if n.max < 0 {
		fmt.Fprintf(&w.out, "{%d,}", n.min)
	} else {
		fmt.Fprintf(&w.out, "{%d,%d}", n.min, n.max)
	}
	if n.greed == lazy {
		w.out.WriteString("?")
	}
	w.out.WriteString(")")
}

func (w *printer) lineBreak() {
	if w.inFixed {
		w.out.WriteString("(?>")
	} else {
		w.out.WriteString("(?:")
	}
	w.out.WriteString(`\r\n|` + class(vertical) + ")")
}

// class writes a set with every code point as a literal. An empty set matches
// nothing.
func class(s set) string {
	// No text has surrogates, and Go's strings cannot hold them.
	s = s.intersect(set{{0, 0xD7FF}, {0xE000, unicode.MaxRune}})
	if len(s) == 0 {
		return "(?!)"
	}
	var b strings.Builder
	b.WriteString("[")
	for _, part := range s {
		b.WriteString(literal(part.first))
		if part.last > part.first {
			b.WriteString("-" + literal(part.last))
		}
	}
	b.WriteString("]")
	return b.String()
}

func literal(r rune) string {
	if r < 0x80 && !isLetterOrDigit(r, true) {
		return fmt.Sprintf(`\x%02X`, r)
	}
	return string(r)
}

func (w *printer) anchor(n *node) {
	// No line ends between a carriage return and a line feed.
	ends, inPair := class(lineEnds), `(?!(?<=\r)\n)`
	if n.unixLines {
		ends, inPair = `\n`, ""
	}
	switch n.kind {
	case textStart:
		w.out.WriteString(`\A`)
	case textEnd:
		w.out.WriteString(`\z`)
	case lineStart:
		// Java's ^ does not match at the end of the text.
		w.out.WriteString(`(?:(?:\A|(?<=` + ends + `)` + inPair + `)(?!\z))`)
	case lineEnd:
		w.out.WriteString(`(?:(?=` + ends + `|\z)` + inPair + `)`)
	case lastLineEnd:
		w.out.WriteString(`(?:(?=(?:\r\n|` + ends + `)?\z)` + inPair + `)`)
	case wordEdge:
		w.writeWordEdge(n.set, n.negative)
	case lastMatchEnd:
		if w.afterEmpty {
			w.out.WriteString(class(nil))
		} else {
			w.out.WriteString(`\G`)
		}
	case graphemeEdge:
		w.graphemeEdge()
	default:
		panic(fmt.Sprintf("node of kind %d is no anchor", n.kind))
	}
}

// graphemeEdge writes \b{g}, which matches at both ends of the text as well, and
// never between the halves of a surrogate pair.
func (w *printer) graphemeEdge() {
	switch {
	case w.inLookbehind:
		fmt.Fprintf(&w.out, `(?:\A|\z|(?<=\G[\s\S]{%d,})(?<![\uD800-\uDBFF]))`, max(w.edgeDistance, 0))
	case w.edgeDistance > 0:
		fmt.Fprintf(&w.out, `(?:\A|\z|(?<!\G[\s\S]{0,%d})(?<![\uD800-\uDBFF]))`, w.edgeDistance-1)
	default:
		w.out.WriteString(`(?:\A|\z|(?<![\uD800-\uDBFF]))`)
	}
}

// writeWordEdge writes \b or \B. Words consist of the given set and of the marks
// on letters and digits. Java looks for the letter one UTF-16 code unit at a time,
// so that it finds none outside the Basic Multilingual Plane.
func (w *printer) writeWordEdge(word set, negative bool) {
	const basic = `(?=[\u0000-\uffff])`
	const marked = basic + `[\p{L}\p{Nd}](?:` + basic + `\p{Mn})`
	before := class(word) + `|` + marked + `+`
	after := class(word) + `|(?<=` + marked + `*)\p{Mn}`
	first, second := "!", "="
	if negative {
		first, second = second, first
	}
	w.out.WriteString(`(?:(?<=` + before + `)(?` + first + after + `)|(?<!` + before + `)(?` + second + after + `))`)
}

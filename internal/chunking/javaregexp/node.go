// SPDX-License-Identifier: MPL-2.0

package javaregexp

import "slices"

// kind is what a node of a parsed pattern matches.
type kind int

const (
	// oneOf matches a code point of set.
	oneOf kind = iota
	// sequence matches its children one after the other.
	sequence
	// alternation matches the first child that lets the rest match.
	alternation
	// repetition matches its child from min to max times, max -1 for any
	// number.
	repetition
	// capture, atomic: a group around the child. A group that captures
	// nothing needs no node.
	capture
	atomic
	// lookahead, lookbehind test the child, or that it does not match.
	lookahead
	lookbehind
	// reference matches what the group number matched.
	reference
	// lineBreak is \R.
	lineBreak
	// grapheme is \X.
	grapheme
	// Anchors.
	textStart
	textEnd
	lineStart
	lineEnd
	lastLineEnd
	wordEdge
	// lastMatchEnd is \G.
	lastMatchEnd
	// graphemeEdge is \b{g}.
	graphemeEdge
)

// greed is how a repetition tries its numbers.
type greed int

const (
	greedy greed = iota
	lazy
	possessive
)

type node struct {
	kind     kind
	children []*node
	set      set // Of oneOf. For wordEdge, what a word consists of.

	min, max int
	greed    greed
	// symbol is true for a repetition that is written ?, * or +, not in braces.
	symbol bool

	// number is that of a capture or reference.
	number int
	// negative turns a look-around or wordEdge round.
	negative bool
	// unixLines makes lineStart, lineEnd and lastLineEnd see only \n.
	unixLines bool
	// ignoreCase is for a reference.
	ignoreCase bool
}

// nullable tells whether a node can match without taking a code point.
func (n *node) nullable() bool {
	switch n.kind {
	case oneOf, lineBreak, grapheme:
		return false
	case sequence:
		for _, child := range n.children {
			if !child.nullable() {
				return false
			}
		}
		return true
	case alternation:
		for _, child := range n.children {
			if child.nullable() {
				return true
			}
		}
		return false
	case repetition:
		return n.min == 0 || n.children[0].nullable()
	case capture, atomic:
		return n.children[0].nullable()
	default:
		return true
	}
}

// regular tells whether Go's own regexp finds the same matches: nothing in the
// pattern looks at what it has not taken, remembers or gives nothing back, and
// nothing empty is repeated.
func (n *node) regular() bool {
	switch n.kind {
	case oneOf:
		return len(n.set) > 0
	case sequence, alternation, capture, textEnd:
	case repetition:
		if n.greed == possessive || n.children[0].nullable() {
			return false
		}
	default:
		return false
	}
	for _, child := range n.children {
		if !child.regular() {
			return false
		}
	}
	return true
}

// fixed tells whether Java holds that the node always takes as much, and thus
// never tries a repeated one in another way.
func (n *node) fixed() bool {
	switch n.kind {
	case alternation, reference:
		return false
	case repetition:
		return n.min == n.max && n.children[0].fixed()
	default:
	}
	for _, child := range n.children {
		if !child.fixed() {
			return false
		}
	}
	return true
}

// has reports whether the node or one below it is of a kind.
func (n *node) has(wanted kind) bool {
	return n.kind == wanted || slices.ContainsFunc(n.children, func(child *node) bool { return child.has(wanted) })
}

// least returns the minimum length that Java finds.
func (n *node) least() int {
	switch n.kind {
	case oneOf, lineBreak, grapheme:
		return 1
	case sequence:
		total := 0
		for _, child := range n.children {
			total += child.least()
		}
		return total
	case alternation:
		shortest := n.children[0].least()
		for _, child := range n.children[1:] {
			shortest = min(shortest, child.least())
		}
		return shortest
	case repetition:
		return n.min * n.children[0].least()
	case capture, atomic:
		return n.children[0].least()
	default:
		return 0
	}
}

// literal answers the text that alone a node matches.
func (n *node) literal() (text string, ok bool) {
	switch n.kind {
	case oneOf:
		r, ok := n.set.single()
		return string(r), ok
	case sequence:
		for _, child := range n.children {
			part, ok := child.literal()
			if !ok {
				return "", false
			}
			text += part
		}
		return text, text != ""
	default:
		return "", false
	}
}

// references collects the numbers of the groups that are referred to.
func (n *node) references(numbers map[int]bool) {
	if n.kind == reference {
		numbers[n.number] = true
	}
	for _, child := range n.children {
		child.references(numbers)
	}
}

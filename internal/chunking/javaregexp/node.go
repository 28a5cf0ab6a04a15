// SPDX-License-Identifier: MPL-2.0

package javaregexp

import "slices"

// kind is the kind of a node of a parsed pattern.
type kind int

const (
	// oneOf matches a code point of set.
	oneOf kind = iota
	// sequence matches its children one after the other.
	sequence
	// alternation matches the first child after which the rest matches.
	alternation
	// repetition matches its child from min to max times. A max of -1 is no limit.
	repetition
	// capture and atomic are groups around the child. A group that does not capture
	// has no node.
	capture
	atomic
	// lookahead and lookbehind test whether the child matches, or does not match.
	lookahead
	lookbehind
	// reference matches the text that a group matched.
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

// greed is the order in which a repetition tries its counts.
type greed int

const (
	greedy greed = iota
	lazy
	possessive
)

type node struct {
	kind     kind
	children []*node
	set      set // Of oneOf. For wordEdge, the code points of words.

	min, max int
	greed    greed
	// symbol is true for a repetition written as ?, * or +, without braces.
	symbol bool

	// number is the number of the group of a capture or reference.
	number int
	// negative inverts a look-around or wordEdge.
	negative bool
	// unixLines makes lineStart, lineEnd and lastLineEnd see only \n.
	unixLines bool
	// ignoreCase makes a reference match in any case.
	ignoreCase bool
}

// nullable reports whether a node can match the empty text.
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

// regular reports whether Go's regexp finds the same matches: the pattern has no
// look-arounds, references, or atomic and possessive parts, and does not repeat
// anything that can be empty.
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

// fixed reports whether Java assumes that the node always matches the same length. It
// then does not backtrack into repetitions of the node.
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

// literal returns the text that a node matches, if it matches only one.
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

// references collects the numbers of the groups that references name.
func (n *node) references(numbers map[int]bool) {
	if n.kind == reference {
		numbers[n.number] = true
	}
	for _, child := range n.children {
		child.references(numbers)
	}
}

// SPDX-License-Identifier: MPL-2.0

package javaregexp

import (
	"math"
	"slices"
)

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

// regular reports whether Go's regexp finds the same matches: the pattern has no
// look-arounds, references, or atomic and possessive parts, and does not repeat
// anything that can be empty.
func (n *node) regular() bool {
	switch n.kind {
	case oneOf:
		return len(n.set) > 0
	case sequence, alternation, capture, textEnd:
	case repetition:
		if n.greed == possessive || n.children[0].least() == 0 {
			return false
		}
	default:
		return false
	}
	return !slices.ContainsFunc(n.children, func(child *node) bool { return !child.regular() })
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
	return !slices.ContainsFunc(n.children, func(child *node) bool { return !child.fixed() })
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

// lengths is the length of a part of a look-behind as Java computes it: the maximum,
// in the arithmetic of an int that overflows, and whether there is one.
type lengths struct {
	most  int32
	valid bool
}

// lookBehindLengths returns the maximum that Java computes for the content of a
// look-behind. Java refuses content without a maximum. Because its arithmetic
// overflows, it computes one for some parts that have none, such as a greedy a* or
// the first a*? of a sequence (java.util.regex.Pattern, study methods of its nodes).
func lookBehindLengths(n *node) lengths {
	found := lengths{valid: true}
	n.study(&found, func(*lengths) {})
	return found
}

// looksAtNothing reports whether the maximum has overflowed so that Java, when it
// subtracts the maximum from a place in the text, gets a later place. Directly below
// the least int, the difference overflows as well and is correct again.
func (l lengths) looksAtNothing() bool {
	const longestText = 1 << 24
	return l.most < 0 && l.most > math.MinInt32+longestText
}

// study adds the length of the node, and then the length of the nodes after it, to
// found.
func (n *node) study(found *lengths, following func(*lengths)) {
	switch n.kind {
	case oneOf:
		found.most++
	case lineBreak:
		found.most += 2 // \r\n
	case grapheme: // Java adds to the minimum only
	case reference:
		found.valid = false
	case sequence:
		n.studyChildren(found, following)
		return
	case alternation:
		studyBranches(n.children, found, following)
		return
	case capture:
		n.children[0].study(found, following)
		return
	case atomic:
		n.children[0].study(found, func(*lengths) {})
	case repetition:
		if n.isOptionalGroup() {
			studyBranches(n.children, found, following)
			return
		}
		n.studyRepetition(found)
	default: // anchors and look-arounds have no length
	}
	following(found)
}

func (n *node) studyChildren(found *lengths, following func(*lengths)) {
	if len(n.children) == 0 {
		following(found)
		return
	}
	rest := &node{kind: sequence, children: n.children[1:]}
	n.children[0].study(found, func(found *lengths) { rest.studyChildren(found, following) })
}

// studyBranches computes each branch, and the nodes after it, separately.
func studyBranches(branches []*node, found *lengths, following func(*lengths)) {
	longest, valid := int32(-1), found.valid
	for _, branch := range branches {
		one := lengths{valid: true}
		branch.study(&one, func(*lengths) {})
		longest, valid = max(longest, one.most), valid && one.valid
	}
	rest := lengths{valid: true}
	following(&rest)
	*found = lengths{found.most + longest + rest.most, valid && rest.valid}
}

// isOptionalGroup reports whether the node is a group with ? or ??, which Java
// treats as an alternation.
func (n *node) isOptionalGroup() bool {
	return n.symbol && n.max == 1 && n.greed != possessive && n.children[0].isGroup()
}

// isGroup reports whether the node is a group that Java can repeat in a loop,
// which atomic groups are not.
func (n *node) isGroup() bool {
	switch n.kind {
	case sequence, alternation, capture:
		return true
	default:
		return false
	}
}

func (n *node) studyRepetition(found *lengths) {
	child := n.children[0]
	switch {
	case n.max == -1 && n.greed == greedy && child.kind == oneOf:
		if found.valid {
			found.most += math.MaxInt32
		}
		return
	case n.symbol && n.max == 1:
		child.study(found, func(*lengths) {})
		return
	case n.greed != possessive && child.isGroup() && !child.fixed():
		found.valid = false // a loop
		return
	}
	most := int32(math.MaxInt32)
	if n.max >= 0 {
		most = int32(n.max) //nolint:gosec // at most maxRepeat
	}
	one := lengths{valid: true}
	child.study(&one, func(*lengths) {})
	total := one.most*most + found.most
	*found = lengths{total, found.valid && one.valid && total >= found.most}
}

// SPDX-License-Identifier: MPL-2.0

package javaregexp

import "math"

// lengths is what Java knows of the length of a part of a look-behind: the
// maximum, in the arithmetic of an int that overflows, and whether it has one.
type lengths struct {
	most  int32
	valid bool
}

// lookBehindLengths returns the maximum that Java finds for the content of a
// look-behind, and requires. It finds one for some parts that have none, such as a
// greedy a* or the first a*? of a sequence, since its arithmetic overflows
// (java.util.regex.Pattern, the study methods of its nodes).
func lookBehindLengths(n *node) lengths {
	found := lengths{valid: true}
	n.study(&found, func(*lengths) {})
	return found
}

// looksAtNothing reports whether Java subtracts the maximum from a place in the
// text and gets a place after it, because the maximum has overflowed. Just below
// the least int, the difference overflows as well, and is right again.
func (l lengths) looksAtNothing() bool {
	const longestText = 1 << 24
	return l.most < 0 && l.most > math.MinInt32+longestText
}

// study adds the length of the node to found, and then that of what follows it.
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

// studyBranches starts anew for each branch and for what follows.
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

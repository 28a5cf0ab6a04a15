// SPDX-License-Identifier: MPL-2.0

package javaregexp

import (
	"errors"
	"slices"
	"strings"
)

// class reads the rest of a character class and returns the union of its ranges,
// escapes and nested classes. The operator && intersects the parts before it with
// all parts after it, and ^ at the beginning inverts the class. The closing bracket
// is read if consume is set.
func (p *parser) class(consume bool) (set, error) {
	inverted := p.at > 0 && p.pattern[p.at-1] == '[' && p.peek() == '^'
	if inverted {
		p.at++
	}
	// Java stores the single code points of Latin-1 separately from the other parts.
	// This matters if && has nothing on its right: it then intersects with the last
	// other part.
	var all, latin, last set
	hasParts, hasLatin, hasLast := false, false, false
	for {
		r := p.peek()
		switch {
		case r == -1:
			return nil, errors.New("unclosed character class")
		case r == ']' && (hasParts || hasLatin):
			if consume {
				p.at++
			}
			if hasLatin {
				all = union(all, latin)
			}
			if inverted {
				all = all.inverse()
			}
			return all, nil
		case r == '&' && p.at+1 < len(p.pattern) && p.pattern[p.at+1] == '&':
			p.at += 2
			right, hasRight, err := p.intersection()
			if err != nil {
				return nil, err
			}
			if hasLatin {
				if !hasParts {
					last, hasLast = latin, true
				}
				all, hasParts, hasLatin = union(all, latin), true, false
			}
			if hasRight {
				last, hasLast = right, true
			}
			switch {
			case !hasParts && !hasRight:
				return nil, errors.New("bad class syntax")
			case !hasParts:
				all, hasParts = right, true
			case !hasLast:
				return nil, errors.New("bad intersection syntax")
			default:
				all = all.intersect(last)
			}
			continue
		}
		start := p.at
		part, err := p.classPart(r)
		if err != nil {
			return nil, err
		}
		if p.isLatin(start, part) {
			latin, hasLatin, hasLast = union(latin, part), true, false
		} else {
			all, hasParts = union(all, part), true
			last, hasLast = part, true
		}
	}
}

// isLatin reports whether the part of a class that begins at start is a single
// code point of Latin-1.
func (p *parser) isLatin(start int, part set) bool {
	if p.pattern[start] == '[' || len(part) == 0 || part[0].first > 0xFF {
		return false
	}
	if p.pattern[start] == '\\' && start+1 < len(p.pattern) {
		return !strings.ContainsRune("dDsSwWhHvVpP", p.pattern[start+1]) && !slices.Contains(p.pattern[start:p.at], '-')
	}
	return p.at == start+1
}

// intersection reads the right side of &&.
func (p *parser) intersection() (right set, found bool, err error) {
	for p.peek() != ']' && p.peek() != '&' {
		part, err := p.class(p.accept('['))
		if err != nil {
			return nil, false, err
		}
		right, found = union(right, part), true
	}
	return right, found, nil
}

// classPart reads a nested class, an escape, a range or a single code point that
// begins with r.
func (p *parser) classPart(r rune) (set, error) {
	p.at++
	if r == '[' {
		return p.class(true)
	}
	if r == '\\' {
		class, single, err := p.escapedInClass()
		if class != nil || err != nil {
			return class, err
		}
		r = single
	}
	return p.classRange(r)
}

// escapedInClass is escapedSet for an escape after its backslash.
func (p *parser) escapedInClass() (class set, single rune, err error) {
	r, err := p.escaped()
	if err != nil {
		return nil, 0, err
	}
	return p.escapedSet(r)
}

// classRange reads the rest of a range from first on, if it is one. A hyphen
// before a bracket is a literal.
func (p *parser) classRange(first rune) (set, error) {
	if p.peek() != '-' || p.at+1 == len(p.pattern) || p.pattern[p.at+1] == ']' || p.pattern[p.at+1] == '[' {
		return p.cased(runes(first)), nil
	}
	p.at++
	last := p.peek()
	if p.at < len(p.pattern) {
		p.at++
	}
	if last == '\\' {
		class, single, err := p.escapedInClass()
		if err != nil {
			return nil, err
		}
		if last = single; class != nil {
			last = -1
		}
	}
	if last < first {
		return nil, errors.New("illegal character range")
	}
	return p.cased(set{{first, last}}), nil
}

// SPDX-License-Identifier: MPL-2.0

package javaregexp

import (
	"errors"
	"fmt"
)

// group reads the rest of a group after its opening parenthesis. It returns nil if
// the group consists of flags only.
func (p *parser) group() (*node, error) {
	if p.peek() != '?' {
		return p.capturing("")
	}
	p.at++
	switch {
	case p.acceptAll(":"):
		return p.inside(nil)
	case p.acceptAll("="):
		return p.inside(&node{kind: lookahead})
	case p.acceptAll("!"):
		return p.inside(&node{kind: lookahead, negative: true})
	case p.acceptAll(">"):
		return p.inside(&node{kind: atomic})
	case p.acceptAll("<="):
		return p.inside(&node{kind: lookbehind})
	case p.acceptAll("<!"):
		return p.inside(&node{kind: lookbehind, negative: true})
	case p.acceptAll("<"):
		name, err := p.name('>')
		if err != nil {
			return nil, err
		}
		return p.capturing(name)
	}
	return p.flagged()
}

func (p *parser) capturing(name string) (*node, error) {
	p.groups++
	n := &node{kind: capture, number: p.groups}
	if name != "" {
		if p.names[name] != 0 {
			return nil, fmt.Errorf("group <%s> is defined twice", name)
		}
		p.names[name] = p.groups
	}
	return p.inside(n)
}

// inside reads the pattern in a group and makes it the child of n, if n is not nil.
func (p *parser) inside(n *node) (*node, error) {
	inner, err := p.alternatives()
	if err != nil {
		return nil, err
	}
	if !p.accept(')') {
		return nil, errors.New("unclosed group")
	}
	if n == nil {
		return inner, nil
	}
	if n.kind == lookbehind {
		length := lookBehindLengths(inner)
		neverFits := inner.has(grapheme) && length.valid && int(length.most) < inner.least()
		switch {
		case !length.valid:
			return nil, errors.New("look-behind group without an obvious maximum length")
		case (length.looksAtNothing() || neverFits) && n.negative:
			return &node{kind: sequence}, nil
		case length.looksAtNothing() || neverFits:
			return &node{kind: oneOf}, nil
		}
	}
	n.children = []*node{inner}
	return n, nil
}

// name reads the name of a group and the character that closes it.
func (p *parser) name(closing rune) (string, error) {
	start := p.at
	for p.at < len(p.pattern) && isLetterOrDigit(p.pattern[p.at], p.at > start) {
		p.at++
	}
	name := string(p.pattern[start:p.at])
	if name == "" || p.at == len(p.pattern) || p.pattern[p.at] != closing {
		return "", errors.New("group name that is not of ASCII letters and digits")
	}
	p.at++
	return name, nil
}

func isLetterOrDigit(r rune, digit bool) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || digit && r >= '0' && r <= '9'
}

// flagged reads (?flags) or (?flags:pattern). The former are valid up to the end of
// the group around them.
func (p *parser) flagged() (*node, error) {
	outer := p.flags
	for on := true; ; p.at++ {
		if p.at == len(p.pattern) {
			return nil, errors.New("unknown inline modifier")
		}
		switch p.pattern[p.at] {
		case '-':
			on = false
		case 'i':
			p.ignoreCase = on
		case 'u':
			p.unicodeCase = on
		case 'm':
			p.multiline = on
		case 's':
			p.dotAll = on
		case 'x':
			p.comments = on
		case 'd':
			p.unixLines = on
		case 'U':
			p.unicodeClasses = on
			p.unicodeCase = p.unicodeCase || on
		case ')':
			p.at++
			return nil, nil // flags only: there is nothing to match
		case ':':
			p.at++
			n, err := p.inside(nil)
			p.flags = outer
			return n, err
		default:
			return nil, fmt.Errorf("inline modifier %q is not supported", p.pattern[p.at])
		}
	}
}

package javaregexp

import "errors"

// class reads what follows an opening bracket, the closing one included:
// ranges, escapes and nested classes, united; && intersects what stands on its
// sides, and a leading ^ inverts the whole.
func (p *parser) class() (set, error) {
	inverted := p.at < len(p.pattern) && p.pattern[p.at] == '^'
	if inverted {
		p.at++
	}
	all, err := p.unitedClass(true)
	for err == nil && p.acceptAnd() {
		var next set
		next, err = p.unitedClass(false)
		all = all.intersect(next)
	}
	if err != nil {
		return nil, err
	}
	p.at++
	if inverted {
		all = all.inverse()
	}
	return all, nil
}

func (p *parser) acceptAnd() bool {
	if p.peek() != '&' {
		return false
	}
	p.at += 2
	return true
}

// unitedClass reads up to && or the closing bracket and stays before it. A
// bracket that would close an empty class stands for itself.
func (p *parser) unitedClass(canOpen bool) (set, error) {
	all, empty := set{}, canOpen
	for {
		r := p.peek()
		switch {
		case r == -1:
			return nil, errors.New("unclosed character class")
		case r == ']' && !empty:
			return all, nil
		case r == '&' && p.at+1 < len(p.pattern) && p.pattern[p.at+1] == '&':
			return all, nil
		}
		part, err := p.classPart(r)
		if err != nil {
			return nil, err
		}
		all, empty = union(all, part), false
	}
}

// classPart reads a nested class, an escape, a range or a single code point that
// begins with r.
func (p *parser) classPart(r rune) (set, error) {
	p.at++
	if r == '[' {
		return p.class()
	}
	if r == '\\' {
		class, single, err := p.escapedSet()
		if class != nil || err != nil {
			return class, err
		}
		r = single
	}
	return p.classRange(r)
}

// classRange reads the rest of a range from first on, if it is one. A hyphen
// before a bracket stands for itself.
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
		class, single, err := p.escapedSet()
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

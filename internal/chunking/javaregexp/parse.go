// SPDX-License-Identifier: MPL-2.0

package javaregexp

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// flags are the embedded flags of Java that are supported.
type flags struct {
	ignoreCase, unicodeCase, multiline, dotAll, comments, unixLines, unicodeClasses bool
}

// parsed is a pattern.
type parsed struct {
	root   *node
	groups int // The number of groups.
	// referred has the numbers of the groups that references name.
	referred map[int]bool
}

// parser reads a pattern as java.util.regex.Pattern of JDK 25 does.
type parser struct {
	pattern []rune
	at      int
	flags
	parsed
	names map[string]int
}

// parse reads a pattern with the flag MULTILINE.
func parse(pattern string) (parsed, error) {
	p := &parser{pattern: unquote([]rune(pattern)), names: map[string]int{}}
	p.multiline, p.referred = true, map[int]bool{}
	var err error
	p.root, err = p.alternatives()
	if err == nil && p.at < len(p.pattern) {
		err = errors.New("unmatched closing parenthesis")
	}
	if err != nil {
		return parsed{}, fmt.Errorf("%w near index %d", err, p.at)
	}
	return p.parsed, nil
}

// unquote turns \Q...\E into escapes.
func unquote(pattern []rune) []rune {
	var out []rune
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != '\\' || i+1 == len(pattern) {
			out = append(out, pattern[i])
			continue
		}
		i++
		if pattern[i] != 'Q' {
			out = append(out, '\\', pattern[i])
			continue
		}
		for i++; i < len(pattern); i++ {
			if pattern[i] == '\\' && i+1 < len(pattern) && pattern[i+1] == 'E' {
				i++
				break
			}
			out = append(out, []rune(fmt.Sprintf(`\x{%X}`, pattern[i]))...)
		}
	}
	return out
}

// peek returns the next rune after the text that the flag x skips, or -1 at the end.
func (p *parser) peek() rune {
	if p.comments {
		p.skipComments()
	}
	if p.at == len(p.pattern) {
		return -1
	}
	return p.pattern[p.at]
}

func (p *parser) skipComments() {
	for p.at < len(p.pattern) {
		switch r := p.pattern[p.at]; {
		case r == ' ' || r >= '\t' && r <= '\r':
			p.at++
		case r == '#':
			for p.at < len(p.pattern) && !slices.Contains([]rune("\n\r\u0085\u2028\u2029"), p.pattern[p.at]) {
				p.at++
			}
		default:
			return
		}
	}
}

// accept reads the next rune if it is r.
func (p *parser) accept(r rune) bool {
	if p.peek() != r {
		return false
	}
	p.at++
	return true
}

// acceptAll reads s if it comes next, regardless of the flag x.
func (p *parser) acceptAll(s string) bool {
	if !strings.HasPrefix(string(p.pattern[p.at:min(len(p.pattern), p.at+len(s))]), s) {
		return false
	}
	p.at += len(s)
	return true
}

// alternatives reads up to a closing parenthesis or the end. Flags that are set on
// the way are valid up to there.
func (p *parser) alternatives() (*node, error) {
	outer := p.flags
	defer func() { p.flags = outer }()
	first, err := p.sequence()
	if err != nil || p.peek() != '|' {
		return first, err
	}
	n := &node{kind: alternation, children: []*node{first}}
	for p.accept('|') {
		next, err := p.sequence()
		if err != nil {
			return nil, err
		}
		n.children = append(n.children, next)
	}
	return n, nil
}

func (p *parser) sequence() (*node, error) {
	n := &node{kind: sequence}
	for {
		switch p.peek() {
		case -1, '|', ')':
			return n, nil
		}
		atom, err := p.atom()
		if err != nil {
			return nil, err
		}
		if atom == nil {
			continue // flags only
		}
		if atom, err = p.quantified(atom); err != nil {
			return nil, err
		}
		n.children = append(n.children, atom)
	}
}

func (p *parser) atom() (*node, error) {
	r := p.peek()
	switch r {
	case '(':
		p.at++
		return p.group()
	case '[':
		p.at++
		class, err := p.class(true)
		return &node{kind: oneOf, set: class}, err
	case '\\':
		p.at++
		return p.escape()
	case '*', '+', '?':
		return nil, fmt.Errorf("dangling %q", r)
	case '{':
		return &node{kind: sequence}, nil // the repeated node is empty
	}
	p.at++
	switch r {
	case '.':
		return &node{kind: oneOf, set: p.dot()}, nil
	case '^':
		if p.multiline {
			return &node{kind: lineStart, unixLines: p.unixLines}, nil
		}
		return &node{kind: textStart}, nil
	case '$':
		if p.multiline {
			return &node{kind: lineEnd, unixLines: p.unixLines}, nil
		}
		return &node{kind: lastLineEnd, unixLines: p.unixLines}, nil
	}
	return &node{kind: oneOf, set: p.cased(runes(r))}, nil
}

func (p *parser) dot() set {
	switch {
	case p.dotAll:
		return set{}.inverse()
	case p.unixLines:
		return runes('\n').inverse()
	}
	return lineEnds.inverse()
}

// cased adds the code points that are equal under the flags i and u.
func (p *parser) cased(s set) set {
	switch {
	case p.ignoreCase && p.unicodeCase:
		return s.withUnicodeCase()
	case p.ignoreCase:
		return s.withCase()
	}
	return s
}

// maxRepeat is the largest count that both engines support.
const maxRepeat = 1 << 16

// quantified reads the quantifier that may follow an atom.
func (p *parser) quantified(atom *node) (*node, error) {
	n := &node{kind: repetition, children: []*node{atom}}
	switch p.peek() {
	case '*':
		n.min, n.max, n.symbol = 0, -1, true
	case '+':
		n.min, n.max, n.symbol = 1, -1, true
	case '?':
		n.min, n.max, n.symbol = 0, 1, true
	case '{':
		if err := p.count(n); err != nil {
			return nil, err
		}
	default:
		return atom, nil
	}
	p.at++
	if p.accept('?') {
		n.greed = lazy
	} else if p.accept('+') {
		n.greed = possessive
	}
	return n, nil
}

// count reads the numbers of {n}, {n,} or {n,m}, up to the closing brace.
func (p *parser) count(n *node) error {
	p.at++
	least, ok := p.number()
	if !ok {
		return errors.New("illegal repetition")
	}
	n.min, n.max = least, least
	if p.acceptAll(",") {
		if n.max, ok = p.number(); !ok {
			n.max = -1
		}
	}
	switch {
	case p.at == len(p.pattern) || p.pattern[p.at] != '}':
		return errors.New("unclosed counted closure")
	case n.max >= 0 && n.max < n.min:
		return errors.New("illegal repetition range")
	case max(n.min, n.max) > maxRepeat:
		return fmt.Errorf("repetition of more than %d", maxRepeat)
	}
	return nil
}

// number reads a decimal number. Larger numbers than the refused ones are cut.
func (p *parser) number() (number int, ok bool) {
	for ; p.at < len(p.pattern) && p.pattern[p.at] >= '0' && p.pattern[p.at] <= '9'; p.at++ {
		number, ok = min(number*10+int(p.pattern[p.at]-'0'), maxRepeat+1), true
	}
	return number, ok
}

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

// SPDX-License-Identifier: MPL-2.0

package main

import (
	"slices"
	"strings"
)

// node is a pattern: a leaf, which matches one code point, or a sequence of
// children.
type node struct {
	classes  []string // of a leaf
	inverted bool
	children []*node
	repeat   bool // matches more than once, too
	optional bool
}

func one(classes ...string) *node    { return &node{classes: classes} }
func except(classes ...string) *node { return &node{classes: classes, inverted: true} }
func seq(children ...*node) *node    { return &node{children: children} }
func star(n *node) *node             { return &node{children: []*node{n}, repeat: true, optional: true} }

// positions is a set of leaves, numbered through all rules.
type positions [4]uint64

func (p *positions) add(i int)      { p[i>>6] |= 1 << (i & 63) }
func (p *positions) has(i int) bool { return p[i>>6]&(1<<(i&63)) != 0 }
func (p *positions) merge(q positions) {
	for i := range p {
		p[i] |= q[i]
	}
}

func (p *positions) each(visit func(int)) {
	for i := range len(p) * 64 {
		if p.has(i) {
			visit(i)
		}
	}
}

// glushkov builds the position automaton of all rules: it numbers their leaves and
// finds which leaf may follow which.
type glushkov struct {
	accepts []uint64 // categories, by leaf
	follow  []positions
	status  []int // of the rule that a leaf can end, -1 if it ends none
	start   positions
	chained positions // first leaves of the rules that can follow another rule
}

// build returns the state machine of the rules. Rules chain as in ICU: the last code
// point of a match can be the first of another match.
func build(rules []rule, categories []map[string]bool) *machine {
	g := &glushkov{}
	for _, rule := range rules {
		first, last, _ := g.walk(rule.pattern, categories)
		last.each(func(leaf int) { g.status[leaf] = rule.status })
		g.start.merge(first)
		if !rule.alone {
			g.chained.merge(first)
		}
	}
	return g.determinise(len(categories))
}

// walk returns the leaves that a match of n can begin and end with.
func (g *glushkov) walk(n *node, categories []map[string]bool) (first, last positions, nullable bool) {
	if n.children == nil {
		leaf := len(g.accepts)
		g.accepts = append(g.accepts, leafCategories(n, categories))
		g.follow = append(g.follow, positions{})
		g.status = append(g.status, -1)
		first.add(leaf)
		return first, first, false
	}
	nullable = true
	for _, child := range n.children {
		childFirst, childLast, childNullable := g.walk(child, categories)
		last.each(func(leaf int) { g.follow[leaf].merge(childFirst) })
		if nullable {
			first.merge(childFirst)
		}
		if !childNullable {
			last = positions{}
		}
		last.merge(childLast)
		nullable = nullable && childNullable
	}
	if n.repeat {
		last.each(func(leaf int) { g.follow[leaf].merge(first) })
	}
	return first, last, nullable || n.optional
}

func leafCategories(n *node, categories []map[string]bool) uint64 {
	var accepts uint64
	for category, classes := range categories {
		in := slices.ContainsFunc(n.classes, func(class string) bool { return classes[class] })
		if in != n.inverted {
			accepts |= 1 << category
		}
	}
	return accepts
}

// state is a state of the machine: the leaves that may match next, and the status of
// a segment that ends here, or -1 if none can.
type state struct {
	next   positions
	status int
}

// startState is the state before the first code point.
const startState = 1

// machine is a state machine. In state 0, no rule continues.
type machine struct {
	status      []int
	transitions [][]int // by state and category
}

func (g *glushkov) determinise(categories int) *machine {
	states := []state{{status: -1}, {next: g.start, status: -1}}
	known := map[state]int{states[0]: 0, states[1]: 1}
	m := &machine{}
	for i := 0; i < len(states); i++ {
		row := make([]int, categories)
		for category := range row {
			to := g.step(states[i].next, category)
			number, seen := known[to]
			if !seen {
				number = len(states)
				known[to] = number
				states = append(states, to)
			}
			row[category] = number
		}
		m.transitions = append(m.transitions, row)
		m.status = append(m.status, states[i].status)
	}
	return m
}

func (g *glushkov) step(from positions, category int) state {
	to := state{status: -1}
	enter := func(leaf int) {
		if g.accepts[leaf]&(1<<category) == 0 {
			return
		}
		to.next.merge(g.follow[leaf])
		to.status = max(to.status, g.status[leaf])
	}
	from.each(enter)
	if to.status >= 0 {
		g.chained.each(enter)
	}
	return to
}

// minimize merges equivalent states.
func minimize(m *machine) *machine {
	group := slices.Clone(m.status)
	for groups := 0; ; {
		numbers := map[string]int{}
		next := make([]int, len(group))
		for i := range group {
			key := signature(group, m, i)
			if _, seen := numbers[key]; !seen {
				numbers[key] = len(numbers)
			}
			next[i] = numbers[key]
		}
		group = next
		if len(numbers) == groups {
			return m.merge(group, groups)
		}
		groups = len(numbers)
	}
}

func signature(group []int, m *machine, i int) string {
	var key strings.Builder
	key.WriteRune(rune(group[i] + 1))
	for _, to := range m.transitions[i] {
		key.WriteRune(rune(group[to] + 1))
	}
	return key.String()
}

func (m *machine) merge(group []int, groups int) *machine {
	merged := &machine{status: make([]int, groups), transitions: make([][]int, groups)}
	for i, into := range group {
		row := make([]int, len(m.transitions[i]))
		for category, to := range m.transitions[i] {
			row[category] = group[to]
		}
		merged.status[into], merged.transitions[into] = m.status[i], row
	}
	return merged
}

// SPDX-License-Identifier: MPL-2.0

package javaregexp

import (
	"slices"
	"unicode"
)

// span is a range of code points, both ends included.
type span struct{ first, last rune }

// set is a set of code points: ascending spans with gaps between them.
type set []span

func runes(rs ...rune) set {
	spans := make(set, 0, len(rs))
	for _, r := range rs {
		spans = append(spans, span{r, r})
	}
	return union(spans)
}

// union merges spans in any order into a set.
func union(sets ...set) set {
	all := slices.Concat(sets...)
	slices.SortFunc(all, func(a, b span) int { return int(a.first - b.first) })
	merged := set{}
	for _, s := range all {
		if last := len(merged) - 1; last >= 0 && s.first <= merged[last].last+1 {
			merged[last].last = max(merged[last].last, s.last)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

func (s set) inverse() set {
	rest := set{}
	next := rune(0)
	for _, taken := range s {
		if taken.first > next {
			rest = append(rest, span{next, taken.first - 1})
		}
		next = taken.last + 1
	}
	if next <= unicode.MaxRune {
		rest = append(rest, span{next, unicode.MaxRune})
	}
	return rest
}

func (s set) intersect(t set) set { return union(s.inverse(), t.inverse()).inverse() }

// single returns the code point of a set with only one.
func (s set) single() (rune, bool) {
	if len(s) == 1 && s[0].first == s[0].last {
		return s[0].first, true
	}
	return 0, false
}

// contains reports whether a set has a code point.
func (s set) contains(r rune) bool {
	_, found := slices.BinarySearchFunc(s, r, func(part span, r rune) int {
		switch {
		case part.last < r:
			return -1
		case part.first > r:
			return 1
		}
		return 0
	})
	return found
}

// withCase adds the other case of every ASCII letter.
func (s set) withCase() set {
	for lower := 'a'; lower <= 'z'; lower++ {
		if upper := unicode.ToUpper(lower); s.contains(lower) || s.contains(upper) {
			s = union(s, runes(lower, upper))
		}
	}
	return s
}

// withUnicodeCase adds every code point that differs from one in the set only by
// case.
func (s set) withUnicodeCase() set {
	folded := set{}
	for _, part := range s.intersect(cased()) {
		for r := part.first; r <= part.last; r++ {
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				folded = append(folded, span{f, f})
			}
		}
	}
	return union(s, folded)
}

// cased contains all code points that have another case.
func cased() set {
	all := runes('ß') // It has a capital in Unicode, but no mapping to it.
	for _, r := range unicode.CaseRanges {
		all = append(all, span{rune(r.Lo), rune(r.Hi)}) //nolint:gosec // code points fit
	}
	return union(all)
}

// The classes of Java's escapes.
var (
	lineEnds   = set{{'\n', '\n'}, {'\r', '\r'}, {0x85, 0x85}, {0x2028, 0x2029}}
	digits     = set{{'0', '9'}}
	wordRunes  = set{{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}
	spaces     = set{{'\t', '\r'}, {' ', ' '}}
	horizontal = set{
		{'\t', '\t'},
		{' ', ' '},
		{0xA0, 0xA0},
		{0x1680, 0x1680},
		{0x180E, 0x180E},
		{0x2000, 0x200A},
		{0x202F, 0x202F},
		{0x205F, 0x205F},
		{0x3000, 0x3000},
	}
	vertical = set{{'\n', '\r'}, {0x85, 0x85}, {0x2028, 0x2029}}
)

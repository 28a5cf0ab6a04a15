// SPDX-License-Identifier: MPL-2.0

// Package javaregexp finds where the matches of a Java regular expression begin,
// as java.util.regex of JDK 25 does with the flag MULTILINE.
//
// A pattern is parsed as Java does. It is translated to Go's regexp if that finds
// the same matches, in linear time, and otherwise to regexp2, which backtracks like
// Java.
//
// Names in \N{...} are those of Unicode 15. Look-behinds may have any length, where
// Java has limits. Matches begin and end between code points, or between the
// halves of a surrogate pair after an empty match. Java also finds other matches that
// begin or end between these halves. In Java, \b{g} matches where the cluster that begins at the end of the last match
// has ended; look-arounds and repetitions of more than a character class move that
// place, which is not done here.
package javaregexp

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// matchLimit is the longest time of the search for one match, which a deadline does
// not interrupt.
const matchLimit = 2 * time.Second

// ErrTooSlow is returned if a search was stopped at its deadline.
var ErrTooSlow = errors.New("regular expression takes too long on this text")

// Regexp is a compiled pattern. It is safe for concurrent use.
type Regexp struct {
	// One of these is set. literal is for patterns without operators.
	literal      string
	regular      *regexp.Regexp
	backtracking *regexp2.Regexp
	// afterEmpty replaces backtracking in the search after an empty match.
	afterEmpty *regexp2.Regexp
	// edges is set instead of backtracking and afterEmpty if the pattern has \b{g}.
	edges *edgePatterns
}

// Compile reads a pattern. The error says why Java refuses it, or what is not
// supported.
func Compile(pattern string) (*Regexp, error) {
	root, groups, err := parse(pattern)
	if err != nil {
		return nil, err
	}
	if text, ok := root.literal(); ok {
		return &Regexp{literal: text}, nil
	}
	w := printer{groups: groups, referred: map[int]bool{}}
	root.references(w.referred)
	w.node(root)
	if root.regular() {
		// Go's regexp refuses large counts.
		if compiled, err := regexp.Compile(w.out.String()); err == nil {
			return &Regexp{regular: compiled}, nil
		}
	}
	r := &Regexp{}
	if root.has(graphemeEdge) {
		r.edges = &edgePatterns{root: root, groups: groups, referred: w.referred, compiled: map[edgePattern]*regexp2.Regexp{}}
		_, err := r.edges.pattern(edgePattern{})
		return r, err
	}
	if r.backtracking, err = compileBacktracking(w.out.String()); err != nil {
		return nil, err
	}
	after := printer{groups: groups, referred: w.referred, afterEmpty: true}
	after.node(root)
	r.afterEmpty = r.backtracking
	if after.out.String() != w.out.String() {
		r.afterEmpty, err = compileBacktracking(after.out.String())
	}
	return r, err
}

func compileBacktracking(pattern string) (*regexp2.Regexp, error) {
	compiled, err := regexp2.Compile(pattern, regexp2.None)
	if err != nil {
		return nil, fmt.Errorf("cannot be run: %w", err)
	}
	compiled.MatchTimeout = matchLimit
	return compiled, nil
}

// Starts appends to starts the offsets in bytes at which the matches in text begin.
// A match between the halves of a surrogate pair begins in the middle of the four
// bytes. The text must be valid UTF-8. The error is ErrTooSlow, which is returned at
// most two seconds after the deadline.
func (r *Regexp) Starts(starts []int, text string, deadline time.Time) ([]int, error) {
	switch {
	case r.literal != "":
		return literalStarts(starts, text, r.literal), nil
	case r.regular != nil:
		return r.regularStarts(starts, text, deadline)
	}
	return r.backtrackingStarts(starts, text, deadline)
}

func literalStarts(starts []int, text, literal string) []int {
	for at := 0; ; {
		i := strings.Index(text[at:], literal)
		if i < 0 {
			return starts
		}
		starts = append(starts, at+i)
		at += i + len(literal)
	}
}

// timeChecks is the number of matches between two checks of the deadline.
const timeChecks = 64

// regularStarts searches the rest of the text after each match, because a regular
// pattern does not depend on the text before a match. FindAllStringIndex leaves out
// empty matches directly after another match.
func (r *Regexp) regularStarts(starts []int, text string, deadline time.Time) ([]int, error) {
	for at, matches := 0, 1; at <= len(text); matches++ {
		match := r.regular.FindStringIndex(text[at:])
		if match == nil {
			return starts, nil
		}
		starts = append(starts, at+match[0])
		if match[0] == match[1] {
			at += match[1]
			size := runeLength(text[at:])
			if size == surrogatePairBytes {
				starts = append(starts, at+size/2)
			}
			at += size
		} else {
			at += match[1]
		}
		if matches%timeChecks == 0 && time.Now().After(deadline) {
			return nil, ErrTooSlow
		}
	}
	return starts, nil
}

// surrogatePairBytes is the length in UTF-8 of a code point that is a surrogate
// pair in UTF-16.
const surrogatePairBytes = 4

// matchInPair tries a match that begins between the halves of the surrogate pair
// runes[at], as Java does after an empty match. The length is the number of code
// points matched after the pair.
func matchInPair(compiled *regexp2.Regexp, runes []rune, at int) (length int, found bool, err error) {
	high, low := utf16.EncodeRune(runes[at])
	halves := slices.Concat(runes[:at], []rune{high, low}, runes[at+1:])
	match, err := compiled.FindRunesMatchStartingAt(halves, at+1)
	if err != nil || match == nil || match.Index != at+1 {
		return 0, false, err
	}
	return max(match.Length-1, 0), true, nil
}

// runeLength returns the length of the first code point, and 1 for an empty text.
func runeLength(text string) int {
	_, size := utf8.DecodeRuneInString(text)
	return max(size, 1)
}

func (r *Regexp) backtrackingStarts(starts []int, text string, deadline time.Time) ([]int, error) {
	runes := []rune(text)
	last, isAfterEmpty := 0, false
	for at, offset, counted := 0, 0, 0; at <= len(runes); {
		compiled, err := r.search(runes, at, last, isAfterEmpty)
		if err != nil {
			return nil, err
		}
		match, err := compiled.FindRunesMatchStartingAt(runes, at)
		if err != nil || time.Now().After(deadline) {
			return nil, ErrTooSlow
		}
		if match == nil {
			break
		}
		for ; counted < match.Index; counted++ {
			offset += utf8.RuneLen(runes[counted])
		}
		starts = append(starts, offset)
		at = match.Index + match.Length
		if last, isAfterEmpty = at, match.Length == 0; isAfterEmpty {
			if at < len(runes) && runes[at] > 0xFFFF {
				// The pair counts as two, and the search begins after the first.
				compiled, err := r.search(runes, at, last, true)
				if err != nil {
					return nil, err
				}
				length, found, err := matchInPair(compiled, runes, at)
				if err != nil {
					return nil, ErrTooSlow
				}
				if found {
					starts = append(starts, offset+surrogatePairBytes/2)
					at += length
					last, isAfterEmpty = at+1, length == 0
				}
			}
			at++
		}
	}
	return starts, nil
}

// search returns the pattern for a search from one place after a match that ended at
// another. Both are 0 before the first match.
func (r *Regexp) search(text []rune, at, last int, isAfterEmpty bool) (*regexp2.Regexp, error) {
	switch {
	case r.edges != nil:
		return r.edges.pattern(edgePattern{afterEmpty: isAfterEmpty, distance: nextBoundary(text, last) - at})
	case isAfterEmpty:
		return r.afterEmpty, nil
	}
	return r.backtracking, nil
}

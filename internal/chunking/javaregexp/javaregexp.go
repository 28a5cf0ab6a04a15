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
// begin or end between these halves. In Java, \b{g} matches where the cluster that
// begins at the end of the last match has ended; look-arounds and repetitions of more
// than a character class move that place, which is not done here.
package javaregexp

import (
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// ErrTooSlow is returned if a search was stopped at its deadline.
var ErrTooSlow = errors.New("regular expression takes too long on this text")

// Regexp is a compiled pattern. It is safe for concurrent use.
type Regexp struct {
	// One of these is set. literal is for patterns without operators.
	literal      string
	regular      *regexp.Regexp
	backtracking *backtracking
}

// Compile reads a pattern. The error says why Java refuses it, or what is not
// supported.
func Compile(pattern string) (*Regexp, error) {
	parsed, err := parse(pattern)
	if err != nil {
		return nil, err
	}
	if text, ok := parsed.root.literal(); ok {
		return &Regexp{literal: text}, nil
	}
	if parsed.root.regular() {
		// Go's regexp refuses large counts.
		if compiled, err := regexp.Compile(parsed.translate(situation{})); err == nil {
			return &Regexp{regular: compiled}, nil
		}
	}
	r := &Regexp{backtracking: &backtracking{
		parsed:          parsed,
		hasLastMatchEnd: parsed.root.has(lastMatchEnd),
		hasGraphemeEdge: parsed.root.has(graphemeEdge),
		compiled:        map[situation]*regexp2.Regexp{},
	}}
	_, err = r.backtracking.compile(situation{})
	return r, err
}

// Starts returns the offsets in bytes at which the matches in text begin. A match
// between the halves of a surrogate pair begins in the middle of the four bytes. The
// text must be valid UTF-8. The error is ErrTooSlow, which is returned at most two
// seconds after the deadline.
func (r *Regexp) Starts(text string, deadline time.Time) ([]int, error) {
	switch {
	case r.literal != "":
		return literalStarts(text, r.literal), nil
	case r.regular != nil:
		return regularStarts(r.regular, text, deadline)
	}
	return r.backtracking.starts(text, deadline)
}

func literalStarts(text, literal string) (starts []int) {
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
func regularStarts(pattern *regexp.Regexp, text string, deadline time.Time) (starts []int, err error) {
	for at, matches := 0, 1; at <= len(text); matches++ {
		match := pattern.FindStringIndex(text[at:])
		if match == nil {
			return starts, nil
		}
		starts = append(starts, at+match[0])
		at += match[1]
		if match[0] == match[1] {
			_, size := utf8.DecodeRuneInString(text[at:])
			if size == surrogatePairBytes {
				starts = append(starts, at+size/2)
			}
			at += max(size, 1)
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

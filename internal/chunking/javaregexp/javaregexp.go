// Package javaregexp finds where the matches of a Java regular expression begin,
// as java.util.regex of Java 17 does with the flag MULTILINE.
//
// A pattern is parsed as Java does and written anew for Go's regexp when that
// finds the same matches, in time linear in the text for each, else for regexp2,
// which backtracks like Java.
//
// Not supported, and errors: \X, \G, \N{...}, \b{g}, the flag U, blocks
// (\p{In...}) and properties that the tables of Go lack. Classes of Unicode are
// those of Go's tables. Look-behinds may be of any length, where Java has limits.
// Matches begin and end between code points, where Java
// also finds empty ones between the halves of a surrogate pair.
package javaregexp

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// matchLimit bounds the search for one match, which no deadline interrupts.
const matchLimit = 2 * time.Second

// ErrTooSlow tells that a search was given up at its deadline.
var ErrTooSlow = errors.New("regular expression takes too long on this text")

// Regexp is a compiled pattern. It is safe for concurrent use.
type Regexp struct {
	// One of these is set: literal for a pattern without any operator.
	literal      string
	regular      *regexp.Regexp
	backtracking *regexp2.Regexp
}

// Compile reads a pattern. The error says what Java has against it, or what is
// not supported here.
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
	compiled, err := regexp2.Compile(w.out.String(), regexp2.None)
	if err != nil {
		return nil, fmt.Errorf("cannot be run: %w", err)
	}
	compiled.MatchTimeout = matchLimit
	return &Regexp{backtracking: compiled}, nil
}

// Starts appends to starts the offsets in bytes where the matches in text begin.
// The text, valid UTF-8, is all that a match can see. The error is ErrTooSlow, at
// the latest two seconds after the deadline.
func (r *Regexp) Starts(starts []int, text string, deadline time.Time) ([]int, error) {
	switch {
	case r.literal != "":
		return literalStarts(starts, text, r.literal), nil
	case r.regular != nil:
		return r.regularStarts(starts, text, deadline)
	}
	return backtrackingStarts(starts, text, r.backtracking, deadline)
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

// timeChecks is how many matches are found between two looks at the clock.
const timeChecks = 64

// regularStarts searches the rest of the text after each match: nothing regular
// sees what is before it. The search that comes with the package leaves out
// empty matches right after another.
func (r *Regexp) regularStarts(starts []int, text string, deadline time.Time) ([]int, error) {
	for at, matches := 0, 1; at <= len(text); matches++ {
		match := r.regular.FindStringIndex(text[at:])
		if match == nil {
			return starts, nil
		}
		starts = append(starts, at+match[0])
		if match[0] == match[1] {
			at += match[1] + runeLength(text[at+match[1]:])
		} else {
			at += match[1]
		}
		if matches%timeChecks == 0 && time.Now().After(deadline) {
			return nil, ErrTooSlow
		}
	}
	return starts, nil
}

// runeLength is that of the first code point, 1 for an empty text.
func runeLength(text string) int {
	_, size := utf8.DecodeRuneInString(text)
	return max(size, 1)
}

func backtrackingStarts(starts []int, text string, compiled *regexp2.Regexp, deadline time.Time) ([]int, error) {
	runes := []rune(text)
	for at, offset, counted := 0, 0, 0; at <= len(runes); {
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
		if at = match.Index + match.Length; match.Length == 0 {
			at++
		}
	}
	return starts, nil
}

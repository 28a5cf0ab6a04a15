// SPDX-License-Identifier: MPL-2.0

package javaregexp

import (
	"fmt"
	"slices"
	"sync"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/dlclark/regexp2"
)

// matchLimit is the longest time of the search for one match, which a deadline does
// not interrupt.
const matchLimit = 2 * time.Second

// backtracking is a pattern that is run by regexp2.
type backtracking struct {
	parsed
	// What the pattern has that makes its translation depend on the last match.
	hasLastMatchEnd, hasGraphemeEdge bool

	mu       sync.Mutex
	compiled map[situation]*regexp2.Regexp
}

// situation is the place of a search after a match. Translations of a pattern for
// other situations can differ.
type situation struct {
	// afterEmpty is set for a search after an empty match, which begins later than
	// that match ended.
	afterEmpty bool
	// edgeDistance is the number of places from the beginning of the search at which
	// \b{g} cannot match, because they are in the cluster at the end of the last match.
	edgeDistance int
}

// maxCompiled bounds the translations that are kept. Clusters have few lengths,
// unless a text is made to have many.
const maxCompiled = 64

// compile returns the pattern for a situation.
func (b *backtracking) compile(s situation) (*regexp2.Regexp, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if found, ok := b.compiled[s]; ok {
		return found, nil
	}
	compiled, err := regexp2.Compile(b.translate(s), regexp2.None)
	if err != nil {
		return nil, fmt.Errorf("cannot be run: %w", err)
	}
	compiled.MatchTimeout = matchLimit
	if len(b.compiled) >= maxCompiled {
		clear(b.compiled)
	}
	b.compiled[s] = compiled
	return compiled, nil
}

// search returns the pattern for a search from one place after a match that ended at
// another. Both are 0 before the first match.
func (b *backtracking) search(text []rune, at, last int, isAfterEmpty bool) (*regexp2.Regexp, error) {
	s := situation{afterEmpty: b.hasLastMatchEnd && isAfterEmpty}
	if b.hasGraphemeEdge {
		s.edgeDistance = nextBoundary(text, last) - at
	}
	return b.compile(s)
}

func (b *backtracking) starts(text string, deadline time.Time) (starts []int, err error) {
	runes := []rune(text)
	last, isAfterEmpty := 0, false
	for at, offset, counted := 0, 0, 0; at <= len(runes); {
		compiled, err := b.search(runes, at, last, isAfterEmpty)
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
				compiled, err := b.search(runes, at, last, true)
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

// SPDX-License-Identifier: MPL-2.0

package segment

import "unicode/utf8"

// Sentences iterates over the sentence boundaries of a text by the rules SB1 to
// SB998 of UAX 29. The start of the text is not among them.
type Sentences struct {
	index Index
	text  string

	// End is the current boundary.
	End int

	// scanned is the number of bytes read. Tests use it to check that the time is
	// linear.
	scanned int
}

// Sentences returns an iterator over the text of the index.
func (x Index) Sentences() Sentences { return Sentences{index: x, text: x.text} }

// Next moves to the next boundary. It returns false if there is none.
func (s *Sentences) Next() bool {
	if s.End == len(s.text) {
		return false
	}
	for i := s.End; ; {
		at, class, size := s.terminator(i)
		s.scanned += size
		switch class {
		case other:
			s.End = at
			return true
		case carriageReturn, lineFeed, separator:
			s.End = s.afterSeparator(at)
			return true
		}
		ends := false
		if i, ends = s.afterTerm(at, at+size, class); ends {
			s.End = i
			return true
		}
	}
}

// terminator finds the first separator, ATerm or STerm in text[i:], and returns its
// offset, its class and its size in bytes. At the end of the text it returns the
// class other.
func (s *Sentences) terminator(i int) (at int, class uint16, size int) {
	for i = s.index.terminator(i); i < len(s.text); i = s.index.terminator(i + 1) {
		value, size := property(s.text, i)
		if value&terminatorBit != 0 {
			return i, sentenceClass(value), size
		}
		s.scanned += size
	}
	return i, other, 0
}

// afterSeparator returns the offset after the paragraph separator at text[i:] (SB3,
// SB4).
func (s *Sentences) afterSeparator(i int) int {
	if s.text[i] == '\r' && i+1 < len(s.text) && s.text[i+1] == '\n' {
		return i + 2
	}
	_, size := property(s.text, i)
	return i + size
}

// afterTerm applies the rules SB6 to SB11 to the ATerm or STerm at term, which ends
// at i. It returns whether a sentence ends, and the end of it or the offset from
// which to search on.
func (s *Sentences) afterTerm(term, i int, class uint16) (end int, ends bool) {
	i = s.skipIgnored(i)
	if class == aTerm {
		switch s.class(i) {
		case numeric:
			return i, false
		case upper:
			if before := s.classBefore(term); before == upper || before == lower {
				return i, false
			}
		}
	}
	i = s.skip(s.skip(i, closing), space)
	if class == aTerm {
		if at, found := s.lowerAhead(i); found {
			return at, false
		}
	}
	switch s.class(i) {
	case sContinue, aTerm, sTerm:
		return i, false
	case carriageReturn, lineFeed, separator:
		return s.afterSeparator(i), true
	}
	return i, true
}

// class returns the class of the code point at text[i:], and other at the end.
func (s *Sentences) class(i int) uint16 {
	if i == len(s.text) {
		return other
	}
	value, _ := property(s.text, i)
	return sentenceClass(value)
}

// classBefore returns the class of the last code point before text[i:] that is not
// ignored.
func (s *Sentences) classBefore(i int) uint16 {
	for i > 0 {
		_, size := utf8.DecodeLastRuneInString(s.text[:i])
		i -= size
		s.scanned += size
		if class := s.class(i); class != extend && class != format {
			return class
		}
	}
	return other
}

// skip returns the offset after the code points of a class that follow, and after
// the ignored code points that follow each of them.
func (s *Sentences) skip(i int, class uint16) int {
	for i < len(s.text) {
		value, size := property(s.text, i)
		if sentenceClass(value) != class {
			break
		}
		s.scanned += size
		i = s.skipIgnored(i + size)
	}
	return i
}

// skipIgnored returns the offset after the code points that extend the one before
// (SB5).
func (s *Sentences) skipIgnored(i int) int {
	for i < len(s.text) {
		value, size := property(s.text, i)
		if class := sentenceClass(value); class != extend && class != format {
			break
		}
		s.scanned += size
		i += size
	}
	return i
}

// lowerAhead searches for a lower-case letter before any other letter, separator or
// terminator (SB8). It returns the offset at which the search ended.
func (s *Sentences) lowerAhead(i int) (at int, found bool) {
	for i < len(s.text) {
		value, size := property(s.text, i)
		switch sentenceClass(value) {
		case lower:
			return i, true
		case otherLetter, upper, carriageReturn, lineFeed, separator, aTerm, sTerm:
			return i, false
		}
		s.scanned += size
		i += size
	}
	return i, false
}

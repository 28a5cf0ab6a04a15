package segment

import "unicode/utf8"

// Sentences walks the sentence boundaries of a text by the rules SB1 to SB998
// of UAX 29, from its start, which is not told.
type Sentences struct {
	text string

	// End is the boundary.
	End int

	// looked is how many bytes were read: time is linear in it.
	looked int
}

// NewSentences answers a walk through text, which must be valid UTF-8.
func NewSentences(text string) Sentences { return Sentences{text: text} }

// Next goes on to the next boundary. It answers false when there is none.
func (s *Sentences) Next() bool {
	if s.End == len(s.text) {
		return false
	}
	for i := s.End; ; {
		at, class, size := s.terminator(i)
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

// stops marks the bytes that may begin a terminator.
var stops = func() (stops [256]bool) {
	for b := range stops {
		stops[b] = b >= 0x80
	}
	for _, b := range "\r\n.!?" {
		stops[b] = true
	}
	return stops
}()

// terminator finds the first separator, ATerm or STerm from text[i:] on, with
// its class and size. At the end of the text it answers the class other.
func (s *Sentences) terminator(i int) (at int, class uint16, size int) {
	defer func(start int) { s.looked += at + size - start }(i)
	for {
		for i < len(s.text) && !stops[s.text[i]] {
			i++
		}
		if i == len(s.text) {
			return i, other, 0
		}
		value, size := property(s.text, i)
		switch class := sentenceClass(value); class {
		case carriageReturn, lineFeed, separator, aTerm, sTerm:
			return i, class, size
		}
		i += size
	}
}

// afterSeparator is the offset after the paragraph separator at text[i:] (SB3,
// SB4).
func (s *Sentences) afterSeparator(i int) int {
	if s.text[i] == '\r' && i+1 < len(s.text) && s.text[i+1] == '\n' {
		return i + 2
	}
	_, size := property(s.text, i)
	return i + size
}

// afterTerm decides about the ATerm or STerm at term, which ends at i: either a
// sentence ends, and where, or where to look on (SB6 to SB11).
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

// class is that of the code point at text[i:], other at the end.
func (s *Sentences) class(i int) uint16 {
	if i == len(s.text) {
		return other
	}
	value, _ := property(s.text, i)
	return sentenceClass(value)
}

// classBefore is the class of the last code point before text[i:] that is not
// to be ignored.
func (s *Sentences) classBefore(i int) uint16 {
	for i > 0 {
		_, size := utf8.DecodeLastRuneInString(s.text[:i])
		i -= size
		s.looked += size
		if class := s.class(i); class != extend && class != format {
			return class
		}
	}
	return other
}

// skip passes code points of a class, and what is ignored after each.
func (s *Sentences) skip(i int, class uint16) int {
	for i < len(s.text) {
		value, size := property(s.text, i)
		if sentenceClass(value) != class {
			break
		}
		s.looked += size
		i = s.skipIgnored(i + size)
	}
	return i
}

// skipIgnored passes what extends the code point before (SB5).
func (s *Sentences) skipIgnored(i int) int {
	for i < len(s.text) {
		value, size := property(s.text, i)
		if class := sentenceClass(value); class != extend && class != format {
			break
		}
		s.looked += size
		i += size
	}
	return i
}

// lowerAhead looks for a lower-case letter before any other letter, separator
// or terminator (SB8).
func (s *Sentences) lowerAhead(i int) (at int, found bool) {
	for i < len(s.text) {
		value, size := property(s.text, i)
		switch sentenceClass(value) {
		case lower:
			return i, true
		case otherLetter, upper, carriageReturn, lineFeed, separator, aTerm, sTerm:
			return i, false
		}
		s.looked += size
		i += size
	}
	return i, false
}

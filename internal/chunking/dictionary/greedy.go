package dictionary

const (
	bytesPerRune = 3

	// A word shorter than this takes in what follows when that is unknown, and
	// shares a shorter beginning than this with any word.
	shortWord   = 3
	shortPrefix = 3
)

// Greedy cuts the runs of one script by taking at each place the longest word
// that lets more words follow.
type Greedy struct {
	script func() *script
	// minRun is the length below which a run is not cut.
	minRun int
}

// Cut appends to cuts the boundaries inside of the run text[start:end].
func (g Greedy) Cut(cuts []int, text string, start, end int) []int {
	if end-start < g.minRun*bytesPerRune {
		return cuts
	}
	var buffer [128]byte
	s := search{script: g.script(), codes: buffer[:0:64], traits: buffer[64:64]}
	for _, r := range text[start:end] {
		s.codes = append(s.codes, s.trie.code(r))
		s.traits = append(s.traits, s.trait(r))
	}
	for at := s.word(0); at < len(s.codes); at += s.word(at) {
		cuts = append(cuts, start+at*bytesPerRune)
	}
	return cuts
}

// search is the state of cutting one run. Places in it are counted in code
// points.
type search struct {
	*script
	codes  []byte
	traits []uint8
	known  [8]candidates
}

// candidates are the words at one place, and how far the search for them
// looked.
type candidates struct {
	lengths
	looked int
	key    int // the place plus one, 0 before there is one
}

// at looks up the words at a place, which the look-ahead asks for repeatedly.
func (s *search) at(place int) *candidates {
	c := &s.known[place%len(s.known)]
	if c.key != place+1 {
		c.key = place + 1
		c.looked = s.trie.words(s.codes[place:], &c.lengths)
	}
	return c
}

// word is the length of the word at a place, known or not, with what sticks to
// it.
func (s *search) word(place int) (length int) {
	length = s.best(place)
	if place+length < len(s.codes) && length < shortWord {
		length += s.unknown(place+length, length > 0)
	}
	for place+length < len(s.traits) && s.traits[place+length]&mark != 0 {
		length++
	}
	return length + s.suffix(place+length)
}

// best chooses among the words at a place the longest that two more words can
// follow, else the shortest that one can follow, else the longest; 0 if there is
// none.
func (s *search) best(place int) int {
	// Copies, for the entries in known are soon taken by other places.
	first := s.at(place).lengths
	if first.count == 0 {
		return 0
	}
	best := first.longest()
	if first.count == 1 || place+best == len(s.codes) {
		return best
	}
	for i := int(first.count) - 1; i >= 0; i-- {
		after := place + first.at(i)
		second := s.at(after).lengths
		if second.count == 0 {
			continue
		}
		best = first.at(i)
		if after+second.longest() == len(s.codes) {
			return best
		}
		for j := int(second.count) - 1; j >= 0; j-- {
			if s.at(after+second.at(j)).count > 0 {
				return best
			}
		}
	}
	return best
}

// unknown is how many code points at a place belong to no word and hence to the
// short word before, if there is one: up to where a word can begin and does.
func (s *search) unknown(place int, afterWord bool) (length int) {
	here := s.at(place)
	if here.count > 0 || afterWord && here.looked >= shortPrefix {
		return 0
	}
	for length = 1; place+length < len(s.codes); length++ {
		next := place + length
		if s.traits[next-1]&noEnd == 0 && s.traits[next]&beginning != 0 && s.at(next).count > 0 {
			break
		}
	}
	return length
}

// suffix is how many signs of elision and repetition at a place belong to the
// word before it: one of each, and none before a known word.
func (s *search) suffix(place int) (length int) {
	if place == len(s.traits) || s.traits[place]&(elision|repetition) == 0 || s.at(place).count > 0 {
		return 0
	}
	if s.traits[place]&elision != 0 && s.traits[place-1]&(elision|repetition) == 0 {
		length++
	}
	next := place + length
	if next < len(s.traits) && s.traits[next]&repetition != 0 && s.traits[next-1]&repetition == 0 {
		length++
	}
	return length
}

// Package dictionary cuts runs of a script that writes without spaces into
// words, as ICU4J 77 does with the same dictionaries: Han with kana by the
// cheapest path, Thai, Lao, Khmer and Burmese by the longest words that let
// more words follow.
//
// The dictionaries are embedded compressed and unpacked when the first run needs
// them. Texts must be valid UTF-8, offsets are bytes.
package dictionary

// maxCandidates is how many words ICU considers at one place.
const maxCandidates = 20

// lengths are those of the words that begin at one place, ascending.
type lengths struct {
	values [maxCandidates]uint8
	count  uint8
}

func (l *lengths) add(length int) {
	if l.count < maxCandidates {
		l.values[l.count] = uint8(length) //nolint:gosec // no word is that long
		l.count++
	}
}

func (l *lengths) at(i int) int { return int(l.values[i]) }

func (l *lengths) longest() int { return l.at(int(l.count) - 1) }

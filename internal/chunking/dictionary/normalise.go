package dictionary

import "golang.org/x/text/unicode/norm"

// normalised is a run in the form NFKC, in which the dictionary is.
type normalised struct {
	runes []rune
	// offsets says where in the run each code point begins, and one more where
	// the run ends. All code points that one part of the run was expanded to
	// begin with the part.
	offsets []int
}

// normalise needs the package norm only from the code point before the first
// that is not plain, which may combine with it.
func (n *normalised) normalise(run string) {
	n.runes, n.offsets = n.runes[:0], n.offsets[:0]
	before := 0
	for i, r := range run {
		if !isPlain(r) {
			n.normaliseRest(run, before)
			break
		}
		n.runes, n.offsets = append(n.runes, r), append(n.offsets, i)
		before = i
	}
	n.offsets = append(n.offsets, len(run))
}

// isPlain tells whether NFKC leaves a code point of a run alone, whatever stands
// around it: hiragana, katakana, the main block of ideographs with its first
// extension, and the iteration mark.
func isPlain(r rune) bool {
	return r >= 0x3400 && r <= 0x9FFF || r >= 0x3041 && r <= 0x30FE && r != 0x309F || r >= 0x3005 && r <= 0x3007
}

// normaliseRest goes on from the last code point taken, if there is one, which
// begins at start.
func (n *normalised) normaliseRest(run string, start int) {
	if len(n.runes) > 0 {
		n.runes, n.offsets = n.runes[:len(n.runes)-1], n.offsets[:len(n.offsets)-1]
	}
	for start < len(run) {
		size := norm.NFKC.NextBoundaryInString(run[start:], true)
		for _, r := range norm.NFKC.String(run[start : start+size]) {
			n.runes, n.offsets = append(n.runes, r), append(n.offsets, start)
		}
		start += size
	}
}

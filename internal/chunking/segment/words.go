package segment

// Status tells what kind of segment a word boundary ends. Anything but None is
// a word.
type Status int

// The statuses, with ICU's numbers.
const (
	None        Status = 0
	Number      Status = 100
	Letter      Status = 200
	Ideographic Status = 400
)

// statusOf decodes the last column of wordStates; code 0 is no boundary.
var statusOf = [...]Status{None, None, Number, Letter, Ideographic}

// Words walks the word boundaries of a text, from its start, which is not told.
type Words struct {
	text string

	// End is the boundary, Status that of the segment before it.
	End    int
	Status Status

	// cuts are boundaries in the segment that ends at segmentEnd, still to be
	// told.
	cuts       []int
	segmentEnd int
	buffer     []int

	// looked is how many bytes the state machine read: time is linear in it.
	looked int
}

// NewWords answers a walk through text, which must be valid UTF-8.
func NewWords(text string) Words { return Words{text: text} }

// Next goes on to the next boundary. It answers false when there is none.
func (w *Words) Next() bool {
	if w.inSegment() {
		w.nextCut()
		return true
	}
	if w.End == len(w.text) {
		return false
	}
	w.nextByRules()
	return true
}

// inSegment tells that the boundary is a cut within a segment.
func (w *Words) inSegment() bool { return w.End < w.segmentEnd }

// jump goes on to a boundary that is known from elsewhere.
func (w *Words) jump(end int) { w.End, w.segmentEnd = end, end }

func (w *Words) nextCut() {
	if len(w.cuts) == 0 {
		w.End = w.segmentEnd
		return
	}
	w.End, w.cuts = w.cuts[0], w.cuts[1:]
}

// nextByRules runs the state machine as far as a rule goes on; the segment ends
// where it last could.
func (w *Words) nextByRules() {
	text, start, end := w.text, w.End, 0
	code, engines := uint8(0), uint16(0)
	i := start
	for state := 1; i < len(text); {
		value, size := uint16(0), 1
		if b := text[i]; b < 0x80 {
			value = asciiProperty(b)
		} else {
			value, size = property(text, i)
		}
		state = int(wordStates[state<<categoryBits|int(value&categoryMask)])
		if state == 0 {
			break
		}
		i += size
		engines |= value >> engineShift
		if accepted := wordStates[state<<categoryBits|categoryMask]; accepted != 0 {
			end, code = i, accepted
		}
	}
	w.looked += i - start
	w.Status = statusOf[code]
	w.End, w.segmentEnd = end, end
	if engines != engineNone {
		w.cut(start)
	}
}

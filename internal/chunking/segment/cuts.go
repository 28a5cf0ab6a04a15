package segment

import "github.com/terraform-provider-inference/terraform-provider-inference/internal/chunking/dictionary"

// cut looks up in dictionaries where the segment from start to segmentEnd is to
// be cut, and moves End to the first cut.
func (w *Words) cut(start int) {
	cuts := w.buffer[:0]
	for i := start; i < w.segmentEnd; {
		engine, end := w.run(i)
		switch engine {
		case engineHan:
			cuts = dictionary.Han.AppendBoundaries(cuts, w.text, i, end)
		case engineThai:
			cuts = dictionary.Thai.AppendBoundaries(cuts, w.text, i, end)
		case engineLao:
			cuts = dictionary.Lao.AppendBoundaries(cuts, w.text, i, end)
		case engineKhmer:
			cuts = dictionary.Khmer.AppendBoundaries(cuts, w.text, i, end)
		case engineBurmese:
			cuts = dictionary.Burmese.AppendBoundaries(cuts, w.text, i, end)
		}
		i = end
	}
	w.buffer, w.cuts = cuts, cuts
	w.nextCut()
}

// run answers the engine of the code point at text[i:] and where its run ends,
// at the latest at the end of the segment.
func (w *Words) run(i int) (engine uint16, end int) {
	value, size := property(w.text, i)
	engine = value >> engineShift
	switch engine {
	case engineHanCommon:
		engine = engineHan
	case engineHanExtend:
		engine = engineNone
	}
	for i += size; i < w.segmentEnd; i += size {
		value, size = property(w.text, i)
		if !continues(engine, value>>engineShift) {
			break
		}
	}
	return engine, i
}

// continues tells whether a code point of the engine next goes on with a run of
// engine.
func continues(engine, next uint16) bool {
	if engine == next {
		return true
	}
	return (engine == engineHan || engine == engineCommon) && next >= engineHanCommon
}

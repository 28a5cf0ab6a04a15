package bedrocksim

import (
	"hash/fnv"
	"math"
	"strings"
	"unicode"
)

// placesPerWord spreads a word over several dimensions, so that two words that
// meet in one of them are still far from equal.
const placesPerWord = 8

// vector is a text's embedding, of length 1: the sum of its words, each of which
// adds or subtracts 1 at places of its own. The cosine of two texts is thus,
// but for chance meetings, that of their counts of words.
func vector(text string, dimensions int) []float32 {
	sums := make([]float64, dimensions)
	for _, word := range words(text) {
		place(sums, word)
	}
	length := norm(sums)
	if length == 0 { // no words, or words that cancel each other out
		place(sums, text)
		length = norm(sums)
	}
	unit := make([]float32, dimensions)
	for i, sum := range sums {
		unit[i] = float32(sum / length)
	}
	return unit
}

func place(sums []float64, word string) {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(word))
	state := hash.Sum64()
	taken := map[uint64]bool{}
	for len(taken) < placesPerWord {
		state = scramble(state)
		at := state >> 1 % uint64(len(sums))
		if taken[at] { // or the word could cancel itself
			continue
		}
		taken[at] = true
		sums[at] += float64(state&1)*2 - 1
	}
}

// scramble is the finalizer of SplitMix64: a permutation of the 64-bit numbers.
func scramble(state uint64) uint64 {
	state += 0x9e3779b97f4a7c15
	state = (state ^ state>>30) * 0xbf58476d1ce4e5b9
	state = (state ^ state>>27) * 0x94d049bb133111eb
	return state ^ state>>31
}

func norm(vector []float64) float64 {
	var sum float64
	for _, x := range vector {
		sum += x * x
	}
	return math.Sqrt(sum)
}

// words are the runs of letters and digits, in lower case.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsNumber(r)
	})
}

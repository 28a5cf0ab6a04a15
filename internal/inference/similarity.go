package inference

import (
	"errors"
	"math"
)

// The reasons why vectors have no cosine.
var (
	ErrEmptyVector = errors.New("the vector is empty")
	ErrZeroVector  = errors.New("the vector is all zeros")
	ErrDimensions  = errors.New("the vectors have different lengths")
)

// CheckVector tells whether a vector points anywhere: ErrEmptyVector and
// ErrZeroVector do not.
func CheckVector(vector []float64) error {
	switch {
	case len(vector) == 0:
		return ErrEmptyVector
	case largest(vector) == 0:
		return ErrZeroVector
	}
	return nil
}

// CosineSimilarity is the cosine of the angle between two vectors: 1 where they
// point the same way, 0 where they have nothing in common.
func CosineSimilarity(a, b []float64) (float64, error) {
	// Lengths come before zeros: those of two models are not mended by another
	// text.
	switch err := errors.Join(CheckVector(a), CheckVector(b)); {
	case errors.Is(err, ErrEmptyVector):
		return 0, ErrEmptyVector
	case len(a) != len(b):
		return 0, ErrDimensions
	case err != nil:
		return 0, ErrZeroVector
	}
	largestA, largestB := largest(a), largest(b)
	var dot, lengthA, lengthB float64
	for i := range a {
		// The scale keeps the squares of very large and very small numbers
		// within what a float64 holds.
		x, y := a[i]/largestA, b[i]/largestB
		dot += x * y
		lengthA += x * x
		lengthB += y * y
	}
	// One root of the product makes a vector's cosine with itself exactly 1.
	return max(-1, min(1, dot/math.Sqrt(lengthA*lengthB))), nil
}

func largest(vector []float64) float64 {
	var largest float64
	for _, x := range vector {
		largest = max(largest, math.Abs(x))
	}
	return largest
}

// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"errors"
	"math"
)

// The reasons why a cosine is not defined.
var (
	ErrEmptyVector = errors.New("the vector is empty")
	ErrZeroVector  = errors.New("the vector is all zeros")
	ErrDimensions  = errors.New("the vectors have different lengths")
)

// CheckVector returns ErrEmptyVector or ErrZeroVector if a vector has no direction.
func CheckVector(vector []float64) error {
	switch {
	case len(vector) == 0:
		return ErrEmptyVector
	case largest(vector) == 0:
		return ErrZeroVector
	}
	return nil
}

// CosineSimilarity returns the cosine of the angle between two vectors: 1 for the
// same direction, 0 for orthogonal vectors.
func CosineSimilarity(a, b []float64) (float64, error) {
	// Different lengths are reported before zeros: they come from different models,
	// which another text does not change.
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
		// Scaling keeps the squares of very large and very small numbers within the
		// range of a float64.
		x, y := a[i]/largestA, b[i]/largestB
		dot += x * y
		lengthA += x * x
		lengthB += y * y
	}
	// One square root of the product makes the cosine of a vector with itself exactly 1.
	return max(-1, min(1, dot/math.Sqrt(lengthA*lengthB))), nil
}

func largest(vector []float64) float64 {
	var largest float64
	for _, x := range vector {
		largest = max(largest, math.Abs(x))
	}
	return largest
}

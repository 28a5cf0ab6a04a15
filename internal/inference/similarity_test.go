// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"errors"
	"math"
	"testing"
)

func TestCosineSimilarity(t *testing.T) {
	for name, c := range map[string]struct {
		a, b []float64
		want float64
	}{
		"same":         {[]float64{0.1, 0.2, 0.3}, []float64{0.1, 0.2, 0.3}, 1},
		"same way":     {[]float64{1, 2, 3}, []float64{2, 4, 6}, 1},
		"opposite":     {[]float64{1, 2}, []float64{-1, -2}, -1},
		"at an angle":  {[]float64{1, 0}, []float64{1, 1}, math.Sqrt2 / 2},
		"orthogonal":   {[]float64{1, 0}, []float64{0, 1}, 0},
		"one number":   {[]float64{-3}, []float64{5}, -1},
		"very large":   {[]float64{1e300, 1e300}, []float64{1e300, 0}, math.Sqrt2 / 2},
		"very small":   {[]float64{1e-300, 1e-300}, []float64{1e-300, 0}, math.Sqrt2 / 2},
		"large, small": {[]float64{1e300, 0}, []float64{1e-300, 0}, 1},
	} {
		got, err := CosineSimilarity(c.a, c.b)
		if err != nil || math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
		}
		if back, err := CosineSimilarity(c.b, c.a); err != nil || back != got {
			t.Errorf("%s: %v one way, %v the other, %v", name, got, back, err)
		}
	}
}

func TestNoCosine(t *testing.T) {
	for name, c := range map[string]struct {
		a, b []float64
		want error
	}{
		"empty":             {nil, []float64{1}, ErrEmptyVector},
		"zeros":             {[]float64{1, 2}, []float64{0, 0}, ErrZeroVector},
		"lengths":           {[]float64{1, 2}, []float64{1}, ErrDimensions},
		"lengths and zeros": {[]float64{1, 2}, []float64{0}, ErrDimensions},
		"empty and zeros":   {nil, []float64{0}, ErrEmptyVector},
	} {
		for _, pair := range [][2][]float64{{c.a, c.b}, {c.b, c.a}} {
			if got, err := CosineSimilarity(pair[0], pair[1]); got != 0 || !errors.Is(err, c.want) {
				t.Errorf("%s: %v, %v; want %v", name, got, err, c.want)
			}
		}
	}
}

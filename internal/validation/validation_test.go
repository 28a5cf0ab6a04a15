// SPDX-License-Identifier: MPL-2.0

package validation_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

func parse(t *testing.T, digits string) *big.Float {
	t.Helper()
	number, _, err := big.ParseFloat(digits, 10, 512, big.ToNearestEven)
	if err != nil {
		t.Fatal(err)
	}
	return number
}

func TestWholeNumber(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]struct {
		value   int64
		problem string
	}{
		"0":                                {0, ""},
		"-7":                               {-7, ""},
		"1e3":                              {1000, ""},
		"9223372036854775807":              {math.MaxInt64, ""},
		"-9223372036854775808":             {math.MinInt64, ""},
		"1.5":                              {0, "a.b: Not a whole number: b is 1.5. Write 1."},
		"0.000000000000000000000000000001": {0, "a.b: Not a whole number: b is 1e-30. Write 1."},
		"9223372036854775808":              {0, "a.b: Number too large: b is 9.223372037e+18. Write 1."},
		"-1e400":                           {0, "a.b: Number too small: b is -1e+400. Write 1."},
		"1e400":                            {0, "a.b: Number too large: b is 1e+400. Write 1."},
	} {
		check(t, written, validation.WholeNumber(parse(t, written)), want.value, want.problem)
	}
}

func TestFloat(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]struct {
		value   float64
		problem string
	}{
		"0":                                {0, ""},
		"0.3":                              {0.3, ""},
		"1e-320":                           {1e-320, ""},
		"0.333333333333333333333333333333": {1.0 / 3, ""},
		"1e400":                            {0, "a.b: Number exceeds 64 bits: b is 1e+400. Write 1."},
		"-1e400":                           {0, "a.b: Number exceeds 64 bits: b is -1e+400. Write 1."},
		"1e-400":                           {0, "a.b: Number exceeds 64 bits: b is 1e-400. Write 1."},
	} {
		check(t, written, validation.Float(parse(t, written)), want.value, want.problem)
	}
}

func check[T comparable](t *testing.T, written string, setting validation.Setting[T], want T, problem string) {
	t.Helper()
	if found := validation.Malformed("a.b", setting, "Write 1.").Error(); found != problem {
		t.Errorf("%s: got %q, want %q", written, found, problem)
	}
	if value, known := setting.Known(); value != want || known != (problem == "") {
		t.Errorf("%s: got %v (known: %t), want %v", written, value, known, want)
	}
	if setting.IsUnknown() != (problem != "") || setting.Absent() {
		t.Errorf("%s: a malformed setting counts as unknown, any other does not", written)
	}
}

// SPDX-License-Identifier: MPL-2.0

package validation

import (
	"math"
	"math/big"
)

// WholeNumber returns a number of a configuration as an integer. A number that is
// not a whole one, or exceeds 64 bits, is a malformed setting.
func WholeNumber(number *big.Float) Setting[int64] {
	value, accuracy := number.Int64()
	switch {
	case accuracy == big.Exact:
		return Given(value)
	case number.IsInt():
		return malformed[int64]("Number too large", "%s is %s. Write a whole number, of at most %d.", shortNumber(number), int64(math.MaxInt64))
	}
	return malformed[int64]("Not a whole number", "%s is %s. Write a whole number.", shortNumber(number))
}

// Float returns a number of a configuration as the nearest float64. A number whose
// nearest float64 is infinite, or 0 although the number is not, is a malformed
// setting.
func Float(number *big.Float) Setting[float64] {
	value, accuracy := number.Float64()
	if math.IsInf(value, 0) || value == 0 && accuracy != big.Exact {
		return malformed[float64]("Number exceeds 64 bits", "%s is %s. Write a number that fits into 64 bits, such as 0.5.", shortNumber(number))
	}
	return Given(value)
}

// shortNumber shows a number, of which Terraform keeps up to 155 digits.
func shortNumber(number *big.Float) string { return number.Text('g', 10) }

// problem is why a value cannot be a setting. The detail begins with the name of
// the setting.
type problem struct {
	summary, detail string
	args            []any
}

func malformed[T any](summary, detail string, args ...any) Setting[T] {
	return Setting[T]{unknown: true, problem: &problem{summary, detail, args}}
}

// Malformed returns the violation of a setting whose value does not have the type
// of the setting, such as a fraction for a whole number. Every other rule treats
// such a setting as unknown.
func Malformed[T any](path Path, setting Setting[T]) Violations {
	p := setting.problem
	if p == nil {
		return nil
	}
	return Violations{Errorf(path, p.summary, p.detail, append([]any{path.Name()}, p.args...)...)}
}

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
	case !number.IsInt():
		return malformed[int64]("Not a whole number", number)
	case number.Signbit():
		return malformed[int64]("Number too small", number)
	}
	return malformed[int64]("Number too large", number)
}

// Float returns a number of a configuration as the nearest float64. A number whose
// nearest float64 is infinite, or 0 although the number is not, is a malformed
// setting.
func Float(number *big.Float) Setting[float64] {
	value, accuracy := number.Float64()
	if math.IsInf(value, 0) || value == 0 && accuracy != big.Exact {
		return malformed[float64]("Number exceeds 64 bits", number)
	}
	return Given(value)
}

// problem is why a number cannot be a setting.
type problem struct {
	summary string
	number  string
}

// malformed returns a setting with a problem. It shows 10 of the up to 155 digits that
// Terraform keeps of a number.
func malformed[T any](summary string, number *big.Float) Setting[T] {
	return Setting[T]{unknown: true, problem: &problem{summary, number.Text('g', 10)}}
}

// Advice for numbers that have no narrower bounds than their type.
const (
	AnyWholeNumber = "Write a whole number from -9223372036854775808 to 9223372036854775807."
	AnyFloat       = "Write a number that fits into 64 bits, such as 0.5."
)

// Malformed returns the violation of a setting whose value does not have the type
// of the setting, such as a fraction for a whole number. Every other rule treats
// such a setting as unknown, so advice is a sentence with the bounds of that
// setting.
func Malformed[T any](path Path, setting Setting[T], advice string) Violations {
	if setting.problem == nil {
		return nil
	}
	return Violations{Errorf(path, setting.problem.summary, "%s is %s. %s", path.Name(), setting.problem.number, advice)}
}

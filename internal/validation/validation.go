// SPDX-License-Identifier: MPL-2.0

// Package validation is what rules about a configuration are made of: settings
// that may be unknown, the paths of settings, and violations at a path. It knows
// nothing of any particular configuration.
package validation

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
)

// Setting is a value of a configuration: set, absent, or not known yet. The zero
// value is absent. A rule that needs an unknown value reports nothing; it runs
// again when the value is known.
type Setting[T any] struct {
	value   T
	given   bool
	unknown bool
	problem *problem // why the value is malformed, which counts as unknown
}

// Given returns a setting with a known value.
func Given[T any](value T) Setting[T] { return Setting[T]{value: value, given: true} }

// Unknown returns a setting whose value is not known yet, such as an attribute of
// a resource that does not exist yet.
func Unknown[T any]() Setting[T] { return Setting[T]{unknown: true} }

// Known returns the value, and whether it is set and known.
func (s Setting[T]) Known() (T, bool) { return s.value, s.given }

// Or returns the value, or fallback if it is absent or unknown.
func (s Setting[T]) Or(fallback T) T {
	if s.given {
		return s.value
	}
	return fallback
}

// IsGiven reports whether the value is set and known. An unknown value may turn
// out to be absent.
func (s Setting[T]) IsGiven() bool { return s.given }

// Absent reports whether the setting is absent, which an unknown one is not.
func (s Setting[T]) Absent() bool { return !s.given && !s.unknown }

// IsUnknown reports whether the value is not known yet.
func (s Setting[T]) IsUnknown() bool { return s.unknown }

// Path is the place of a setting in a configuration, with its parts joined by
// dots: "service_settings.rate_limit.requests_per_minute". A part that is a
// number is a list index: "chunking_settings.separators.0".
type Path string

// Parts returns the names and indices of the path, outermost first.
func (p Path) Parts() []string { return strings.Split(string(p), ".") }

// Name returns the last part of the path.
func (p Path) Name() string { return string(p)[strings.LastIndexByte(string(p), '.')+1:] }

// Violation is an error or a warning about one setting.
type Violation struct {
	// Path is the setting to change.
	Path Path
	// Summary says in a few words what is wrong.
	Summary string
	// Detail gives the value found, the rule, and what to write instead. It never
	// contains a secret.
	Detail string
	// Warning is true if the configuration is allowed nevertheless.
	Warning bool
	// Rule identifies the violated rule, if it has a name.
	Rule Rule
	// Bound is the limit of the rules AtLeast and AtMost.
	Bound float64
}

// Errorf returns a violation that forbids a configuration.
func Errorf(path Path, summary, detail string, args ...any) Violation {
	return Violation{Path: path, Summary: summary, Detail: fmt.Sprintf(detail, args...)}
}

// Warningf returns a violation that is a warning.
func Warningf(path Path, summary, detail string, args ...any) Violation {
	violation := Errorf(path, summary, detail, args...)
	violation.Warning = true
	return violation
}

// WithRule returns the violation with the name of the violated rule.
func (v Violation) WithRule(rule Rule) Violation {
	v.Rule = rule
	return v
}

// WithBound returns the violation with the violated rule and its limit.
func (v Violation) WithBound(rule Rule, bound float64) Violation {
	v.Rule, v.Bound = rule, bound
	return v
}

// Violations are all violations of one configuration, in the order of its
// settings.
type Violations []Violation

// Errors returns the violations that are not warnings.
func (v Violations) Errors() Violations {
	return slices.DeleteFunc(slices.Clone(v), func(violation Violation) bool { return violation.Warning })
}

// Error joins all violations, for callers that do not show them by path.
func (v Violations) Error() string {
	lines := make([]string, len(v))
	for i, violation := range v {
		lines[i] = fmt.Sprintf("%s: %s: %s", violation.Path, violation.Summary, violation.Detail)
	}
	return strings.Join(lines, "\n")
}

// IsDeferred reports whether the value of a setting is not available yet, because
// it is unknown or comes from a place that was not read. nil reports false.
type IsDeferred func(Path) bool

// Any reports whether one of the settings is deferred.
func (d IsDeferred) Any(paths ...Path) bool { return d != nil && slices.ContainsFunc(paths, d) }

// Rule names a rule, for callers with their own text for its violation, as
// Elasticsearch's _inference API has. Rules without such a text have no name.
type Rule string

// The rules that Elasticsearch has as well.
const (
	// IDForm is the syntax of an inference id.
	IDForm Rule = "id_form"
	// AtLeast and AtMost are the bounds of a number.
	AtLeast Rule = "at_least"
	AtMost  Rule = "at_most"
	// AboveZero requires an integer above 0.
	AboveZero Rule = "above_zero"
	// NotNegative requires an integer of at least 0.
	NotNegative Rule = "not_negative"
	// ZeroOrOne is the range of sentence_overlap.
	ZeroOrOne Rule = "zero_or_one"
	// OneOf requires a value of a fixed set.
	OneOf Rule = "one_of"
	// NotEmpty requires a non-empty string.
	NotEmpty Rule = "not_empty"
	// Missing requires a setting that is absent.
	Missing Rule = "missing"
	// KeyPair requires both keys; the path is that of the missing one.
	KeyPair Rule = "key_pair"
	// TaskOfProvider, TopKOfProvider and TruncateOfProvider are what the models of
	// a provider support.
	TaskOfProvider     Rule = "task_of_provider"
	TopKOfProvider     Rule = "top_k_of_provider"
	TruncateOfProvider Rule = "truncate_of_provider"
	// InputTypeOfTask allows an input type for embeddings only.
	InputTypeOfTask Rule = "input_type_of_task"
	// SettingOfStrategy requires that the chunking strategy has the setting.
	SettingOfStrategy Rule = "setting_of_strategy"
	// OneSeparatorSet and SomeSeparators are the rules of separators.
	OneSeparatorSet Rule = "one_separator_set"
	SomeSeparators  Rule = "some_separators"
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

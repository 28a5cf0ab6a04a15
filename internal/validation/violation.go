package validation

import (
	"fmt"
	"slices"
	"strings"
)

// Path names a setting by its place in an endpoint's configuration, parts
// joined by dots: "service_settings.rate_limit.requests_per_minute". A part of
// digits is the index of a list: "chunking_settings.separators.0".
type Path string

// Parts returns the names and indices along the path, outermost first.
func (p Path) Parts() []string { return strings.Split(string(p), ".") }

// Name is the innermost part: the setting's own name.
func (p Path) Name() string { return string(p)[strings.LastIndexByte(string(p), '.')+1:] }

// Violation is one fault found by a rule, at the setting that is wrong.
type Violation struct {
	// Path is the setting to change.
	Path Path
	// Summary says what is wrong in a few words.
	Summary string
	// Detail gives the value found, the rule, and what to write instead.
	// It never holds a key.
	Detail string
	// Warning marks what is suspicious but allowed.
	Warning bool
	// Rule is the rule that was broken, where it has a name.
	Rule Rule
	// Bound is the limit of the rules AtLeast and AtMost.
	Bound float64
}

// Violations are the faults of one configuration, in the order of its settings.
type Violations []Violation

// Errors are the violations that forbid the configuration.
func (v Violations) Errors() Violations {
	var errs Violations
	for _, violation := range v {
		if !violation.Warning {
			errs = append(errs, violation)
		}
	}
	return errs
}

// Error renders the violations for callers without attribute paths of their own.
func (v Violations) Error() string {
	lines := make([]string, len(v))
	for i, violation := range v {
		lines[i] = fmt.Sprintf("%s: %s: %s", violation.Path, violation.Summary, violation.Detail)
	}
	return strings.Join(lines, "\n")
}

func Errorf(path Path, summary, detail string, args ...any) Violation {
	return Violation{Path: path, Summary: summary, Detail: fmt.Sprintf(detail, args...)}
}

func (v Violation) WithRule(rule Rule) Violation {
	v.Rule = rule
	return v
}

func (v Violation) WithBound(rule Rule, bound float64) Violation {
	v.Rule, v.Bound = rule, bound
	return v
}

func Warningf(path Path, summary, detail string, args ...any) Violation {
	violation := Errorf(path, summary, detail, args...)
	violation.Warning = true
	return violation
}

// Open tells of settings whether they may yet be given: those whose values are
// not known yet, or stand where it was not looked. nil is none.
type IsDeferred func(Path) bool

// Any tells whether one of the settings is open.
func (o IsDeferred) Any(paths ...Path) bool { return o != nil && slices.ContainsFunc(paths, o) }

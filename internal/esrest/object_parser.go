// SPDX-License-Identifier: MPL-2.0

package esrest

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// ObjectParser reads an object field by field, with the rules and messages of the
// class of that name in Elasticsearch: unknown fields and wrong kinds of values
// are refused, and the first fault ends the parsing.
type ObjectParser struct {
	// Name stands for the object in messages.
	Name   string
	Fields []ObjectField
	// Required are the fields that must be present.
	Required []string
	// Done, if set, checks the object once all fields are read.
	Done func(end Location) *Failure
}

// ObjectField is a field of an ObjectParser.
type ObjectField struct {
	Name string
	// Kinds are the accepted kinds of values.
	Kinds []Kind
	// Read takes the value. Its failure is wrapped in one about the field.
	Read func(Value) *Failure
}

// Failure is an error, and how far the parser had read when it happened.
type Failure struct {
	Problem *Error
	At      Location
}

// Fail returns a failure at a location that the message does not name.
func Fail(at Location, problem *Error) *Failure { return &Failure{problem, at} }

// FailIf returns a failure at a location, or nil if there is no problem.
func FailIf(at Location, problem *Error) *Failure {
	if problem == nil {
		return nil
	}
	return Fail(at, problem)
}

// Parse reads an object.
func (p ObjectParser) Parse(value Value) *Failure {
	if value.Kind != KindObject {
		return p.fail(value.Start, value.Start, "Expected START_OBJECT but was: %s", value.Kind)
	}
	for _, field := range value.Fields {
		index := slices.IndexFunc(p.Fields, func(known ObjectField) bool { return known.Name == field.Name })
		if index < 0 {
			names := make([]string, len(p.Fields))
			for i, known := range p.Fields {
				names[i] = known.Name
			}
			return p.fail(field.Start, field.Value.Start, "unknown field [%s]%s", field.Name, DidYouMean(field.Name, names))
		}
		known := p.Fields[index]
		if !slices.Contains(known.Kinds, field.Value.Kind) {
			return p.fail(field.Value.Start, field.Value.Start, "%s doesn't support values of type: %s", field.Name, field.Value.Kind)
		}
		if failure := known.Read(field.Value); failure != nil {
			wrapped := p.fail(failure.At, failure.At, "failed to parse field [%s]", field.Name)
			wrapped.Problem.Cause = failure.Problem
			return wrapped
		}
	}
	var missing []string
	for _, name := range p.Required {
		if _, given := value.Field(name); !given {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return Fail(value.End, IllegalArgument("Required [%s]", strings.Join(missing, ", ")))
	}
	if p.Done != nil {
		return p.Done(value.End)
	}
	return nil
}

func (p ObjectParser) fail(named, at Location, format string, args ...any) *Failure {
	return Fail(at, ParseError("%s [%s] %s", named, p.Name, fmt.Sprintf(format, args...)))
}

// ReadText returns a field that reads a string.
func ReadText(name string, to *string) ObjectField {
	return ObjectField{name, []Kind{KindString}, func(value Value) *Failure { *to = value.Text; return nil }}
}

// ReadTextOrNumber reads what parser.text() of Elasticsearch accepts in a list of
// strings: strings, numbers and booleans.
func ReadTextOrNumber(value Value) (string, *Failure) {
	if value.Kind == KindString || value.Kind == KindNumber || value.Kind == KindBool {
		return value.Text, nil
	}
	return "", Fail(value.Start, IllegalArgument("Expected text at %d:%d but found %s", value.Start.Line, value.Start.Column, value.Kind))
}

// ReadInt reads an integer of 32 bits as Elasticsearch coerces it: fractions are
// cut off, and strings are read as numbers.
func ReadInt(value Value) (int64, *Failure) {
	if number := json.Number(value.Text); value.Kind == KindNumber && !IsDouble(number) {
		whole, err := number.Int64()
		if err != nil || whole < math.MinInt32 || whole > math.MaxInt32 {
			return 0, outOfRange(value, "int", math.MinInt32, math.MaxInt32)
		}
		return whole, nil
	}
	double, failure := readDouble(value, TypeNumberFormat)
	if failure == nil && (double < math.MinInt32 || double > math.MaxInt32) {
		return 0, Fail(value.Start, IllegalArgument("Value [%s] is out of range for an integer", JavaDouble(double)))
	}
	return int64(double), failure
}

// ReadLong reads an integer of 64 bits like ReadInt.
func ReadLong(value Value) (int64, *Failure) {
	if whole, err := strconv.ParseInt(value.Text, 10, 64); err == nil {
		return whole, nil
	}
	if value.Kind == KindNumber && !IsDouble(json.Number(value.Text)) {
		return 0, outOfRange(value, "long", math.MinInt64, math.MaxInt64)
	}
	double, failure := readDouble(value, TypeIllegalArgument)
	switch {
	case failure != nil:
		return 0, failure
	case math.IsInf(double, 0):
		return 0, Fail(value.Start, IllegalArgument(`For input string: "%s"`, JavaDouble(double)))
	case double < math.MinInt64 || double >= math.MaxInt64:
		return 0, Fail(value.Start, IllegalArgument("Value [%s] is out of range for a long", value.Text))
	}
	return int64(double), nil
}

// ReadFloat reads a number, or a string that contains one.
func ReadFloat(value Value) (float64, *Failure) { return readDouble(value, TypeNumberFormat) }

func readDouble(value Value, exception string) (float64, *Failure) {
	double, err := strconv.ParseFloat(strings.TrimSpace(value.Text), 64)
	if err != nil && !math.IsInf(double, 0) {
		reason := fmt.Sprintf(`For input string: "%s"`, value.Text)
		if value.Text == "" && exception == TypeNumberFormat {
			reason = "empty String"
		}
		return 0, Fail(value.Start, New(exception, "%s", reason))
	}
	return double, nil
}

func outOfRange(value Value, kind string, lowest, highest int64) *Failure {
	reason := fmt.Sprintf("Numeric value (%s) out of range of %s (%d - %d)", value.Text, kind, lowest, highest)
	end := value.Start
	end.Column += int32(len(value.Text)) //nolint:gosec // at most 1,000 digits
	return Fail(value.Start, ParseError("%s %s", end, reason).WithCause("input_coercion_exception", reason))
}

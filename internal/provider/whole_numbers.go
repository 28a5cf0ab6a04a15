package provider

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// validateFunc validates one configuration.
type validateFunc func(config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error)

// misread tells that the framework could not take a number as a whole one, or as
// a float64. It calls that a fault of the provider, twice, and looks no further.
func misread(diags []*tfprotov6.Diagnostic) bool { return misreadWhole(diags) || misreadFloat(diags) }

func misreadWhole(diags []*tfprotov6.Diagnostic) bool {
	return endsWith(diags, " is not an integer.") || endsWith(diags, " cannot be represented as a 64-bit integer.")
}

func misreadFloat(diags []*tfprotov6.Diagnostic) bool {
	return endsWith(diags, " cannot be represented as a 64-bit floating point.")
}

func endsWith(diags []*tfprotov6.Diagnostic, text string) bool {
	return slices.ContainsFunc(diags, func(d *tfprotov6.Diagnostic) bool { return strings.HasSuffix(d.Detail, text) })
}

// wholeNumbers says which numbers have to be whole or nearer to 0, and what else
// is wrong with the configuration. Which of the fractions may stay as they are the framework
// itself is asked: it takes a configuration in which only those are left.
func wholeNumbers(schema *tfprotov6.Schema, config *tfprotov6.DynamicValue, look validateFunc) ([]*tfprotov6.Diagnostic, error) {
	typ := schema.ValueType()
	value, err := config.Unmarshal(typ)
	if err != nil {
		return nil, err
	}
	fractions, err := fractionsOf(value)
	if err != nil {
		return nil, err
	}
	var faults []*tfprotov6.Diagnostic
	var wrong []*tftypes.AttributePath
	for _, at := range fractions {
		others := slices.DeleteFunc(slices.Clone(fractions), at.Equal)
		found, err := lookWithout(typ, value, others, look)
		if err != nil {
			return nil, err
		}
		switch {
		case misreadWhole(found):
			faults = append(faults, misreadAt(value, at, "Not a whole number", "a whole number, of at most "+strconv.FormatInt(math.MaxInt64, 10)))
		case misreadFloat(found):
			faults = append(faults, misreadAt(value, at, "Not a number of 64 bits", "a number that 64 bits hold, such as 0.5"))
		default:
			continue
		}
		wrong = append(wrong, at)
	}
	rest, err := lookWithout(typ, value, wrong, look)
	return append(faults, rest...), err
}

// fractionsOf finds the numbers that are not whole, or are too large.
func fractionsOf(value tftypes.Value) ([]*tftypes.AttributePath, error) {
	var found []*tftypes.AttributePath
	err := tftypes.Walk(value, func(at *tftypes.AttributePath, inner tftypes.Value) (bool, error) {
		if number, ok := numberOf(inner); ok {
			if _, exact := number.Int64(); exact != big.Exact {
				found = append(found, at)
			}
		}
		return true, nil
	})
	return found, err
}

func numberOf(value tftypes.Value) (*big.Float, bool) {
	number := new(big.Float)
	if !value.Type().Is(tftypes.Number) || value.IsNull() || !value.IsKnown() || value.As(&number) != nil {
		return nil, false
	}
	return number, true
}

// lookWithout looks at a configuration of which some numbers are not known.
func lookWithout(typ tftypes.Type, value tftypes.Value, hidden []*tftypes.AttributePath, look validateFunc) ([]*tfprotov6.Diagnostic, error) {
	value, err := tftypes.Transform(value, func(at *tftypes.AttributePath, inner tftypes.Value) (tftypes.Value, error) {
		if slices.ContainsFunc(hidden, at.Equal) {
			return tftypes.NewValue(tftypes.Number, tftypes.UnknownValue), nil
		}
		return inner, nil
	})
	if err != nil {
		return nil, err
	}
	config, err := tfprotov6.NewDynamicValue(typ, value)
	if err != nil {
		return nil, err
	}
	return look(&config)
}

func misreadAt(config tftypes.Value, at *tftypes.AttributePath, summary, instead string) *tfprotov6.Diagnostic {
	found := "a fraction"
	if inner, _, err := tftypes.WalkAttributePath(config, at); err == nil {
		if value, ok := inner.(tftypes.Value); ok {
			if number, ok := numberOf(value); ok {
				found = number.Text('g', 10)
				if number.IsInt() {
					summary = "Number too large"
				}
			}
		}
	}
	name := settingAt(at)
	name = name[strings.LastIndex(name, ".")+1:]
	return &tfprotov6.Diagnostic{
		Severity: tfprotov6.DiagnosticSeverityError, Summary: summary, Attribute: at,
		Detail: fmt.Sprintf("%s is %s. Write %s.", name, found, instead),
	}
}

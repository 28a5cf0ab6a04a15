package api

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// block is one object of a request, from which settings are taken one by one.
// What is left in the end is unknown to the API.
type block struct {
	scope  string // its name in messages
	values map[string]any
	taken  []string // in the order in which Elasticsearch looks at them
	faults []fault
	// fatal comes before all faults.
	fatal *failure
}

type fault struct{ setting, text string }

func newBlock(scope string, values map[string]any) *block {
	return &block{scope: scope, values: values}
}

// take removes a setting; null counts as absent.
func (b *block) take(name string) (any, bool) {
	value, given := b.values[name]
	delete(b.values, name)
	b.taken = append(b.taken, name)
	return value, given && value != nil
}

func (b *block) fault(setting, text string) {
	b.faults = append(b.faults, fault{setting, text})
}

// failure lists the faults in the order of the settings.
func (b *block) failure() error {
	if b.fatal != nil {
		return b.fatal
	}
	if len(b.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(b.faults, func(x, y fault) int {
		return cmp.Compare(slices.Index(b.taken, x.setting), slices.Index(b.taken, y.setting))
	})
	texts := make([]string, len(b.faults))
	for i, fault := range b.faults {
		texts[i] = fault.text
	}
	return invalid(kindValidation, texts...)
}

func (b *block) wrongType(name string, value any, want string) {
	b.fault(name, wrongType(name, value, want))
}

func (b *block) missing(name string) {
	b.fault(name, "["+b.scope+"] does not contain the required setting ["+name+"]")
}

// A setting of the wrong type is a fault and then counts as unknown, so that the
// rules of the domain say no more about it.

// text is a text that is not empty.
func (b *block) text(name string) (setting validation.Setting[string]) {
	value, given := b.take(name)
	if !given {
		return setting
	}
	text, ok := value.(string)
	switch {
	case !ok:
		b.wrongType(name, value, "String")
		return validation.Unknown[string]()
	case text == "":
		b.fault(name, "["+b.scope+"] Invalid value empty string. ["+name+"] must be a non-empty string")
		return validation.Unknown[string]()
	}
	return validation.Given(text)
}

func (b *block) requiredText(name string) validation.Setting[string] {
	if b.values[name] == nil {
		b.missing(name)
	}
	return b.text(name)
}

// key is half of a key pair; whether it may be empty or alone is the domain's.
func (b *block) key(name string) (setting validation.Setting[redact.Secret]) {
	value, given := b.take(name)
	if !given {
		return setting
	}
	key, ok := value.(string)
	if !ok {
		b.wrongType(name, value, "String")
		return validation.Unknown[redact.Secret]()
	}
	return validation.Given(redact.Secret(key))
}

// whole is a JSON integer that fits 32 bits.
func (b *block) whole(name string) (setting validation.Setting[int64]) {
	value, given := b.take(name)
	if !given {
		return setting
	}
	number, ok := value.(json.Number)
	if ok && !isDouble(number) {
		if whole, err := number.Int64(); err == nil && whole >= math.MinInt32 && whole <= math.MaxInt32 {
			return validation.Given(whole)
		}
	}
	b.wrongType(name, value, "Integer")
	return validation.Unknown[int64]()
}

// long is a JSON integer that fits 64 bits.
func (b *block) long(name string) (setting validation.Setting[int64]) {
	value, given := b.take(name)
	if !given {
		return setting
	}
	number, ok := value.(json.Number)
	if ok && !isDouble(number) {
		if long, err := number.Int64(); err == nil {
			return validation.Given(long)
		}
	}
	b.fault(name, fmt.Sprintf("field [%s] is not of one of the expected types. The value [%s] cannot be converted to one of [Integer, Long]", name, javaText(value)))
	return validation.Unknown[int64]()
}

// number is any JSON number. Elasticsearch demands a decimal point where it
// means a double; to refuse 1 for 1.0 helps nobody.
func (b *block) number(name string) (setting validation.Setting[float64]) {
	value, given := b.take(name)
	if !given {
		return setting
	}
	if number, ok := value.(json.Number); ok {
		if double, err := number.Float64(); err == nil {
			return validation.Given(double)
		}
	}
	b.wrongType(name, value, "Double")
	return validation.Unknown[float64]()
}

// texts is a list of texts.
func (b *block) texts(name string) (setting validation.Setting[[]validation.Setting[string]]) {
	value, given := b.take(name)
	if !given {
		return setting
	}
	items, ok := value.([]any)
	if !ok {
		b.wrongType(name, value, "List")
		return validation.Unknown[[]validation.Setting[string]]()
	}
	texts := make([]validation.Setting[string], len(items))
	for i, item := range items {
		text, ok := item.(string)
		if !ok {
			b.wrongType(name, value, "List")
			return validation.Unknown[[]validation.Setting[string]]()
		}
		texts[i] = validation.Given(text)
	}
	return validation.Given(texts)
}

package api

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// words are Elasticsearch's for a fault that the domain has found in a value.
// They are empty where it has none: it has no such rule, or no such value.
func words(fault validation.Violation, value any) string {
	path := fault.Path.Parts()
	name, scope := fault.Path.Name(), path[max(0, len(path)-2)]
	if isKey(fault.Path) {
		scope = scopeKeys
	}
	switch fault.Rule {
	case validation.AtLeast, validation.AtMost:
		return outOfBounds(fault, scope, name, value)
	case validation.AboveZero:
		kind := "integer"
		if name == "requests_per_minute" {
			kind = "long"
		}
		return fmt.Sprintf("[%s] Invalid value [%s]. [%s] must be a positive %s", scope, javaText(value), name, kind)
	case validation.NotNegative: // Elasticsearch refuses 0 in the same words
		return fmt.Sprintf("[%s] Invalid value [%s]. [%s] must be a positive integer", scope, javaText(value), name)
	case validation.ZeroOrOne:
		return fmt.Sprintf("%s[%s] must be either 0 or 1", name, javaText(value))
	case validation.OneOf:
		return fmt.Sprintf("[%s] Invalid value [%s] received. [%s] must be one of [%s]", scope, javaText(value), name, choices(name))
	case validation.NotEmpty:
		return fmt.Sprintf("[%s] Invalid value empty string. [%s] must be a non-empty string", scope, name)
	case validation.KeyPair:
		return fmt.Sprintf("[%s] does not contain the required setting [%s]", scope, name)
	case validation.OneSeparatorSet:
		return "Recursive chunking settings can not have both separators and separator_set"
	case validation.SomeSeparators:
		return "Recursive chunking settings can not have an empty list of separators"
	default:
		return ""
	}
}

// outOfBounds is empty where the value is not one of this request.
func outOfBounds(fault validation.Violation, scope, name string, value any) string {
	number, ok := value.(json.Number)
	if !ok {
		return ""
	}
	found, err := number.Float64()
	if err != nil {
		return ""
	}
	comparison := "greater"
	if fault.Rule == validation.AtMost {
		comparison = "less"
	}
	return fmt.Sprintf("[%s] Invalid value [%s]. [%s] must be a %s than or equal to [%s]",
		scope, javaDouble(found), name, comparison, javaDouble(fault.Bound))
}

// ownWords are those for a rule that Elasticsearch has not.
func ownWords(fault validation.Violation) string {
	return fmt.Sprintf("[%s] %s: %s", fault.Path, fault.Summary, strings.TrimSuffix(fault.Detail, "."))
}

// choices lists the values of a setting as Elasticsearch does: in lower case,
// sorted.
func choices(name string) string {
	var values []string
	switch name {
	case "provider":
		for _, provider := range inference.Providers() {
			values = append(values, string(provider))
		}
	case "similarity":
		values = inference.Similarities()
	case "truncate":
		values = inference.Truncations()
	case "separator_group":
		values = inference.SeparatorGroups()
	}
	for i, value := range values {
		values[i] = strings.ToLower(value)
	}
	slices.Sort(values)
	return strings.Join(values, ", ")
}

// refusal is what Elasticsearch answers to settings that are well formed but
// not for this provider; nil for all other faults.
func refusal(fault validation.Violation, task inference.TaskType, provider string) *failure {
	switch fault.Rule {
	case validation.TaskOfProvider:
		return refuse("The [%s] task type for provider [%s] is not available", task, provider)
	case validation.TopKOfProvider:
		return refuse("The [top_k] task parameter is not available for provider [%s]", provider)
	case validation.TruncateOfProvider:
		return refuse("The [%s] task type for provider [%s] does not allow [truncate] field", task, provider)
	default:
		return nil
	}
}

func wrongType(name string, value any, want string) string {
	shown := javaText(value)
	if name == "access_key" || name == "secret_key" {
		shown = "::es_redacted::" // it may be the key all the same
	}
	return fmt.Sprintf("field [%s] is not of the expected type. The value [%s] cannot be converted to a [%s]", name, shown, want)
}

func isKey(path validation.Path) bool {
	return path == pathAccessKey || path == pathSecretKey
}

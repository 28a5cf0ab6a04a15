// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// inferenceIDForm is MlStrings.isValidId of Elasticsearch, which PUT applies.
var inferenceIDForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?$`)

func inferenceIDRule(c Config) validation.Violations {
	id, ok := c.InferenceID.Known()
	switch {
	case !ok:
		return nil
	case strings.HasPrefix(id, "."):
		return validation.Violations{validation.Errorf(PathInferenceID, "Reserved inference id",
			"%s begins with a dot. Elasticsearch keeps such ids for its own default endpoints, which can be neither changed nor replaced. Write an id without the dot, such as %q.",
			validation.Quote(id), suggestID(id)).WithRule(validation.IDForm)}
	case id == "_all" || !inferenceIDForm.MatchString(id):
		return validation.Violations{validation.Errorf(PathInferenceID, "Invalid inference id",
			"%s is not an inference id: only a-z, 0-9, \"_\", \"-\" and \".\" are allowed, and it begins and ends with a letter or digit. Write for example %q.", validation.Quote(id), suggestID(id)).WithRule(validation.IDForm)}
	}
	return nil
}

// suggestID returns a valid id that is close to an invalid one.
func suggestID(id string) string {
	suggestion := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_', r == '-', r == '.':
			return r
		case r == ' ', r == '/', r == ':':
			return '-'
		case r > unicode.MaxASCII:
			return r // not a valid id, because what is left would mislead
		}
		return -1
	}, strings.ToLower(strings.TrimSpace(id)))
	suggestion = strings.Trim(suggestion, "._-")
	if len(suggestion) > 80 || !inferenceIDForm.MatchString(suggestion) || id == "_all" {
		return "my-embeddings"
	}
	return suggestion
}

func taskTypeRule(c Config) validation.Violations {
	task, ok := c.TaskType.Known()
	if !ok || slices.Contains(TaskTypes(), task) {
		return nil
	}
	return validation.Violations{validation.Errorf(PathTaskType, "Unknown task type",
		"%s is not a task type of the %s service. Write %s.%s", validation.Quote(string(task)), Service, oneOf(names(TaskTypes())), validation.Suggest(string(task), names(TaskTypes())))}
}

func serviceRule(c Config) validation.Violations {
	service, ok := c.Service.Known()
	if !ok || service == Service {
		return nil
	}
	return validation.Violations{validation.Errorf(PathService, "Unknown service",
		"%s is not a service that this provider manages. Write %q, or leave it out: it is the default.%s", validation.Quote(service), Service, validation.Suggest(service, []string{Service}))}
}

func inputTypeRule(c Config) validation.Violations {
	inputType, ok := c.InputType.Known()
	if !ok {
		return nil
	}
	if !slices.Contains(InputTypes(), InputType(inputType)) {
		return validation.Violations{unknownValue(PathInputType, "Unknown input type", "an input type", inputType, names(InputTypes()))}
	}
	if task, known := c.knownTask(); known && task.Generates() {
		return validation.Violations{validation.Errorf(PathInputType, "Input type on a completion",
			"input_type tells an embedding model what its vectors are for; %s has none. Remove input_type.", task).WithRule(validation.InputTypeOfTask)}
	}
	return nil
}

// unknownValue returns the violation of a value that is none of the choices. noun says
// what they are, such as "an input type".
func unknownValue(path validation.Path, summary, noun, value string, choices []string) validation.Violation {
	return validation.Errorf(path, summary, "%s is not %s. Write %s.%s", validation.Quote(value), noun, oneOf(choices), validation.Suggest(value, choices)).
		WithRule(validation.OneOf)
}

// oneOf joins choices for a sentence: "a", "b" or "c".
func oneOf(choices []string) string {
	quoted := make([]string, len(choices))
	for i, choice := range choices {
		quoted[i] = fmt.Sprintf("%q", choice)
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " or " + quoted[len(quoted)-1]
}

func names[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, value := range values {
		out[i] = string(value)
	}
	return out
}

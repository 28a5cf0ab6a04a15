package api

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// asked is a run, ready for the target.
type asked struct {
	body     map[string]any
	task     *block // task_settings
	endpoint inference.Endpoint
	request  inference.Request
	timeout  string
}

// runFields are the members of the body of a POST.
var runFields = []string{"input", "input_type", "query", "return_documents", "task_settings", "timeout", "top_n"}

// parserName stands in the texts of Elasticsearch's parser of this body.
const parserName = "cluster:internal/xpack/inference"

func (h *Handler) readRun(ctx context.Context, call *call) (*asked, error) {
	body, err := call.requiredBody()
	if err != nil {
		return nil, err
	}
	run := &asked{body: body}
	if err := run.readFields(); err != nil {
		return nil, err
	}
	if run.endpoint, err = h.byID(ctx, call.id); err != nil {
		return nil, err
	}
	task := run.endpoint.TaskType
	if call.taskType != "" && call.taskType != anyTask && call.taskType != string(task) {
		return nil, refuse("Incompatible task_type, the requested type [%s] does not match the model type [%s]", call.taskType, task)
	}
	for _, name := range []string{"return_documents", "top_n", "query"} {
		if body[name] != nil {
			return nil, invalid(kindRequest, fmt.Sprintf("Field [%s] cannot be specified for task type [%s]", name, task))
		}
	}
	// What this task has not is passed over here.
	run.request.TaskSettings = takeTask(run.task, task).Settings()
	return run, run.task.failure()
}

func (a *asked) readFields() error {
	for _, name := range slices.Sorted(maps.Keys(a.body)) {
		if !slices.Contains(runFields, name) {
			return unparsable("[%s] unknown field [%s]", parserName, name)
		}
	}
	var err error
	if a.request.Input, err = inputsOf(a.body["input"]); err != nil {
		return err
	}
	for name, field := range map[string]*string{"timeout": &a.timeout, "input_type": (*string)(&a.request.InputType)} {
		text, isText := a.body[name].(string)
		if a.body[name] != nil && !isText {
			return unparsable("[%s] %s doesn't support values of type: %T", parserName, name, a.body[name])
		}
		*field = text
	}
	a.request.InputType = inference.InputType(strings.ToLower(string(a.request.InputType)))
	values, isObject := a.body[scopeTask].(map[string]any)
	if a.body[scopeTask] != nil && !isObject {
		return unparsable("[%s] %s is not an object", parserName, scopeTask)
	}
	a.task = newBlock(scopeTask, maps.Clone(values))
	return nil
}

func inputsOf(input any) ([]string, error) {
	switch input := input.(type) {
	case nil:
		return nil, invalid(kindRequest, "Field [input] cannot be null")
	case string:
		return []string{input}, nil
	case []any:
		if len(input) == 0 {
			return nil, invalid(kindRequest, "Field [input] cannot be an empty array")
		}
		texts := make([]string, len(input))
		for i, item := range input {
			text, ok := item.(string)
			if !ok {
				return nil, unparsable("[%s] input is to be a text or a list of texts; item %d is [%s]", parserName, i, javaText(item))
			}
			texts[i] = text
		}
		return texts, nil
	}
	return nil, unparsable("[%s] input is to be a text or a list of texts, not [%s]", parserName, javaText(input))
}

// failure words what the target found wrong with the request, or with AWS.
func (a *asked) failure(err error) error {
	var found validation.Violations
	if !errors.As(err, &found) {
		return notAnswered(a.endpoint, err)
	}
	var own []string
	for _, violation := range found {
		if violation.Rule == validation.InputTypeOfTask {
			return invalid(kindRequest, fmt.Sprintf("Field [input_type] cannot be specified for task type [%s]", a.endpoint.TaskType))
		}
		if refused := refusal(violation, a.endpoint.TaskType, string(a.endpoint.ServiceSettings.Provider)); refused != nil {
			return refused
		}
		text := words(violation, valueAt(a.body, violation.Path))
		if text == "" || violation.Path == "input_type" {
			text = ownWords(violation)
		}
		own = append(own, text)
	}
	return invalid(kindValidation, own...)
}

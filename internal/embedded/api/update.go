package api

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// update changes an endpoint in place, and answers what it is then.
func (h *Handler) update(ctx context.Context, call *call) (any, error) {
	if fault := checkID(call.id); fault != nil {
		return nil, fault
	}
	body, err := call.body()
	if err != nil {
		return nil, err
	}
	if len(body) == 0 {
		return nil, refuse("Request body is empty")
	}
	stored, err := h.byID(ctx, call.id)
	if err != nil {
		return nil, err
	}
	update, err := readUpdate(body, call, stored)
	if err != nil {
		return nil, err
	}
	timeout, err := call.timeout("", stored.TaskType)
	if err != nil {
		return nil, err
	}
	updated, err := within(ctx, timeout, func(ctx context.Context) (inference.Endpoint, error) {
		return h.target.Update(ctx, stored, update)
	})
	switch {
	case backend.Is(err, backend.NotFound):
		return nil, missing(call.id)
	case err != nil:
		return nil, unproven("Could not complete inference endpoint update as validation call to service threw an exception.", stored, err)
	}
	return shown(updated)
}

// readUpdate reads what is to change, and judges the endpoint that it would
// make.
func readUpdate(body map[string]any, call *call, stored inference.Endpoint) (inference.Update, error) {
	named, _ := body["task_type"].(string)
	for _, task := range []string{call.taskType, named} {
		if task != "" && task != anyTask && task != string(stored.TaskType) {
			return inference.Update{}, refuse("Task type must match the task type of the existing endpoint")
		}
	}
	if fault := checkUpdatable(body); fault != nil {
		return inference.Update{}, fault
	}
	s, err := readBlocks(body)
	if err != nil {
		return inference.Update{}, err
	}
	if err := s.readServiceUpdate(stored.TaskType); err != nil {
		return inference.Update{}, err
	}
	s.readTask(stored.TaskType)
	s.left = nil
	update := updateOf(s.config)
	return update, s.judge(s.violations(stored, update), stored.TaskType)
}

// checkUpdatable lets the endpoint's own service pass. Elasticsearch refuses it,
// although its API's document requires it, so that the requests which Elastic's
// typed clients build for it always fail there.
func checkUpdatable(body map[string]any) error {
	left := maps.Clone(body)
	if left["service"] == inference.Service {
		delete(left, "service")
	}
	for _, name := range []string{scopeService, scopeTask, "task_type"} {
		delete(left, name)
	}
	if len(left) > 0 {
		return refuse("Request contained fields which cannot be updated, remove these fields and try again [%s]", javaText(left))
	}
	for _, scope := range []string{scopeService, scopeTask} {
		if _, isObject := body[scope].(map[string]any); body[scope] != nil && !isObject {
			return refuse("Unable to parse %s in the request [%s]", strings.ReplaceAll(scope, "_", " "), javaText(body))
		}
	}
	return nil
}

// readServiceUpdate takes what may change and refuses the rest at once.
func (s *settings) readServiceUpdate(task inference.TaskType) error {
	known := []string{"access_key", "secret_key", "rate_limit"}
	if task == inference.TextEmbedding {
		known = append(known, "max_input_tokens")
	}
	for _, name := range slices.Sorted(maps.Keys(s.service.values)) {
		if !slices.Contains(known, name) {
			return unparsable("[%s] unknown field [%s]", scopeService, name)
		}
	}
	s.config.ServiceSettings.RequestsPerMinute = s.readRateLimit()
	if task == inference.TextEmbedding {
		s.config.ServiceSettings.MaxInputTokens = s.service.whole("max_input_tokens")
	}
	s.readKeys()
	return nil
}

func updateOf(config inference.Config) inference.Update {
	update := inference.Update{
		Keys:              keysOf(config),
		RequestsPerMinute: config.ServiceSettings.RequestsPerMinute.Or(0),
		TaskSettings:      config.TaskSettings.Settings(),
	}
	if tokens, given := config.ServiceSettings.MaxInputTokens.Known(); given {
		update.MaxInputTokens = &tokens
	}
	return update
}

// violations are those of what was written, and of the endpoint that it makes
// of the stored one.
func (s *settings) violations(stored inference.Endpoint, update inference.Update) validation.Violations {
	changed := stored.Apply(update).Config()
	changed.ServiceSettings.AccessKey = s.config.ServiceSettings.AccessKey
	changed.ServiceSettings.SecretKey = s.config.ServiceSettings.SecretKey
	if limit, given := s.config.ServiceSettings.RequestsPerMinute.Known(); given {
		changed.ServiceSettings.RequestsPerMinute = validation.Given(limit)
	}
	if tokens, given := s.config.ServiceSettings.MaxInputTokens.Known(); given {
		changed.ServiceSettings.MaxInputTokens = validation.Given(tokens)
	}
	s.config.ServiceSettings.Provider = changed.ServiceSettings.Provider
	found := append(changed.Validate(), embedded.Capabilities().Check(changed)...)
	return s.keysTogether(found)
}

// keysTogether words half a key pair as an update does, which need not have any.
func (s *settings) keysTogether(found validation.Violations) validation.Violations {
	var others validation.Violations
	for _, violation := range found {
		if violation.Rule != validation.KeyPair {
			others = append(others, violation)
			continue
		}
		missing := strings.TrimPrefix(string(violation.Path), scopeService+".")
		s.keys.fault(missing, "["+scopeService+"] [access_key] and [secret_key] must be updated together; missing: ["+missing+"]")
	}
	return others
}

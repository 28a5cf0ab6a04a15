// Command policy checks a plan as a reviewer would who reads every one of them:
//
//	go run policy.go plan.json plan.jsonl
//
// plan.json is "terraform show -json PLAN"; plan.jsonl, which may be left out, is
// what "terraform plan -json" printed. It fails when the plan breaks a rule, and
// when it cannot be read. It needs Go and nothing else: copy it, and make the
// rules your own.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// The house's limits.
const (
	maxTemperature       = 0.8
	maxRequestsPerMinute = 1000
	regionsBeginWith     = "eu-"
)

func main() {
	broken, err := check(os.Args[1:])
	for _, line := range broken {
		fmt.Fprintln(os.Stdout, line)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil || len(broken) > 0 {
		os.Exit(1)
	}
}

func check(files []string) ([]string, error) {
	if len(files) < 1 || len(files) > 2 {
		return nil, errors.New("usage: policy plan.json [plan.jsonl]")
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		return nil, err
	}
	broken, err := checkPlan(text)
	if err != nil || len(files) == 1 {
		return broken, err
	}
	log, err := os.ReadFile(files[1])
	if err != nil {
		return nil, err
	}
	used, err := checkLog(log)
	return append(broken, used...), err
}

// change is one resource of a plan.
type change struct {
	Address string `json:"address"`
	Type    string `json:"type"`
	Change  struct {
		Actions      []string `json:"actions"`
		Before       endpoint `json:"before"`
		After        endpoint `json:"after"`
		ReplacePaths [][]any  `json:"replace_paths"`
	} `json:"change"`
}

type endpoint struct {
	TaskType        string `json:"task_type"`
	ForceDestroy    bool   `json:"force_destroy"`
	ServiceSettings struct {
		Region    string `json:"region"`
		Model     string `json:"model"`
		RateLimit struct {
			RequestsPerMinute float64 `json:"requests_per_minute"`
		} `json:"rate_limit"`
	} `json:"service_settings"`
	TaskSettings struct {
		Temperature *float64 `json:"temperature"`
	} `json:"task_settings"`
}

// rule returns what is wrong with a change; empty for nothing.
type rule func(change) string

var rules = []rule{coolHeaded, near, limited, unforced, embeddingsStay}

// checkPlan applies every rule to every endpoint that the plan touches.
func checkPlan(text []byte) ([]string, error) {
	var plan struct {
		FormatVersion string   `json:"format_version"`
		Changes       []change `json:"resource_changes"`
	}
	if err := json.Unmarshal(text, &plan); err != nil {
		return nil, fmt.Errorf("this is not a plan as JSON: %w", err)
	}
	if !strings.HasPrefix(plan.FormatVersion, "1.") {
		return nil, fmt.Errorf("this is not a plan of a known format: %q", plan.FormatVersion)
	}
	var broken []string
	for _, change := range plan.Changes {
		if change.Type != "inference_endpoint" || slices.Equal(change.Change.Actions, []string{"no-op"}) {
			continue
		}
		for _, rule := range rules {
			if fault := rule(change); fault != "" {
				broken = append(broken, change.Address+": "+fault)
			}
		}
	}
	return broken, nil
}

func (c change) made() bool {
	return slices.Contains(c.Change.Actions, "create") || slices.Contains(c.Change.Actions, "update")
}

func (c change) deleted() bool { return slices.Contains(c.Change.Actions, "delete") }

func coolHeaded(c change) string {
	temperature := c.Change.After.TaskSettings.Temperature
	if !c.made() || temperature == nil || *temperature <= maxTemperature {
		return ""
	}
	return fmt.Sprintf("temperature is %g, and no completion may have more than %g", *temperature, maxTemperature)
}

// near keeps texts in the region: a global inference profile takes them anywhere.
func near(c change) string {
	settings := c.Change.After.ServiceSettings
	switch {
	case !c.made():
		return ""
	case !strings.HasPrefix(settings.Region, regionsBeginWith):
		return fmt.Sprintf("region is %q, and texts stay in %s*", settings.Region, regionsBeginWith)
	case strings.HasPrefix(settings.Model, "global."):
		return fmt.Sprintf("model %q is run in any region, and texts stay in %s*", settings.Model, regionsBeginWith)
	}
	return ""
}

func limited(c change) string {
	limit := c.Change.After.ServiceSettings.RateLimit.RequestsPerMinute
	if !c.made() || limit <= maxRequestsPerMinute {
		return ""
	}
	return fmt.Sprintf("%g requests per minute, and no endpoint may have more than %d", limit, maxRequestsPerMinute)
}

func unforced(c change) string {
	if !c.made() || !c.Change.After.ForceDestroy {
		return ""
	}
	return "force_destroy is true: it would be deleted while something uses it"
}

// embeddingsStay keeps the vectors that indices hold: they match no other model.
// New keys may replace an endpoint, for its model stays the same.
func embeddingsStay(c change) string {
	if !c.deleted() || c.Change.Before.TaskType != "text_embedding" || c.onlyKeys() {
		return ""
	}
	if c.made() {
		return "embeddings are replaced because of " + strings.Join(c.reasons(), ", ") + ": make a second endpoint, index anew, then drop the first"
	}
	return "embeddings are destroyed, and the vectors that indices hold match no other model: ask for an exception"
}

// reasons are the settings whose change replaces the endpoint.
func (c change) reasons() []string {
	var reasons []string
	for _, path := range c.Change.ReplacePaths {
		parts := make([]string, len(path))
		for i, part := range path {
			parts[i] = fmt.Sprint(part)
		}
		reasons = append(reasons, strings.Join(parts, "."))
	}
	return reasons
}

// onlyKeys tells that nothing but new AWS keys replaces the endpoint: the plan
// has no key, and shows them as a new credentials_revision.
func (c change) onlyKeys() bool {
	reasons := c.reasons()
	return len(reasons) > 0 && !slices.ContainsFunc(reasons, func(reason string) bool {
		return reason != "credentials_revision" && reason != "service_settings.secret_key"
	})
}

// checkLog finds the warnings about endpoints that something uses.
func checkLog(log []byte) ([]string, error) {
	var broken []string
	for line := range bytes.Lines(log) {
		var message struct {
			Diagnostic struct {
				Summary string `json:"summary"`
				Detail  string `json:"detail"`
				Address string `json:"address"`
			} `json:"diagnostic"`
		}
		if err := json.Unmarshal(line, &message); err != nil {
			return broken, fmt.Errorf("this is not the output of terraform plan -json: %w", err)
		}
		if found := message.Diagnostic; strings.HasPrefix(found.Summary, "Endpoint in use is ") {
			broken = append(broken, found.Address+": "+found.Detail)
		}
	}
	return broken, nil
}

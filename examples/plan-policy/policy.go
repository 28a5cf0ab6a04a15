// SPDX-License-Identifier: MPL-2.0

// Command policy checks a plan against the rules of an organization:
//
//	go run policy.go plan.json plan.jsonl
//
// plan.json is the output of "terraform show -json PLAN". plan.jsonl is optional, and
// the output of "terraform plan -json". The exit code is 1 if the plan violates a rule
// or cannot be read. The program needs only Go: copy it, and adapt the rules.
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

// The limits of the organization.
const (
	maxTemperature       = 0.8
	maxRequestsPerMinute = 1000
	regionsBeginWith     = "eu-"
)

func main() {
	violations, err := check(os.Args[1:])
	for _, line := range violations {
		fmt.Fprintln(os.Stdout, line)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil || len(violations) > 0 {
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
	violations, err := checkPlan(text)
	if err != nil || len(files) == 1 {
		return violations, err
	}
	log, err := os.ReadFile(files[1])
	if err != nil {
		return nil, err
	}
	used, err := checkLog(log)
	return append(violations, used...), err
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

// rule returns what is wrong with a change, or nothing.
type rule func(change) string

var rules = []rule{checkTemperature, checkRegion, checkRateLimit, checkForceDestroy, checkReplacement}

// checkPlan applies every rule to every endpoint that the plan changes.
func checkPlan(text []byte) ([]string, error) {
	var plan struct {
		FormatVersion string   `json:"format_version"`
		Changes       []change `json:"resource_changes"`
	}
	if err := json.Unmarshal(text, &plan); err != nil {
		return nil, fmt.Errorf("the file is not a plan in JSON: %w", err)
	}
	if !strings.HasPrefix(plan.FormatVersion, "1.") {
		return nil, fmt.Errorf("the format of the plan is not known: %q", plan.FormatVersion)
	}
	var violations []string
	for _, change := range plan.Changes {
		if change.Type != "inference_endpoint" || slices.Equal(change.Change.Actions, []string{"no-op"}) {
			continue
		}
		for _, rule := range rules {
			if fault := rule(change); fault != "" {
				violations = append(violations, change.Address+": "+fault)
			}
		}
	}
	return violations, nil
}

func (c change) written() bool {
	return slices.Contains(c.Change.Actions, "create") || slices.Contains(c.Change.Actions, "update")
}

func (c change) deleted() bool { return slices.Contains(c.Change.Actions, "delete") }

func checkTemperature(c change) string {
	temperature := c.Change.After.TaskSettings.Temperature
	if !c.written() || temperature == nil || *temperature <= maxTemperature {
		return ""
	}
	return fmt.Sprintf("temperature is %g; the limit is %g", *temperature, maxTemperature)
}

// checkRegion keeps texts in the region: a global inference profile sends them to
// any region.
func checkRegion(c change) string {
	settings := c.Change.After.ServiceSettings
	switch {
	case !c.written():
		return ""
	case !strings.HasPrefix(settings.Region, regionsBeginWith):
		return fmt.Sprintf("region is %q; texts must stay in %s*", settings.Region, regionsBeginWith)
	case strings.HasPrefix(settings.Model, "global."):
		return fmt.Sprintf("model %q runs in any region; texts must stay in %s*", settings.Model, regionsBeginWith)
	}
	return ""
}

func checkRateLimit(c change) string {
	limit := c.Change.After.ServiceSettings.RateLimit.RequestsPerMinute
	if !c.written() || limit <= maxRequestsPerMinute {
		return ""
	}
	return fmt.Sprintf("requests_per_minute is %g; the limit is %d", limit, maxRequestsPerMinute)
}

func checkForceDestroy(c change) string {
	if !c.written() || !c.Change.After.ForceDestroy {
		return ""
	}
	return "force_destroy is true; the endpoint could be deleted while indices use it"
}

// checkReplacement protects the vectors in indices: they cannot be compared with
// those of another model. New keys may replace an endpoint, whose model stays the
// same.
func checkReplacement(c change) string {
	if !c.deleted() || c.Change.Before.TaskType != "text_embedding" || c.onlyKeys() {
		return ""
	}
	if c.written() {
		return "embeddings are replaced because of " + strings.Join(c.reasons(), ", ") + "; create a second endpoint, index again, and remove the first one then"
	}
	return "an embedding endpoint is destroyed, and vectors in indices cannot be compared with those of another model"
}

// reasons returns the settings whose change replaces the endpoint.
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

// onlyKeys reports whether only new AWS keys replace the endpoint. The plan contains
// no keys, and shows them as a new credentials_revision.
func (c change) onlyKeys() bool {
	reasons := c.reasons()
	return len(reasons) > 0 && !slices.ContainsFunc(reasons, func(reason string) bool {
		return reason != "credentials_revision" && reason != "service_settings.secret_key"
	})
}

// checkLog returns the warnings about endpoints that are in use.
func checkLog(log []byte) ([]string, error) {
	var violations []string
	for line := range bytes.Lines(log) {
		var message struct {
			Diagnostic struct {
				Summary string `json:"summary"`
				Detail  string `json:"detail"`
				Address string `json:"address"`
			} `json:"diagnostic"`
		}
		if err := json.Unmarshal(line, &message); err != nil {
			return violations, fmt.Errorf("the file is not the output of terraform plan -json: %w", err)
		}
		if found := message.Diagnostic; strings.HasPrefix(found.Summary, "Endpoint in use is ") {
			violations = append(violations, found.Address+": "+found.Detail)
		}
	}
	return violations, nil
}

// SPDX-License-Identifier: MPL-2.0

package main

import (
	"slices"
	"strings"
	"testing"
)

// TestRules has for each rule a change that breaks it, and one just beside it.
func TestRules(t *testing.T) {
	t.Parallel()
	const (
		answers   = `"task_type":"completion","service_settings":{"region":"eu-central-1","model":"eu.anthropic.claude-x"}`
		documents = `"task_type":"text_embedding","service_settings":{"region":"eu-central-1","model":"amazon.titan-embed-text-v2:0"}`
	)
	tests := map[string]struct{ actions, before, after, replaced, want string }{
		"cool enough":          {`"create"`, "", answers + `,"task_settings":{"temperature":0.8}`, "", ""},
		"too hot":              {`"update"`, answers, answers + `,"task_settings":{"temperature":0.81}`, "", "temperature is 0.81"},
		"too hot, untouched":   {`"no-op"`, "", answers + `,"task_settings":{"temperature":1}`, "", ""},
		"far away":             {`"create"`, "", strings.Replace(answers, "eu-central-1", "us-east-1", 1), "", `region is "us-east-1"`},
		"global profile":       {`"create"`, "", strings.Replace(answers, "eu.", "global.", 1), "", "runs in any region"},
		"often enough":         {`"create"`, "", strings.Replace(answers, `"region"`, `"rate_limit":{"requests_per_minute":1000},"region"`, 1), "", ""},
		"rate limit":           {`"create"`, "", strings.Replace(answers, `"region"`, `"rate_limit":{"requests_per_minute":1001},"region"`, 1), "", "requests_per_minute is 1001"},
		"forced":               {`"update"`, answers, answers + `,"force_destroy":true`, "", "force_destroy is true"},
		"embeddings destroyed": {`"delete"`, documents, "", "", "an embedding endpoint is destroyed"},
		"answers destroyed":    {`"delete"`, answers, "", "", ""},
		"embeddings replaced":  {`"delete","create"`, documents, documents, `["service_settings","model"]`, "because of service_settings.model"},
		"keys rotated":         {`"delete","create"`, documents, documents, `["service_settings","secret_key"],["credentials_revision"]`, ""},
	}
	for name, test := range tests {
		plan := `{"format_version":"1.2","resource_changes":[
			{"address":"terraform_data.x","type":"terraform_data","change":{"actions":["delete"]}},
			{"address":"inference_endpoint.x","type":"inference_endpoint","change":{"actions":[` + test.actions +
			`],"before":{` + test.before + `},"after":{` + test.after + `},"replace_paths":[` + test.replaced + `]}}]}`
		broken, err := checkPlan([]byte(plan))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := strings.Join(broken, "\n"); (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// TestUse reads the warnings from the lines that terraform plan -json prints.
func TestUse(t *testing.T) {
	t.Parallel()
	broken, err := checkLog([]byte(`{"@level":"info","type":"version"}
{"@level":"warn","type":"diagnostic","diagnostic":{"severity":"warning","summary":"Amazon Bedrock is simulated"}}
{"@level":"warn","type":"diagnostic","diagnostic":{"severity":"warning","summary":"Endpoint in use is replaced","detail":"Used by x.","address":"inference_endpoint.x"}}
`))
	if want := []string{"inference_endpoint.x: Used by x."}; err != nil || !slices.Equal(broken, want) {
		t.Errorf("got %q, %v, want %q", broken, err, want)
	}
}

func TestNoPlan(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "terraform", "{}", `{"format_version":"2.0"}`} {
		if _, err := checkPlan([]byte(text)); err == nil {
			t.Errorf("%q is taken for a plan", text)
		}
	}
}

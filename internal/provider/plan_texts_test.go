// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

const planGuide = "../../templates/guides/reading-the-plan.md"

// situation is a plan in the guide: an applied endpoint and a change of its configuration.
type situation struct {
	version     string
	before      string
	from, to    string
	pipelines   []string
	indices     []string
	create      bool
	destroy     bool
	secretAfter string
}

const (
	documents = `
resource "inference_endpoint" "documents" {
  inference_id = "documents"
  task_type    = "text_embedding"
  service_settings = {
    access_key = var.access_key
    secret_key = var.secret_key
    region     = "us-east-1"
    provider   = "amazontitan"
    model      = "amazon.titan-embed-text-v1"
  }
}
`
	answers = `
resource "inference_endpoint" "answers" {
  inference_id = "answers"
  task_type    = "completion"
  service_settings = {
    access_key = var.access_key
    secret_key = var.secret_key
    region     = "us-east-1"
    provider   = "anthropic"
    model      = "us.anthropic.claude-sonnet-4-6"
  }
  task_settings = {
    max_new_tokens = 512
    top_p          = 0.9
  }
}
`
	planVariables = `
variable "access_key" {
  ephemeral = true
}
variable "secret_key" {
  ephemeral = true
}
`
)

var situations = map[string]situation{
	"create": {version: "9.6.0", before: documents, create: true},
	"model": {
		version: "9.6.0", before: documents, from: "amazon.titan-embed-text-v1", to: "amazon.titan-embed-text-v2:0",
		indices: []string{"docs-2026"},
	},
	"rotation": {version: "9.6.0", before: answers, secretAfter: "secret-two"},
	"chunking": {
		version: "8.18.0", before: documents, from: "  service_settings", to: "  chunking_settings = {\n    max_chunk_size = 100\n  }\n  service_settings",
	},
	"task setting": {version: "9.6.0", before: answers, from: "    top_p          = 0.9\n", to: ""},
	"destroy":      {version: "9.6.0", before: documents, destroy: true, pipelines: []string{"ingest-docs"}, indices: []string{"docs-2026"}},
}

// TestPlanTexts checks that the plans in the guide are those that Terraform prints. With
// UPDATE_GUIDE=1 it updates the guide instead.
func TestPlanTexts(t *testing.T) {
	t.Parallel()
	needs(t, "1.15.0") // older versions print less about the source of a warning
	guide, err := os.ReadFile(planGuide)
	if err != nil {
		t.Fatal(err)
	}
	text := string(guide)
	for name, situation := range situations {
		plan := situation.plan(t)
		block := regexp.MustCompile(`(?s)(<!-- plan: ` + regexp.QuoteMeta(name) + ` -->\n` + "```text\n)(.*?)(```\n)")
		shown := block.FindStringSubmatch(text)
		switch {
		case shown == nil:
			t.Errorf("the guide has no plan %q", name)
		case os.Getenv("UPDATE_GUIDE") != "":
			text = block.ReplaceAllLiteralString(text, shown[1]+plan+shown[3])
		case shown[2] != plan:
			t.Errorf("the plan %q of the guide is out of date: run UPDATE_GUIDE=1 go test -run TestPlanTexts ./internal/provider with Terraform 1.15. Want:\n%s", name, plan)
		}
	}
	if text != string(guide) {
		if err := os.WriteFile(planGuide, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// plan applies the endpoint and returns the plan of the change as Terraform prints it,
// without the text before the actions.
func (s situation) plan(t *testing.T) string {
	t.Helper()
	server, _ := cluster(t, s.version)
	terraform := newProcessCLI(t, "", "ELASTICSEARCH_URL="+server.URL, "TF_VAR_access_key=AKIATEST", "TF_VAR_secret_key=secret-one")
	terraform.write("variables.tf", planVariables)
	terraform.write("endpoint.tf", strings.TrimPrefix(s.before, "\n"))
	if !s.create {
		terraform.succeeds("apply", "-no-color", "-auto-approve")
	}
	for id := range strings.FieldsSeq("documents answers") {
		server.Use(id, s.pipelines, s.indices)
	}
	terraform.write("endpoint.tf", strings.TrimPrefix(strings.Replace(s.before, s.from, s.to, 1), "\n"))
	if s.secretAfter != "" {
		terraform.env = append(terraform.env, "TF_VAR_secret_key="+s.secretAfter)
	}
	args := []string{"plan", "-no-color"}
	if s.destroy {
		args = append(args, "-destroy")
	}
	out := terraform.succeeds(args...)
	_, plan, found := strings.Cut(out, "Terraform will perform the following actions:\n\n")
	if !found {
		t.Fatalf("no plan in:\n%s", out)
	}
	plan = strings.ReplaceAll(plan, server.URL, "https://es.example.com:9200")
	plan, _, _ = strings.Cut(plan, "\n─") // the note about plans that are not saved
	return strings.TrimRight(regexp.MustCompile(`[ \t]+\n`).ReplaceAllString(plan, "\n"), "\n") + "\n"
}

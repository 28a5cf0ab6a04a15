// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
)

// createTimeout is the time that the server has for a create.
var createTimeout = regexp.MustCompile(`\?timeout=\d+ms$`)

// TestRequestsOfOneEndpoint checks the requests of each command of Terraform for one
// endpoint. Each of them has a reason. A command runs the provider in up to three
// processes, which share nothing; in each of them, the first two requests are sent at
// the same time.
func TestRequestsOfOneEndpoint(t *testing.T) {
	t.Parallel()
	const (
		identify   = "GET /"
		read       = "GET /_inference/e"
		references = "DELETE /_inference/completion/e?dry_run=true"
	)
	server, provider := cluster(t, elasticsearchtest.Newest)
	terraform := newCLI(t, provider+endpointConfig("e", "completion", claude))
	for _, phase := range []struct {
		name string
		args []string
		want []string
	}{
		{"plan to create", []string{"plan", "-no-color", "-out=create.tfplan"}, []string{
			identify, // the plan depends on the version, and shows the target
			read,     // is the id free?
		}},
		{"apply", []string{"apply", "-no-color", "create.tfplan"}, []string{
			identify,                       // Terraform plans again, maybe days later and with another environment
			read,                           // is the id free? The create uses the same answer
			"PUT /_inference/completion/e", // its response is the endpoint as it is stored
		}},
		{"plan again", []string{"plan", "-no-color", "-detailed-exitcode"}, []string{
			identify, // "No changes" is true only of the target in the state
			read,
		}},
		{"destroy", []string{"destroy", "-no-color", "-auto-approve"}, []string{
			// Process 1 refreshes.
			identify, read,
			// Process 2 plans. The target is not identified again under the same address.
			references, // the plan says what uses the endpoint
			// Process 3 deletes, and never on a target that it has not identified.
			identify,
			"DELETE /_inference/completion/e",
		}},
	} {
		server.Forget()
		terraform.succeeds(phase.args...)
		var got []string
		for _, request := range server.Requests() {
			got = append(got, createTimeout.ReplaceAllString(request.String(), ""))
		}
		t.Logf("%s: %q", phase.name, got)
		// The write is the last request. The target is identified by the same process before it.
		if last := got[len(got)-1]; strings.HasPrefix(last, "PUT ") || strings.HasPrefix(last, "DELETE ") {
			if last != phase.want[len(phase.want)-1] || !slices.Contains(got[max(0, len(got)-3):len(got)-1], identify) {
				t.Errorf("%s: got %q, want %q last, after %q", phase.name, got, phase.want[len(phase.want)-1], identify)
			}
		}
		slices.Sort(got)
		slices.Sort(phase.want)
		if !slices.Equal(got, phase.want) {
			t.Errorf("%s: got %q, want %q", phase.name, got, phase.want)
		}
	}
}

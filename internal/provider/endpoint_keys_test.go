// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch/elasticsearchtest"
)

// withSecret replaces the secret key of a configuration.
func withSecret(config, secret string) string {
	return strings.ReplaceAll(config, "secret-one", secret)
}

// revision returns a check for credentials_revision.
func revision(number int64) []statecheck.StateCheck {
	return []statecheck.StateCheck{holds(tfjsonpath.New("credentials_revision"), knownvalue.Int64Exact(number))}
}

// TestRotationReplaces checks that a changed key is detected and replaces the
// endpoint, and that the next plan is empty.
func TestRotationReplaces(t *testing.T) {
	t.Parallel()
	config := embedded(t) + endpointConfig("rotated", "completion", titanText)
	acceptance(t,
		step{config: config, state: revision(1)},
		step{config: config, action: plancheck.ResourceActionNoop},
		step{
			config: withSecret(config, "secret-two"), state: revision(2),
			plan: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(endpoint, plancheck.ResourceActionReplace),
				// The plan cannot show the keys, so this attribute shows the rotation.
				plancheck.ExpectUnknownValue(endpoint, tfjsonpath.New("credentials_revision")),
			},
		},
		step{config: withSecret(config, "secret-two"), action: plancheck.ResourceActionNoop},
		step{config: strings.ReplaceAll(withSecret(config, "secret-two"), "AKIATEST", "AKIANEXT"), action: plancheck.ResourceActionReplace, state: revision(3)},
	)
}

// TestRotationInPlace checks that a changed key is updated in place if credentials_rotation
// is "in_place".
func TestRotationInPlace(t *testing.T) {
	t.Parallel()
	config := embedded(t) + endpointConfig("rotated", "completion", titanText, `credentials_rotation = "in_place"`)
	acceptance(t,
		step{config: config, state: revision(1)},
		step{config: withSecret(config, "secret-two"), action: plancheck.ResourceActionUpdate, state: revision(2)},
		step{config: withSecret(config, "secret-two"), action: plancheck.ResourceActionNoop, state: revision(2)},
	)
}

// TestRotationByVersion checks that credentials_version alone decides if it is set.
func TestRotationByVersion(t *testing.T) {
	t.Parallel()
	provider := embedded(t)
	version := func(number string) string {
		return provider + endpointConfig("rotated", "completion", titanText, "credentials_version = "+number)
	}
	acceptance(t,
		step{config: version("1"), state: revision(1)},
		step{config: withSecret(version("1"), "secret-two"), action: plancheck.ResourceActionNoop},
		step{config: withSecret(version("2"), "secret-two"), action: plancheck.ResourceActionReplace, state: revision(2)},
		step{config: version("3"), action: plancheck.ResourceActionReplace, state: revision(3)},
		// Without the version the digest decides again: the keys are the same.
		step{config: version("null"), action: plancheck.ResourceActionUpdate, state: revision(3)},
		step{config: version("7"), action: plancheck.ResourceActionUpdate, state: revision(3)},
	)
}

// TestKeysIgnored checks that keys in ignore_changes, and keys that are left out,
// cause no rotation.
func TestKeysIgnored(t *testing.T) {
	t.Parallel()
	provider := embedded(t)
	ignored := provider + endpointConfig("ignored", "completion", titanText, `lifecycle {
    ignore_changes = [service_settings.secret_key, service_settings.access_key]
  }`)
	half := strings.Replace(ignored, ", service_settings.access_key]", "]", 1)
	without := provider + endpointConfig("ignored", "completion", strings.Replace(titanText, keys, "", 1))
	acceptance(t,
		step{config: provider + endpointConfig("ignored", "completion", titanText)},
		step{config: withSecret(ignored, "secret-two"), action: plancheck.ResourceActionNoop},
		step{config: half, action: plancheck.ResourceActionNoop},
		step{config: withSecret(half, "secret-three"), action: plancheck.ResourceActionNoop},
		step{config: without, action: plancheck.ResourceActionNoop},
	)
}

// TestRevisionSurvivesReplacement checks that a replacement for another reason does
// not count as a rotation.
func TestRevisionSurvivesReplacement(t *testing.T) {
	t.Parallel()
	provider := embedded(t)
	titan := provider + endpointConfig("replaced", "completion", titanText)
	acceptance(t,
		step{config: titan},
		step{config: withSecret(titan, "secret-two"), state: revision(2)},
		step{
			config: withSecret(provider+endpointConfig("replaced", "completion", claude), "secret-two"),
			action: plancheck.ResourceActionReplace, state: revision(2),
		},
	)
}

// TestUpdateSendsUnknownKeys checks that an update in place for another reason sends
// the configured keys if the state has no digest of them, although an equal
// credentials_version plans no rotation.
func TestUpdateSendsUnknownKeys(t *testing.T) {
	t.Parallel()
	for version, sends := range map[string]bool{"9.6.0": true, "9.4.0": true, "9.5.0": false} {
		env := newFaultEnv(t, faultCase{})
		env.server = elasticsearchtest.New(t, elasticsearchtest.Version(version))
		env.workspace.provider = object{"elasticsearch": object{"endpoints": []any{env.server.URL}}}
		config := func(keys keyPair) object { return with(env.endpoint(keys, 240), "credentials_version", 1) }
		env.mustApply(config(env.firstKeys))
		env.workspace.state.private = nil
		env.mustApply(with(config(env.secondKeys), "force_destroy", true))
		want := map[bool]string{true: "second", false: "first"}[sends]
		if got := serverKeys(env); got != want {
			t.Errorf("%s: got the %s keys on the server, want the %s", version, got, want)
		}
		if got := stateKeys(env); sends && got != "second" {
			t.Errorf("%s: got the digest of the %s keys in the state, want the second", version, got)
		}
	}
}

// TestFormerRotationDefault checks that the plan is empty for states of provider versions
// whose default was credentials_rotation = "replace", and that the value in the state does
// not decide how keys are rotated.
func TestFormerRotationDefault(t *testing.T) {
	t.Parallel()
	server := elasticsearchtest.New(t)
	w := newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}})
	w.config = with(with(validEndpoint(), "inference_id", "e"), "credentials_rotation", "replace")
	if errs := errorsOf(w.apply(t.Context(), func() {})); len(errs) > 0 {
		t.Fatal(diagnosticsText(errs))
	}
	w.config = with(w.config, "credentials_rotation", nil)
	if planned, found := w.session(t.Context()).plan(); !planned.isEmpty() || len(found) > 0 {
		t.Errorf("got a plan with changes, want none: %s", diagnosticsText(found))
	}
	server.Use("e", []string{"ingest-docs"}, nil)
	w.config = with(w.config, "service_settings.secret_key", "another")
	if planned, found := w.session(t.Context()).plan(); planned.destroys || planned.createOrUpdate == nil || len(errorsOf(found)) > 0 {
		t.Errorf("want a change of keys in place, got %s", diagnosticsText(found))
	}
}

// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// configWithUnknown adds a resource whose output is unknown during planning if the number
// changes, and takes "secret-one", @version and @temperature of the configuration from it:
// one value for the number 1, another for 2 and 3.
func configWithUnknown(number int, config string) string {
	values := func(one, two string) string {
		return fmt.Sprintf("{ \"1\" = %s, \"2\" = %s, \"3\" = %s }[terraform_data.source.output]", one, two, two)
	}
	config = strings.ReplaceAll(config, `"secret-one"`, values(`"secret-one"`, `"secret-two"`))
	config = strings.ReplaceAll(config, "@version", values("1", "2"))
	config = strings.ReplaceAll(config, "@temperature", values("0.5", "null"))
	return fmt.Sprintf("resource \"terraform_data\" \"source\" {\n  input = %d\n}\n", number) + config
}

// unknownStep applies a configuration with a value that is unknown during planning, and
// expects an action for the endpoint.
type unknownStep struct {
	number   int
	more     string
	want     plancheck.ResourceActionType
	revision int64
}

const (
	noAction      = plancheck.ResourceActionNoop
	updateAction  = plancheck.ResourceActionUpdate
	replaceAction = plancheck.ResourceActionReplace
)

func (s unknownStep) step(provider, settings string) step {
	config := provider + endpointConfig("e", "completion", settings, s.more)
	return step{config: configWithUnknown(s.number, config), action: s.want, state: revision(s.revision)}
}

// TestUnknownKeys checks that keys that are unknown during planning, such as those of an
// IAM access key that is replaced in the same run, are rotated in that run. Terraform fails
// an apply that differs from its plan, so each step proves that its plan was right.
func TestUnknownKeys(t *testing.T) {
	t.Parallel()
	const created = plancheck.ResourceActionCreate
	inPlace, limit := "\n  credentials_rotation = \"in_place\"", "\n  task_settings = { temperature = 0.5 }"
	version := func(version string) string { return "\n  credentials_version = " + version }
	for name, steps := range map[string][]unknownStep{
		"in place":                      {{1, inPlace, created, 1}, {1, inPlace, noAction, 1}, {2, inPlace, updateAction, 2}, {2, inPlace, noAction, 2}},
		"in place, keys turn out equal": {{2, inPlace, created, 1}, {3, inPlace, updateAction, 1}, {3, inPlace, noAction, 1}},
		"in place, with another change": {{1, inPlace, created, 1}, {2, inPlace + limit, updateAction, 2}, {3, inPlace, updateAction, 2}},
		"in place, by version":          {{1, inPlace + version("1"), created, 1}, {2, inPlace + version("2"), updateAction, 2}, {3, inPlace + version("2"), noAction, 2}},
		"in place, unknown version too": {{1, inPlace + version("@version"), created, 1}, {2, inPlace + version("@version"), updateAction, 2}, {3, inPlace + version("@version"), updateAction, 2}},
		"replaced":                      {{1, "", created, 1}, {1, "", noAction, 1}, {2, "", replaceAction, 2}, {2, "", noAction, 2}},
		"replaced, keys turn out equal": {{2, "", created, 1}, {3, "", replaceAction, 1}},
		"replaced, with another change": {{1, "", created, 1}, {2, limit, replaceAction, 2}},
		"replaced, by version":          {{1, version("1"), created, 1}, {2, version("2"), replaceAction, 2}, {3, version("2"), noAction, 2}, {1, version("2") + limit, updateAction, 2}},
		"replaced, unknown version too": {{1, version("@version"), created, 1}, {2, version("@version"), replaceAction, 2}},
		"unknown version is added":      {{2, "", created, 1}, {3, version("@version"), replaceAction, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			provider := embedded(t)
			var applied []step
			for _, step := range steps {
				applied = append(applied, step.step(provider, titanText))
			}
			acceptance(t, applied...)
		})
	}
}

// TestKeysAdded checks that keys are set in place if the endpoint was created without keys.
func TestKeysAdded(t *testing.T) {
	t.Parallel()
	provider, without := embedded(t), strings.Replace(titanText, keys, "", 1)
	const rotation = `credentials_rotation = "in_place"`
	acceptance(t,
		unknownStep{1, rotation, plancheck.ResourceActionCreate, 1}.step(provider, without),
		unknownStep{1, rotation, noAction, 1}.step(provider, without),
		unknownStep{1, rotation, updateAction, 2}.step(provider, titanText),
		unknownStep{1, rotation, noAction, 2}.step(provider, titanText),
	)
}

// TestUnknownSetting checks that an unknown setting, which may turn out to be null,
// replaces the endpoint if the target cannot remove the setting in place.
func TestUnknownSetting(t *testing.T) {
	t.Parallel()
	_, elasticsearch := cluster(t, "9.6.0")
	for provider, want := range map[string]plancheck.ResourceActionType{elasticsearch: replaceAction, embedded(t): updateAction} {
		setting := `task_settings = { temperature = @temperature, max_new_tokens = 9 }`
		acceptance(t,
			unknownStep{1, setting, plancheck.ResourceActionCreate, 1}.step(provider, withKnownKey(claude)),
			unknownStep{2, setting, want, 1}.step(provider, withKnownKey(claude)),
			unknownStep{3, setting, updateAction, 1}.step(provider, withKnownKey(claude)),
		)
	}
}

// withKnownKey returns settings without an unknown key.
func withKnownKey(settings string) string {
	return strings.ReplaceAll(settings, "secret-one", "secret-known")
}

// TestUnknownProviderSettings checks that a change that replaces the endpoint on every target is
// planned while settings of the provider are unknown.
func TestUnknownProviderSettings(t *testing.T) {
	t.Parallel()
	server, block := cluster(t, "9.6.0")
	const unknownEmpty = "${substr(terraform_data.source.output, 0, 0)}"
	for _, provider := range []string{
		strings.Replace(embedded(t), `path = "`, `path = "`+unknownEmpty, 1),
		strings.Replace(block, server.URL, unknownEmpty+server.URL, 1),
	} {
		limit := `task_settings = { temperature = 0.5 }`
		acceptance(t,
			unknownStep{1, "", plancheck.ResourceActionCreate, 1}.step(provider, withKnownKey(claude)),
			unknownStep{2, "", plancheck.ResourceActionNoop, 1}.step(provider, withKnownKey(claude)),
			unknownStep{3, limit, updateAction, 1}.step(provider, withKnownKey(claude)),
			unknownStep{1, limit, replaceAction, 1}.step(provider, withKnownKey(titanText)),
			unknownStep{2, limit, replaceAction, 2}.step(provider, strings.ReplaceAll(titanText, "secret-one", "secret-next")),
		)
	}
}

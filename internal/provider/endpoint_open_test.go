package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
)

// openAt adds a resource whose output is unknown during planning whenever the number
// changes, and takes "secret-one", @version and @temperature of the configuration
// from it: one value for the number 1, another for 2 and 3.
func openAt(number int, config string) string {
	values := func(one, two string) string {
		return fmt.Sprintf("{ \"1\" = %s, \"2\" = %s, \"3\" = %s }[terraform_data.source.output]", one, two, two)
	}
	config = strings.ReplaceAll(config, `"secret-one"`, values(`"secret-one"`, `"secret-two"`))
	config = strings.ReplaceAll(config, "@version", values("1", "2"))
	config = strings.ReplaceAll(config, "@temperature", values("0.5", "null"))
	return fmt.Sprintf("resource \"terraform_data\" \"source\" {\n  input = %d\n}\n", number) + config
}

// openStep applies a configuration with a value that is unknown during planning, and
// expects an action for the endpoint.
type openStep struct {
	number   int
	more     string
	want     plancheck.ResourceActionType
	revision int64
}

const (
	stays   = plancheck.ResourceActionNoop
	updates = plancheck.ResourceActionUpdate
	goes    = plancheck.ResourceActionReplace
)

func (s openStep) step(provider, settings string) resource.TestStep {
	config := provider + endpointConfig("e", "completion", settings, s.more)
	return resource.TestStep{Config: openAt(s.number, config), ConfigPlanChecks: planned(s.want), ConfigStateChecks: revision(s.revision)}
}

// TestKeysOpen checks that keys which are unknown during planning, such as those of an
// IAM user's key that is replaced in the same run, are rotated in that run. Terraform
// fails an apply that differs from its plan, so each step proves that its plan was
// right.
func TestKeysOpen(t *testing.T) {
	t.Parallel()
	const created = plancheck.ResourceActionCreate
	inPlace, limit := "\n  credentials_rotation = \"in_place\"", "\n  task_settings = { temperature = 0.5 }"
	version := func(version string) string { return "\n  credentials_version = " + version }
	for name, steps := range map[string][]openStep{
		"in place":                         {{1, inPlace, created, 1}, {1, inPlace, stays, 1}, {2, inPlace, updates, 2}, {2, inPlace, stays, 2}},
		"in place, the same in the end":    {{2, inPlace, created, 1}, {3, inPlace, updates, 1}, {3, inPlace, stays, 1}},
		"in place, with another change":    {{1, inPlace, created, 1}, {2, inPlace + limit, updates, 2}, {3, inPlace, updates, 2}},
		"in place, by version":             {{1, inPlace + version("1"), created, 1}, {2, inPlace + version("2"), updates, 2}, {3, inPlace + version("2"), stays, 2}},
		"in place, by a version open too":  {{1, inPlace + version("@version"), created, 1}, {2, inPlace + version("@version"), updates, 2}, {3, inPlace + version("@version"), updates, 2}},
		"replaced":                         {{1, "", created, 1}, {1, "", stays, 1}, {2, "", goes, 2}, {2, "", stays, 2}},
		"replaced, the same in the end":    {{2, "", created, 1}, {3, "", goes, 1}},
		"replaced, with another change":    {{1, "", created, 1}, {2, limit, goes, 2}},
		"replaced, by version":             {{1, version("1"), created, 1}, {2, version("2"), goes, 2}, {3, version("2"), stays, 2}, {1, version("2") + limit, updates, 2}},
		"replaced, by a version open too":  {{1, version("@version"), created, 1}, {2, version("@version"), goes, 2}},
		"an open version where none stood": {{2, "", created, 1}, {3, version("@version"), goes, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			provider := embedded(t)
			var applied []resource.TestStep
			for _, step := range steps {
				applied = append(applied, step.step(provider, titanText))
			}
			acceptance(t, applied...)
		})
	}
}

// TestKeysAdded checks that keys are rotated in if the endpoint was created without
// keys.
func TestKeysAdded(t *testing.T) {
	t.Parallel()
	provider, without := embedded(t), strings.Replace(titanText, keys, "", 1)
	const rotation = `credentials_rotation = "in_place"`
	acceptance(t,
		openStep{1, rotation, plancheck.ResourceActionCreate, 1}.step(provider, without),
		openStep{1, rotation, stays, 1}.step(provider, without),
		openStep{1, rotation, updates, 2}.step(provider, titanText),
		openStep{1, rotation, stays, 2}.step(provider, titanText),
	)
}

// TestSettingOpen checks that an unknown setting, which may turn out to be null,
// replaces the endpoint if the target cannot remove the setting in place.
func TestSettingOpen(t *testing.T) {
	t.Parallel()
	_, elasticsearch := cluster(t, "9.6.0")
	for provider, want := range map[string]plancheck.ResourceActionType{elasticsearch: goes, embedded(t): updates} {
		setting := `task_settings = { temperature = @temperature, max_new_tokens = 9 }`
		acceptance(t,
			openStep{1, setting, plancheck.ResourceActionCreate, 1}.step(provider, known(claude)),
			openStep{2, setting, want, 1}.step(provider, known(claude)),
			openStep{3, setting, updates, 1}.step(provider, known(claude)),
		)
	}
}

// known are settings without an unknown key.
func known(settings string) string { return strings.ReplaceAll(settings, "secret-one", "secret-known") }

// TestProviderOpen checks that a change that replaces the endpoint on every target is
// planned while the provider's own settings are unknown.
func TestProviderOpen(t *testing.T) {
	t.Parallel()
	server, block := cluster(t, "9.6.0")
	const nothing = "${substr(terraform_data.source.output, 0, 0)}"
	for _, provider := range []string{
		strings.Replace(embedded(t), `path = "`, `path = "`+nothing, 1),
		strings.Replace(block, server.URL, nothing+server.URL, 1),
	} {
		limit := `task_settings = { temperature = 0.5 }`
		acceptance(t,
			openStep{1, "", plancheck.ResourceActionCreate, 1}.step(provider, known(claude)),
			openStep{2, "", plancheck.ResourceActionNoop, 1}.step(provider, known(claude)),
			openStep{3, limit, updates, 1}.step(provider, known(claude)),
			openStep{1, limit, goes, 1}.step(provider, known(titanText)),
			openStep{2, limit, goes, 2}.step(provider, strings.ReplaceAll(titanText, "secret-one", "secret-next")),
		)
	}
}

package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

func withSecret(config, secret string) string {
	return strings.ReplaceAll(config, "secret-one", secret)
}

func revision(number int64) []statecheck.StateCheck {
	return []statecheck.StateCheck{holds(tfjsonpath.New("credentials_revision"), knownvalue.Int64Exact(number))}
}

// TestRotationReplaces: a changed key is noticed by itself and replaces the
// endpoint, once.
func TestRotationReplaces(t *testing.T) {
	t.Parallel()
	config := embedded(t) + endpointConfig("rotated", "completion", titanText)
	acceptance(t,
		resource.TestStep{Config: config, ConfigStateChecks: revision(1)},
		resource.TestStep{Config: config, ConfigPlanChecks: planned(plancheck.ResourceActionNoop)},
		resource.TestStep{
			Config: withSecret(config, "secret-two"), ConfigStateChecks: revision(2),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(endpoint, plancheck.ResourceActionReplace),
				// The reason has to stand in the plan: the keys themselves cannot.
				plancheck.ExpectUnknownValue(endpoint, tfjsonpath.New("credentials_revision")),
			}},
		},
		resource.TestStep{Config: withSecret(config, "secret-two"), ConfigPlanChecks: planned(plancheck.ResourceActionNoop)},
		resource.TestStep{Config: strings.ReplaceAll(withSecret(config, "secret-two"), "AKIATEST", "AKIANEXT"), ConfigPlanChecks: planned(plancheck.ResourceActionReplace), ConfigStateChecks: revision(3)},
	)
}

func TestRotationInPlace(t *testing.T) {
	t.Parallel()
	config := embedded(t) + endpointConfig("rotated", "completion", titanText, `credentials_rotation = "in_place"`)
	acceptance(t,
		resource.TestStep{Config: config, ConfigStateChecks: revision(1)},
		resource.TestStep{Config: withSecret(config, "secret-two"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), ConfigStateChecks: revision(2)},
		resource.TestStep{Config: withSecret(config, "secret-two"), ConfigPlanChecks: planned(plancheck.ResourceActionNoop), ConfigStateChecks: revision(2)},
	)
}

// TestRotationByVersion: where there is a version, it alone decides.
func TestRotationByVersion(t *testing.T) {
	t.Parallel()
	provider := embedded(t)
	version := func(number string) string {
		return provider + endpointConfig("rotated", "completion", titanText, "credentials_version = "+number)
	}
	acceptance(t,
		resource.TestStep{Config: version("1"), ConfigStateChecks: revision(1)},
		resource.TestStep{Config: withSecret(version("1"), "secret-two"), ConfigPlanChecks: planned(plancheck.ResourceActionNoop)},
		resource.TestStep{Config: withSecret(version("2"), "secret-two"), ConfigPlanChecks: planned(plancheck.ResourceActionReplace), ConfigStateChecks: revision(2)},
		resource.TestStep{Config: version("3"), ConfigPlanChecks: planned(plancheck.ResourceActionReplace), ConfigStateChecks: revision(3)},
		// Without the version the digest decides again: the keys are the same.
		resource.TestStep{Config: version("null"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), ConfigStateChecks: revision(3)},
		resource.TestStep{Config: version("7"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), ConfigStateChecks: revision(3)},
	)
}

// TestKeysIgnored: keys that Terraform is told to ignore, or that are left out,
// are no rotation.
func TestKeysIgnored(t *testing.T) {
	t.Parallel()
	provider := embedded(t)
	ignored := provider + endpointConfig("ignored", "completion", titanText, `lifecycle {
    ignore_changes = [service_settings.secret_key, service_settings.access_key]
  }`)
	half := strings.Replace(ignored, ", service_settings.access_key]", "]", 1)
	without := provider + endpointConfig("ignored", "completion", strings.Replace(titanText, keys, "", 1))
	acceptance(t,
		resource.TestStep{Config: provider + endpointConfig("ignored", "completion", titanText)},
		resource.TestStep{Config: withSecret(ignored, "secret-two"), ConfigPlanChecks: planned(plancheck.ResourceActionNoop)},
		resource.TestStep{Config: half, ConfigPlanChecks: planned(plancheck.ResourceActionNoop)},
		resource.TestStep{Config: withSecret(half, "secret-three"), ConfigPlanChecks: planned(plancheck.ResourceActionNoop)},
		resource.TestStep{Config: without, ConfigPlanChecks: planned(plancheck.ResourceActionNoop)},
	)
}

// TestRevisionSurvivesReplacement: a replacement for another reason is no
// rotation.
func TestRevisionSurvivesReplacement(t *testing.T) {
	t.Parallel()
	provider := embedded(t)
	titan := provider + endpointConfig("replaced", "completion", titanText)
	acceptance(t,
		resource.TestStep{Config: titan},
		resource.TestStep{Config: withSecret(titan, "secret-two"), ConfigStateChecks: revision(2)},
		resource.TestStep{
			Config:           withSecret(provider+endpointConfig("replaced", "completion", claude), "secret-two"),
			ConfigPlanChecks: planned(plancheck.ResourceActionReplace), ConfigStateChecks: revision(2),
		},
	)
}

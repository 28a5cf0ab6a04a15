package provider

import (
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
)

// providerData is what every shape gets from a configured provider. The target
// is nil while the provider's own settings are not known.
type providerData struct {
	assumption sync.Once
	target     backend.Target
	// assumed is what plans go by while there is no target.
	assumed   backend.Capabilities
	runner    *bedrock.Runner
	rotations rotations
	planned   plannedEndpoints
	// silent tells that the target could not be reached in this run.
	silent atomic.Bool
}

// ready tells that the provider is configured with known settings. It may be
// asked of a nil receiver: during validation nothing is configured.
func (d *providerData) ready() bool { return d != nil && d.target != nil }

// configured unpacks what Configure of a shape is given.
func configured(data any, diags *diag.Diagnostics) *providerData {
	if data == nil {
		return nil
	}
	own, ok := data.(*providerData)
	if !ok {
		diags.AddError("Provider data of another provider", fmt.Sprintf("Got %T. This is a fault of the provider: please report it.", data))
	}
	return own
}

// warnOfAssumption tells once in a run that the plan is made for a version which
// the target did not confirm.
func (d *providerData) warnOfAssumption(capabilities backend.Capabilities) diag.Diagnostics {
	var diags diag.Diagnostics
	if capabilities.Assumed {
		d.assumption.Do(func() {
			diags.AddWarning("Version of Elasticsearch is assumed",
				"The cluster does not let this user read its version (GET /, privilege monitor), so the plan is made for the newest version that this provider knows. "+
					"Write elasticsearch.version, or let the user read it.")
		})
	}
	return diags
}

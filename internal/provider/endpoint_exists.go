package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

// plannedTwice is a warning and no error, for Terraform does not say which
// resource it plans: it would be wrong of one that is planned anew.
func plannedTwice(id string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("inference_id"), "Inference endpoint is planned twice",
		fmt.Sprintf("Another resource of this plan makes an inference endpoint %q too, with other settings. A target has one endpoint of an id: "+
			"the apply will make the first and stop at the second. Write another inference_id.", id))
}

// checkFree says in the plan that an endpoint to be made is there already:
// somebody else's, or the provider's own of a run that was killed before it
// could say so. Of a replacement Terraform does not show it: what it plans for
// the new endpoint, it plans without warnings. What keeps the target from
// answering would stop the create too; but a target that cannot be reached may be
// up by then, and is not asked again.
func (r *endpointResource) checkFree(ctx context.Context, plan endpointModel) diag.Diagnostics {
	if plan.InferenceID.IsUnknown() || r.data.silent.Load() {
		return nil
	}
	id := plan.InferenceID.ValueString()
	taken, err := r.data.target.Exists(ctx, id)
	switch {
	case backend.Is(err, backend.Unreachable):
		r.data.silent.Store(true)
		return nil
	case err != nil:
		return errorDiagnostics("Asking whether the id is free", err)
	case !taken:
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("inference_id"), "Inference endpoint exists already",
		fmt.Sprintf("The target has an inference endpoint %q. If it is this resource's own, which is tainted, it is deleted first. "+
			"Else it was made elsewhere, or by a run that was cut off, and the apply will stop there: nothing is taken over silently. To manage that endpoint, import it:\n\n"+
			"  terraform import inference_endpoint.NAME %s", id, id))}
}

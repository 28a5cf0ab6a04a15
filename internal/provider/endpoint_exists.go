package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// privateReplaced marks, within one plan, an endpoint that is to be replaced:
// Terraform plans the new one as if there were no old one, but with its private
// data.
const privateReplaced = "replaced"

func markReplaced(ctx context.Context, private privateWriter) diag.Diagnostics {
	return private.SetKey(ctx, privateReplaced, []byte("true"))
}

// warnOfExisting says in the plan that an endpoint to be made is there already:
// somebody else's, or the provider's own of a run that was killed before it
// could say so. A target that cannot tell is asked again by the create itself.
func (r *endpointResource) warnOfExisting(ctx context.Context, plan endpointModel, private privateReader) diag.Diagnostics {
	replaced, _ := private.GetKey(ctx, privateReplaced)
	if len(replaced) > 0 || plan.InferenceID.IsUnknown() {
		return nil
	}
	id := plan.InferenceID.ValueString()
	if taken, err := r.data.target.Exists(ctx, id); err != nil || !taken {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("inference_id"), "Inference endpoint exists already",
		fmt.Sprintf("The target has an inference endpoint %q, and the state does not know it: it was made elsewhere, or by a run that was cut off. "+
			"Unless this plan destroys it first, the apply will stop there: nothing is taken over silently. To manage that endpoint, import it:\n\n"+
			"  terraform import inference_endpoint.NAME %s", id, id))}
}

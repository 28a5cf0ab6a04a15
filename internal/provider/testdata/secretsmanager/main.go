// SPDX-License-Identifier: MPL-2.0

// Command secretsmanager stands in for hashicorp/aws in the test of
// examples/elasticsearch-production: it has the one ephemeral resource that the
// example reads, and answers from the environment variable FAKE_SECRETS, a JSON
// object of secret ids and their texts.
package main

import (
	"context"
	"encoding/json"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return aws{} },
		providerserver.ServeOpts{Address: "registry.terraform.io/hashicorp/aws"})
	if err != nil {
		os.Exit(1)
	}
}

type aws struct{}

func (aws) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "aws"
}

func (aws) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{"region": schema.StringAttribute{Optional: true}}}
}

func (aws) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (aws) Resources(context.Context) []func() resource.Resource { return nil }

func (aws) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (aws) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{func() ephemeral.EphemeralResource { return secretVersion{} }}
}

type secretVersion struct{}

func (secretVersion) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = "aws_secretsmanager_secret_version"
}

func (secretVersion) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = ephemeralschema.Schema{Attributes: map[string]ephemeralschema.Attribute{
		"secret_id":     ephemeralschema.StringAttribute{Required: true},
		"secret_string": ephemeralschema.StringAttribute{Computed: true, Sensitive: true},
	}}
}

func (secretVersion) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var secret struct {
		ID     types.String `tfsdk:"secret_id"`
		String types.String `tfsdk:"secret_string"`
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, &secret)...)
	var secrets map[string]string
	if err := json.Unmarshal([]byte(os.Getenv("FAKE_SECRETS")), &secrets); err != nil {
		resp.Diagnostics.AddError("FAKE_SECRETS cannot be read", err.Error())
		return
	}
	secret.String = types.StringValue(secrets[secret.ID.ValueString()])
	resp.Diagnostics.Append(resp.Result.Set(ctx, secret)...)
}

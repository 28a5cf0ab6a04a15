// Command wide is a provider with the schema of the real one's endpoints and nothing behind it: no rule, no target, no
// I/O. What Terraform takes with it beyond the floor is the price of so many attributes, to Terraform and to the framework.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

func main() {
	address := "registry.terraform.io/terraform-provider-inference/wide"
	if err := providerserver.Serve(context.Background(), newProvider, providerserver.ServeOpts{Address: address}); err != nil {
		log.Fatal(err)
	}
}

type wideProvider struct{}

func newProvider() provider.Provider { return wideProvider{} }

func (wideProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "wide"
}

func (wideProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (wideProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (wideProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newEndpoint}
}

func (wideProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

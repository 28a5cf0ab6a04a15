// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestListReadsOnce checks that a listing with the resources reads the embedded file
// once: the file is gone when the results are taken.
func TestListReadsOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	simulator := bedrocksim.New()
	t.Cleanup(simulator.Close)
	file := filepath.Join(t.TempDir(), "endpoints.db")
	target := embedded.New(file, bedrock.New(bedrock.Config{Region: "us-east-1", Simulator: simulator}))
	want := map[string]string{"with-keys": sourceEndpoint, "without-keys": sourceDefaultChain}
	for id, source := range want {
		var keys inference.Keys
		if source == sourceEndpoint {
			keys = inference.Keys{AccessKey: "AKIATEST", SecretKey: "secret"}
		}
		endpoint := inference.Endpoint{
			InferenceID: id, TaskType: inference.Completion, Service: inference.Service,
			ServiceSettings: inference.ServiceSettings{Region: "us-east-1", Provider: "anthropic", Model: "anthropic.claude-3-haiku-20240307-v1:0"},
		}
		if _, err := target.Create(ctx, endpoint, keys); err != nil {
			t.Fatal(err)
		}
	}
	results := listEndpoints(t, target)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	for result := range results {
		var id, source types.String
		result.Diagnostics.Append(result.Resource.GetAttribute(ctx, pathID, &id)...)
		result.Diagnostics.Append(result.Resource.GetAttribute(ctx, path.Root("credentials_source"), &source)...)
		if result.Diagnostics.HasError() || source.ValueString() != want[id.ValueString()] {
			t.Errorf("%s: credentials_source is %s, want %s, %v", id, source, want[id.ValueString()], result.Diagnostics)
		}
		delete(want, id.ValueString())
	}
	if len(want) > 0 {
		t.Errorf("not listed: %v", want)
	}
}

// listEndpoints returns the results of a listing of all endpoints with their resources.
func listEndpoints(t *testing.T, target backend.Target) iter.Seq[list.ListResult] {
	t.Helper()
	ctx := t.Context()
	l := &endpointList{endpointResource{data: &providerData{target: target}}}
	var (
		config   list.ListResourceSchemaResponse
		identity resource.IdentitySchemaResponse
		stream   list.ListResultsStream
	)
	l.ListResourceConfigSchema(ctx, list.ListResourceSchemaRequest{}, &config)
	l.IdentitySchema(ctx, resource.IdentitySchemaRequest{}, &identity)
	null := tftypes.NewValue(tftypes.String, nil)
	l.List(ctx, list.ListRequest{
		Config: tfsdk.Config{Schema: config.Schema, Raw: tftypes.NewValue(config.Schema.Type().TerraformType(ctx), map[string]tftypes.Value{
			"task_type": null, "model": null,
		})},
		IncludeResource: true, ResourceSchema: endpointSchema(context.Background()), ResourceIdentitySchema: identity.IdentitySchema,
	}, &stream)
	return stream.Results
}

// partlyDecoded is a target with an endpoint that cannot be decoded between two others.
type partlyDecoded struct{ backend.Target }

func (partlyDecoded) ID(context.Context) (string, error) { return "elasticsearch:uuid", nil }

func (partlyDecoded) Address() string { return "https://es:9200" }

func (partlyDecoded) List(context.Context) iter.Seq2[backend.Listed, error] {
	return func(yield func(backend.Listed, error) bool) {
		for _, id := range []string{"a", "b", "c"} {
			var err error
			if id == "b" {
				err = &backend.Error{Kind: backend.Unreachable, Summary: "Cannot read b", Detail: "It is a list."}
			}
			if !yield(backend.Listed{Endpoint: inference.Endpoint{InferenceID: id}, HasKeys: true}, err) {
				return
			}
		}
	}
}

// TestListUndecodedEndpoint checks that an endpoint that cannot be decoded is a warning, and
// that those before and after it are listed.
func TestListUndecodedEndpoint(t *testing.T) {
	t.Parallel()
	var got []string
	for result := range listEndpoints(t, partlyDecoded{}) {
		for _, d := range result.Diagnostics {
			got = append(got, d.Severity().String()+": "+d.Summary()+": "+d.Detail())
		}
		if result.Identity != nil {
			got = append(got, result.DisplayName)
		}
	}
	want := []string{`Warning: Inference endpoint "b" is not listed: It is a list.`, "a (, )", "c (, )"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

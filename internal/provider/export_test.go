// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/fastpath"
)

// WithClock replaces the clock that decides whether a model is near its end of life.
func WithClock(now func() time.Time) Option {
	return func(p *inferenceProvider) { p.now = now }
}

// ErrLeftToFramework is returned by a server without the framework for calls that
// the fast path does not answer.
var ErrLeftToFramework = errors.New("left to the framework")

// SplitServer returns the framework server that a provider server wraps, and its
// fast path alone.
func SplitServer(whole tfprotov6.ProviderServer) (framework, fastPath tfprotov6.ProviderServer, ok bool) {
	server, ok := whole.(*fastpath.Server)
	if !ok {
		return nil, nil, false
	}
	alone := *server
	alone.FrameworkServer = noFramework{server.FrameworkServer}
	return server.FrameworkServer, &alone, true
}

// noFramework returns ErrLeftToFramework from the calls that have a fast path.
type noFramework struct{ fastpath.FrameworkServer }

func (noFramework) ValidateResourceConfig(context.Context, *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return nil, ErrLeftToFramework
}

func (noFramework) UpgradeResourceState(context.Context, *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return nil, ErrLeftToFramework
}

func (noFramework) ReadResource(context.Context, *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return nil, ErrLeftToFramework
}

func (noFramework) PlanResourceChange(context.Context, *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return nil, ErrLeftToFramework
}

// ElasticsearchConfig returns the configuration that the environment gives to a
// provider with an empty block for Elasticsearch.
func ElasticsearchConfig() (elasticsearch.Config, error) {
	settings, diags := providerModel{}.read(os.LookupEnv)
	if diags.HasError() {
		return elasticsearch.Config{}, fmt.Errorf("%s: %s", diags.Errors()[0].Summary(), diags.Errors()[0].Detail())
	}
	if !settings.useElasticsearch {
		return elasticsearch.Config{}, errors.New("the environment names no cluster: set ELASTICSEARCH_ENDPOINTS, ELASTICSEARCH_URL or ELASTICSEARCH_CLOUD_ID")
	}
	return settings.elasticsearch, nil
}

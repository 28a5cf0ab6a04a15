// SPDX-License-Identifier: MPL-2.0

// Package backendtest is what every target has to pass, whatever is behind it.
package backendtest

import (
	"math"
	"slices"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// Run tests whether the targets that open returns satisfy the contract of backend.Target.
// Each test gets a target of its own, without endpoints. The keys are valid.
func Run(t *testing.T, open func(t *testing.T) backend.Target, keys inference.Keys) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(*suite)
	}{
		{"it has a name and abilities", (*suite).testIdentity},
		{"an endpoint is created, with defaults filled in", (*suite).testCreate},
		{"an endpoint is created as asked in every setting", (*suite).testCreateInFull},
		{"an id that exists is not taken over", (*suite).testAlreadyExists},
		{"an id that does not exist is not found", (*suite).testNotFound},
		{"an id is taken once the endpoint is there", (*suite).testExists},
		{"endpoints are listed by id", (*suite).testList},
		{"task settings change in place", (*suite).testUpdateTaskSettings},
		{"task settings are taken back in place", (*suite).testUnsetTaskSettings},
		{"the rate limit changes in place", (*suite).testUpdateRateLimit},
		{"max_input_tokens changes in place", (*suite).testUpdateMaxInputTokens},
		{"chunking changes in place", (*suite).testUpdateChunking},
		{"keys change in place", (*suite).testUpdateKeys},
		{"an endpoint that does not exist is not updated", (*suite).testUpdateMissing},
		{"an endpoint is deleted, also twice", (*suite).testDelete},
		{"nothing uses a new endpoint", (*suite).testReferences},
		{"embeddings come in the order of the inputs", (*suite).testEmbed},
		{"completions come in the order of the inputs", (*suite).testComplete},
		{"an endpoint that does not exist is not run", (*suite).testRunMissing},
	} {
		t.Run(test.name, func(t *testing.T) {
			opened := open(t)
			able, err := opened.Capabilities(t.Context())
			if err != nil {
				t.Fatalf("Capabilities: %v", err)
			}
			test.run(&suite{T: t, target: opened, able: able, keys: keys})
		})
	}
}

// suite is one test with its target.
type suite struct {
	*testing.T
	target backend.Target
	able   backend.Capabilities
	keys   inference.Keys
}

// embeddings is the endpoint of the service's own documentation.
func (s *suite) embeddings(id string) inference.Endpoint {
	return inference.Endpoint{
		InferenceID: id,
		TaskType:    inference.TextEmbedding,
		Service:     inference.Service,
		ServiceSettings: inference.ServiceSettings{
			Region: "us-east-1", Provider: inference.AmazonTitan, Model: "amazon.titan-embed-text-v2:0",
		},
	}
}

func (s *suite) completion(id string) inference.Endpoint {
	return inference.Endpoint{
		InferenceID: id,
		TaskType:    inference.Completion,
		Service:     inference.Service,
		ServiceSettings: inference.ServiceSettings{
			Region: "us-east-1", Provider: inference.AmazonTitan, Model: "amazon.titan-text-premier-v1:0",
		},
	}
}

func (s *suite) create(endpoint inference.Endpoint) inference.Endpoint {
	s.Helper()
	created, err := s.target.Create(s.Context(), endpoint, s.keys)
	if err != nil {
		s.Fatalf("Create(%s): %v", endpoint.InferenceID, err)
	}
	return created
}

func (s *suite) get(id string) inference.Endpoint {
	s.Helper()
	found, err := s.target.Get(s.Context(), id)
	if err != nil {
		s.Fatalf("Get(%s): %v", id, err)
	}
	return found
}

func (s *suite) update(prior inference.Endpoint, update inference.Update) inference.Endpoint {
	s.Helper()
	updated, err := s.target.Update(s.Context(), prior, update)
	if err != nil {
		s.Fatalf("Update(%s): %v", prior.InferenceID, err)
	}
	return updated
}

// same fails unless the endpoints agree in every setting.
func (s *suite) same(what string, got, want inference.Endpoint) {
	s.Helper()
	if differing := differences(got, want); len(differing) > 0 {
		s.Errorf("%s differs in %v:\n got %+v\nwant %+v", what, differing, got, want)
	}
}

// differences also returns differences that backend.Differences ignores.
func differences(got, want inference.Endpoint) []validation.Path {
	found := backend.Differences(want, got)
	g, w := got.ServiceSettings, want.ServiceSettings
	for _, setting := range []struct {
		path  validation.Path
		equal bool
	}{
		{"inference_id", got.InferenceID == want.InferenceID},
		{"service_settings.rate_limit.requests_per_minute", g.RequestsPerMinute == w.RequestsPerMinute},
		{"service_settings.similarity", g.Similarity == w.Similarity},
		{"service_settings.dimensions", g.Dimensions == w.Dimensions},
		{"chunking_settings", inference.EqualChunking(got.Chunking, want.Chunking)},
	} {
		if !setting.equal && !slices.Contains(found, setting.path) {
			found = append(found, setting.path)
		}
	}
	return found
}

// fails reports a failure unless err is an error of the kind.
func (s *suite) fails(what string, err error, kind backend.Kind) {
	s.Helper()
	if !backend.Is(err, kind) {
		s.Errorf("%s: got error %v, want one of kind %d", what, err, kind)
	}
}

func isUsable(vector []float32) bool {
	var length float64
	for _, number := range vector {
		length += float64(number) * float64(number)
	}
	return length > 0 && !math.IsNaN(length) && !math.IsInf(length, 0)
}

// SPDX-License-Identifier: MPL-2.0

package backendtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// texts are more than any target asks the model for at once.
func texts() []string {
	var texts []string
	for i := range 12 {
		texts = append(texts, fmt.Sprintf("The %d quick brown foxes jump over \"%d\" lazy dogs.", i, 100-i))
	}
	return texts
}

// unlimited returns an endpoint whose rate limit does not delay a test.
func unlimited(endpoint inference.Endpoint) inference.Endpoint {
	endpoint.ServiceSettings.RequestsPerMinute = 600_000
	return endpoint
}

func (s *suite) testEmbed() {
	endpoint := s.create(unlimited(s.embeddings("embeddings")))
	inputs, inputType := texts(), inference.Search
	if s.able.NoInputType {
		inputType = ""
	}
	together, err := s.target.Run(s.Context(), endpoint, inference.Request{Input: inputs, InputType: inputType})
	if err != nil {
		s.Fatalf("Run: %v", err)
	}
	if len(together.Embeddings) != len(inputs) || len(together.Completions) != 0 {
		s.Fatalf("Run: got %d embeddings and %d completions for %d inputs", len(together.Embeddings), len(together.Completions), len(inputs))
	}
	for i, input := range inputs {
		alone, err := s.target.Run(s.Context(), endpoint, inference.Request{Input: []string{input}, InputType: inputType})
		if err != nil || len(alone.Embeddings) != 1 {
			s.Fatalf("Run of one input: got %d embeddings, %v", len(alone.Embeddings), err)
		}
		vector := together.Embeddings[i]
		if int64(len(vector)) != endpoint.ServiceSettings.Dimensions || !isUsable(vector) {
			s.Errorf("embedding %d has %d dimensions, want %d", i, len(vector), endpoint.ServiceSettings.Dimensions)
		}
		if !slices.Equal(vector, alone.Embeddings[0]) {
			s.Errorf("embedding %d is not that of %q", i, input)
		}
		if i > 0 && slices.Equal(vector, together.Embeddings[i-1]) {
			s.Errorf("embeddings %d and %d are equal", i-1, i)
		}
	}
}

func (s *suite) testComplete() {
	endpoint := s.create(unlimited(s.completion("completion")))
	inputs := texts()
	temperature, tokens := 1.0, int64(64)
	settings := inference.TaskSettings{Temperature: &temperature, MaxNewTokens: &tokens}
	together, err := s.target.Run(s.Context(), endpoint, inference.Request{Input: inputs, TaskSettings: settings})
	if err != nil {
		s.Fatalf("Run: %v", err)
	}
	if len(together.Completions) != len(inputs) || len(together.Embeddings) != 0 {
		s.Fatalf("Run: got %d completions and %d embeddings for %d inputs", len(together.Completions), len(together.Embeddings), len(inputs))
	}
	for i, input := range inputs {
		alone, err := s.target.Run(s.Context(), endpoint, inference.Request{Input: []string{input}, TaskSettings: settings})
		if err != nil || len(alone.Completions) != 1 {
			s.Fatalf("Run of one input: got %d completions, %v", len(alone.Completions), err)
		}
		text := together.Completions[i].Text
		if strings.TrimSpace(text) == "" || text != alone.Completions[0].Text {
			s.Errorf("completion %d is %q, alone it is %q", i, text, alone.Completions[0].Text)
		}
		if i > 0 && text == together.Completions[i-1].Text {
			s.Errorf("completions %d and %d are equal: %q", i-1, i, text)
		}
	}
	s.same("the endpoint after the run", s.get("completion"), endpoint)
}

func (s *suite) testRunMissing() {
	for _, endpoint := range []inference.Endpoint{s.embeddings("nowhere"), s.completion("nowhere")} {
		_, err := s.target.Run(s.Context(), endpoint, inference.Request{Input: []string{"hello"}})
		s.fails("Run of nothing", err, backend.NotFound)
	}
}

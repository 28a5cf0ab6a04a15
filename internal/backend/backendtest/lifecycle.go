// SPDX-License-Identifier: MPL-2.0

package backendtest

import (
	"slices"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

func (s *suite) testIdentity() {
	id, err := s.target.ID(s.Context())
	if err != nil || id == "" {
		s.Errorf("ID: got %q, %v", id, err)
	}
	again, err := s.target.ID(s.Context())
	if err != nil || again != id {
		s.Errorf("ID: got %q, %v, before it was %q", again, err, id)
	}
	if s.able.Name == "" || !s.able.Supported {
		s.Errorf("Capabilities: got %+v", s.able)
	}
	for _, task := range []inference.TaskType{inference.TextEmbedding, inference.Completion} {
		if !slices.Contains(s.able.TaskTypes, task) {
			s.Errorf("Capabilities: no %s", task)
		}
	}
}

func (s *suite) testCreate() {
	asked := s.embeddings("amazon_bedrock_embeddings")
	want := asked
	want.ServiceSettings.RequestsPerMinute = inference.DefaultRequestsPerMinute
	want.ServiceSettings.Similarity = "cosine"
	want.ServiceSettings.Dimensions = 1024
	if len(s.able.Strategies) > 0 {
		chunking := inference.DefaultChunking()
		want.Chunking = &chunking
	}
	s.same("what Create returns", s.create(asked), want)
	s.same("what Get returns", s.get(asked.InferenceID), want)

	asked = s.completion("amazon_bedrock_completion")
	want = asked
	want.ServiceSettings.RequestsPerMinute = inference.DefaultRequestsPerMinute
	s.same("what Create returns", s.create(asked), want)
	s.same("what Get returns", s.get(asked.InferenceID), want)
}

func (s *suite) testCreateInFull() {
	embeddings := s.embeddings("embeddings")
	embeddings.ServiceSettings.RequestsPerMinute = 60
	embeddings.ServiceSettings.Similarity = "dot_product"
	embeddings.ServiceSettings.MaxInputTokens = 512
	if len(s.able.Strategies) > 0 {
		embeddings.Chunking = &inference.ChunkingSettings{Strategy: inference.StrategyWord, MaxChunkSize: 120, Overlap: 40}
	}
	want := embeddings
	want.ServiceSettings.Dimensions = 1024
	s.same("what Create returns", s.create(embeddings), want)
	s.same("what Get returns", s.get(embeddings.InferenceID), want)

	completion := s.completion("completion")
	completion.ServiceSettings.RequestsPerMinute = 30
	temperature, tokens := 1.0, int64(128)
	completion.TaskSettings = inference.TaskSettings{Temperature: &temperature, MaxNewTokens: &tokens}
	s.same("what Create returns", s.create(completion), completion)
	s.same("what Get returns", s.get(completion.InferenceID), completion)

	for _, strategy := range s.able.Strategies {
		s.testStrategy(strategy)
	}
}

func (s *suite) testStrategy(strategy string) {
	asked := s.embeddings("chunks-" + strategy)
	asked.Chunking = &inference.ChunkingSettings{Strategy: strategy}
	switch strategy {
	case inference.StrategyWord:
		asked.Chunking.MaxChunkSize, asked.Chunking.Overlap = 10, 5
	case inference.StrategySentence:
		asked.Chunking.MaxChunkSize = 20
	case inference.StrategyRecursive:
		asked.Chunking.MaxChunkSize, asked.Chunking.SeparatorGroup = 10, inference.GroupMarkdown
	}
	created := s.create(asked)
	if !inference.EqualChunking(created.Chunking, asked.Chunking) {
		s.Errorf("chunking by %s: got %+v, want %+v", strategy, created.Chunking, asked.Chunking)
	}
}

func (s *suite) testAlreadyExists() {
	first := s.create(s.embeddings("taken"))
	_, err := s.target.Create(s.Context(), s.embeddings("taken"), s.keys)
	s.fails("the same endpoint again", err, backend.AlreadyExists)
	_, err = s.target.Create(s.Context(), s.completion("taken"), s.keys)
	s.fails("another endpoint of that id", err, backend.AlreadyExists)
	s.same("the first one", s.get("taken"), first)
}

func (s *suite) testNotFound() {
	s.create(s.embeddings("here"))
	for _, id := range []string{"nowhere", "her", "here.", "*", "_all", "a/b", "..", "with blank"} {
		_, err := s.target.Get(s.Context(), id)
		s.fails("Get("+id+")", err, backend.NotFound)
	}
}

func (s *suite) testExists() {
	for _, want := range []bool{false, true} {
		if taken, err := s.target.Exists(s.Context(), "asked-for"); taken != want || err != nil {
			s.Errorf("Exists: got %v, %v, want %v", taken, err, want)
		}
		if !want {
			s.create(s.embeddings("asked-for"))
		}
	}
}

func (s *suite) testList() {
	if none, err := backend.Collect(s.target.List(s.Context())); err != nil || len(none) != 0 {
		s.Errorf("List of nothing: got %v, %v", none, err)
	}
	want := []inference.Endpoint{s.create(s.embeddings("a")), s.create(s.completion("b-2")), s.create(s.embeddings("b_1"))}
	got, err := backend.Collect(s.target.List(s.Context()))
	if err != nil {
		s.Fatalf("List: %v", err)
	}
	if len(got) != len(want) {
		s.Fatalf("List: got %d endpoints, want %d: %+v", len(got), len(want), got)
	}
	for i := range want {
		s.same("what List returns", got[i], want[i])
	}
}

func (s *suite) testDelete() {
	endpoint := s.create(s.embeddings("to-delete"))
	other := s.create(s.completion("to-keep"))
	if err := s.target.Delete(s.Context(), endpoint, false); err != nil {
		s.Fatalf("Delete: %v", err)
	}
	_, err := s.target.Get(s.Context(), "to-delete")
	s.fails("Get after Delete", err, backend.NotFound)
	if err := s.target.Delete(s.Context(), endpoint, false); err != nil {
		s.Errorf("Delete again: %v", err)
	}
	if err := s.target.Delete(s.Context(), endpoint, true); err != nil {
		s.Errorf("Delete again, by force: %v", err)
	}
	s.same("the other endpoint", s.get("to-keep"), other)
	s.same("the endpoint made anew", s.create(s.embeddings("to-delete")), endpoint)
}

func (s *suite) testReferences() {
	endpoint := s.create(s.embeddings("unused"))
	references, err := s.target.References(s.Context(), endpoint)
	if err != nil || !references.IsZero() {
		s.Errorf("References: got %+v, %v", references, err)
	}
	s.get("unused")
	endpoint.InferenceID = "nowhere"
	if references, err := s.target.References(s.Context(), endpoint); err != nil || !references.IsZero() {
		s.Errorf("References of nothing: got %+v, %v", references, err)
	}
}

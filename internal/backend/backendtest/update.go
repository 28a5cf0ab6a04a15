// SPDX-License-Identifier: MPL-2.0

package backendtest

import (
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// changes updates an endpoint where the target says that it can, and expects
// nothing else to change.
func (s *suite) changes(can bool, prior inference.Endpoint, update inference.Update) {
	s.Helper()
	if !can {
		s.Logf("%s does not do this in place", s.able.Name)
		return
	}
	want := prior.Apply(update)
	s.same("what Update returns", s.update(prior, update), want)
	s.same("what Get returns", s.get(prior.InferenceID), want)
}

// withResetChunking returns an embedding endpoint whose chunking settings stay the same
// in an update of any version, because old versions reset them to these values.
func (s *suite) withResetChunking() inference.Endpoint {
	endpoint := s.embeddings("to-update")
	if s.able.Update.ResetsChunking {
		endpoint.Chunking = &inference.ChunkingSettings{Strategy: inference.StrategyWord, MaxChunkSize: 250, Overlap: 100}
	}
	return endpoint
}

func (s *suite) testUpdateTaskSettings() {
	endpoint := s.completion("to-update")
	temperature, tokens := 0.5, int64(128)
	endpoint.TaskSettings = inference.TaskSettings{Temperature: &temperature, MaxNewTokens: &tokens}
	more, whole := int64(256), 1.0
	prior := s.create(endpoint)
	s.changes(s.able.Update.TaskSettings, prior, inference.Update{TaskSettings: inference.TaskSettings{MaxNewTokens: &more}})
	s.changes(s.able.Update.TaskSettings, s.get("to-update"), inference.Update{TaskSettings: inference.TaskSettings{Temperature: &whole}})
}

func (s *suite) testUnsetTaskSettings() {
	endpoint := s.completion("to-update")
	temperature, tokens := 0.5, int64(128)
	endpoint.TaskSettings = inference.TaskSettings{Temperature: &temperature, MaxNewTokens: &tokens}
	prior := s.create(endpoint)
	s.changes(s.able.Update.UnsetTaskSettings, prior, inference.Update{
		TaskSettings: inference.TaskSettings{MaxNewTokens: &tokens}, UnsetTaskSettings: true,
	})
	s.changes(s.able.Update.UnsetTaskSettings, s.get("to-update"), inference.Update{UnsetTaskSettings: true})
}

func (s *suite) testUpdateRateLimit() {
	for _, endpoint := range []inference.Endpoint{s.withResetChunking(), s.completion("completion")} {
		s.changes(s.able.Update.RateLimit, s.create(endpoint), s.withLimitKeys(inference.Update{RequestsPerMinute: 17}))
	}
}

func (s *suite) testUpdateMaxInputTokens() {
	tokens := int64(300)
	prior := s.create(s.withResetChunking())
	s.changes(s.able.Update.MaxInputTokens, prior, s.withLimitKeys(inference.Update{MaxInputTokens: &tokens}))
}

func (s *suite) testUpdateChunking() {
	prior := s.create(s.embeddings("to-update"))
	s.changes(s.able.Update.Chunking, prior, inference.Update{
		Chunking: &inference.ChunkingSettings{Strategy: inference.StrategyWord, MaxChunkSize: 50, Overlap: 10},
	})
	s.changes(s.able.Update.Chunking, s.get("to-update"), inference.Update{
		Chunking: &inference.ChunkingSettings{Strategy: inference.StrategySentence, MaxChunkSize: 40, SentenceOverlap: 0},
	})
}

func (s *suite) testUpdateKeys() {
	for _, endpoint := range []inference.Endpoint{s.withResetChunking(), s.completion("completion")} {
		s.changes(s.able.Update.Keys, s.create(endpoint), inference.Update{Keys: s.keys})
	}
}

func (s *suite) testUpdateMissing() {
	if !s.able.Update.TaskSettings {
		s.Logf("%s does not do this in place", s.able.Name)
		return
	}
	tokens := int64(9)
	_, err := s.target.Update(s.Context(), s.completion("nowhere"), inference.Update{TaskSettings: inference.TaskSettings{MaxNewTokens: &tokens}})
	s.fails("Update of nothing", err, backend.NotFound)
}

// withLimitKeys adds the key pair where an update of limits has to bring it along.
func (s *suite) withLimitKeys(update inference.Update) inference.Update {
	if s.able.Update.LimitsNeedKeys {
		update.Keys = s.keys
	}
	return update
}

// SPDX-License-Identifier: MPL-2.0

package live

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// chunked returns chunking settings as a member of a body.
func chunked(settings string) string { return `"chunking_settings":{` + settings + `}` }

func chunkingFacts() []Fact {
	separators := func(n int) string {
		list := make([]string, n)
		for i := range list {
			list[i] = fmt.Sprintf(`"s%d"`, i)
		}
		return chunked(`"strategy":"recursive","max_chunk_size":40,"separators":[` + strings.Join(list, ",") + `]`)
	}
	samples := map[string]string{
		inference.StrategyWord:      `"strategy":"word","max_chunk_size":40,"overlap":20`,
		inference.StrategySentence:  `"strategy":"sentence","max_chunk_size":40,"sentence_overlap":0`,
		inference.StrategyRecursive: `"strategy":"recursive","max_chunk_size":40,"separator_group":"plaintext"`,
		inference.StrategyNone:      `"strategy":"none"`,
	}
	return []Fact{
		{
			Name: "strategies", Rows: []string{"chunking", "none", "recursive"},
			Assumed: func(s *Session) string {
				return strings.Join(slices.Sorted(slices.Values(s.release.Strategies)), ", ")
			},
			Observe: func(s *Session) string {
				var known []string
				for _, strategy := range inference.Strategies() {
					_, got := s.create("text_embedding", titan, chunked(samples[strategy]))
					switch verdict(got) {
					case accepted:
						known = append(known, strategy)
					case refused:
					default:
						return got.String()
					}
				}
				slices.Sort(known)
				return strings.Join(known, ", ")
			},
		},
		{
			Name: "separator group", Rows: []string{"recursive"},
			Skip:    func(s *Session) string { return s.withoutRecursive() },
			Assumed: always("stored as max_chunk_size, separators, strategy"),
			Observe: func(s *Session) string {
				id, got := s.create("text_embedding", titan, chunked(samples[inference.StrategyRecursive]))
				if !got.ok() {
					return verdict(got)
				}
				return "stored as " + strings.Join(names("", s.get(id).at("chunking_settings")), ", ")
			},
		},
		{
			Name: "chunks of 301 words", Rows: []string{"chunk_size"},
			Skip: func(s *Session) string {
				return either(len(s.release.Strategies) == 0, "the version has no chunking", "")
			},
			Assumed: func(s *Session) string { return either(s.release.MaxChunkSize == 0, accepted, refused) },
			Observe: func(s *Session) string {
				_, got := s.create("text_embedding", titan, chunked(`"strategy":"word","max_chunk_size":301,"overlap":1`))
				return verdict(got)
			},
		},
		{
			Name: "smallest overlap", Basis: "WordBoundaryChunkingSettings, run on 8.16 to 9.5",
			Skip: func(s *Session) string {
				return either(len(s.release.Strategies) == 0, "the version has no chunking", "")
			},
			Assumed: func(s *Session) string { return fmt.Sprint(s.release.MinOverlap) },
			Observe: func(s *Session) string {
				for overlap := range 3 {
					if _, got := s.create("text_embedding", titan, chunked(fmt.Sprintf(`"strategy":"word","max_chunk_size":40,"overlap":%d`, overlap))); got.ok() {
						return fmt.Sprint(overlap)
					}
				}
				return "none"
			},
		},
		{
			Name: "separators", Rows: []string{"separators"},
			Skip: func(s *Session) string { return s.withoutRecursive() },
			Assumed: func(s *Session) string {
				return either(s.release.MaxSeparators == 0, "50 accepted, 51 accepted", "50 accepted, 51 refused")
			},
			Observe: func(s *Session) string {
				_, fifty := s.create("text_embedding", titan, separators(50))
				_, more := s.create("text_embedding", titan, separators(51))
				return "50 " + verdict(fifty) + ", 51 " + verdict(more)
			},
		},
	}
}

func (s *Session) withoutRecursive() string {
	return either(slices.Contains(s.release.Strategies, inference.StrategyRecursive), "", "the version has no strategy recursive")
}

// updatesUnknown is a reason to skip facts about updates.
func updatesUnknown(s *Session) string {
	return either(s.since("8.16.0") && !s.since("8.18.0"), "before 8.18.0, it depends on which node is asked", "")
}

func inPlace(can func(*Session) bool) func(*Session) string {
	return func(s *Session) string { return either(can(s), changed, notChanged) }
}

func updateFacts() []Fact {
	facts := []Fact{
		{
			Name: "update of a task setting", Rows: []string{"update"},
			Assumed: func(s *Session) string { return either(s.release.Update.TaskSettings, "merged", notChanged) },
			Observe: withEndpoint(func(s *Session, id string) string {
				got := s.update("completion", id, `{"task_settings":{"max_new_tokens":8}}`)
				now := s.get(id)
				temperature, tokens := fmt.Sprint(now.at("task_settings", "temperature")), fmt.Sprint(now.at("task_settings", "max_new_tokens"))
				switch {
				case got.status >= http.StatusInternalServerError:
					return got.String()
				case temperature == "0.5" && tokens == "8":
					return "merged"
				case temperature == "0.5" && tokens == "7":
					return notChanged
				}
				return fmt.Sprintf("temperature %s, max_new_tokens %s", temperature, tokens)
			}, "completion", claude, `"task_settings":{"temperature":0.5,"max_new_tokens":7}`),
		},
		{
			Name: "update of the keys", Rows: []string{"update", "keys_unknown", "keys_known"},
			Assumed: func(s *Session) string { return either(s.release.Update.Keys, accepted, refused) },
			Observe: withEndpoint(func(s *Session, id string) string {
				return verdict(s.update("completion", id, `{"service_settings":{`+s.keyPair()+`}}`))
			}, "completion", claude),
		},
		{
			Name: "chunking after an update", Rows: []string{"chunking_reset"},
			Assumed: func(s *Session) string { return either(s.release.Update.ResetsChunking, "word, 250, 100", "kept") },
			Skip: func(s *Session) string {
				return either(s.release.Update.TaskSettings, "", "the version counts as one without updates")
			},
			Observe: withEndpoint(func(s *Session, id string) string {
				update := s.keyPair()
				if !s.release.Update.Keys {
					update = `"rate_limit":{"requests_per_minute":61}`
				}
				if got := s.update("text_embedding", id, `{"service_settings":{`+update+`}}`); !got.ok() {
					return "update: " + got.String()
				}
				now := s.get(id).at("chunking_settings")
				object, _ := now.(map[string]any)
				switch {
				case object["strategy"] == "sentence" && fmt.Sprint(object["max_chunk_size"]) == "90":
					return "kept"
				case object["strategy"] == "word":
					return fmt.Sprintf("word, %v, %v", object["max_chunk_size"], object["overlap"])
				}
				return fmt.Sprint(now)
			}, "text_embedding", titan, chunked(`"strategy":"sentence","max_chunk_size":90,"sentence_overlap":0`)),
		},
		{
			Name: "update of the chunking settings", Rows: []string{"chunking_in_place"},
			Assumed: inPlace(func(s *Session) bool { return s.release.Update.Chunking }),
			Observe: func(s *Session) string {
				return s.changes("text_embedding", titan, `{`+chunked(`"strategy":"sentence","max_chunk_size":91,"sentence_overlap":0`)+`}`, "91", "chunking_settings", "max_chunk_size")
			},
		},
		{
			Name: "update of the region", Basis: basisService, Assumed: always(notChanged),
			Observe: func(s *Session) string {
				return s.changes("completion", claude, `{"service_settings":{"region":"us-west-2",`+s.keyPair()+`}}`, "us-west-2", "service_settings", "region")
			},
		},
		{
			Name: "removal of a task setting", Basis: basisService, Assumed: always(notChanged),
			Observe: withEndpoint(func(s *Session, id string) string {
				s.update("completion", id, `{"task_settings":{"temperature":null}}`)
				return either(fmt.Sprint(s.get(id).at("task_settings", "temperature")) == "0.5", notChanged, changed)
			}, "completion", claude, `"task_settings":{"temperature":0.5}`),
		},
		{
			Name: "update with a null block", Basis: basisRun, Assumed: always(refused),
			Observe: func(s *Session) string {
				id, _ := s.create("completion", claude)
				return verdict(s.update("completion", id, `{"service_settings":null,"task_settings":{}}`))
			},
		},
		{
			Name: "update of a missing endpoint", Basis: basisAPI,
			Assumed: func(s *Session) string {
				return either(s.release.Update.TaskSettings, "404 resource_not_found_exception", refused)
			},
			Observe: func(s *Session) string {
				got := s.update("completion", s.newID(), `{"task_settings":{"temperature":0.5}}`)
				return either(s.release.Update.TaskSettings, got.kind(), verdict(got))
			},
		},
		{
			Name: "timeout of an update", Rows: []string{"update_timeout"},
			Assumed: func(s *Session) string { return either(s.release.UpdateTimeout, accepted, refused) },
			Observe: withEndpoint(func(s *Session, id string) string {
				return verdict(s.send(http.MethodPut, "/_inference/completion/"+id+"/_update?timeout=30s", `{"task_settings":{"temperature":0.5}}`))
			}, "completion", claude),
		},
	}
	facts = append(facts, limitFacts()...)
	for i := range facts {
		if facts[i].Skip == nil {
			facts[i].Skip = updatesUnknown
			continue
		}
		skip := facts[i].Skip
		facts[i].Skip = func(s *Session) string {
			if reason := updatesUnknown(s); reason != "" {
				return reason
			}
			return skip(s)
		}
	}
	return facts
}

// limitFacts are the updates of each limit, with and without keys.
func limitFacts() (facts []Fact) {
	for _, limit := range []struct {
		name, task, settings, update string
		path                         []string
		inPlace                      func(s *Session, withKeys bool) bool
	}{
		{
			"the rate limit", "completion", claude, `"rate_limit":{"requests_per_minute":61}`,
			[]string{"rate_limit", "requests_per_minute"},
			func(s *Session, withKeys bool) bool { return s.release.WithKeys(withKeys).Update.RateLimit },
		},
		{
			"max_input_tokens", "text_embedding", titan, `"max_input_tokens":61`,
			[]string{"max_input_tokens"},
			func(s *Session, withKeys bool) bool { return s.release.WithKeys(withKeys).Update.MaxInputTokens },
		},
	} {
		fact := func(name, row string, withKeys bool, keys func(*Session) string) Fact {
			return Fact{
				Name: "update of " + limit.name + name, Rows: []string{row},
				Assumed: inPlace(func(s *Session) bool { return limit.inPlace(s, withKeys) }),
				Observe: func(s *Session) string {
					return s.changes(limit.task, limit.settings, `{"service_settings":{`+limit.update+keys(s)+`}}`, "61", append([]string{"service_settings"}, limit.path...)...)
				},
			}
		}
		withKeys := fact(" with keys", "limits_with_keys", true, func(s *Session) string { return "," + s.keyPair() })
		withKeys.Skip = skipWithoutKeys
		facts = append(facts, withKeys, fact(" without keys", "limits_without_keys", false, func(*Session) string { return "" }))
	}
	return facts
}

// used creates an endpoint that a pipeline and an index refer to.
func (s *Session) used() (id, pipeline, index, problem string) {
	id, got := s.create("text_embedding", titan)
	if !got.ok() {
		return "", "", "", "create: " + got.String()
	}
	pipeline, index = s.nameIn(s.fact, "pipeline"), s.nameIn(s.fact, "index")
	if got := s.send(http.MethodPut, "/_ingest/pipeline/"+pipeline, fmt.Sprintf(`{"processors":[{"inference":{"model_id":%q,"input_output":{"input_field":"a","output_field":"b"}}}]}`, id)); !got.ok() {
		return "", "", "", "pipeline: " + got.String()
	}
	if s.since("8.16.0") {
		if got := s.semanticIndex(index, id, ""); !got.ok() {
			return "", "", "", "index: " + got.String()
		}
	}
	return id, pipeline, index, ""
}

func deleteFacts() []Fact {
	return []Fact{
		{
			Name: "delete", Basis: basisRun,
			Assumed: func(s *Session) string {
				return either(s.since("8.16.0"), "true: acknowledged, indexes, pipelines", "true: acknowledged, pipelines")
			},
			Observe: withEndpoint(func(s *Session, id string) string {
				got := s.send(http.MethodDelete, "/_inference/completion/"+id, "")
				return fmt.Sprintf("%v: %s", got.at("acknowledged"), strings.Join(names("", got.object()), ", "))
			}, "completion", claude),
		},
		{
			Name: "delete of a missing endpoint", Basis: basisAPI, Assumed: always("404 resource_not_found_exception"),
			Observe: func(s *Session) string { return s.send(http.MethodDelete, "/_inference/"+s.newID(), "").kind() },
		},
		{
			Name: "delete with another task type", Basis: basisAPI, Assumed: always("400 status_exception"),
			Observe: withOtherTask(http.MethodDelete),
		},
		{
			Name: "dry run of a delete", Basis: basisRun,
			Assumed: func(s *Session) string {
				return either(s.since("8.16.0"), "acknowledged false, names the pipeline, names the index", "acknowledged false, names the pipeline, no indexes")
			},
			Observe: func(s *Session) string {
				id, pipeline, index, problem := s.used()
				if problem != "" {
					return problem
				}
				got := s.send(http.MethodDelete, "/_inference/"+id+"?dry_run=true", "")
				indexes := either(fmt.Sprint(got.at("indexes")) == "["+index+"]", "names the index", fmt.Sprintf("indexes %v", got.at("indexes")))
				if got.at("indexes") == nil {
					indexes = "no indexes"
				}
				pipelines := either(fmt.Sprint(got.at("pipelines")) == "["+pipeline+"]", "names the pipeline", fmt.Sprintf("pipelines %v", got.at("pipelines")))
				return fmt.Sprintf("acknowledged %v, %s, %s", got.at("acknowledged"), pipelines, indexes)
			},
		},
		{
			Name: "delete of an endpoint in use", Basis: basisAPI,
			Assumed: always("409 status_exception with the known text, 200 with force"),
			Skip: func(s *Session) string {
				return either(s.since("8.16.0"), "", "8.15 has another text")
			},
			Observe: func(s *Session) string {
				id, pipeline, index, problem := s.used()
				if problem != "" {
					return problem
				}
				got := s.send(http.MethodDelete, "/_inference/"+id, "")
				text := "another text"
				if references := elasticsearch.ParseReferences(fmt.Sprint(got.at("error", "reason"))); slices.Equal(references.Pipelines, []string{pipeline}) && slices.Equal(references.Indices, []string{index}) {
					text = "the known text"
				}
				forced := s.send(http.MethodDelete, "/_inference/"+id+"?force=true", "")
				return fmt.Sprintf("%s with %s, %d with force", got.kind(), text, forced.status)
			},
		},
	}
}

func runFacts() []Fact {
	return []Fact{
		{
			// An empty input is refused before the model is called.
			Name: "input_type of a run", Rows: []string{"input_type"},
			Assumed: func(s *Session) string { return either(s.release.NoInputType, "unknown field", "known") },
			Observe: withEndpoint(func(s *Session, id string) string {
				got := s.send(http.MethodPost, "/_inference/text_embedding/"+id, `{"input":[],"input_type":"search"}`)
				reason := fmt.Sprint(got.at("error", "reason"))
				switch {
				case strings.Contains(reason, "unknown field [input_type]"):
					return "unknown field"
				case strings.Contains(reason, "[input] cannot be an empty array"):
					return "known"
				}
				return got.String()
			}, "text_embedding", titan),
		},
		{
			Name: "empty input of a run", Basis: basisRun, Assumed: always("400 action_request_validation_exception"),
			Observe: func(s *Session) string {
				id, _ := s.create("completion", claude)
				return s.send(http.MethodPost, "/_inference/completion/"+id, `{"input":[]}`).kind()
			},
		},
		{
			Name: "timeout of a run", Basis: basisAPI, Assumed: always("known"),
			Observe: func(s *Session) string {
				id, _ := s.create("completion", claude)
				got := s.send(http.MethodPost, "/_inference/completion/"+id+"?timeout=30s", `{"input":[]}`)
				return either(strings.Contains(string(got.body), "[input] cannot be an empty array"), "known", got.String())
			},
		},
		{
			Name: "run of a missing endpoint", Basis: basisAPI, Assumed: always("404 resource_not_found_exception"),
			Observe: func(s *Session) string {
				return s.send(http.MethodPost, "/_inference/completion/"+s.newID(), `{"input":["a"]}`).kind()
			},
		},
		{
			Name: "stream of a missing endpoint", Rows: []string{"chat_completion"},
			Skip: func(s *Session) string {
				return either(slices.Contains(s.release.TaskTypes, inference.ChatCompletion), "", "the version has no chat_completion")
			},
			Assumed: always("404 text/event-stream, an event with error.message"),
			Observe: func(s *Session) string {
				got := s.send(http.MethodPost, "/_inference/chat_completion/"+s.newID()+"/_stream", `{"messages":[{"role":"user","content":"a"}]}`)
				media, _, _ := strings.Cut(got.header.Get("Content-Type"), ";")
				return fmt.Sprintf("%d %s, %s", got.status, media, either(strings.Contains(string(got.body), `"message":"`), "an event with error.message", got.String()))
			},
		},
	}
}

// skipWithoutKeys skips a fact about updates with keys where the version accepts none.
func skipWithoutKeys(s *Session) string {
	return either(s.release.Update.RateLimit && !s.release.Update.Keys, "the version does not accept keys", "")
}

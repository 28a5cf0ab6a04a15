package live

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// Fact is one behavior of Elasticsearch that code depends on.
type Fact struct {
	Name string
	// Rows names the rows of the version table that the fact covers.
	Rows []string
	// Basis is where the assumption comes from.
	Basis string
	// CallsModel means that the server has to call the model, with keys that are
	// not valid.
	CallsModel bool
	// Assumed returns what the server is assumed to do.
	Assumed func(*Session) string
	// Observe asks the server, and returns what it did, in the words of Assumed.
	Observe func(*Session) string
	// Skip returns why the server cannot be asked, or nothing.
	Skip func(*Session) string
}

// Unobservable lists the rows of the version table that no request decides, with
// the reason.
func Unobservable() map[string]string {
	return map[string]string{
		"update_local":  "a cluster of one node does not show it",
		"chat_settings": "it shows only in the answers of a model",
	}
}

// always returns an assumption that holds for all versions.
func always(text string) func(*Session) string { return func(*Session) string { return text } }

const (
	basisAPI     = "Elasticsearch's REST classes, read"
	basisService = "classes of the service, run on 9.1 and 9.5"
	basisRun     = "classes of x-pack-core, run on 8.15 to 9.5"
)

// Facts returns all facts.
func Facts() []Fact {
	facts := slices.Concat(readFacts(), createFacts(), chunkingFacts(), updateFacts(), deleteFacts(), runFacts())
	for i, fact := range facts {
		for _, row := range elasticsearch.VersionTable() {
			if slices.Contains(fact.Rows, row.Name) && fact.Basis == "" {
				facts[i].Basis = fmt.Sprintf("%s (%s)", row.Source, row.Basis)
			}
		}
	}
	return facts
}

func readFacts() []Fact {
	return []Fact{
		{
			Name: "root", Basis: basisAPI,
			Assumed: always("X-Elastic-Product: Elasticsearch; cluster_uuid, version.build_flavor, version.number"),
			Observe: func(s *Session) string {
				got := s.send(http.MethodGet, "/", "")
				var found []string
				for _, path := range []string{"cluster_uuid", "version.build_flavor", "version.number"} {
					if text, ok := got.at(strings.Split(path, ".")...).(string); ok && text != "" {
						found = append(found, path)
					}
				}
				return "X-Elastic-Product: " + got.header.Get("X-Elastic-Product") + "; " + strings.Join(found, ", ")
			},
		},
		{
			Name: "unknown password", Basis: basisAPI,
			Assumed: always("401 security_exception, X-Elastic-Product: Elasticsearch"),
			Skip: func(s *Session) string {
				return either(s.open, "the configuration has no credentials", "")
			},
			Observe: func(s *Session) string {
				got := s.sendWithWrongPassword(http.MethodGet, "/_inference/_all")
				return got.kind() + ", X-Elastic-Product: " + got.header.Get("X-Elastic-Product")
			},
		},
		{
			Name: "listing", Basis: basisRun, Assumed: always("200, endpoints with inference_id, task_type and service"),
			Observe: func(s *Session) string {
				if _, got := s.create("completion", claude); !got.ok() {
					return "create: " + got.String()
				}
				got := s.send(http.MethodGet, "/_inference/_all", "")
				endpoints, _ := got.at("endpoints").([]any)
				for _, entry := range endpoints {
					endpoint, _ := entry.(map[string]any)
					for _, name := range []string{"inference_id", "task_type", "service"} {
						if _, ok := endpoint[name].(string); !ok {
							return "an entry has no " + name
						}
					}
				}
				return fmt.Sprintf("%d, %s", got.status, either(len(endpoints) > 0, "endpoints with inference_id, task_type and service", "no endpoints"))
			},
		},
		{
			Name: "read", Basis: basisRun, Assumed: always("200, the endpoint alone in endpoints"),
			Observe: func(s *Session) string {
				id, got := s.create("completion", claude)
				if !got.ok() {
					return "create: " + got.String()
				}
				got = s.get(id)
				return fmt.Sprintf("%d, %s", got.status, either(got.at("inference_id") == id, "the endpoint alone in endpoints", "something else"))
			},
		},
		{
			Name: "read of a missing endpoint", Basis: basisAPI, Assumed: always("404 resource_not_found_exception"),
			Observe: func(s *Session) string { return s.send(http.MethodGet, "/_inference/"+s.newID(), "").kind() },
		},
		{
			Name: "read with another task type", Basis: basisAPI, Assumed: always("400 status_exception"),
			Observe: func(s *Session) string {
				id, _ := s.create("completion", claude)
				return s.send(http.MethodGet, "/_inference/text_embedding/"+id, "").kind()
			},
		},
		{
			Name: "unknown parameter", Basis: "Elasticsearch's RestController, run on 9.1.0 and 9.5.3", Assumed: always("400 illegal_argument_exception"),
			Observe: func(s *Session) string {
				return s.send(http.MethodGet, "/_inference/_all?no_such_parameter=1", "").kind()
			},
		},
	}
}

func createFacts() []Fact {
	return []Fact{
		{
			Name: "failed call of the model", Basis: "SimpleEmbeddingServiceIntegrationValidator, read", CallsModel: true,
			Assumed: always("400 status_exception, validation call to service"),
			Observe: func(s *Session) string {
				body := fmt.Sprintf(`{"service":"amazonbedrock","service_settings":{%s,"access_key":%q,"secret_key":%q}}`, claude, invalidKeys.AccessKey, invalidKeys.SecretKey)
				got := s.send(http.MethodPut, "/_inference/completion/"+s.newID(), body)
				if strings.Contains(string(got.body), "validation call to service") {
					return got.kind() + ", validation call to service"
				}
				return got.String()
			},
		},
		{
			Name: "task types", Rows: []string{"service", "chat_completion"},
			Assumed: func(s *Session) string {
				var known []string
				for _, task := range inference.TaskTypes() {
					if slices.Contains(s.release.TaskTypes, task) {
						known = append(known, string(task))
					}
				}
				return strings.Join(known, ", ")
			},
			Observe: func(s *Session) string {
				var known []string
				for _, task := range inference.TaskTypes() {
					_, got := s.create(string(task), either(task == inference.TextEmbedding, titan, claude))
					switch verdict(got) {
					case accepted:
						known = append(known, string(task))
					case refused:
					default:
						return got.String()
					}
				}
				return strings.Join(known, ", ")
			},
		},
		{
			Name: "members of an endpoint", Basis: basisService,
			Assumed: func(s *Session) string {
				members := []string{"inference_id", "service", "service_settings.model", "service_settings.provider", "service_settings.rate_limit.requests_per_minute", "service_settings.region"}
				if !s.since("8.16.0") {
					members = append(members, "task_settings.{}")
				}
				return strings.Join(append(members, "task_type"), ", ")
			},
			Observe: func(s *Session) string {
				_, got := s.create("completion", claude)
				return strings.Join(names("", got.object()), ", ")
			},
		},
		{
			Name: "defaults", Basis: basisService,
			Assumed: func(s *Session) string {
				return "AMAZONTITAN, 240, " + either(s.since("8.16.0"), "sentence, 250, 1", "no chunking_settings")
			},
			Observe: func(s *Session) string {
				id, got := s.create("text_embedding", titan)
				if !got.ok() {
					return got.String()
				}
				got = s.get(id)
				chunking := "no chunking_settings"
				if got.at("chunking_settings") != nil {
					chunking = fmt.Sprintf("%v, %v, %v", got.at("chunking_settings", "strategy"), got.at("chunking_settings", "max_chunk_size"), got.at("chunking_settings", "sentence_overlap"))
				}
				return fmt.Sprintf("%v, %v, %s", got.at("service_settings", "provider"), got.at("service_settings", "rate_limit", "requests_per_minute"), chunking)
			},
		},
		{
			Name: "keys in answers", Basis: basisService, Assumed: always("never"),
			Observe: func(s *Session) string {
				id, created := s.create("completion", claude)
				read := s.get(id)
				if !created.ok() {
					return created.String()
				}
				for _, name := range []string{"access_key", "secret_key"} {
					if strings.Contains(string(created.body)+string(read.body), name) {
						return "shows " + name
					}
				}
				return "never"
			},
		},
		{
			Name: "create of a taken id", Basis: basisAPI, Assumed: always("400 resource_already_exists_exception"),
			Observe: func(s *Session) string {
				id, _ := s.create("completion", claude)
				return s.send(http.MethodPut, "/_inference/completion/"+id, s.body(claude)).kind()
			},
		},
		{
			Name: "invalid id", Basis: basisRun, Assumed: always("400 action_request_validation_exception"),
			Observe: func(s *Session) string {
				return s.send(http.MethodPut, "/_inference/completion/"+s.newID()+"-", s.body(claude)).kind()
			},
		},
		{
			Name: "unknown setting", Basis: basisService,
			Assumed: func(s *Session) string {
				return either(s.since("9.5.0"), "400 x_content_parse_exception", "400 status_exception")
			},
			Observe: func(s *Session) string {
				_, got := s.create("completion", claude+`,"no_such_setting":1`)
				return got.kind()
			},
		},
		{
			Name: "missing setting", Basis: basisService,
			Assumed: func(s *Session) string {
				return either(s.since("9.5.0"), "400 illegal_argument_exception", "400 validation_exception")
			},
			Observe: func(s *Session) string {
				_, got := s.create("completion", `"provider":"anthropic","model":"m"`)
				return got.kind()
			},
		},
		{
			Name: "create without keys", Basis: basisService,
			Assumed: func(s *Session) string { return either(s.release.KeysRequired, "400 validation_exception", accepted) },
			Observe: func(s *Session) string {
				return s.send(http.MethodPut, "/_inference/completion/"+s.newID(), `{"service":"amazonbedrock","service_settings":{`+claude+`}}`).kind()
			},
		},
		{
			Name: "integer for a task setting", Basis: basisService, Assumed: always(refused),
			Observe: func(s *Session) string {
				_, got := s.create("completion", claude, `"task_settings":{"temperature":1}`)
				return verdict(got)
			},
		},
		{
			Name: "largest top_k", Basis: basisService,
			Assumed: func(s *Session) string { return fmt.Sprintf("%.1f", s.release.MaxTopK) },
			Observe: func(s *Session) string {
				largest := "none"
				for _, value := range []string{"0.5", "1.0", "1.5", "500.0"} {
					if _, got := s.create("completion", claude, `"task_settings":{"top_k":`+value+`}`); got.ok() {
						largest = value
					}
				}
				return largest
			},
		},
		{
			Name: "truncate", Rows: []string{"truncate"},
			Assumed: func(s *Session) string { return either(s.release.Truncate, "stored as end", refused) },
			Observe: func(s *Session) string {
				id, got := s.create("text_embedding", cohere, `"task_settings":{"truncate":"END"}`)
				if !got.ok() {
					return verdict(got)
				}
				return fmt.Sprintf("stored as %v", s.get(id).at("task_settings", "truncate"))
			},
		},
		{
			Name: "timeout of a create", Rows: []string{"create_timeout"},
			Assumed: func(s *Session) string { return either(s.release.CreateTimeout, accepted, refused) },
			Observe: func(s *Session) string {
				return verdict(s.send(http.MethodPut, "/_inference/completion/"+s.newID()+"?timeout=30s", s.body(claude)))
			},
		},
		{
			Name: "create with other mappings", Rows: []string{"mappings"},
			Assumed: func(s *Session) string {
				return either(s.release.ChecksMappings, "refused with the known text", accepted)
			},
			Observe: observeMappings,
		},
	}
}

// semanticIndex creates an index with a document, whose mapping uses an endpoint
// with the given settings of its model.
func (s *Session) semanticIndex(name, id, settings string) answer {
	got := s.send(http.MethodPut, "/"+name, fmt.Sprintf(`{"mappings":{"properties":{"text":{"type":"keyword"},"vector":{"type":"semantic_text","inference_id":%q%s}}}}`, id, settings))
	if !got.ok() {
		return got
	}
	got = s.send(http.MethodPut, "/"+name+"/_doc/1?refresh=true", `{"text":"a"}`)
	if got.status == http.StatusCreated {
		got.status = http.StatusOK
	}
	return got
}

func observeMappings(s *Session) string {
	id, got := s.create("text_embedding", titan)
	if !got.ok() {
		return "create: " + got.String()
	}
	index := s.nameIn(s.fact, "index")
	if got := s.semanticIndex(index, id, `,"model_settings":{"task_type":"text_embedding","dimensions":1024,"similarity":"cosine","element_type":"float"}`); !got.ok() {
		return "index: " + got.String()
	}
	if got := s.send(http.MethodDelete, "/_inference/"+id+"?force=true", ""); !got.ok() {
		return "delete: " + got.String()
	}
	got = s.send(http.MethodPut, "/_inference/completion/"+id, s.body(claude))
	if verdict(got) == refused && strings.Contains(string(got.body), "being used in mappings with incompatible settings") {
		return "refused with the known text"
	}
	return verdict(got)
}

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
	limit := func(s *Session, keys string) string {
		return s.changes("completion", claude, `{"service_settings":{"rate_limit":{"requests_per_minute":61}`+keys+`}}`, "61", "service_settings", "rate_limit", "requests_per_minute")
	}
	tokens := func(s *Session, keys string) string {
		return s.changes("text_embedding", titan, `{"service_settings":{"max_input_tokens":61`+keys+`}}`, "61", "service_settings", "max_input_tokens")
	}
	facts := []Fact{
		{
			Name: "update of a task setting", Rows: []string{"update"},
			Assumed: func(s *Session) string { return either(s.release.Update.TaskSettings, "merged", notChanged) },
			Observe: func(s *Session) string {
				id, got := s.create("completion", claude, `"task_settings":{"temperature":0.5,"max_new_tokens":7}`)
				if !got.ok() {
					return "create: " + got.String()
				}
				got = s.update("completion", id, `{"task_settings":{"max_new_tokens":8}}`)
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
			},
		},
		{
			Name: "update of the keys", Rows: []string{"update", "keys_unknown", "keys_known"},
			Assumed: func(s *Session) string { return either(s.release.Update.Keys, accepted, refused) },
			Observe: func(s *Session) string {
				id, got := s.create("completion", claude)
				if !got.ok() {
					return "create: " + got.String()
				}
				return verdict(s.update("completion", id, `{"service_settings":{`+s.keyPair()+`}}`))
			},
		},
		{
			Name: "chunking after an update", Rows: []string{"chunking_reset"},
			Assumed: func(s *Session) string { return either(s.release.Update.ResetsChunking, "word, 250, 100", "kept") },
			Skip: func(s *Session) string {
				return either(s.release.Update.TaskSettings, "", "the version counts as one without updates")
			},
			Observe: func(s *Session) string {
				id, got := s.create("text_embedding", titan, chunked(`"strategy":"sentence","max_chunk_size":90,"sentence_overlap":0`))
				if !got.ok() {
					return "create: " + got.String()
				}
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
			},
		},
		{
			Name: "update of the rate limit with keys", Rows: []string{"limits_with_keys"},
			Skip: func(s *Session) string {
				return either(s.release.Update.RateLimit && !s.release.Update.Keys, "the version does not accept keys", "")
			},
			Assumed: inPlace(func(s *Session) bool { return s.release.WithKeys(true).Update.RateLimit }),
			Observe: func(s *Session) string { return limit(s, ","+s.keyPair()) },
		},
		{
			Name: "update of the rate limit without keys", Rows: []string{"limits_without_keys"},
			Assumed: inPlace(func(s *Session) bool { return s.release.WithKeys(false).Update.RateLimit }),
			Observe: func(s *Session) string { return limit(s, "") },
		},
		{
			Name: "update of max_input_tokens with keys", Rows: []string{"limits_with_keys"},
			Skip: func(s *Session) string {
				return either(s.release.Update.RateLimit && !s.release.Update.Keys, "the version does not accept keys", "")
			},
			Assumed: inPlace(func(s *Session) bool { return s.release.WithKeys(true).Update.MaxInputTokens }),
			Observe: func(s *Session) string { return tokens(s, ","+s.keyPair()) },
		},
		{
			Name: "update of max_input_tokens without keys", Rows: []string{"limits_without_keys"},
			Assumed: inPlace(func(s *Session) bool { return s.release.WithKeys(false).Update.MaxInputTokens }),
			Observe: func(s *Session) string { return tokens(s, "") },
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
			Observe: func(s *Session) string {
				id, got := s.create("completion", claude, `"task_settings":{"temperature":0.5}`)
				if !got.ok() {
					return "create: " + got.String()
				}
				s.update("completion", id, `{"task_settings":{"temperature":null}}`)
				return either(fmt.Sprint(s.get(id).at("task_settings", "temperature")) == "0.5", notChanged, changed)
			},
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
			Observe: func(s *Session) string {
				id, got := s.create("completion", claude)
				if !got.ok() {
					return "create: " + got.String()
				}
				return verdict(s.send(http.MethodPut, "/_inference/completion/"+id+"/_update?timeout=30s", `{"task_settings":{"temperature":0.5}}`))
			},
		},
	}
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
			Observe: func(s *Session) string {
				id, got := s.create("completion", claude)
				if !got.ok() {
					return "create: " + got.String()
				}
				got = s.send(http.MethodDelete, "/_inference/completion/"+id, "")
				return fmt.Sprintf("%v: %s", got.at("acknowledged"), strings.Join(names("", got.object()), ", "))
			},
		},
		{
			Name: "delete of a missing endpoint", Basis: basisAPI, Assumed: always("404 resource_not_found_exception"),
			Observe: func(s *Session) string { return s.send(http.MethodDelete, "/_inference/"+s.newID(), "").kind() },
		},
		{
			Name: "delete with another task type", Basis: basisAPI, Assumed: always("400 status_exception"),
			Observe: func(s *Session) string {
				id, _ := s.create("completion", claude)
				return s.send(http.MethodDelete, "/_inference/text_embedding/"+id, "").kind()
			},
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
			Observe: func(s *Session) string {
				id, got := s.create("text_embedding", titan)
				if !got.ok() {
					return "create: " + got.String()
				}
				got = s.send(http.MethodPost, "/_inference/text_embedding/"+id, `{"input":[],"input_type":"search"}`)
				reason := fmt.Sprint(got.at("error", "reason"))
				switch {
				case strings.Contains(reason, "unknown field [input_type]"):
					return "unknown field"
				case strings.Contains(reason, "[input] cannot be an empty array"):
					return "known"
				}
				return got.String()
			},
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

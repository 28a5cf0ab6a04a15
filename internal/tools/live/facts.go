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
			Observe: withEndpoint(func(s *Session, id string) string {
				got := s.get(id)
				return fmt.Sprintf("%d, %s", got.status, either(got.at("inference_id") == id, "the endpoint alone in endpoints", "something else"))
			}, "completion", claude),
		},
		{
			Name: "read of a missing endpoint", Basis: basisAPI, Assumed: always("404 resource_not_found_exception"),
			Observe: func(s *Session) string { return s.send(http.MethodGet, "/_inference/"+s.newID(), "").kind() },
		},
		{
			Name: "read with another task type", Basis: basisAPI, Assumed: always("400 status_exception"),
			Observe: withOtherTask(http.MethodGet),
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

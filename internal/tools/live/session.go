// SPDX-License-Identifier: MPL-2.0

package live

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/elasticsearch"
)

// Session asks the server for one fact. Its requests end the session if no answer
// arrives.
type Session struct {
	*Probe
	fact string
	ctx  context.Context // a session is one call
	ids  int
}

// lost is the panic value of a session whose request got no answer, unasked that of a
// session whose fact cannot be tested.
type (
	lost    struct{ error }
	unasked string
)

func (s *Session) observe(fact Fact) (observed, skipped string) {
	defer func() {
		switch reason := recover().(type) {
		case nil:
		case lost:
			observed = "no answer: " + reason.Error()
		case unasked:
			skipped = string(reason)
		default:
			panic(reason)
		}
	}()
	return fact.Observe(s), ""
}

// send sends a request, and panics with lost if no answer arrives.
func (s *Session) send(method, path, body string) answer {
	got, err := s.Probe.send(s.ctx, method, path, body)
	if err != nil {
		panic(lost{err})
	}
	return got
}

// sendWithWrongPassword sends a request with credentials that no server knows.
func (s *Session) sendWithWrongPassword(method, path string) answer {
	got, err := send(s.ctx, &http.Client{Transport: s.wrong}, s.base, method, path, "")
	if err != nil {
		panic(lost{err})
	}
	return got
}

// newID returns an id that no endpoint has.
func (s *Session) newID() string {
	s.ids++
	return s.nameIn(s.fact, fmt.Sprint(s.ids))
}

// The models of the endpoints of the probe.
const (
	titan  = `"region":"us-east-1","provider":"amazontitan","model":"amazon.titan-embed-text-v2:0"`
	cohere = `"region":"us-east-1","provider":"cohere","model":"cohere.embed-english-v3"`
	claude = `"region":"us-east-1","provider":"anthropic","model":"anthropic.claude-3-haiku-20240307-v1:0"`
)

// keyPair returns the keys as members of service_settings.
func (s *Session) keyPair() string {
	keys := s.keys
	if keys == (Keys{}) {
		keys = invalidKeys
	}
	return fmt.Sprintf(`"access_key":%s,"secret_key":%s`, quote(keys.AccessKey), quote(keys.SecretKey))
}

func quote(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}

// body returns the body of a create. more are members of the body.
func (s *Session) body(settings string, more ...string) string {
	return fmt.Sprintf(`{"service":"amazonbedrock","service_settings":{%s,%s}%s}`, settings, s.keyPair(), members(more))
}

func members(more []string) string {
	if len(more) == 0 {
		return ""
	}
	return "," + strings.Join(more, ",")
}

// create creates an endpoint under a new id, and returns it with the answer.
func (s *Session) create(task, settings string, more ...string) (id string, got answer) {
	id = s.newID()
	return id, s.send(http.MethodPut, "/_inference/"+task+"/"+id, s.body(settings, more...))
}

// withEndpoint returns an observation that needs an endpoint. It observes the error if
// the endpoint cannot be created.
func withEndpoint(observe func(s *Session, id string) string, task, settings string, more ...string) func(*Session) string {
	return func(s *Session) string {
		id, got := s.create(task, settings, more...)
		if !got.ok() {
			return "create: " + got.String()
		}
		return observe(s, id)
	}
}

// withOtherTask returns the observation of a request for an endpoint of another task type.
func withOtherTask(method string) func(*Session) string {
	return withEndpoint(func(s *Session, id string) string {
		return s.send(method, "/_inference/text_embedding/"+id, "").kind()
	}, "completion", claude)
}

// get reads an endpoint; the answer is empty if it does not exist.
func (s *Session) get(id string) answer {
	got := s.send(http.MethodGet, "/_inference/"+id, "")
	endpoints, _ := got.at("endpoints").([]any)
	if len(endpoints) != 1 {
		return answer{status: got.status, header: got.header}
	}
	body, _ := json.Marshal(endpoints[0])
	return answer{got.status, got.header, body}
}

// update sends an update of an endpoint. Since 9.4, servers call the model before
// they store an update; without AWS keys, a failure of that call ends the session.
func (s *Session) update(task, id, body string) answer {
	got := s.send(http.MethodPut, "/_inference/"+task+"/"+id+"/_update", body)
	if s.keys == (Keys{}) && !got.ok() && modelFailed.Match(got.body) {
		panic(unasked("the server calls the model on updates, and there are no AWS keys"))
	}
	return got
}

var modelFailed = regexp.MustCompile(`validation call to service|Amazon ?Bedrock .*(failed|failure)|Failed to send request from inference entity`)

// Words of facts.
const (
	accepted   = "accepted"
	refused    = "refused"
	changed    = "changed in place"
	notChanged = "not changed"
)

// verdict returns accepted, or refused if the request is answered with 400, 404 or
// 405, or else the answer itself.
func verdict(got answer) string {
	switch {
	case got.ok():
		return accepted
	case slices.Contains([]int{http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed}, got.status):
		return refused
	}
	return got.String()
}

// changes updates an endpoint and returns whether the value at a path of names
// became the wanted one, as it is printed.
func (s *Session) changes(task, settings, update, want string, names ...string) string {
	id, got := s.create(task, settings)
	if !got.ok() {
		return "create: " + got.String()
	}
	got = s.update(task, id, update)
	if got.status >= http.StatusInternalServerError || got.status == http.StatusForbidden {
		return got.String()
	}
	if fmt.Sprint(s.get(id).at(names...)) == want {
		return changed
	}
	return notChanged
}

// since reports whether the server has a change that the given releases brought:
// backports first, as in the version table.
func (s *Session) since(releases ...string) bool {
	return s.flavor == "serverless" || elasticsearch.Row{Since: releases}.In(s.version)
}

// either returns the first word if the condition holds.
func either(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}

// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// deletion is the response to DELETE and to its dry run. The field with the indices
// is not documented and has had two names.
type deletion struct {
	Acknowledged *bool    `json:"acknowledged"`
	Pipelines    []string `json:"pipelines"`
	Indexes      []string `json:"indexes"`
	Indices      []string `json:"indices"`
}

func (d deletion) references() backend.References {
	return backend.References{Pipelines: d.Pipelines, Indices: append(d.Indexes, d.Indices...)}
}

// Delete removes an endpoint.
func (c *Client) Delete(ctx context.Context, endpoint inference.Endpoint, force bool) error {
	var query url.Values
	if force {
		query = url.Values{"force": {"true"}}
	}
	remove := deleteCall(fmt.Sprintf("delete inference endpoint %q", endpoint.InferenceID), endpoint, query)
	defer c.wrote(endpoint.InferenceID)
	done, err := c.delete(ctx, remove)
	switch {
	case backend.Is(err, backend.NotFound):
		return nil
	case backend.Is(err, backend.InUse):
		return inUse(endpoint, err)
	case err != nil:
		return err
	case !*done.Acknowledged:
		return &backend.Error{
			Kind: backend.Other, Summary: "Cannot " + remove.doing,
			Detail: "Elasticsearch did not acknowledge the deletion. Check whether the endpoint still exists, and try again.",
		}
	}
	return nil
}

// References returns what refers to the endpoint, from a dry run of its deletion.
func (c *Client) References(ctx context.Context, endpoint inference.Endpoint) (backend.References, error) {
	ask := deleteCall(fmt.Sprintf("read what uses inference endpoint %q", endpoint.InferenceID), endpoint, url.Values{"dry_run": {"true"}})
	found, err := c.delete(ctx, ask)
	if backend.Is(err, backend.NotFound) {
		return backend.References{}, nil
	}
	return found.references(), err
}

// deleteCall includes the task type, so that an endpoint that was recreated with
// another task type is not deleted.
func deleteCall(doing string, endpoint inference.Endpoint, query url.Values) *call {
	return &call{
		doing: doing, method: http.MethodDelete, query: query, idempotent: true,
		path: []string{"_inference", string(endpoint.TaskType), endpoint.InferenceID},
	}
}

func (c *Client) delete(ctx context.Context, remove *call) (deletion, error) {
	answer, err := c.do(ctx, remove)
	if err != nil {
		return deletion{}, err
	}
	var done deletion
	if err := json.Unmarshal(answer.body, &done); err != nil {
		return deletion{}, c.malformedResponse(remove, err)
	}
	if done.Acknowledged == nil {
		return deletion{}, c.malformedResponse(remove, errNotAcknowledged)
	}
	return done, nil
}

var errNotAcknowledged = errors.New("the field acknowledged is missing")

// The lists in the text by which Elasticsearch refuses a deletion.
var (
	pipelinesText = regexp.MustCompile(`referenced by pipelines: \[([^\]]*)\]`)
	indexesText   = regexp.MustCompile(`in the mapping for indexes: \[([^\]]*)\]`)
)

func inUse(endpoint inference.Endpoint, err error) error {
	var found *serverError
	if !errors.As(err, &found) {
		return err
	}
	why := "Elasticsearch says: " + found.Reason
	used := ParseReferences(found.Reason)
	if !used.IsZero() {
		why = fmt.Sprintf("It is used by %s, which would fail without it.", used)
	}
	return &backend.Error{
		Kind:    backend.InUse,
		Summary: fmt.Sprintf("Inference endpoint %q is in use", endpoint.InferenceID),
		Detail:  why + " Change these references to another endpoint first.",
		Status:  http.StatusConflict,
		Cause:   found,
	}
}

// ParseReferences returns the names in the text by which Elasticsearch refuses a
// deletion. It is empty if the text has another form.
func ParseReferences(reason string) backend.References {
	return backend.References{Pipelines: listIn(pipelinesText, reason), Indices: listIn(indexesText, reason)}
}

func listIn(text *regexp.Regexp, reason string) []string {
	match := text.FindStringSubmatch(reason)
	if match == nil {
		return nil
	}
	return strings.Split(match[1], ", ")
}

package elasticsearch

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/target"
)

// root is the answer of GET /; empty where the caller may not read it.
type root struct {
	ClusterUUID string `json:"cluster_uuid"`
	Version     struct {
		Number      string `json:"number"`
		BuildFlavor string `json:"build_flavor"`
	} `json:"version"`
}

// about asks for root once. A failure is not kept: the next caller asks again.
type about struct {
	ask func(context.Context) (root, error)
	// turn holds one token: whoever has it may ask or look.
	turn  chan struct{}
	known *root
}

func newAbout(ask func(context.Context) (root, error)) *about {
	return &about{ask: ask, turn: make(chan struct{}, 1)}
}

func (a *about) get(ctx context.Context) (root, error) {
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return root{}, given(ctx, "read the version of Elasticsearch")
	}
	if a.known != nil {
		return *a.known, nil
	}
	found, err := a.ask(ctx)
	if err != nil {
		return root{}, err
	}
	a.known = &found
	return found, nil
}

// noMaster is the uuid of a node that has not found its cluster yet.
const noMaster = "_na_"

func (c *Client) getRoot(ctx context.Context) (root, error) {
	get := &call{doing: "read the version of Elasticsearch", method: http.MethodGet, idempotent: true}
	answer, err := c.do(ctx, get)
	var failure *target.Error
	var refusal *serverError
	if errors.As(err, &failure) && failure.Status == http.StatusForbidden && errors.As(err, &refusal) {
		return root{}, nil // Elasticsearch itself keeps it from this caller
	}
	if err != nil {
		return root{}, err
	}
	var found root
	if err := json.Unmarshal(answer.body, &found); err != nil {
		return root{}, c.senseless(get, err)
	}
	if found.ClusterUUID == noMaster {
		return root{}, c.senseless(get, errors.New("the node has not joined its cluster yet"))
	}
	return found, nil
}

// ID names the cluster by its uuid. Where the caller may not read that, the host
// of the first endpoint has to do: it changes when the cluster moves, but two
// runs of the same configuration agree on it.
func (c *Client) ID(ctx context.Context) (string, error) {
	found, err := c.about.get(ctx)
	if err != nil && !c.isRootClosed(err) {
		return "", err
	}
	if found.ClusterUUID == "" {
		return "elasticsearch:" + c.bases[0].Host, nil
	}
	return "elasticsearch:" + found.ClusterUUID, nil
}

// isRootClosed tells that GET / is not there for this caller, who has said so by
// setting the version.
func (c *Client) isRootClosed(err error) bool {
	var failure *target.Error
	return c.config.Version != "" && errors.As(err, &failure) &&
		slices.Contains([]int{http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed}, failure.Status)
}

// Capabilities tells what this version of Elasticsearch can do.
func (c *Client) Capabilities(ctx context.Context) (target.Capabilities, error) {
	release, err := c.release(ctx)
	return release.Capabilities, err
}

func (c *Client) release(ctx context.Context) (release, error) {
	if c.config.Version != "" {
		return releaseOf(c.config.Version, ""), nil
	}
	found, err := c.about.get(ctx)
	if err != nil {
		return release{}, err
	}
	return releaseOf(found.Version.Number, found.Version.BuildFlavor), nil
}

// given is the error of a caller that gave up waiting.
func given(ctx context.Context, doing string) error {
	return &target.Error{Kind: target.Unreachable, Summary: "Cannot " + doing, Detail: "The operation ended before an answer came.", Cause: ctx.Err()}
}

// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

// rootResponse is the response of GET /. It is empty if the caller may not read it.
type rootResponse struct {
	ClusterName string `json:"cluster_name"`
	ClusterUUID string `json:"cluster_uuid"`
	Version     struct {
		Number      string `json:"number"`
		BuildFlavor string `json:"build_flavor"`
		BuildHash   string `json:"build_hash"`
	} `json:"version"`
}

// clusterInfo requests GET / once for all concurrent callers. They share errors
// too, so that not every caller repeats the retries.
type clusterInfo struct {
	doing string // for messages
	ask   func(context.Context) (rootResponse, error)

	mu     sync.Mutex
	latest *infoRequest
}

// infoRequest is one request and the number of callers that wait for it.
type infoRequest struct {
	waiting int // guarded by clusterInfo.mu
	cancel  context.CancelFunc
	done    chan struct{} // closed when the fields below are set
	found   rootResponse
	err     error
	ended   time.Time
}

// failureTTL is how long the error of an unreachable server is cached. Callers run
// ten operations at a time; without the cache, each group of ten would repeat the
// retries. It is shorter than the time a user needs to start the server and try
// again.
const failureTTL = 10 * time.Second

func newClusterInfo(doing string, ask func(context.Context) (rootResponse, error)) *clusterInfo {
	return &clusterInfo{doing: doing, ask: ask}
}

func (a *clusterInfo) get(ctx context.Context) (rootResponse, error) {
	if ctx.Err() != nil {
		return rootResponse{}, abandoned(ctx, a.doing)
	}
	asked := a.join(ctx)
	select {
	case <-asked.done:
		return asked.found, asked.err
	case <-ctx.Done():
		a.leave(asked)
		return rootResponse{}, abandoned(ctx, a.doing)
	}
}

func (a *clusterInfo) join(ctx context.Context) *infoRequest {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.latest == nil || a.latest.isStale() {
		a.latest = a.begin(ctx)
	}
	a.latest.waiting++
	return a.latest
}

// begin starts a request that has the values of ctx, but not its cancellation,
// which concerns one caller only.
func (a *clusterInfo) begin(ctx context.Context) *infoRequest {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	begun := &infoRequest{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer cancel()
		begun.found, begun.err = a.ask(ctx)
		begun.ended = time.Now()
		close(begun.done)
	}()
	return begun
}

// leave cancels a request for which no caller waits any more.
func (a *clusterInfo) leave(left *infoRequest) {
	a.mu.Lock()
	defer a.mu.Unlock()
	left.waiting--
	if left.waiting > 0 {
		return
	}
	left.cancel()
	if a.latest == left {
		a.latest = nil
	}
}

// isStale reports whether a new caller needs a new request.
func (a *infoRequest) isStale() bool {
	select {
	case <-a.done:
		isDown := backend.Is(a.err, backend.Unreachable) && time.Since(a.ended) < failureTTL
		return a.err != nil && !isDown
	default:
		return false
	}
}

// unknownUUID is the uuid of a node that has not joined a cluster yet.
const unknownUUID = "_na_"

// readingRoot describes GET / in messages. If the configuration sets the version,
// only the uuid of the cluster is needed.
func (c *Client) readingRoot() string {
	if c.config.Version != "" {
		return "read the uuid of the cluster"
	}
	return "read the version of Elasticsearch"
}

func (c *Client) getRoot(ctx context.Context) (rootResponse, error) {
	get := &call{doing: c.readingRoot(), method: http.MethodGet, idempotent: true}
	var found rootResponse
	err := c.doJSON(ctx, get, &found)
	failure, ok := errors.AsType[*backend.Error](err)
	if ok && failure.Status == http.StatusForbidden && errors.As(err, new(*serverError)) {
		return rootResponse{}, nil // The caller may not read it.
	}
	if err != nil {
		return rootResponse{}, err
	}
	if found.ClusterUUID == unknownUUID {
		return rootResponse{}, c.malformedResponse(get, errors.New("the node has not joined its cluster yet"))
	}
	c.checkVersion(found)
	return found, nil
}

// ID returns the identity of the cluster: its uuid or, if the caller may not read
// it, the host of the first endpoint. The host changes if the cluster moves, but
// is the same for all runs of one configuration.
func (c *Client) ID(ctx context.Context) (string, error) {
	found, err := c.info.get(ctx)
	if err != nil && !c.isRootClosed(err) {
		return "", err
	}
	if found.ClusterUUID == "" {
		return "elasticsearch:" + c.bases[0].Host, nil
	}
	return "elasticsearch:" + found.ClusterUUID, nil
}

// isRootClosed reports whether GET / is not available to this caller, whose
// configuration therefore sets the version.
func (c *Client) isRootClosed(err error) bool {
	failure, ok := errors.AsType[*backend.Error](err)
	return c.config.Version != "" && ok &&
		slices.Contains([]int{http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed}, failure.Status)
}

// Capabilities returns what this version of Elasticsearch supports.
func (c *Client) Capabilities(ctx context.Context) (backend.Capabilities, error) {
	release, err := c.release(ctx)
	return release.Capabilities, err
}

func (c *Client) release(ctx context.Context) (Release, error) {
	if c.config.Version != "" {
		release := ReleaseOf(c.config.Version, "")
		if !release.Supported {
			release.Requirement = "The service came with Elasticsearch 8.15.0. The version comes from the setting version: correct it if the cluster is newer; otherwise upgrade the cluster."
		}
		return release, nil
	}
	found, err := c.info.get(ctx)
	if err != nil {
		return Release{}, err
	}
	release := ReleaseOf(found.Version.Number, found.Version.BuildFlavor)
	if found.ClusterName == backend.EmbeddedClusterName && found.Version.BuildHash == backend.EmbeddedBuildHash {
		release.Capabilities = release.WithEmbeddedLimits()
		release.Name = "The API of serve"
	}
	return release, nil
}

// abandoned returns the error of a caller whose context ended while it waited.
func abandoned(ctx context.Context, doing string) error {
	return &backend.Error{Kind: backend.Unreachable, Summary: "Cannot " + doing, Detail: "The operation ended before a response arrived. " + remedyFor(ctx.Err()), Cause: ctx.Err()}
}

// Address returns the URLs of the cluster, separated by commas. They contain no
// credentials, which New refuses in a URL.
func (c *Client) Address() string {
	addresses := make([]string, len(c.bases))
	for i, base := range c.bases {
		addresses[i] = strings.TrimSuffix(base.Redacted(), "/")
	}
	return strings.Join(addresses, ", ")
}

package elasticsearch

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

// root is the answer of GET /; empty where the caller may not read it.
type rootResponse struct {
	ClusterUUID string `json:"cluster_uuid"`
	Version     struct {
		Number      string `json:"number"`
		BuildFlavor string `json:"build_flavor"`
	} `json:"version"`
}

// about asks for root once, on behalf of all who want it at that time: a failure
// too is theirs in common, or each of them would go through retries of its own.
type clusterInfo struct {
	ask func(context.Context) (rootResponse, error)

	mu     sync.Mutex
	latest *infoRequest
}

// asking is one request for root and those who wait for it.
type infoRequest struct {
	waiting int // has the lock of about
	cancel  context.CancelFunc
	done    chan struct{} // is closed when what follows is known
	found   rootResponse
	err     error
	ended   time.Time
}

// downTime is how long a server that cannot be reached is not asked again.
// Callers start the next operations when the first ten have failed, and they
// would wait for the same retries, ten by ten. It is longer than it takes to
// fail all of them at once, and shorter than anyone takes to start the server
// and apply again.
const failureTTL = 10 * time.Second

func newClusterInfo(ask func(context.Context) (rootResponse, error)) *clusterInfo {
	return &clusterInfo{ask: ask}
}

func (a *clusterInfo) get(ctx context.Context) (rootResponse, error) {
	if ctx.Err() != nil {
		return rootResponse{}, abandoned(ctx, readVersion)
	}
	asked := a.join(ctx)
	select {
	case <-asked.done:
		return asked.found, asked.err
	case <-ctx.Done():
		a.leave(asked)
		return rootResponse{}, abandoned(ctx, readVersion)
	}
}

func (a *clusterInfo) join(ctx context.Context) *infoRequest {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.latest == nil || a.latest.isOver() {
		a.latest = a.begin(ctx)
	}
	a.latest.waiting++
	return a.latest
}

// begin has the values of ctx and not its end, which is that of one caller.
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

// leave ends a request that nobody waits for any more.
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

// isOver tells that the outcome is of no use to those who come now.
func (a *infoRequest) isOver() bool {
	select {
	case <-a.done:
		isDown := backend.Is(a.err, backend.Unreachable) && time.Since(a.ended) < failureTTL
		return a.err != nil && !isDown
	default:
		return false
	}
}

// noMaster is the uuid of a node that has not found its cluster yet.
const unknownUUID = "_na_"

const readVersion = "read the version of Elasticsearch"

func (c *Client) getRoot(ctx context.Context) (rootResponse, error) {
	get := &call{doing: readVersion, method: http.MethodGet, idempotent: true}
	answer, err := c.do(ctx, get)
	var failure *backend.Error
	var refusal *serverError
	if errors.As(err, &failure) && failure.Status == http.StatusForbidden && errors.As(err, &refusal) {
		return rootResponse{}, nil // Elasticsearch itself keeps it from this caller
	}
	if err != nil {
		return rootResponse{}, err
	}
	var found rootResponse
	if err := json.Unmarshal(answer.body, &found); err != nil {
		return rootResponse{}, c.malformedResponse(get, err)
	}
	if found.ClusterUUID == unknownUUID {
		return rootResponse{}, c.malformedResponse(get, errors.New("the node has not joined its cluster yet"))
	}
	return found, nil
}

// ID names the cluster by its uuid. Where the caller may not read that, the host
// of the first endpoint has to do: it changes when the cluster moves, but two
// runs of the same configuration agree on it.
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

// isRootClosed tells that GET / is not there for this caller, who has said so by
// setting the version.
func (c *Client) isRootClosed(err error) bool {
	var failure *backend.Error
	return c.config.Version != "" && errors.As(err, &failure) &&
		slices.Contains([]int{http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed}, failure.Status)
}

// Capabilities tells what this version of Elasticsearch can do.
func (c *Client) Capabilities(ctx context.Context) (backend.Capabilities, error) {
	release, err := c.release(ctx)
	return release.Capabilities, err
}

func (c *Client) release(ctx context.Context) (release, error) {
	if c.config.Version != "" {
		return releaseOf(c.config.Version, ""), nil
	}
	found, err := c.info.get(ctx)
	if err != nil {
		return release{}, err
	}
	return releaseOf(found.Version.Number, found.Version.BuildFlavor), nil
}

// given is the error of a caller that gave up waiting.
func abandoned(ctx context.Context, doing string) error {
	return &backend.Error{Kind: backend.Unreachable, Summary: "Cannot " + doing, Detail: "The operation ended before an answer came. " + remedyFor(ctx.Err()), Cause: ctx.Err()}
}

// SPDX-License-Identifier: MPL-2.0

// Package bedrock runs inference endpoints on Amazon Bedrock Runtime: embeddings
// with InvokeModel and the request bodies of Titan and Cohere, completions with
// Converse, which is the same for all providers.
package bedrock

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// Runner runs inferences. It is safe for concurrent use and performs no I/O
// before the first run.
type Runner struct {
	config  Config
	backoff func(attempt int) time.Duration
	proxy   func(*http.Request) (*url.URL, error) // set by tests, because net/http reads the environment once
	// dial is set by tests that need no network.
	dial func(ctx context.Context, network, address string) (net.Conn, error)

	mu        sync.Mutex
	clients   map[clientKey]*client
	limiters  map[limiterKey]*limiter
	lastSweep time.Time
}

// New returns a runner. It performs no I/O.
func New(config Config) *Runner {
	config.MaxAttempts = cmp.Or(max(config.MaxAttempts, 0), 3)
	config.MaxConcurrency = cmp.Or(max(config.MaxConcurrency, 0), 8)
	config.ThrottleTimeout = cmp.Or(max(config.ThrottleTimeout, 0), 5*time.Minute)
	config.RequestTimeout = cmp.Or(max(config.RequestTimeout, 0), time.Minute)
	return &Runner{
		config:    config,
		backoff:   backoff,
		clients:   map[clientKey]*client{},
		limiters:  map[limiterKey]*limiter{},
		lastSweep: time.Now(),
	}
}

// Format prints the type only. Without it, fmt would print the keys in
// unexported fields, for which it does not call the methods of redact.Secret.
func (*Runner) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("bedrock.Runner")) }

// Run runs one inference and returns the answers in the order of the inputs.
// keys, if set, replace the credentials of the Config. Every attempt counts
// against the requests per minute of the endpoint, which all its runs share.
// Runs without an inference id share the rate of their region, model and limit.
//
// The error is validation.Violations if the request breaks a rule, and an *Error
// otherwise. The first failure ends the run.
func (r *Runner) Run(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys, request inference.Request) (inference.Result, error) {
	run, err := r.prepare(ctx, endpoint, keys, request)
	if err != nil {
		return inference.Result{}, err
	}
	defer run.end()
	if endpoint.TaskType == inference.TextEmbedding {
		return run.embed(ctx)
	}
	return run.complete(ctx)
}

// run is one validated inference. The caller of prepare or start calls end.
type run struct {
	*Runner
	client    *client
	limiter   *limiter
	secrets   secrets
	endpoint  inference.Endpoint // its task settings are merged with those of the request
	input     []string
	inputType inference.InputType
	usage     usage
}

func (r *Runner) prepare(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys, request inference.Request) (*run, error) {
	if violations := request.Validate(endpoint).Errors(); len(violations) > 0 {
		return nil, violations
	}
	input := request.SentInput(endpoint)
	if violations := bodySizeRule(input); len(violations) > 0 {
		return nil, violations
	}
	prepared, err := r.start(ctx, endpoint, keys, request.TaskSettings, input, minCalls(endpoint, len(input)))
	if err == nil {
		prepared.inputType = request.InputType
	}
	return prepared, err
}

// start starts a run that is validated. settings override those of the endpoint,
// and calls is how many calls the run needs at least.
func (r *Runner) start(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys, settings inference.TaskSettings, input []string, calls int) (*run, error) {
	if err := r.Check(keys); err != nil {
		return nil, err
	}
	r.sweep()
	limiter := r.limiter(endpoint)
	if err := checkDeadline(ctx, limiter, calls); err != nil {
		return nil, err
	}
	client, err := r.client(ctx, endpoint.ServiceSettings.Region, keys)
	if err != nil {
		return nil, environmentSecrets().failure(err)
	}
	secrets, err := client.resolveSecrets(ctx)
	if err != nil {
		r.endUse(&client.refCount)
		return nil, err
	}
	endpoint.TaskSettings = endpoint.TaskSettings.Merge(settings)
	prepared := &run{Runner: r, client: client, limiter: limiter, secrets: secrets, endpoint: endpoint, input: input}
	prepared.usage.total = inference.Usage{InputTokens: new(int64), OutputTokens: new(int64)}
	r.mu.Lock()
	defer r.mu.Unlock()
	limiter.add(1) // keeps it until end; the client is in use already
	return prepared, nil
}

// minCalls is the least number of calls that the inputs need.
func minCalls(endpoint inference.Endpoint, inputs int) int {
	if endpoint.TaskType != inference.TextEmbedding {
		return inputs
	}
	batch := endpoint.ServiceSettings.Provider.EmbeddingBatch()
	return (inputs + batch - 1) / batch
}

const (
	// maxBody is the size of the largest request body that InvokeModel accepts,
	// in bytes (API reference of InvokeModel).
	maxBody = 25_000_000
	// bodyOverhead is more than the size of a request body without its texts.
	bodyOverhead = 10_000
)

// bodySizeRule reports the inputs that do not fit into one request.
func bodySizeRule(input []string) validation.Violations {
	var found validation.Violations
	for i, text := range input {
		if len(text) < (maxBody-bodyOverhead)/6 { // JSON writes a byte with 6 bytes at most
			continue
		}
		if encoded, err := encodeJSON(text); err == nil && len(encoded) > maxBody-bodyOverhead {
			found = append(found, validation.Errorf(validation.Path(fmt.Sprintf("input.%d", i)), "Input too large",
				"The text has %d bytes in a request body, of which Amazon Bedrock accepts %d. Split the text, for example into chunks.", len(encoded), maxBody))
		}
	}
	return found
}

// encodeJSON encodes a request body without escapes for HTML, which make it
// longer.
func encodeJSON(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSpace(buffer.Bytes()), err
}

// inOrder calls send for batches of up to size inputs, at most concurrency at a
// time, and returns the answers in the order of the inputs. send returns one
// answer for each input. The first error cancels the other calls and reports how
// many inputs were answered before.
func inOrder[A any](ctx context.Context, inputs []string, size, concurrency int, send func(context.Context, []string) ([]A, error)) ([]A, error) {
	answers := make([]A, len(inputs))
	var answered atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(concurrency)
	for start := 0; start < len(inputs); start += size {
		batch := inputs[start:min(start+size, len(inputs))]
		group.Go(func() error {
			got, err := send(ctx, batch)
			if err != nil {
				return err
			}
			copy(answers[start:], got)
			answered.Add(int64(len(batch)))
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		var failure *Error
		if errors.As(err, &failure) {
			failure.Succeeded, failure.Total = int(answered.Load()), len(inputs)
			return nil, failure
		}
		return nil, err
	}
	return answers, nil
}

// usage sums the tokens of the calls of a run. total is nil as soon as one call does
// not report its tokens.
type usage struct {
	mu    sync.Mutex
	total inference.Usage
}

func (u *usage) add(input, output *int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.total.InputTokens = sum(u.total.InputTokens, input)
	u.total.OutputTokens = sum(u.total.OutputTokens, output)
}

func sum(total, tokens *int64) *int64 {
	if total == nil || tokens == nil || *tokens < 0 {
		return nil
	}
	return new(*total + *tokens)
}

// Package bedrock runs inference endpoints on Amazon Bedrock Runtime:
// embeddings by InvokeModel, with the request bodies of Titan and Cohere, and
// completions by Converse, which is the same for every provider.
package bedrock

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// Config says how Bedrock is reached. The zero value uses the AWS default chain
// and Amazon's own endpoints.
type Config struct {
	// Region is where STS is asked for the role of AssumeRole; empty is the
	// region of the endpoint. Bedrock itself is always asked in the latter.
	Region string
	// Profile is the profile of the shared configuration; empty is AWS_PROFILE.
	Profile string
	// AccessKey and SecretKey are given together or not at all; SessionToken
	// only with them. Without them, the AWS default chain has the credentials.
	AccessKey, SecretKey, SessionToken redact.Secret
	// AssumeRole is taken on with the credentials above; nil takes no role. Keys
	// that a run brings itself are used as they are.
	AssumeRole *AssumeRole
	// Endpoint overrides the URL of Bedrock Runtime; empty is
	// AWS_ENDPOINT_URL_BEDROCK_RUNTIME, then Amazon's.
	Endpoint string
	// Simulator answers instead of Amazon, whatever Endpoint, Profile and
	// AssumeRole say. Keys given are made known to it, so that signatures are
	// checked; without keys its own are used.
	Simulator *bedrocksim.Simulator
	// MaxAttempts bounds how often one call is sent while it fails; 0 is 3. To
	// be throttled is not to fail: such a call waits its turn until the
	// deadline, unless MaxAttempts is 1, which sends everything once.
	MaxAttempts int
	// MaxConcurrency bounds the calls of one run that are under way; 0 is 8.
	MaxConcurrency int
	// RequestTimeout bounds one attempt; 0 is 60 s. What was sent by then is not
	// sent again, for it would be billed again.
	RequestTimeout time.Duration
}

// AssumeRole is a role to take on before Bedrock is asked.
type AssumeRole struct {
	RoleARN     string
	ExternalID  string // empty is none
	SessionName string // empty is defaultSession
}

// Runner runs inferences. It is safe for concurrent use and does nothing before
// the first run.
type Runner struct {
	config  Config
	backoff func(attempt int) time.Duration

	mu       sync.Mutex
	clients  map[clientKey]*client
	limiters map[limiterKey]*limiter
	swept    time.Time
}

// New returns a runner. It does no I/O.
func New(config Config) *Runner {
	if config.MaxAttempts <= 0 {
		config.MaxAttempts = 3
	}
	if config.MaxConcurrency <= 0 {
		config.MaxConcurrency = 8
	}
	if config.RequestTimeout <= 0 {
		config.RequestTimeout = time.Minute
	}
	return &Runner{
		config:   config,
		backoff:  backoff,
		clients:  map[clientKey]*client{},
		limiters: map[limiterKey]*limiter{},
		swept:    time.Now(),
	}
}

// Format keeps the keys inside out of whatever the runner is printed to: fmt
// asks no method of a field that is not exported.
func (*Runner) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("bedrock.Runner")) }

// Run runs one inference and returns the answers in the order of the inputs.
// keys, when given, are used instead of those of the Config. Every attempt
// counts against the endpoint's requests per minute, which all runs of one
// endpoint share; without an inference id, all runs of one region, model and
// limit.
//
// The error is inference.Violations where the request breaks a rule, and an
// *Error otherwise. The first failure ends the run.
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

// run is one inference, ready to be sent. Whoever has prepared it ends it.
type run struct {
	*Runner
	client   *client
	limiter  *limiter
	secrets  secrets
	endpoint inference.Endpoint // task settings are those of the request over its own
	input    []string
	kind     inference.InputType
	usage    usage
}

func (r *Runner) prepare(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys, request inference.Request) (*run, error) {
	if faults := request.Validate(endpoint).Errors(); len(faults) > 0 {
		return nil, faults
	}
	r.sweep()
	limiter := r.limiter(endpoint)
	input := request.SentInput(endpoint)
	if err := checkDeadline(ctx, limiter, calls(endpoint, len(input))); err != nil {
		return nil, err
	}
	client, err := r.client(ctx, endpoint.ServiceSettings.Region, keys)
	if err != nil {
		return nil, err
	}
	secrets, err := client.identify(ctx)
	if err != nil {
		return nil, err
	}
	endpoint.TaskSettings = endpoint.TaskSettings.Merge(request.TaskSettings)
	prepared := &run{
		Runner: r, client: client, limiter: limiter, secrets: secrets,
		endpoint: endpoint, input: input, kind: request.InputType,
	}
	prepared.begin()
	return prepared, nil
}

// calls is how many calls the inputs need at least.
func calls(endpoint inference.Endpoint, inputs int) int {
	if endpoint.TaskType != inference.TextEmbedding {
		return inputs
	}
	batch := endpoint.ServiceSettings.Provider.EmbeddingBatch()
	return (inputs + batch - 1) / batch
}

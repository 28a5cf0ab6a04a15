// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// preflightTimeout bounds a trial call with all its attempts.
const preflightTimeout = time.Minute

// preflightInput is the text of a trial call. Elasticsearch sends the same one
// when it creates an endpoint.
const preflightInput = "how big"

// Preflight tests the keys, region and model of endpoints with trial calls, one
// for each combination of keys, region, model and task. It is safe for concurrent
// use.
type Preflight struct {
	runner *Runner

	mu     sync.Mutex
	trials map[trialKey]*trial
}

// NewPreflight returns a Preflight that has called nothing yet.
func NewPreflight(runner *Runner) *Preflight {
	return &Preflight{runner: runner, trials: map[trialKey]*trial{}}
}

type trialKey struct {
	keys          inference.Keys
	region, model string
	provider      inference.Provider
	task          inference.TaskType
}

// trial is one call. done is closed when it has ended.
type trial struct {
	done  chan struct{}
	found validation.Violations
	err   error
}

// Check calls the model once with a short text, and returns an error at the
// setting that is to blame if the call fails. A result is kept, unless ctx ended
// the call; then the error is that of ctx.
func (p *Preflight) Check(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys) (validation.Violations, error) {
	service := endpoint.ServiceSettings
	if endpoint.TaskType.Generates() {
		endpoint.TaskType = inference.Completion // chat_completion calls models in the same way
	}
	key := trialKey{keys, service.Region, service.Model, service.Provider, endpoint.TaskType}
	p.mu.Lock()
	known, running := p.trials[key]
	if !running {
		known = &trial{done: make(chan struct{})}
		p.trials[key] = known
	}
	p.mu.Unlock()
	if running {
		select {
		case <-known.done:
			return known.found, known.err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	defer close(known.done)
	known.found, known.err = p.call(ctx, endpoint, keys)
	if known.err != nil {
		p.mu.Lock()
		delete(p.trials, key)
		p.mu.Unlock()
	}
	return known.found, known.err
}

func (p *Preflight) call(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys) (validation.Violations, error) {
	bounded, cancel := context.WithTimeout(ctx, preflightTimeout)
	defer cancel()
	service := endpoint.ServiceSettings
	sample := inference.Endpoint{
		TaskType:        endpoint.TaskType,
		ServiceSettings: inference.ServiceSettings{Region: service.Region, Provider: service.Provider, Model: service.Model},
	}
	// A prompt of Prompt management accepts no settings.
	if id, _ := inference.ParseModelID(service.Model); endpoint.TaskType.Generates() && id.Kind != "prompt" {
		sample.TaskSettings.MaxNewTokens = new(int64(1))
	}
	_, err := p.runner.Run(bounded, sample, keys, inference.Request{Input: []string{preflightInput}})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return blame(err, service, keys), nil
}

// blame converts the error of a trial call to a violation of the setting that
// most likely caused it. Models whose requests this package does not make are not
// tested.
func blame(err error, service inference.ServiceSettings, keys inference.Keys) validation.Violations {
	var violations validation.Violations
	var failure *Error
	switch {
	case err == nil || errors.As(err, &violations):
		return nil
	case !errors.As(err, &failure):
		failure = &Error{Code: codeNotSent, Message: err.Error()}
	}
	at, summary := failure.blame(!keys.IsZero())
	return validation.Violations{validation.Errorf(at, summary,
		"A trial call of %s in %s failed, so nothing is changed. %s", service.Model, service.Region, failure.Error())}
}

// blame returns the setting to change and what is wrong with it. ownKeys reports
// whether the endpoint has keys of its own.
func (e *Error) blame(ownKeys bool) (at validation.Path, summary string) {
	message := strings.ToLower(e.Message)
	switch {
	case e.Throttled():
		return inference.PathServiceSettings, "Trial call is throttled"
	case e.Unauthenticated():
		at, summary = inference.PathAccessKey, "AWS rejects the access key"
		switch {
		case !ownKeys:
			at, summary = inference.PathServiceSettings, "AWS credentials cannot be used"
		case e.Code == "InvalidSignatureException" || e.Code == "SignatureDoesNotMatch":
			at, summary = inference.PathSecretKey, "AWS rejects the secret key"
		}
		return at, summary
	case inference.RetirementRemedy(e.Message) != "":
		return inference.PathModel, "Model is retired or legacy"
	case e.Denied() && strings.Contains(message, "not authorized to perform"):
		if !ownKeys {
			return inference.PathServiceSettings, "AWS credentials lack a permission"
		}
		return inference.PathAccessKey, "AWS keys lack a permission"
	case e.Denied():
		return inference.PathModel, "No access to the model"
	case strings.Contains(message, "on-demand throughput"):
		return inference.PathModel, "Inference profile is required"
	case e.Code == codeNotFound || strings.Contains(message, "model identifier is invalid"):
		return inference.PathModel, "Model is not offered in the region"
	case e.Code == codeNoResponse && errors.As(e.Cause, new(*net.DNSError)):
		return inference.PathRegion, "Amazon Bedrock has no address in the region"
	case e.Code == codeNoResponse || e.Code == codeNotSent || e.Code == codeTimeout || e.Code == codeDeadline:
		return inference.PathServiceSettings, "Amazon Bedrock cannot be reached"
	case e.Code == codeValidation:
		return inference.PathModel, "Model refuses the trial call"
	}
	return inference.PathServiceSettings, "Trial call failed"
}

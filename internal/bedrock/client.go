package bedrock

import (
	"context"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/smithy-go/logging"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// bearerVariable holds a Bedrock API key, which the SDK sends instead of a
// signature. It reaches Bedrock only where nothing in the configuration says
// whose credentials to use.
const bearerVariable = "AWS_BEARER_TOKEN_BEDROCK"

type clientKey struct {
	region string
	keys   inference.Keys
}

// client speaks to Bedrock Runtime in one region with one set of credentials.
type client struct {
	*bedrockruntime.Client
	credentials aws.CredentialsProvider // nil where a bearer token is used
	given       secrets                 // the keys by which credentials are got
	forget      func()                  // has others forget the keys when the client is dropped
	use
}

// client returns the one for a region and keys, made at its first use.
func (r *Runner) client(ctx context.Context, region string, keys inference.Keys) (*client, error) {
	key := clientKey{region, keys}
	r.mu.Lock()
	defer r.mu.Unlock()
	if known, ok := r.clients[key]; ok {
		known.add(0)
		return known, nil
	}
	given, err := r.keys(keys)
	if err != nil {
		return nil, err
	}
	var made *client
	if r.config.Simulator != nil {
		made = r.simulated(region, given) //nolint:contextcheck // the simulator outlives the run that starts it
	} else if made, err = r.real(ctx, region, given); err != nil {
		return nil, err
	}
	made.add(0)
	r.clients[key] = made
	return made, nil
}

// real is a client of AWS. Reading the configuration does no more than read
// files and variables; credentials are looked for when they are needed.
func (r *Runner) real(ctx context.Context, region string, given givenKeys) (*client, error) {
	settings, err := config.LoadDefaultConfig(ctx, append(given.options(r.config.Profile),
		config.WithRegion(region),
		config.WithHTTPClient(r.transport()),
		config.WithLogger(logging.Nop{}), // the default one writes to standard error
	)...)
	if err != nil {
		return nil, &Error{
			Code:    codeNoCredentials,
			Message: "The AWS configuration cannot be read: " + sentence(err.Error()),
			Remedy:  "Check the profile, AWS_PROFILE, and the shared configuration and credentials files.",
			Cause:   err,
		}
	}
	named := given.HasKeys() || r.config.Profile != ""
	if r.config.AssumeRole != nil && !given.ofRun {
		settings.Credentials, named = r.assumed(settings), true
	}
	if settings.Credentials == nil { // the SDK would panic
		return nil, noCredentials("The AWS configuration has no credentials.", nil)
	}
	made := &client{credentials: settings.Credentials, given: secretsOf(given.Credentials), forget: func() {}}
	if !named && os.Getenv(bearerVariable) != "" {
		made.credentials = nil
	}
	made.Client = bedrockruntime.NewFromConfig(settings, fromMemory, func(o *bedrockruntime.Options) {
		o.Retryer = aws.NopRetryer{} // run.attempts retries
		if made.credentials != nil {
			o.AuthSchemePreference = []string{"sigv4"}
		}
		if r.config.Endpoint != "" {
			o.BaseEndpoint = aws.String(r.config.Endpoint)
		}
	})
	return made, nil
}

// simulated is a client of the simulator. Nothing in the environment has a say
// in it.
func (r *Runner) simulated(region string, given givenKeys) *client {
	simulator, keys := r.config.Simulator, given.Credentials
	if !keys.HasKeys() {
		keys = aws.Credentials{AccessKeyID: bedrocksim.AccessKey, SecretAccessKey: bedrocksim.SecretKey}
	}
	simulator.Trust(keys.AccessKeyID, keys.SecretAccessKey)
	made := &client{
		credentials: credentials.StaticCredentialsProvider{Value: keys}, given: secretsOf(keys),
		forget: func() { simulator.Distrust(keys.AccessKeyID, keys.SecretAccessKey) },
	}
	made.Client = bedrockruntime.New(bedrockruntime.Options{
		Region:       region,
		Credentials:  made.credentials,
		HTTPClient:   r.transport(),
		Retryer:      aws.NopRetryer{}, // run.attempts retries
		BaseEndpoint: aws.String(simulator.URL()),
	}, fromMemory, func(o *bedrockruntime.Options) { o.AuthSchemePreference = []string{"sigv4"} })
	return made
}

// transport is a pool of connections of its own, as wide as a run: with fewer
// idle ones, a run would open and close connections all along. It stays a
// BuildableClient so that AWS_CA_BUNDLE and the short timeouts of the instance
// metadata service apply.
func (r *Runner) transport() aws.HTTPClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = r.config.MaxConcurrency
		t.MaxIdleConns = max(t.MaxIdleConns, r.config.MaxConcurrency)
	})
}

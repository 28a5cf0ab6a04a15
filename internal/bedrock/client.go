// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

const (
	// bearerVariable holds a Bedrock API key, which the SDK sends instead of a
	// signature. It is used only if the configuration names no credentials.
	bearerVariable = "AWS_BEARER_TOKEN_BEDROCK"
	// credentialsTimeout bounds the search for credentials, which outside of AWS
	// ends at an instance metadata service that does not answer.
	credentialsTimeout = 20 * time.Second
	// defaultSessionName identifies the calls in audit logs and in the
	// conditions of a role.
	defaultSessionName = "terraform-provider-inference"
)

type clientKey struct {
	region string
	keys   inference.Keys
}

// client calls Bedrock Runtime in one region with one set of credentials.
type client struct {
	*bedrockruntime.Client
	credentials aws.CredentialsProvider // nil if a bearer token is used
	configured  secrets                 // the keys of the configuration or of the run
	validated   bool                    // the keys are those of an endpoint, which its rules check
	release     func()                  // called when the client is removed
	closeIdle   func()                  // closes the idle connections
	refCount
}

// client returns the client of a region and keys, and creates it if necessary. It
// is in use until endUse is called.
func (r *Runner) client(ctx context.Context, region string, keys inference.Keys) (*client, error) {
	key := clientKey{region, keys}
	r.mu.Lock()
	defer r.mu.Unlock()
	if found, ok := r.clients[key]; ok {
		found.add(1)
		return found, nil
	}
	static, err := r.staticKeys(keys)
	if err != nil {
		return nil, err
	}
	var created *client
	if r.config.Simulator != nil {
		created = r.newSimulatorClient(region, static)
	} else if created, err = r.newAWSClient(ctx, region, static); err != nil {
		return nil, err
	}
	created.add(1)
	r.clients[key] = created
	r.removeExcessClients()
	return created, nil
}

// Check returns the error of every run with these keys, as far as it is known
// before a run: settings that are unusable, and an incomplete pair of keys in the
// environment. It performs no I/O.
func (r *Runner) Check(keys inference.Keys) error {
	if r.config.Simulator != nil {
		return nil
	}
	if len(r.config.Unusable) > 0 {
		first := r.config.Unusable[0]
		return &Error{Code: codeNotSent, Message: "The request cannot be sent: " + strings.ToLower(first.Summary[:1]) + first.Summary[1:] + ".", Remedy: first.Detail}
	}
	explicit := !keys.IsZero() || r.config.hasKeysOrProfile()
	if explicit || r.config.AssumeRole == nil && os.Getenv(bearerVariable) != "" {
		return nil
	}
	return checkEnvironmentKeys()
}

// checkEnvironmentKeys returns an error if the environment has a part of a key
// pair. The SDK ignores it and takes the credentials of a profile or role, which
// may belong to another account. Like the SDK, it accepts older names of the
// variables.
func checkEnvironmentKeys() error {
	first := func(names ...string) string {
		for _, name := range names {
			if os.Getenv(name) != "" {
				return name
			}
		}
		return ""
	}
	const access, secret, token = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"
	accessSet, secretSet := first(access, "AWS_ACCESS_KEY"), first(secret, "AWS_SECRET_KEY")
	var set, missing string
	switch {
	case accessSet != "" && secretSet == "":
		set, missing = accessSet, secret+" is not"
	case secretSet != "" && accessSet == "":
		set, missing = secretSet, access+" is not"
	case accessSet == "" && secretSet == "" && os.Getenv(token) != "":
		set, missing = token, access+" and "+secret+" are not"
	default:
		return nil
	}
	return &Error{
		Code:    codeNoCredentials,
		Message: fmt.Sprintf("The environment has an incomplete key pair: %s is set, %s.", set, missing),
		Remedy:  "Set the variables of one key pair together, or unset " + set + " to use a profile or a role.",
	}
}

// newAWSClient returns a client of AWS. It reads files and variables only;
// credentials are retrieved when they are needed.
func (r *Runner) newAWSClient(ctx context.Context, region string, static staticKeys) (*client, error) {
	settings, err := r.loadAWSConfig(ctx, region, static)
	if err != nil {
		return nil, err
	}
	explicit := static.HasKeys() || r.config.Profile != ""
	if r.config.AssumeRole != nil && !static.ofRun {
		settings.Credentials, explicit = r.assumeRoleProvider(settings), true
	}
	if settings.Credentials == nil { // the SDK would panic
		return nil, noCredentials("The AWS configuration has no credentials.", nil)
	}
	created := &client{credentials: settings.Credentials, configured: secretsOf(static.Credentials), validated: static.ofRun, release: func() {}}
	if !explicit && os.Getenv(bearerVariable) != "" {
		created.credentials = nil
	}
	created.Client = bedrockruntime.NewFromConfig(settings, created.withOwnHTTPClient, func(o *bedrockruntime.Options) {
		o.Retryer = aws.NopRetryer{} // run.attempts retries
		if created.credentials != nil {
			o.AuthSchemePreference = []string{"sigv4"}
		}
		if r.config.Endpoint != "" {
			o.BaseEndpoint = aws.String(r.config.Endpoint)
		}
		if o.BaseEndpoint != nil { // the SDK refuses both of them beside an endpoint
			o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateDisabled
			o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateDisabled
		}
	})
	return created, nil
}

// newSimulatorClient returns a client of the simulator. It does not depend on
// the environment.
func (r *Runner) newSimulatorClient(region string, static staticKeys) *client {
	simulator, keys := r.config.Simulator, static.Credentials
	if !keys.HasKeys() {
		keys.AccessKeyID, keys.SecretAccessKey = simulator.Keys()
	}
	simulator.Trust(keys.AccessKeyID, keys.SecretAccessKey)
	created := &client{
		credentials: credentials.StaticCredentialsProvider{Value: keys}, configured: secretsOf(keys), validated: true,
		release: func() { simulator.Distrust(keys.AccessKeyID, keys.SecretAccessKey) },
	}
	created.Client = bedrockruntime.New(bedrockruntime.Options{
		Region:       region,
		Credentials:  created.credentials,
		HTTPClient:   r.transport(),
		Retryer:      aws.NopRetryer{}, // run.attempts retries
		BaseEndpoint: aws.String(simulator.URL()),
	}, created.withOwnHTTPClient, func(o *bedrockruntime.Options) { o.AuthSchemePreference = []string{"sigv4"} })
	return created
}

// transport returns an HTTP client that keeps an idle connection for every
// concurrent call of a run. It is a BuildableClient so that AWS_CA_BUNDLE and
// the short timeouts of the instance metadata service apply.
func (r *Runner) transport() aws.HTTPClient {
	return awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = r.config.MaxConcurrency
		t.MaxIdleConns = max(t.MaxIdleConns, r.config.MaxConcurrency)
		t.OnProxyConnectResponse = checkProxyResponse
		if r.proxy != nil {
			t.Proxy = r.proxy
		}
		if r.dial != nil {
			t.DialContext = r.dial
		}
	})
}

// staticKeys are the keys of the run or of the Config. Without keys the default
// credential chain is used.
type staticKeys struct {
	aws.Credentials
	ofRun bool // no role is assumed with keys of a run
}

func (r *Runner) staticKeys(keys inference.Keys) (staticKeys, error) {
	static := staticKeys{
		Credentials: aws.Credentials{AccessKeyID: keys.AccessKey.Reveal(), SecretAccessKey: keys.SecretKey.Reveal()},
		ofRun:       !keys.IsZero(),
	}
	if !static.ofRun {
		static.Credentials = aws.Credentials{
			AccessKeyID:     r.config.AccessKey.Reveal(),
			SecretAccessKey: r.config.SecretKey.Reveal(),
			SessionToken:    r.config.SessionToken.Reveal(),
		}
	}
	if (static.AccessKeyID == "") != (static.SecretAccessKey == "") {
		return staticKeys{}, noCredentials("Only one of access_key and secret_key is set.", nil)
	}
	return static, nil
}

func (r *Runner) assumeRoleProvider(settings aws.Config) aws.CredentialsProvider {
	role := r.config.AssumeRole
	client := sts.NewFromConfig(settings, func(o *sts.Options) {
		if r.config.Region != "" {
			o.Region = r.config.Region
		}
		if o.BaseEndpoint != nil {
			o.EndpointOptions.UseFIPSEndpoint = aws.FIPSEndpointStateDisabled
			o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateDisabled
		}
	})
	return aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, role.RoleARN, func(o *stscreds.AssumeRoleOptions) {
		if role.ExternalID != "" {
			o.ExternalID = aws.String(role.ExternalID)
		}
		o.RoleSessionName = cmp.Or(role.SessionName, defaultSessionName)
	}))
}

// resolveSecrets retrieves the credentials before the first call, so that
// missing credentials are reported as such and not as a refusal of Bedrock. It
// returns the values that no message may contain.
func (c *client) resolveSecrets(ctx context.Context) (secrets, error) {
	if c.credentials == nil {
		token := os.Getenv(bearerVariable)
		return secrets{redact.Secret(token)}, checkKey(bearerVariable, token)
	}
	bounded, cancel := context.WithTimeout(ctx, credentialsTimeout)
	defer cancel()
	found, err := c.credentials.Retrieve(bounded)
	switch {
	case ctx.Err() != nil:
		return nil, c.configured.failure(ctx.Err())
	case err != nil:
		return nil, c.configured.failure(credentialsError(err))
	case !found.HasKeys():
		return nil, noCredentials("The AWS credentials that were found are empty.", nil)
	}
	for _, key := range []struct{ name, value string }{
		{"access key", found.AccessKeyID}, {"secret key", found.SecretAccessKey}, {"session token", found.SessionToken},
	} {
		if err := checkKey("the AWS "+key.name, key.value); err != nil && !c.validated {
			return nil, err
		}
	}
	return append(secretsOf(found), c.configured...), nil
}

// checkKey rejects blanks and control characters, which AWS reports as a wrong
// signature, or which no HTTP header can hold.
func checkKey(name, value string) error {
	at := strings.IndexFunc(value, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	if at < 0 {
		return nil
	}
	kind := "a blank or control character"
	if strings.ContainsAny(value, "\r\n") {
		kind = "a line break"
	}
	return &Error{
		Code:    codeNoCredentials,
		Message: "The value of " + name + " contains " + kind + ".",
		Remedy:  "Remove it. A common cause is a value that was copied or read from a file with the end of its line.",
	}
}

func secretsOf(keys aws.Credentials) secrets {
	return secrets{redact.Secret(keys.AccessKeyID), redact.Secret(keys.SecretAccessKey), redact.Secret(keys.SessionToken)}
}

// withOwnHTTPClient replaces the HTTP client with one whose idle connections can be
// closed, and that buffers bodies.
func (c *client) withOwnHTTPClient(o *bedrockruntime.Options) {
	c.closeIdle = func() {}
	if buildable, ok := o.HTTPClient.(*awshttp.BuildableClient); ok {
		built := &http.Client{
			Transport:     buildable.GetTransport(),
			Timeout:       buildable.GetTimeout(),
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
		o.HTTPClient, c.closeIdle = built, built.CloseIdleConnections
	}
	o.HTTPClient = bufferingClient{o.HTTPClient}
}

// bufferingClient sends copies of request bodies and normalizes error responses. The
// SDK closes a request body as soon as the response begins; net/http, which may still
// be reading the body, then closes the connection while the response is read
// (smithy-go v1.28.9, safeWriteToReadCloser.WriteTo).
type bufferingClient struct{ bedrockruntime.HTTPClient }

// Do sends a request with a body that stays open after the call.
func (c bufferingClient) Do(request *http.Request) (*http.Response, error) {
	if request.Body != nil {
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return nil, err
		}
		request = request.WithContext(request.Context()) // a copy
		// GetBody stays unset: with it, the body would be sent to the target of
		// a redirect.
		request.Body = io.NopCloser(bytes.NewReader(body))
	}
	response, err := c.HTTPClient.Do(request)
	if err != nil || response.StatusCode < http.StatusMultipleChoices {
		return response, err
	}
	return response, normalizeErrorBody(response)
}

// proxyRefusal is the error of a proxy that refuses to connect to a host.
type proxyRefusal struct {
	proxy, host string
	status      int
	text        string // the status line's text
}

func (p *proxyRefusal) Error() string {
	return fmt.Sprintf("the proxy %s refused to connect to %s: %s", p.proxy, p.host, p.text)
}

// checkProxyResponse reports the response of a proxy to CONNECT that is not a
// success. net/http would return its status text only, such as "Forbidden".
func checkProxyResponse(_ context.Context, proxy *url.URL, request *http.Request, response *http.Response) error {
	if response.StatusCode == http.StatusOK {
		return nil
	}
	return &proxyRefusal{proxy: proxy.Host, host: request.Host, status: response.StatusCode, text: response.Status}
}

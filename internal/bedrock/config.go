// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/logging"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// Config says how Bedrock Runtime is reached. The zero value uses the default
// credential chain of AWS and Amazon's own endpoints.
type Config struct {
	// Region is the region of STS where AssumeRole is set; empty is the region
	// of the endpoint. Calls of Bedrock always go to the region of the endpoint.
	Region string
	// Profile is a profile of the shared configuration; empty is AWS_PROFILE.
	Profile string
	// AccessKey and SecretKey are set together or not at all, SessionToken only
	// with them. Without them the default credential chain is used.
	AccessKey, SecretKey, SessionToken redact.Secret
	// Unusable are violations of settings that matter only to a run. If there are
	// any, every run returns an error, unless Simulator is set.
	Unusable validation.Violations
	// AssumeRole is assumed with the credentials above; nil assumes no role.
	// Keys of a run are used as they are.
	AssumeRole *AssumeRole
	// Endpoint overrides the URL of Bedrock Runtime; empty is
	// AWS_ENDPOINT_URL_BEDROCK_RUNTIME, then Amazon's own endpoint.
	Endpoint string
	// Simulator answers instead of AWS if it is set. Endpoint, Profile and
	// AssumeRole are then ignored.
	Simulator Backend
	// MaxAttempts is how often a call that fails is sent; 0 is 3. A throttled
	// call does not count as failed: ThrottleTimeout bounds it, unless MaxAttempts
	// is 1, which sends every call once.
	MaxAttempts int
	// ThrottleTimeout is how long a call is sent again that Bedrock throttles,
	// from its first attempt; 0 is five minutes. A call that exceeds the quota of
	// a day is not sent again.
	ThrottleTimeout time.Duration
	// MaxConcurrency is how many calls of one run are in progress at most; 0 is 8.
	MaxConcurrency int
	// RequestTimeout is the time of one attempt; 0 is 60 s. A request that was
	// sent by then is not sent again, because it would be charged twice.
	RequestTimeout time.Duration
}

// AssumeRole is an IAM role to assume before Bedrock is called.
type AssumeRole struct {
	RoleARN     string
	ExternalID  string // optional
	SessionName string // empty is defaultSessionName
}

// Backend serves the API of Bedrock Runtime in place of AWS.
type Backend interface {
	// URL returns the base URL of the API and starts the backend if necessary.
	URL() string
	// Keys returns the keys that sign requests where none are configured.
	Keys() (accessKey, secretKey string)
	// Trust accepts signatures of a pair of keys until a matching Distrust.
	Trust(accessKey, secretKey string)
	// Distrust undoes one call of Trust.
	Distrust(accessKey, secretKey string)
}

// Paths of the settings in violations.
const (
	pathAccessKey    validation.Path = "bedrock.access_key"
	pathSecretKey    validation.Path = "bedrock.secret_key"
	pathSessionToken validation.Path = "bedrock.session_token"
	pathEndpoint     validation.Path = "bedrock.endpoint"
	pathRoleARN      validation.Path = "bedrock.assume_role.role_arn"
)

// EndpointVariable returns the environment variable with the URL of Bedrock Runtime;
// empty if AWS_IGNORE_CONFIGURED_ENDPOINT_URLS disables it.
func EndpointVariable(getenv func(string) string) string {
	if strings.EqualFold(getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true") {
		return ""
	}
	return "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"
}

// Validate returns the violations of settings that AWS would reject only when
// it is called, or with a message that does not name the setting.
func (c Config) Validate() validation.Violations { return c.ValidateSoFar(nil) }

// ValidateSoFar returns the violations that remain whatever values the deferred
// settings get.
func (c Config) ValidateSoFar(isDeferred validation.IsDeferred) validation.Violations {
	return slices.Concat(c.sessionTokenRule(isDeferred), c.endpointRule(), c.roleRule())
}

// NamesCredentials reports whether the configuration says which credentials to use.
// Otherwise the default credential chain of AWS is used.
func (c Config) NamesCredentials() bool { return c.hasKeysOrProfile() || c.AssumeRole != nil }

func (c Config) hasKeysOrProfile() bool {
	return c.AccessKey != "" || c.SecretKey != "" || c.Profile != ""
}

// sessionTokenRule requires keys beside a session token. A single key is
// reported by the rule of key pairs.
func (c Config) sessionTokenRule(isDeferred validation.IsDeferred) validation.Violations {
	if c.SessionToken == "" || c.AccessKey != "" || c.SecretKey != "" || isDeferred.Any(pathAccessKey, pathSecretKey) {
		return nil
	}
	return validation.Violations{validation.Errorf(pathSessionToken, "Session token without keys",
		"session_token is set, but access_key and secret_key are not. Write the two keys that were issued with the token, or remove session_token to use the default credential chain of AWS.")}
}

func (c Config) endpointRule() validation.Violations {
	if c.Endpoint == "" {
		return nil
	}
	const example = "https://bedrock-runtime.us-east-1.amazonaws.com"
	base, violation := validation.ParseAddress(pathEndpoint, c.Endpoint, example)
	switch {
	case violation != nil:
		return validation.Violations{*violation}
	case base.User != nil:
		return validation.Violations{validation.Errorf(pathEndpoint, "Credentials in a URL",
			"The endpoint contains a user name or a password, which Amazon Bedrock does not take. Remove them.")}
	case base.RawQuery != "" || base.Fragment != "":
		return validation.Violations{validation.Errorf(pathEndpoint, "URL with a query",
			"The endpoint has a query or a fragment. Remove what follows the path. Write for example %q.", example)}
	}
	return nil
}

// roleARNPattern leaves the rules on paths and names of roles to IAM.
var roleARNPattern = regexp.MustCompile(`^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/[!-~]+$`)

// roleRule checks the format of the ARN; the caller requires that it is set.
func (c Config) roleRule() validation.Violations {
	if c.AssumeRole == nil || c.AssumeRole.RoleARN == "" || roleARNPattern.MatchString(c.AssumeRole.RoleARN) {
		return nil
	}
	return validation.Violations{validation.Errorf(pathRoleARN, "Invalid role ARN",
		"%q does not have the format arn:PARTITION:iam::ACCOUNT:role/NAME with an account of 12 digits. Write for example \"arn:aws:iam::123456789012:role/inference\".", c.AssumeRole.RoleARN)}
}

// loadAWSConfig reads the variables and shared files of AWS. A profile that does
// not exist is an error only if its credentials would be used.
func (r *Runner) loadAWSConfig(ctx context.Context, region string, static staticKeys) (aws.Config, error) {
	load := func(profile string, options ...func(*config.LoadOptions) error) (aws.Config, error) {
		options = append(options, config.WithRegion(region), config.WithHTTPClient(r.transport()),
			config.WithLogger(logging.Nop{})) // the default writes to standard error
		if static.HasKeys() {
			options = append(options, config.WithCredentialsProvider(credentials.StaticCredentialsProvider{Value: static.Credentials}))
		}
		if profile != "" {
			options = append(options, config.WithSharedConfigProfile(profile))
		}
		return config.LoadDefaultConfig(ctx, options...)
	}
	settings, err := load(r.config.Profile)
	if err == nil {
		return settings, nil
	}
	restore := unsetVariables(unusedVariables...)
	defer restore()
	files, remove := sharedFiles()
	defer remove()
	settings, retryErr := load(r.config.Profile, files...)
	explicit := static.HasKeys() || r.config.Profile == "" && os.Getenv(bearerVariable) != ""
	if explicit && errors.As(retryErr, new(config.SharedConfigProfileNotExistError)) {
		restoreProfile := unsetVariables("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
		defer restoreProfile()
		settings, retryErr = load("", files...)
	}
	if retryErr != nil {
		return aws.Config{}, configError(retryErr)
	}
	return settings, nil
}

// unusedVariables have no effect here, but values that the SDK may reject, such
// as AWS_RETRY_MODE=legacy of other tools.
var unusedVariables = []string{
	"AWS_RETRY_MODE", "AWS_MAX_ATTEMPTS", "AWS_DEFAULTS_MODE", "AWS_ACCOUNT_ID_ENDPOINT_MODE",
	"AWS_REQUEST_CHECKSUM_CALCULATION", "AWS_RESPONSE_CHECKSUM_VALIDATION",
	"AWS_DISABLE_REQUEST_COMPRESSION", "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
	"AWS_ENABLE_ENDPOINT_DISCOVERY", "AWS_S3_USE_ARN_REGION", "AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS",
	"AWS_S3_DISABLE_EXPRESS_SESSION_AUTH", "AWS_SDK_UA_APP_ID",
}

// unsetVariables removes variables while the configuration is loaded, because
// the SDK has no option that ignores them. Runner.mu is held meanwhile.
func unsetVariables(names ...string) (restore func()) {
	removed := map[string]string{}
	for _, name := range names {
		if value, ok := os.LookupEnv(name); ok {
			removed[name] = value
			_ = os.Unsetenv(name)
		}
	}
	return func() {
		for name, value := range removed {
			_ = os.Setenv(name, value)
		}
	}
}

// unusedSetting matches a line of a shared file of AWS that sets one of the
// settings of unusedVariables. Indented lines belong to another setting.
var unusedSetting = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?mi)^(retry_mode|max_attempts|defaults_mode|account_id_endpoint_mode|request_checksum_calculation|` +
		`response_checksum_validation|disable_request_compression|request_min_compression_size_bytes|endpoint_discovery_enabled|` +
		`s3_use_arn_region|s3_disable_multiregion_access_points|s3_disable_express_session_auth|sdk_ua_app_id)[ \t]*=.*$`)
})

// storedSecret matches a line of a shared file that contains a secret.
var storedSecret = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?mi)^[ \t]*(aws_secret_access_key|aws_session_token)[ \t]*=`)
})

// sharedFiles returns options that load the shared files without the settings
// that have no effect here, but may have values that the SDK rejects. The SDK
// loads files only, so that a file with such a setting is copied to a temporary
// directory until remove is called. A file that contains a secret is not copied.
func sharedFiles() (options []func(*config.LoadOptions) error, remove func()) {
	remove = func() {}
	configFile := cmp.Or(os.Getenv("AWS_CONFIG_FILE"), config.DefaultSharedConfigFilename())
	content, err := os.ReadFile(configFile) //nolint:gosec // the SDK reads the same file, which the user names
	if err != nil || !unusedSetting().Match(content) || storedSecret().Match(content) {
		return nil, remove
	}
	directory, err := os.MkdirTemp("", "inference-aws-")
	if err != nil {
		return nil, remove
	}
	remove = func() { _ = os.RemoveAll(directory) }
	copied := filepath.Join(directory, "config")
	if err := os.WriteFile(copied, bytes.TrimSpace(unusedSetting().ReplaceAll(content, nil)), 0o600); err != nil { //nolint:gosec // the path is in a directory that was just created
		return nil, remove
	}
	return []func(*config.LoadOptions) error{config.WithSharedConfigFiles([]string{copied})}, remove
}

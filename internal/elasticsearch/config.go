// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// Config is the address of a cluster and how to connect to it.
type Config struct {
	// Endpoints are the URLs of the cluster. If one accepts no connection, the next
	// one is used.
	Endpoints []string
	// CloudID is the id of a deployment of Elastic Cloud, instead of Endpoints.
	CloudID string

	// One of APIKey, Username with Password, and BearerToken, or none.
	APIKey      redact.Secret
	Username    string
	Password    redact.Secret
	BearerToken redact.Secret

	// At most one of the three determines which certificates are trusted. Without
	// them, the certificates of the system are trusted.
	CAFile        string
	CAData        string
	CAFingerprint string
	// The certificate of the client and its key, each as a file or as data.
	CertFile, CertData string
	KeyFile            string
	KeyData            redact.Secret
	// Insecure accepts every certificate.
	Insecure bool

	// Headers are sent with every request. Their values are secrets.
	Headers map[string]redact.Secret
	// Version is the version of Elasticsearch, or "serverless". It is needed only if
	// the caller may not read it.
	Version string

	// MaxRetries is how often a request is repeated at most.
	MaxRetries   int
	RetryWaitMin time.Duration
	RetryWaitMax time.Duration
	// RequestTimeout bounds one attempt.
	RequestTimeout time.Duration
	UserAgent      string
	// Logger receives one debug record per attempt; nil discards them.
	Logger *slog.Logger

	open validation.IsDeferred // not nil during ValidateSoFar
}

// The paths of the settings, for violations.
const (
	pathEndpoints      validation.Path = "elasticsearch.endpoints"
	pathCloudID        validation.Path = "elasticsearch.cloud_id"
	pathAPIKey         validation.Path = "elasticsearch.api_key"
	pathUsername       validation.Path = "elasticsearch.username"
	pathPassword       validation.Path = "elasticsearch.password"
	pathBearerToken    validation.Path = "elasticsearch.bearer_token"
	pathCAFile         validation.Path = "elasticsearch.ca_file"
	pathCAData         validation.Path = "elasticsearch.ca_data"
	pathCAFingerprint  validation.Path = "elasticsearch.ca_fingerprint"
	pathCertFile       validation.Path = "elasticsearch.cert_file"
	pathCertData       validation.Path = "elasticsearch.cert_data"
	pathKeyFile        validation.Path = "elasticsearch.key_file"
	pathKeyData        validation.Path = "elasticsearch.key_data"
	pathInsecure       validation.Path = "elasticsearch.insecure"
	pathHeaders        validation.Path = "elasticsearch.headers"
	pathVersion        validation.Path = "elasticsearch.version"
	pathMaxRetries     validation.Path = "elasticsearch.max_retries"
	pathRetryWaitMin   validation.Path = "elasticsearch.retry_wait_min"
	pathRetryWaitMax   validation.Path = "elasticsearch.retry_wait_max"
	pathRequestTimeout validation.Path = "elasticsearch.request_timeout"
)

// Validate returns the violations of the configuration. It reads the files that the
// configuration names, and sends no request.
func (c Config) Validate() validation.Violations {
	_, found := c.bases()
	_, tlsFound := c.tlsConfig()
	return slices.Concat(found, c.credentialsRule(), tlsFound, c.headersRule(), c.versionRule(), c.limitsRule())
}

// ValidateSoFar returns the violations that do not depend on settings that are not
// known yet. It reads no files.
func (c Config) ValidateSoFar(open validation.IsDeferred) validation.Violations {
	c.open = open
	return c.Validate()
}

// bases returns the endpoints as URLs.
func (c Config) bases() ([]*url.URL, validation.Violations) {
	if c.CloudID != "" {
		if len(c.Endpoints) > 0 {
			return nil, validation.Violations{validation.Errorf(pathCloudID, "Two addresses", "cloud_id and endpoints are both set, and each of them names the cluster. Remove one of them.")}
		}
		base, violation := parseCloudID(c.CloudID)
		if violation != nil {
			return nil, validation.Violations{*violation}
		}
		return []*url.URL{base}, nil
	}
	if len(c.Endpoints) == 0 && (c.open.Any(pathEndpoints) || c.open.Any(pathCloudID)) {
		return nil, nil
	}
	if len(c.Endpoints) == 0 {
		return nil, validation.Violations{validation.Errorf(pathEndpoints, "No endpoint",
			"No URL of Elasticsearch is given. Write for example endpoints = [\"https://localhost:9200\"].").WithRule(validation.Missing)}
	}
	var bases []*url.URL
	var found validation.Violations
	for i, endpoint := range c.Endpoints {
		path := validation.Path(fmt.Sprintf("%s.%d", pathEndpoints, i))
		if c.open.Any(path) {
			continue
		}
		base, violation := parseEndpoint(path, endpoint)
		if violation != nil {
			found = append(found, *violation)
			continue
		}
		if base.Scheme == "http" && !isLoopback(base.Hostname()) {
			found = append(found, validation.Warningf(path, "Unencrypted connection",
				"%q is not encrypted: AWS keys and credentials can be read in transit. Write https if the server supports it.", endpoint))
		}
		bases = append(bases, base)
	}
	return bases, found
}

// parseCloudID returns the URL of Elasticsearch in a Cloud ID: a name, a colon,
// and the Base64 encoding of the domain, the id of Elasticsearch and that of
// Kibana, separated by dollar signs. The port is that of the id or the domain, or
// 443.
func parseCloudID(cloudID string) (*url.URL, *validation.Violation) {
	invalid := validation.Errorf(pathCloudID, "Not a Cloud ID", "%q is not a Cloud ID. Copy it from the page of the deployment in Elastic Cloud, such as \"name:ZXhhbXBsZS5jb20kYWJj\".", cloudID)
	encoded := cloudID[strings.LastIndex(cloudID, ":")+1:]
	decoded, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(encoded, "="))
	domain, ids, _ := strings.Cut(string(decoded), "$")
	id, _, _ := strings.Cut(ids, "$")
	domain, domainPort, _ := strings.Cut(domain, ":")
	id, port, _ := strings.Cut(id, ":")
	if err != nil || domain == "" || id == "" || id == "undefined" {
		return nil, &invalid
	}
	base, violation := parseEndpoint(pathCloudID, "https://"+id+"."+domain+":"+cmp.Or(port, domainPort, "443"))
	if violation != nil {
		return nil, &invalid
	}
	return base, nil
}

// parseEndpoint parses a URL. Its messages do not quote a URL that may contain a
// password.
func parseEndpoint(path validation.Path, endpoint string) (*url.URL, *validation.Violation) {
	const example = "https://localhost:9200"
	base, violation := validation.ParseAddress(path, endpoint, example)
	if violation != nil {
		return nil, violation
	}
	switch {
	case base.User != nil:
		return nil, new(validation.Errorf(path, "Credentials in a URL",
			"The endpoint contains a user name or a password. Move them to username and password, which do not appear in messages."))
	case base.RawQuery != "" || base.Fragment != "":
		return nil, new(validation.Errorf(path, "URL with a query",
			"The endpoint has a query or a fragment. Remove what follows the path. Write for example %q.", example))
	}
	base.Path = cmp.Or(base.Path, "/") // JoinPath would return a relative path
	return base, nil
}

func isLoopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || (address != nil && address.IsLoopback())
}

func (c Config) credentialsRule() validation.Violations {
	var found validation.Violations
	basic := c.Username != "" || c.Password != ""
	const two = "Two kinds of credentials"
	switch {
	case c.APIKey != "" && basic:
		found = append(found, validation.Errorf(pathAPIKey, two,
			"api_key is set together with username or password. Keep one of api_key, username with password, and bearer_token."))
	case c.APIKey != "" && c.BearerToken != "":
		found = append(found, validation.Errorf(pathAPIKey, two,
			"api_key is set together with bearer_token. Keep one of api_key, username with password, and bearer_token."))
	case basic && c.BearerToken != "":
		found = append(found, validation.Errorf(pathBearerToken, two,
			"bearer_token is set together with username and password. Keep one of them."))
	}
	if c.Username != "" && c.Password == "" && !c.open.Any(pathPassword) {
		found = append(found, validation.Errorf(pathPassword, "Password is missing", "username is set, but password is not. Write both or neither.").WithRule(validation.Missing))
	}
	if c.Username == "" && c.Password != "" && !c.open.Any(pathUsername) {
		found = append(found, validation.Errorf(pathUsername, "User is missing", "password is set, but username is not. Write both or neither.").WithRule(validation.Missing))
	}
	if inference.IsHeaderValue(c.APIKey.Reveal()) {
		found = append(found, c.apiKeyRule()...)
	}
	for _, secret := range []struct {
		path  validation.Path
		value redact.Secret
	}{{pathAPIKey, c.APIKey}, {pathPassword, c.Password}, {pathBearerToken, c.BearerToken}} {
		if !inference.IsHeaderValue(secret.value.Reveal()) {
			found = append(found, inference.LineBreak(secret.path))
		}
	}
	return found
}

// headerName matches a token as in RFC 9110, section 5.6.2.
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

func (c Config) headersRule() validation.Violations {
	var found validation.Violations
	written := map[string]string{} // names as they are configured, by the names that are sent
	for _, name := range slices.Sorted(maps.Keys(c.Headers)) {
		value, sent := c.Headers[name], http.CanonicalHeaderKey(name)
		if other, twice := written[sent]; twice {
			found = append(found, validation.Errorf(pathHeaders, "Header is set twice", "%q and %q are the same header, because case does not matter. Keep one of them.", other, name))
		}
		written[sent] = name
		switch {
		case !headerName.MatchString(name):
			found = append(found, validation.Errorf(pathHeaders, "Not the name of a header", "%q cannot be the name of a header. Write letters, digits and hyphens, such as \"X-Tenant\".", name))
		case !inference.IsHeaderValue(value.Reveal()):
			found = append(found, validation.Errorf(pathHeaders, "Line break in a header", "The value of %q contains a line break or another control character, often from the end of a file. Write trimspace(...) around it.", name))
		case strings.EqualFold(name, "Authorization") && c.authorization() != "":
			found = append(found, validation.Errorf(pathHeaders, "Two kinds of credentials",
				"headers contains Authorization, but credentials are set as well. Keep one of them."))
		}
	}
	return found
}

func (c Config) versionRule() validation.Violations {
	if c.Version == "" || c.Version == serverless {
		return nil
	}
	if _, ok := parseVersion(c.Version); !ok {
		return validation.Violations{validation.Errorf(pathVersion, "Not a version",
			"%q is not a version of Elasticsearch. Write for example \"9.1.0\", or \"serverless\".", c.Version)}
	}
	return nil
}

func (c Config) limitsRule() validation.Violations {
	var found validation.Violations
	if c.MaxRetries < 0 {
		found = append(found, validation.Errorf(pathMaxRetries, "Negative number", "max_retries is %d. Write 0 for no retries, or more.", c.MaxRetries))
	}
	for _, limit := range []struct {
		path  validation.Path
		value time.Duration
	}{{pathRetryWaitMin, c.RetryWaitMin}, {pathRetryWaitMax, c.RetryWaitMax}, {pathRequestTimeout, c.RequestTimeout}} {
		if limit.value < 0 {
			found = append(found, validation.Errorf(limit.path, "Negative duration", "%s is %s. Write a duration above 0, such as \"30s\".", limit.path.Name(), limit.value))
		}
	}
	if c.RetryWaitMax > 0 && c.RetryWaitMin > c.RetryWaitMax {
		found = append(found, validation.Errorf(pathRetryWaitMin, "Waits in the wrong order",
			"retry_wait_min is %s and retry_wait_max is %s. Write a retry_wait_min that does not exceed retry_wait_max.", c.RetryWaitMin, c.RetryWaitMax))
	}
	return found
}

// authorization returns the value of the Authorization header, or nothing.
func (c Config) authorization() redact.Secret {
	switch {
	case c.APIKey != "":
		return "ApiKey " + c.encodedAPIKey()
	case c.BearerToken != "":
		return "Bearer " + c.BearerToken
	case c.Username != "":
		return "Basic " + encode(c.basic())
	}
	return ""
}

// encodedAPIKey returns the key as the Authorization header has it: id:key in base64,
// or a key of Elastic Cloud ("essu_...") unchanged.
func (c Config) encodedAPIKey() redact.Secret {
	key := trimAPIKey(c.APIKey)
	if strings.Contains(key, ":") {
		return encode(redact.Secret(key))
	}
	return redact.Secret(key)
}

// trimAPIKey removes what people paste with a key: blanks, quotes, and the scheme
// of the Authorization header.
func trimAPIKey(secret redact.Secret) string {
	const scheme = "ApiKey "
	key := strings.Trim(secret.Reveal(), " \t\"'`")
	if len(key) > len(scheme) && strings.EqualFold(key[:len(scheme)], scheme) {
		key = strings.Trim(key[len(scheme):], " \t\"'`")
	}
	return key
}

// cloudKeyPrefix begins the API keys of an Elastic Cloud organization.
const cloudKeyPrefix = "essu_"

// apiKeyRule accepts the encoded form, id:key and essu_... keys. It does not repeat
// the key.
func (c Config) apiKeyRule() validation.Violations {
	key := trimAPIKey(c.APIKey)
	refuse := func(detail string) validation.Violations {
		return validation.Violations{validation.Errorf(pathAPIKey, "Invalid API key", "%s", detail+" Write the encoded form that Kibana and the API show as \"encoded\", id:key, or a key that begins with essu_.")}
	}
	id, secret, pair := strings.Cut(key, ":")
	switch {
	case c.APIKey == "" || strings.HasPrefix(key, cloudKeyPrefix):
		return nil
	case key == "":
		return refuse("api_key holds only blanks or quotes.")
	case pair && (id == "" || secret == ""):
		return refuse("api_key has the form id:key, and one half is empty.")
	case pair:
		return nil
	}
	decoded, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		decoded, err = base64.RawStdEncoding.DecodeString(key)
	}
	id, secret, pair = strings.Cut(string(decoded), ":")
	switch {
	case err != nil:
		return refuse("api_key is neither id:key nor base64. It may be the key without its id.")
	case !pair || id == "" || secret == "":
		return refuse("api_key is base64 of something other than id:key. It may be the key without its id.")
	}
	return nil
}

func (c Config) basic() redact.Secret {
	return redact.Secret(c.Username) + ":" + c.Password
}

func encode(secret redact.Secret) redact.Secret {
	return redact.Secret(base64.StdEncoding.EncodeToString([]byte(secret.Reveal())))
}

// secrets returns the secrets of the configuration and of the proxies in the
// environment, in every form in which a server may have received them.
func (c Config) secrets() []redact.Secret {
	secrets := append(redact.ProxySecrets(), c.encodedAPIKey(), c.Password, c.basic(), c.BearerToken, c.KeyData)
	for _, endpoint := range c.Endpoints {
		secrets = append(secrets, redact.AddressSecrets(endpoint)...)
	}
	secrets = append(secrets, partsOf(redact.Secret(trimAPIKey(c.APIKey)))...)
	for _, value := range c.Headers {
		secrets = append(secrets, value)
		// A server that refuses the credentials may repeat them without their scheme.
		if _, credentials, ok := strings.Cut(value.Reveal(), " "); ok {
			secrets = append(secrets, partsOf(redact.Secret(strings.TrimSpace(credentials)))...)
		}
	}
	return secrets
}

// partsOf returns credentials; if they are a name and a secret, in base64 or not,
// it returns the pair in clear and the secret as well.
func partsOf(credentials redact.Secret) []redact.Secret {
	pair := credentials
	if decoded, err := base64.StdEncoding.DecodeString(credentials.Reveal()); err == nil {
		pair = redact.Secret(decoded)
	}
	_, secret, ok := strings.Cut(pair.Reveal(), ":")
	if !ok {
		return []redact.Secret{credentials}
	}
	return []redact.Secret{credentials, pair, redact.Secret(secret)}
}

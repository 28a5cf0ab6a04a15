// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"encoding/base64"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

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
		return validation.Violations{violationf(pathAPIKey, "Invalid API key", "%s", detail+" Write the encoded form that Kibana and the API show as \"encoded\", id:key, or a key that begins with essu_.")}
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

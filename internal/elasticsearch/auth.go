package elasticsearch

import (
	"encoding/base64"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// authorization is the header that carries the credentials; empty without any.
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

// encodedAPIKey is the form that the header wants: id and key joined by a colon,
// in base64. A key in the decoded form has the colon still.
func (c Config) encodedAPIKey() redact.Secret {
	if strings.Contains(c.APIKey.Reveal(), ":") {
		return encode(c.APIKey)
	}
	return c.APIKey
}

func (c Config) basic() redact.Secret {
	return redact.Secret(c.Username) + ":" + c.Password
}

func encode(secret redact.Secret) redact.Secret {
	return redact.Secret(base64.StdEncoding.EncodeToString([]byte(secret.Reveal())))
}

// secrets are all that the configuration holds, in every form in which a
// server may have seen them.
func (c Config) secrets() []redact.Secret {
	secrets := []redact.Secret{c.encodedAPIKey(), c.Password, c.basic(), c.BearerToken, c.KeyData}
	secrets = append(secrets, partsOf(c.APIKey)...)
	for _, value := range c.Headers {
		secrets = append(secrets, value)
		// A server that does not know the credentials repeats them without their
		// scheme.
		if _, credentials, ok := strings.Cut(value.Reveal(), " "); ok {
			secrets = append(secrets, partsOf(redact.Secret(strings.TrimSpace(credentials)))...)
		}
	}
	return secrets
}

// partsOf are credentials, and where they are a name and a secret, be it in
// base64, the two in clear and the secret alone.
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

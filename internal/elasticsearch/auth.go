package elasticsearch

import (
	"encoding/base64"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// authorization is the header that carries the credentials; empty without any.
func (c Config) authorization() inference.Secret {
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
func (c Config) encodedAPIKey() inference.Secret {
	if strings.Contains(c.APIKey.Reveal(), ":") {
		return encode(c.APIKey)
	}
	return c.APIKey
}

func (c Config) basic() inference.Secret {
	return inference.Secret(c.Username) + ":" + c.Password
}

func encode(secret inference.Secret) inference.Secret {
	return inference.Secret(base64.StdEncoding.EncodeToString([]byte(secret.Reveal())))
}

// secrets are all that the configuration holds, in every form in which a
// server may have seen them.
func (c Config) secrets() []inference.Secret {
	secrets := []inference.Secret{c.encodedAPIKey(), c.Password, c.basic(), c.BearerToken, c.KeyData}
	secrets = append(secrets, partsOf(c.APIKey)...)
	for _, value := range c.Headers {
		secrets = append(secrets, value)
		// A server that does not know the credentials repeats them without their
		// scheme.
		if _, credentials, ok := strings.Cut(value.Reveal(), " "); ok {
			secrets = append(secrets, partsOf(inference.Secret(strings.TrimSpace(credentials)))...)
		}
	}
	return secrets
}

// partsOf are credentials, and where they are a name and a secret, be it in
// base64, the two in clear and the secret alone.
func partsOf(credentials inference.Secret) []inference.Secret {
	pair := credentials
	if decoded, err := base64.StdEncoding.DecodeString(credentials.Reveal()); err == nil {
		pair = inference.Secret(decoded)
	}
	_, secret, ok := strings.Cut(pair.Reveal(), ":")
	if !ok {
		return []inference.Secret{credentials}
	}
	return []inference.Secret{credentials, pair, inference.Secret(secret)}
}

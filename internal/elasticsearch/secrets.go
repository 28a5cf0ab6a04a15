package elasticsearch

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
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

// scrubber takes secrets out of texts that come from elsewhere: a server may
// repeat in an error what it was sent.
type redactor []string

// shortest is the length from which a value is taken for a secret. Shorter ones
// protect nothing, and taking them out would leave no text to read.
const shortest = 4

func newRedactor(secrets ...redact.Secret) redactor {
	return redactor{}.with(secrets...)
}

// with knows more secrets, in the forms in which they travel.
func (s redactor) with(secrets ...redact.Secret) redactor {
	all := slices.Clone(s)
	for _, secret := range secrets {
		if len(secret) >= shortest {
			all = append(all, forms(secret.Reveal())...)
		}
	}
	// A form that holds another one has to be found before it.
	slices.SortFunc(all, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return slices.Compact(all)
}

func forms(secret string) []string {
	quoted, _ := json.Marshal(secret)
	var plainQuoted strings.Builder
	encoder := json.NewEncoder(&plainQuoted)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(secret)
	return []string{
		secret,
		strings.Trim(string(quoted), `"`),
		strings.Trim(strings.TrimSpace(plainQuoted.String()), `"`),
		url.QueryEscape(secret),
		url.PathEscape(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)),
		base64.RawStdEncoding.EncodeToString([]byte(secret)),
		base64.URLEncoding.EncodeToString([]byte(secret)),
		base64.RawURLEncoding.EncodeToString([]byte(secret)),
	}
}

// clean returns the text without the secrets.
func (s redactor) clean(text string) string {
	for _, form := range s {
		text = strings.ReplaceAll(text, form, redact.Secret("").String())
	}
	return text
}

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

// scrubber takes secrets out of texts that come from elsewhere: a server may
// repeat in an error what it was sent.
type scrubber []string

// shortest is the length from which a value is taken for a secret. Shorter ones
// protect nothing, and taking them out would leave no text to read.
const shortest = 4

func newScrubber(secrets ...redact.Secret) scrubber {
	return scrubber{}.with(secrets...)
}

// with knows more secrets, in the forms in which they travel.
func (s scrubber) with(secrets ...redact.Secret) scrubber {
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
func (s scrubber) clean(text string) string {
	for _, form := range s {
		text = strings.ReplaceAll(text, form, redact.Secret("").String())
	}
	return text
}

package elasticsearch

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

func TestScrub(t *testing.T) {
	const secret = `s3/cr+et="<&>" ключ`
	quoted, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	scrub := newRedactor("other", secret, redact.Secret(secret[:6]))
	for name, form := range map[string]string{
		"plain": secret, "JSON": string(quoted), "query": url.QueryEscape(secret), "path": url.PathEscape(secret),
		"base64": base64.StdEncoding.EncodeToString([]byte(secret)), "URL base64": base64.RawURLEncoding.EncodeToString([]byte(secret)),
	} {
		got := scrub.clean("before " + form + " after")
		if strings.Contains(got, form) || strings.Contains(got, strings.Trim(form, `"`)) {
			t.Errorf("%s: got %q", name, got)
		}
		if !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") {
			t.Errorf("%s: got %q", name, got)
		}
	}
	if got := newRedactor("", "1").clean("answered 401"); got != "answered 401" {
		t.Errorf("short values: got %q", got)
	}
}

func TestConfigSecrets(t *testing.T) {
	encoded := redact.Secret(base64.StdEncoding.EncodeToString([]byte("id:the-key-itself")))
	for _, config := range []Config{
		{APIKey: encoded},
		{APIKey: "id:the-key-itself"},
		{Headers: map[string]redact.Secret{"Authorization": "ApiKey " + encoded}},
		{Headers: map[string]redact.Secret{"X-Forwarded-Authorization": "Basic  " + encoded + " "}},
	} {
		if got, want := config.authorization(), "ApiKey "+encoded; config.APIKey != "" && got != want {
			t.Errorf("authorization: got %s", got.Reveal())
		}
		scrub := newRedactor(config.secrets()...)
		for _, form := range []string{encoded.Reveal(), "id:the-key-itself", "the-key-itself"} {
			if got := scrub.clean(form); strings.Contains(got, form) {
				t.Errorf("%q is not scrubbed: %q", form, got)
			}
		}
	}
	header := Config{Headers: map[string]redact.Secret{"authorization": "Bearer t0ken and more"}}
	if got := newRedactor(header.secrets()...).clean("no such token: t0ken and more"); strings.Contains(got, "t0ken") {
		t.Errorf("without its scheme: %q", got)
	}
}

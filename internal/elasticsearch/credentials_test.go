// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

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
		redactor := redact.New(config.secrets()...)
		for _, form := range []string{encoded.Reveal(), "id:the-key-itself", "the-key-itself"} {
			if got := redactor.Clean(form); strings.Contains(got, form) {
				t.Errorf("%q is not redacted: %q", form, got)
			}
		}
	}
	header := Config{Headers: map[string]redact.Secret{"authorization": "Bearer t0ken and more"}}
	if got := redact.New(header.secrets()...).Clean("no such token: t0ken and more"); strings.Contains(got, "t0ken") {
		t.Errorf("without its scheme: %q", got)
	}
}

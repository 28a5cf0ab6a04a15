// SPDX-License-Identifier: MPL-2.0

package api_test

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded/api"
)

// TestCredentials verifies that requests without valid credentials are refused on
// every route.
func TestCredentials(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString([]byte("id:key"))
	basic := func(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }
	both := api.Credentials{APIKey: "aWQ6a2V5", User: "elastic", Password: "pass:word"}
	for name, test := range map[string]struct {
		credentials api.Credentials
		header      string
		refused     string // empty where it is let in
	}{
		"nothing demanded":        {api.Credentials{}, "", ""},
		"nothing demanded, given": {api.Credentials{}, "ApiKey x", ""},
		"key":                     {both, "ApiKey " + key, ""},
		"key, other case":         {both, "apikey " + key, ""},
		"basic":                   {both, basic("elastic:pass:word"), ""},
		"none":                    {both, "", "missing authentication credentials for REST request [/]"},
		"no scheme":               {both, key, "unable to authenticate with provided credentials"},
		"other key":               {both, "ApiKey " + key + "x", "unable to authenticate with provided credentials"},
		"beginning of the key":    {both, "ApiKey " + key[:4], "unable to authenticate with provided credentials"},
		"empty key":               {both, "ApiKey ", "unable to authenticate with provided credentials"},
		"key as bearer":           {both, "Bearer " + key, "unable to authenticate with provided credentials"},
		"other password":          {both, basic("elastic:password"), "unable to authenticate user [elastic]"},
		"other user":              {both, basic("other:pass:word"), "unable to authenticate user [other]"},
		"empty":                   {both, basic(":"), "unable to authenticate user []"},
		"basic, key demanded":     {api.Credentials{APIKey: "aWQ6a2V5"}, basic(":"), "unable to authenticate user []"},
		"key, basic demanded":     {api.Credentials{User: "u", Password: "p"}, "ApiKey ", "unable to authenticate with provided credentials"},
	} {
		s := serve(t, bedrock.Config{}, api.Config{Credentials: test.credentials})
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/", nil)
		if test.header != "" {
			request.Header.Set("Authorization", test.header)
		}
		switch got := s.do(request); {
		case test.refused == "" && got.status != http.StatusOK:
			t.Errorf("%s: %d %s", name, got.status, got.text)
		case test.refused != "" && (got.status != http.StatusUnauthorized || got.kind() != "security_exception" || !strings.HasPrefix(got.reason(), test.refused)):
			t.Errorf("%s: %d %s, want %q", name, got.status, got.text, test.refused)
		case test.refused != "" && !slices.Contains(got.header.Values("Www-Authenticate"), "ApiKey"):
			t.Errorf("%s: it does not say how to authenticate: %v", name, got.header)
		}
	}
}

// TestCredentialsOnEveryRoute verifies that no route bypasses the credentials.
func TestCredentialsOnEveryRoute(t *testing.T) {
	t.Parallel()
	s := serve(t, bedrock.Config{}, api.Config{Credentials: api.Credentials{APIKey: "aWQ6a2V5"}})
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete, http.MethodHead, http.MethodOptions, "NONSENSE"} {
		for _, path := range []string{"/", "/_inference", "/_inference/c", "/_inference/completion/c/_stream", "/_inference/c/_update", "//", "/_health", "/nonsense"} {
			if got := s.send(method, path, nil); got.status != http.StatusUnauthorized {
				t.Errorf("%s %s: %d %s", method, path, got.status, got.text)
			}
		}
	}
}

package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// Credentials are what a caller has to show, either of both where both are set.
// The zero value demands nothing.
type Credentials struct {
	// APIKey is the key as clients send it: the base64 of "id:key".
	APIKey redact.Secret
	// User and Password are for basic authentication.
	User     string
	Password redact.Secret
}

// IsZero tells that everybody may call.
func (c Credentials) IsZero() bool { return c == Credentials{} }

func (c Credentials) check(r *http.Request) *failure {
	if c.IsZero() {
		return nil
	}
	scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	user, password, isBasic := r.BasicAuth()
	switch {
	case scheme == "":
		return unauthenticated("missing authentication credentials for REST request [%s]", r.URL.Path)
	case strings.EqualFold(scheme, "ApiKey") && c.APIKey != "" && same(given, c.APIKey.Reveal()):
		return nil
	case isBasic && c.User != "" && same(user+":"+password, c.User+":"+c.Password.Reveal()):
		return nil
	case isBasic:
		return unauthenticated("unable to authenticate user [%s] for REST request [%s]", user, r.URL.Path)
	}
	return unauthenticated("unable to authenticate with provided credentials and anonymous access is not allowed for this request")
}

// same takes the same time for every text that is not the right one: hashes are
// compared because lengths would differ.
func same(given, want string) bool {
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

func unauthenticated(reason string, args ...any) *failure {
	return &failure{
		status: http.StatusUnauthorized, kind: "security_exception", reason: fmt.Sprintf(reason, args...),
		header: http.Header{"Www-Authenticate": {`Basic realm="security", charset="UTF-8"`, "ApiKey"}},
	}
}

// Forbid answers a request that is not let through to the API, as Elasticsearch
// would.
func Forbid(w http.ResponseWriter, r *http.Request, reason string) {
	newWriter(w, r, defaultBodyTime).fail(&failure{status: http.StatusForbidden, kind: "security_exception", reason: reason})
}

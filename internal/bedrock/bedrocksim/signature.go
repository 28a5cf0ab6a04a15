// SPDX-License-Identifier: MPL-2.0

package bedrocksim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	dateFormat = "20060102T150405Z"
	maxSkew    = 5 * time.Minute
)

// authenticate verifies an AWS signature, version 4, as specified ("Create a
// signed AWS API request", IAM user guide), with code of its own: the SDK that
// signs must not verify itself.
func (s *Simulator) authenticate(r *http.Request, body []byte, now time.Time) error {
	header := r.Header.Get("Authorization")
	switch {
	case header == "":
		return forbidden("MissingAuthenticationTokenException", "Missing Authentication Token")
	case !strings.HasPrefix(header, algorithm+" "):
		return forbidden("AccessDeniedException", "The simulator does not support API keys. Sign the request with AWS Signature Version 4.")
	}
	signed, ok := parseAuthorization(header)
	if !ok {
		return forbidden("IncompleteSignatureException", "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.")
	}
	secrets := s.secretKeys(signed.accessKey)
	if len(secrets) == 0 {
		return forbidden("UnrecognizedClientException", "The security token included in the request is invalid.")
	}
	date, err := time.Parse(dateFormat, r.Header.Get("X-Amz-Date"))
	switch {
	case err != nil || date.Format("20060102") != signed.day || signed.service != "bedrock" || !signed.covers(r):
		return forbidden("IncompleteSignatureException", "The scope, the date or the signed headers do not match the request.")
	case now.Sub(date).Abs() > maxSkew:
		return forbidden("InvalidSignatureException", "Signature expired: "+date.Format(dateFormat)+" is now more than 5 minutes from "+now.UTC().Format(dateFormat))
	case !slices.ContainsFunc(secrets, func(secret string) bool {
		return hmac.Equal([]byte(signed.signature), []byte(signed.sign(r, body, secret)))
	}):
		return forbidden("InvalidSignatureException", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return nil
}

func forbidden(code, message string) *refusal {
	return &refusal{http.StatusForbidden, code, message}
}

// authorization is a parsed Authorization header.
type authorization struct {
	accessKey, day, region, service string
	headers                         []string
	signature                       string
}

func parseAuthorization(header string) (authorization, bool) {
	parameters := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(header, algorithm+" "), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parameters[name] = value
	}
	scope := strings.Split(parameters["Credential"], "/")
	if len(scope) != 5 || scope[4] != "aws4_request" || parameters["SignedHeaders"] == "" || parameters["Signature"] == "" {
		return authorization{}, false
	}
	return authorization{
		accessKey: scope[0], day: scope[1], region: scope[2], service: scope[3],
		headers:   strings.Split(parameters["SignedHeaders"], ";"),
		signature: parameters["Signature"],
	}, true
}

// covers reports whether all mandatory headers are signed.
func (a authorization) covers(r *http.Request) bool {
	must := []string{"host", "x-amz-date"}
	if r.Header.Get("X-Amz-Security-Token") != "" {
		must = append(must, "x-amz-security-token")
	}
	return !slices.ContainsFunc(must, func(name string) bool { return !slices.Contains(a.headers, name) })
}

func (a authorization) sign(r *http.Request, body []byte, secret string) string {
	scope := strings.Join([]string{a.day, a.region, a.service, "aws4_request"}, "/")
	toSign := strings.Join([]string{algorithm, r.Header.Get("X-Amz-Date"), scope, hash([]byte(a.canonical(r, body)))}, "\n")
	key := []byte("AWS4" + secret)
	for _, part := range []string{a.day, a.region, a.service, "aws4_request", toSign} {
		key = mac(key, part)
	}
	return hex.EncodeToString(key)
}

func (a authorization) canonical(r *http.Request, body []byte) string {
	// All services but S3 require that the escaped path is escaped once more.
	path := strings.ReplaceAll(url.QueryEscape(r.URL.EscapedPath()), "%2F", "/")
	lines := []string{r.Method, path, strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20")}
	for _, name := range a.headers {
		lines = append(lines, name+":"+headerValue(r, name))
	}
	return strings.Join(append(lines, "", strings.Join(a.headers, ";"), hash(body)), "\n")
}

func headerValue(r *http.Request, name string) string {
	switch name {
	case "host":
		return r.Host
	case "content-length": // net/http removes it from the headers
		return strconv.FormatInt(r.ContentLength, 10)
	}
	values := r.Header.Values(name)
	trimmed := make([]string, len(values))
	for i, value := range values {
		trimmed[i] = strings.Join(strings.Fields(value), " ")
	}
	return strings.Join(trimmed, ",")
}

func hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, data string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(data))
	return h.Sum(nil)
}

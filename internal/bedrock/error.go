// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"mime"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// Codes of errors that this package detects.
const (
	codeCanceled      = "Canceled"
	codeDeadline      = "DeadlineExceeded"
	codeNoCredentials = "NoCredentials"
	codeNoResponse    = "NoResponse"
	codeNotSent       = "NotSent"
	codeBadResponse   = "BadResponse"
	codeRateLimit     = "RateLimit"
	codeTimeout       = "RequestTimeout"
)

var ownCodes = []string{
	codeCanceled, codeDeadline, codeNoCredentials, codeNoResponse, codeNotSent, codeBadResponse, codeRateLimit, codeTimeout,
}

// Codes of Bedrock with a special treatment.
const (
	codeAccessDenied  = "AccessDeniedException"
	codeModelNotReady = "ModelNotReadyException"
	codeNotFound      = "ResourceNotFoundException"
	codeThrottling    = "ThrottlingException"
	codeValidation    = "ValidationException"
	codeUnknown       = "UnknownError" // the SDK's code of a response without error type
)

// unauthenticated are the codes with which AWS rejects the credentials.
var unauthenticated = []string{
	codeNoCredentials,
	"ExpiredToken", "ExpiredTokenException",
	"IncompleteSignature", "IncompleteSignatureException",
	"InvalidClientTokenId",
	"InvalidSignatureException", "SignatureDoesNotMatch",
	"MissingAuthenticationToken", "MissingAuthenticationTokenException",
	"UnrecognizedClientException",
}

// Error is the reason why a run failed. It contains no key.
type Error struct {
	// Code is the error code of AWS (ThrottlingException), or one of this package
	// if Bedrock did not answer: Canceled, DeadlineExceeded, NoCredentials,
	// NotSent, NoResponse, BadResponse, RateLimit, RequestTimeout.
	Code string
	// RequestID is the id of the request at AWS; empty if there is none.
	RequestID string
	// Message is the message of AWS, or of this package.
	Message string
	// Remedy says what to do about it; optional.
	Remedy string
	// Status is the HTTP status of the response; 0 if there was none, and for
	// an error within a stream.
	Status int
	// Succeeded of Total inputs were answered before the run ended.
	Succeeded, Total int
	// Cause is the underlying error; optional.
	Cause error
}

// Error returns one paragraph: what happened, how many inputs were answered, and
// what to do.
func (e *Error) Error() string {
	parts := []string{e.Message}
	if answer := e.answer(); answer != "" {
		parts[0] = "Amazon Bedrock answered " + answer + ": " + sentence(e.Message)
	}
	if e.Total > 1 {
		parts = append(parts, fmt.Sprintf("%d of %d inputs had been answered.", e.Succeeded, e.Total))
	}
	if e.Remedy != "" {
		parts = append(parts, e.Remedy)
	}
	return strings.Join(parts, " ")
}

// answer identifies the error response: code, status and request id. It is empty
// for errors that this package detects.
func (e *Error) answer() string {
	status := fmt.Sprintf("status %d", e.Status)
	if e.RequestID != "" {
		status += ", request id " + e.RequestID
	}
	switch {
	case slices.Contains(ownCodes, e.Code):
		return ""
	case e.Status == 0:
		return e.Code
	case e.Code == codeUnknown:
		return status
	}
	return e.Code + " (" + status + ")"
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Throttled reports whether the same request may succeed later (HTTP status 429).
func (e *Error) Throttled() bool {
	return e.Code == codeRateLimit || e.Code == codeThrottling || e.Code == codeModelNotReady || e.Status == http.StatusTooManyRequests
}

// Misconfigured reports whether the run did not begin because credentials or
// settings are missing or cannot be used.
func (e *Error) Misconfigured() bool {
	return e.Code == codeNoCredentials || e.Code == codeNotSent && e.Cause == nil
}

// Unauthenticated reports whether AWS rejects the credentials, or none were
// found (HTTP status 401).
func (e *Error) Unauthenticated() bool {
	return slices.Contains(unauthenticated, e.Code) || e.Code == codeUnknown && e.Status == http.StatusUnauthorized
}

// Denied reports whether the caller lacks permission (HTTP status 403) or is
// Unauthenticated.
func (e *Error) Denied() bool {
	return e.Code == codeAccessDenied || e.Code == codeUnknown && e.Status == http.StatusForbidden || e.Unauthenticated()
}

// sentence ends a text with a full stop.
func sentence(text string) string {
	if text == "" || strings.ContainsRune(".!?", rune(text[len(text)-1])) {
		return text
	}
	return text + "."
}

// secrets are values that no message may contain.
type secrets []redact.Secret

// securityToken matches the header that AWS quotes where a signature is wrong.
var securityToken = regexp.MustCompile(`(?i)(x-amz-security-token:)\s*\S+`)

// environmentSecrets are the secrets in environment variables of AWS, which the SDK
// may quote if it cannot read its configuration.
func environmentSecrets() secrets {
	var found secrets
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_SESSION_TOKEN", bearerVariable} {
		found = append(found, redact.Secret(os.Getenv(name)))
	}
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_BEDROCK_RUNTIME"} {
		found = append(found, redact.AddressSecrets(os.Getenv(name))...)
	}
	return found
}

// maxMessage is the length of the longest message in characters.
const maxMessage = 1000

// redact replaces the secrets, and those of the proxies in the environment, and
// shortens the result.
func (s secrets) redact(text string) string {
	text = redact.New(s...).With(redact.ProxySecrets()...).Clean(text)
	text = securityToken.ReplaceAllString(text, "$1(sensitive value)")
	if runes := []rune(text); len(runes) > maxMessage {
		return string(runes[:maxMessage]) + "..."
	}
	return text
}

// failure converts the error of a call to a redacted *Error.
func (s secrets) failure(err error) *Error {
	var failure *Error
	if !errors.As(err, &failure) {
		failure = classify(err)
	}
	if redacted := s.redact(failure.Message); redacted != failure.Message {
		failure.Message, failure.Cause = redacted, nil
	}
	return failure
}

func (r *run) failure(err error) *Error {
	failure := r.secrets.failure(err)
	if failure.Remedy == "" {
		failure.Remedy = remedy(failure, r.endpoint)
	}
	return failure
}

// classify converts an error of the SDK.
func classify(err error) *Error {
	if errors.Is(err, context.Canceled) {
		return &Error{Code: codeCanceled, Message: "The run was interrupted.", Cause: err}
	}
	failure := &Error{Code: codeNotSent, Message: "The request could not be sent: " + sentence(err.Error()), Cause: err}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		failure.Status, failure.RequestID = response.HTTPStatusCode(), response.ServiceRequestID()
	}
	var (
		apiError   smithy.APIError
		sendError  *smithyhttp.RequestSendError
		decodeFail *smithy.DeserializationError
	)
	switch {
	case errors.As(err, &apiError):
		failure.Code, failure.Message = upperFirst(apiError.ErrorCode()), apiError.ErrorMessage()
	case errors.Is(err, context.DeadlineExceeded):
		failure.Code, failure.Status = codeDeadline, 0
		failure.Message = "The deadline of the run was reached."
		failure.Remedy = "Increase the timeout, or reduce the number of inputs of a run."
	case errors.As(err, &sendError):
		failure.Code, failure.Status = codeNoResponse, 0
		failure.Message = "Amazon Bedrock did not respond: " + sentence(sendError.Err.Error())
	case errors.As(err, &decodeFail):
		return badResponse(decodeFail.Error(), err)
	}
	return failure
}

// upperFirst makes codes of events within streams ("throttlingException") equal
// to those of responses.
func upperFirst(code string) string {
	if code == "" {
		return codeUnknown
	}
	return strings.ToUpper(code[:1]) + code[1:]
}

// errorCode returns the code of an *Error or of an error of the SDK; empty if
// there is none.
func errorCode(err error) string {
	var failure *Error
	if errors.As(err, &failure) {
		return failure.Code
	}
	var apiError smithy.APIError
	if errors.As(err, &apiError) {
		return upperFirst(apiError.ErrorCode())
	}
	return ""
}

// badResponse is the error of a response with status 200 that is malformed.
func badResponse(message string, cause error) *Error {
	return &Error{
		Code:    codeBadResponse,
		Message: "Malformed response: " + sentence(message),
		Remedy:  "If requests pass a proxy or another endpoint is configured, check that it does not change the responses of Amazon Bedrock.",
		Cause:   cause,
	}
}

// maxErrorBody is how much of an error response is read, in bytes.
const maxErrorBody = 64 << 10

// normalizeErrorBody replaces the body of an error response by the JSON that the
// SDK decodes. Proxies and gateways answer with text, HTML or JSON of their own,
// of which the SDK would keep neither the message nor the error type.
func normalizeErrorBody(response *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(response.Body, maxErrorBody))
	_ = response.Body.Close()
	if err != nil && len(body) == 0 {
		return err
	}
	var object map[string]any
	_ = json.Unmarshal(body, &object) // other bodies have no error text
	message, code := errorText(object)
	message = cmp.Or(message, excerpt(body), "The response has no message")
	if kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type")); err == nil && kind != jsonType && !strings.HasSuffix(kind, "+json") {
		message = kind + " instead of JSON: " + message
	}
	normalized := map[string]string{"message": message}
	if code != "" {
		normalized["__type"] = code
	}
	if body, err = encodeJSON(normalized); err != nil {
		return err
	}
	response.Header.Del("Content-Length")
	response.Body, response.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return nil
}

// errorText finds the message and the error code in an object of AWS
// ({"message": ...}), or of a gateway ({"error": {"message": ...}}).
func errorText(object map[string]any) (message, code string) {
	for _, name := range []string{"__type", "code", "Code"} {
		text, _ := object[name].(string)
		code = cmp.Or(code, text)
	}
	for _, name := range []string{"message", "Message", "errorMessage", "error_description", "detail", "title", "error", "Error", "fault"} {
		switch value := object[name].(type) {
		case string:
			message = value
		case map[string]any:
			var innerCode string
			if message, innerCode = errorText(value); message != "" {
				code = cmp.Or(code, innerCode)
			}
		}
		if message != "" {
			return message, code
		}
	}
	return "", code
}

var markup = regexp.MustCompile(`(?is)<(script|style)\b.*?</(script|style)>|<[^>]*>`)

// excerpt returns the readable text of a page.
func excerpt(body []byte) string {
	text := html.UnescapeString(markup.ReplaceAllString(strings.ToValidUTF8(string(body), ""), " "))
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

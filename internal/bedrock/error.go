package bedrock

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Codes of faults that are found on this side.
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

// Codes of Bedrock that this package treats apart.
const (
	codeAccessDenied  = "AccessDeniedException"
	codeModelNotReady = "ModelNotReadyException"
	codeNotFound      = "ResourceNotFoundException"
	codeThrottling    = "ThrottlingException"
	codeValidation    = "ValidationException"
)

// unauthenticated are the codes by which AWS says that it does not know the
// caller.
var unauthenticated = []string{
	codeNoCredentials,
	"ExpiredToken", "ExpiredTokenException",
	"IncompleteSignature", "IncompleteSignatureException",
	"InvalidClientTokenId",
	"InvalidSignatureException", "SignatureDoesNotMatch",
	"MissingAuthenticationToken", "MissingAuthenticationTokenException",
	"UnrecognizedClientException",
}

// Error is why a run failed, in words for a person. It holds no key.
type Error struct {
	// Code is AWS's name for the fault (ThrottlingException), or this package's
	// own where the fault is not Bedrock's answer: Canceled, DeadlineExceeded,
	// NoCredentials, NotSent, NoResponse, BadResponse, RateLimit, RequestTimeout.
	Code string
	// RequestID is AWS's number for the request, which its support asks for;
	// empty where there is none.
	RequestID string
	// Message is what AWS says, or what was found here.
	Message string
	// Remedy is what to do about it; may be empty.
	Remedy string
	// Status is the HTTP status of the answer; 0 where there was none.
	Status int
	// Succeeded of Total inputs had been answered before the run ended.
	Succeeded, Total int
	// Cause is what was reported underneath; may be nil.
	Cause error
}

// Error is one paragraph: what happened, how far the run was, what to do.
func (e *Error) Error() string {
	parts := []string{e.Message}
	if e.Status != 0 {
		about := fmt.Sprintf("status %d", e.Status)
		if e.RequestID != "" {
			about += ", request id " + e.RequestID
		}
		parts[0] = fmt.Sprintf("Amazon Bedrock answered %s (%s): %s", e.Code, about, sentence(e.Message))
	}
	if e.Total > 1 {
		parts = append(parts, fmt.Sprintf("%d of %d inputs had been answered.", e.Succeeded, e.Total))
	}
	if e.Remedy != "" {
		parts = append(parts, e.Remedy)
	}
	return strings.Join(parts, " ")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Throttled tells that the same request may succeed later: HTTP's 429.
func (e *Error) Throttled() bool {
	return e.Code == codeRateLimit || e.Code == codeThrottling || e.Code == codeModelNotReady || e.Status == http.StatusTooManyRequests
}

// Unauthenticated tells that AWS does not know the caller, or that there are no
// credentials at all: HTTP's 401.
func (e *Error) Unauthenticated() bool { return slices.Contains(unauthenticated, e.Code) }

// Denied tells that AWS does not let the caller do it: HTTP's 403, or 401 where
// it is also Unauthenticated.
func (e *Error) Denied() bool { return e.Code == codeAccessDenied || e.Unauthenticated() }

func sentence(text string) string {
	if text == "" || strings.ContainsRune(".!?", rune(text[len(text)-1])) {
		return text
	}
	return text + "."
}

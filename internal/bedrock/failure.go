package bedrock

import (
	"context"
	"errors"
	"regexp"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// secrets are values that no message may contain.
type secrets []string

// securityToken is the header that AWS repeats when it explains a wrong
// signature.
var securityToken = regexp.MustCompile(`(?i)(x-amz-security-token:)\s*\S+`)

// shortest is the length below which a value is no secret but a part of words.
const shortest = 4

func (s secrets) scrub(text string) string {
	for _, secret := range s {
		if len(secret) >= shortest {
			text = strings.ReplaceAll(text, secret, "(sensitive value)")
		}
	}
	return securityToken.ReplaceAllString(text, "$1(sensitive value)")
}

// failure makes an *Error of whatever ended a call.
func (s secrets) failure(err error) *Error {
	var fault *Error
	if !errors.As(err, &fault) {
		fault = read(err)
	}
	if clean := s.scrub(fault.Message); clean != fault.Message {
		fault.Message, fault.Cause = clean, nil
	}
	return fault
}

func (r *run) failure(err error) *Error {
	fault := r.secrets.failure(err)
	if fault.Remedy == "" {
		fault.Remedy = remedy(fault, r.endpoint)
	}
	return fault
}

// read takes apart an error of the SDK.
func read(err error) *Error {
	if errors.Is(err, context.Canceled) {
		return &Error{Code: codeCanceled, Message: "The run was interrupted.", Cause: err}
	}
	fault := &Error{Code: codeNotSent, Message: "The request could not be sent: " + sentence(err.Error()), Cause: err}
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) {
		fault.Status, fault.RequestID = answer.HTTPStatusCode(), answer.ServiceRequestID()
	}
	var refusal smithy.APIError
	var unsent *smithyhttp.RequestSendError
	var unread *smithy.DeserializationError
	switch {
	case errors.As(err, &refusal):
		fault.Code, fault.Message = refusal.ErrorCode(), refusal.ErrorMessage()
	case errors.Is(err, context.DeadlineExceeded):
		fault.Code, fault.Status = codeDeadline, 0
		fault.Message = "The deadline of the run was reached."
		fault.Remedy = "Give it more in timeouts, or give a run fewer inputs."
	case errors.As(err, &unsent):
		fault.Code, fault.Status = codeNoResponse, 0
		fault.Message = "Amazon Bedrock gave no answer: " + sentence(unsent.Err.Error())
	case errors.As(err, &unread):
		return badResponse(unread.Error(), err)
	}
	return fault
}

// errorCode is the code of an *Error or of the SDK's; empty where there is none.
func errorCode(err error) string {
	var fault *Error
	if errors.As(err, &fault) {
		return fault.Code
	}
	var refusal smithy.APIError
	if errors.As(err, &refusal) {
		return refusal.ErrorCode()
	}
	return ""
}

// badResponse is a fault of an answer that came with status 200.
func badResponse(message string, cause error) *Error {
	return &Error{
		Code:    codeBadResponse,
		Message: "The answer cannot be read: " + sentence(message),
		Remedy:  "If there is a proxy on the way, or another endpoint is configured, check that it passes Amazon Bedrock's answers unchanged.",
		Cause:   cause,
	}
}

func noCredentials(message string, cause error) *Error {
	return &Error{
		Code:    codeNoCredentials,
		Message: message,
		Remedy:  "Give access_key and secret_key, or have AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile or a role in the environment.",
		Cause:   cause,
	}
}

func withProgress(err error, succeeded, total int) error {
	var fault *Error
	if !errors.As(err, &fault) {
		return err
	}
	fault.Succeeded, fault.Total = succeeded, total
	return fault
}

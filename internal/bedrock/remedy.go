// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// remedy says what to do about an error response; empty if the response itself
// says it.
func remedy(failure *Error, endpoint inference.Endpoint) string {
	settings := endpoint.ServiceSettings
	if retired := inference.RetirementRemedy(failure.Message); retired != "" {
		if lifecycle, _ := inference.ModelLifecycle(settings.Model); lifecycle.Replacement != "" {
			retired += " AWS's replacement of " + lifecycle.Model + ": " + lifecycle.Replacement + "."
		}
		return retired
	}
	switch {
	case failure.Throttled():
		return throttlingRemedy(failure)
	case failure.Code == codeUnknown && failure.Status < http.StatusInternalServerError:
		return "The response has no error type of AWS. If requests pass a proxy or another endpoint is configured, check its rules and limits."
	case failure.Unauthenticated():
		return credentialsRemedy(failure.Code)
	case failure.Denied():
		return fmt.Sprintf("Allow bedrock:InvokeModel on %s to the owner of the keys, and grant the account access to the model in %s (Bedrock console, \"Model access\").", settings.Model, settings.Region)
	case failure.Code == codeNotFound || strings.Contains(failure.Message, "model identifier is invalid"):
		return fmt.Sprintf("Check the spelling of %s, and that it is offered in %s.", settings.Model, settings.Region)
	case failure.Code == codeValidation:
		return validationRemedy(failure.Message, settings)
	case failure.Code == "ModelTimeoutException":
		return "Limit the length of the answer with max_new_tokens, or shorten the input."
	case proxyRemedy(failure) != "":
		return proxyRemedy(failure)
	case errors.As(failure, new(x509.UnknownAuthorityError)):
		return "If a proxy or private endpoint has a certificate of your own authority, set AWS_CA_BUNDLE to a PEM file with the authority's certificate."
	case failure.Code == codeNoResponse:
		return fmt.Sprintf("Check the network, the region %q and the configured endpoint.", settings.Region)
	case failure.Status >= http.StatusInternalServerError:
		return "Try again later: this is an error of the service."
	}
	return ""
}

func throttlingRemedy(failure *Error) string {
	switch {
	case failure.Code == codeModelNotReady:
		return "Increase the timeout: the model is being loaded."
	case isDailyQuota(failure.Message):
		return "The daily quota is used up. Try again tomorrow, or ask AWS for a higher quota."
	}
	return "Lower requests_per_minute, increase throttle_timeout and the timeout of the run, or ask AWS for a higher quota."
}

func credentialsRemedy(code string) string {
	switch {
	case strings.HasPrefix(code, "ExpiredToken"):
		return "Sign in again, or get new temporary credentials: these have expired."
	case code == "UnrecognizedClientException":
		return "Check that access_key exists and is active, that temporary credentials are used with their session token, and that the region is enabled for the account."
	case code == "InvalidSignatureException" || code == "SignatureDoesNotMatch":
		return "Check that secret_key belongs to access_key, and that the system clock is correct."
	}
	return "Check that access_key exists and is active, and that temporary credentials are used with their session token."
}

// validationRemedy depends on the message: one code stands for all kinds of
// invalid requests.
func validationRemedy(message string, settings inference.ServiceSettings) string {
	switch {
	case strings.Contains(message, "on-demand throughput"):
		return profileRemedy(settings)
	case strings.Contains(message, "cannot both be specified"):
		return "Remove temperature or top_p: the model accepts only one of them."
	case strings.Contains(message, "is deprecated for this model"):
		return "Remove the setting: the model does not accept it."
	}
	return ""
}

// profileRemedy names the known inference profiles of the model that can be
// called from the region.
func profileRemedy(settings inference.ServiceSettings) string {
	id, _ := inference.ParseModelID(settings.Model)
	profiles := id.Profiles(settings.Region)
	if len(profiles) == 0 {
		return "Write the id or ARN of an inference profile of the model (Bedrock console, \"Cross-region inference\")."
	}
	for i, profile := range profiles {
		profiles[i] = strconv.Quote(profile)
	}
	return "Write the id of an inference profile, such as " + strings.Join(profiles, " or ") + ", or its ARN."
}

// proxyRemedy says what to do about a proxy that refuses a connection; empty if none
// does.
func proxyRemedy(err error) string {
	var refusal *proxyRefusal
	if !errors.As(err, &refusal) {
		return ""
	}
	name, _, _ := net.SplitHostPort(refusal.host)
	if refusal.status == http.StatusProxyAuthRequired {
		return fmt.Sprintf("Write the user and the password of the proxy %s into HTTPS_PROXY, as in http://USER:PASSWORD@%s, or add %s to NO_PROXY.", refusal.proxy, refusal.proxy, name)
	}
	return fmt.Sprintf("Allow %s in the rules of the proxy %s, which HTTPS_PROXY names, or add %s to NO_PROXY to connect without the proxy.", refusal.host, refusal.proxy, name)
}

func noCredentials(message string, cause error) *Error {
	return &Error{
		Code:    codeNoCredentials,
		Message: message,
		Remedy:  "Set access_key and secret_key, or provide AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_BEARER_TOKEN_BEDROCK, a profile or a role in the environment.",
		Cause:   cause,
	}
}

// configError is the error of the variables or shared files of AWS.
func configError(err error) *Error {
	failure := noCredentials("The AWS configuration could not be read: "+sentence(err.Error()), err)
	failure.Remedy = "Check the environment variables of AWS, the profile, and the shared configuration and credentials files."
	if errors.As(err, new(config.AssumeRoleTokenProviderNotSetError)) {
		failure.Remedy = mfaRemedy
	}
	return failure
}

const mfaRemedy = "A profile with mfa_serial cannot be used, because the provider cannot prompt for the code. Get temporary credentials first, for example with aws sts get-session-token or aws configure export-credentials, and use those."

// processOutput matches the output of a credential_process, which the SDK quotes if
// it cannot parse it, and which may contain keys.
var processOutput = regexp.MustCompile(`(?s)(parse failed of process output): .*`)

// credentialsError is the error of the search for credentials.
func credentialsError(err error) *Error {
	message := processOutput.ReplaceAllString(err.Error(), "$1")
	if message != err.Error() {
		err = errors.New(message)
	}
	failure := noCredentials("No AWS credentials were found: "+sentence(message), err)
	text := strings.ToLower(err.Error())
	switch {
	case proxyRemedy(err) != "":
		failure.Remedy = proxyRemedy(err)
	case errors.As(err, new(config.AssumeRoleTokenProviderNotSetError)) || strings.Contains(text, "assume role with mfa"):
		failure.Remedy = mfaRemedy
	case strings.Contains(text, "login_session") || strings.Contains(text, "login session") || strings.Contains(text, "aws login"):
		failure.Remedy = "Run aws login with the profile in use: its session has expired or does not exist."
	case strings.Contains(text, "sso"):
		failure.Remedy = "Run aws sso login with the profile in use: its session has expired or does not exist."
	case errors.As(err, new(x509.UnknownAuthorityError)):
		failure.Remedy = "Set AWS_CA_BUNDLE to a PEM file with the certificate of the authority that signed the certificate."
	}
	return failure
}

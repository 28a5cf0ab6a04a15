package bedrock

import (
	"fmt"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// remedy is what a person can do about an answer of Bedrock; empty where only
// the answer itself says more.
func remedy(fault *Error, endpoint inference.Endpoint) string {
	settings := endpoint.ServiceSettings
	switch {
	case fault.Throttled():
		return throttledRemedy(fault)
	case fault.Unauthenticated():
		return keysRemedy(fault.Code)
	case fault.Denied():
		return fmt.Sprintf("Allow bedrock:InvokeModel on %s to the owner of the keys, and grant the account access to the model in %s (Bedrock console, \"Model access\").", settings.Model, settings.Region)
	case fault.Code == codeNotFound || strings.Contains(fault.Message, "model identifier is invalid"):
		return fmt.Sprintf("Check the spelling of %s, and that it is offered in %s.", settings.Model, settings.Region)
	case fault.Code == codeValidation:
		return validationRemedy(fault.Message, settings)
	case fault.Code == "ModelTimeoutException":
		return "Ask for less text with max_new_tokens, or give a shorter input."
	case fault.Code == codeNoResponse:
		return fmt.Sprintf("Check the network, the region %q and the endpoint that is configured.", settings.Region)
	case fault.Status >= 500:
		return "Try again later: the fault is on the side of the service."
	}
	return ""
}

func throttledRemedy(fault *Error) string {
	if fault.Code == codeModelNotReady {
		return "Raise the timeout: the model is being loaded."
	}
	return "Lower requests_per_minute, raise the timeout, or ask AWS for a higher quota."
}

func keysRemedy(code string) string {
	switch {
	case strings.HasPrefix(code, "ExpiredToken"):
		return "Sign in again, or get new temporary credentials: these have expired."
	case code == "InvalidSignatureException" || code == "SignatureDoesNotMatch":
		return "Check that secret_key belongs to access_key, and that the clock is right."
	}
	return "Check that access_key exists and is active, and that temporary credentials come with their session token."
}

// validationRemedy reads the service's own text: one code stands for all that
// can be wrong with a request.
func validationRemedy(message string, settings inference.ServiceSettings) string {
	switch {
	case strings.Contains(message, "on-demand throughput"):
		return fmt.Sprintf("Write the id of an inference profile, such as %q, or its ARN.", profileOf(settings))
	case strings.Contains(message, "cannot both be specified"):
		return "Remove temperature or top_p: the model takes only one of them."
	case strings.Contains(message, "is deprecated for this model"):
		return "Remove the setting: the model has none of this kind."
	}
	return ""
}

// profileOf guesses the inference profile of a model: AWS names it by the
// geography of the region.
func profileOf(settings inference.ServiceSettings) string {
	model := settings.Model
	if id, ok := inference.ParseModelID(model); ok && id.Model != "" {
		model = id.Model
	}
	for _, geography := range []struct{ region, prefix string }{
		{"us-gov-", "us-gov."}, {"us-", "us."}, {"ca-", "us."}, {"eu-", "eu."}, {"ap-", "apac."},
	} {
		if strings.HasPrefix(settings.Region, geography.region) {
			return geography.prefix + model
		}
	}
	return "global." + model
}

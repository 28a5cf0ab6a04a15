package bedrock

import (
	"fmt"
	"regexp"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// The paths of the settings, for violations.
const (
	pathAccessKey    validation.Path = "bedrock.access_key"
	pathSecretKey    validation.Path = "bedrock.secret_key"
	pathSessionToken validation.Path = "bedrock.session_token"
	pathEndpoint     validation.Path = "bedrock.endpoint"
	pathRoleARN      validation.Path = "bedrock.assume_role.role_arn"
)

// Validate finds what is wrong with the settings that AWS would refuse late, or
// in words that do not name them. The rules of keys and regions are those of
// endpoints.
func (c Config) Validate() validation.Violations { return c.ValidateSoFar(nil) }

// ValidateSoFar finds what is wrong whatever the open settings turn out to be.
func (c Config) ValidateSoFar(open validation.IsDeferred) validation.Violations {
	return append(append(c.sessionRule(open), c.endpointRule()...), c.roleRule()...)
}

// sessionRule: a token says nothing without the keys that it was made with. Half
// a pair of keys is another fault.
func (c Config) sessionRule(open validation.IsDeferred) validation.Violations {
	if c.SessionToken == "" || c.AccessKey != "" || c.SecretKey != "" || open.Any(pathAccessKey, pathSecretKey) {
		return nil
	}
	return validation.Violations{{
		Path: pathSessionToken, Summary: "Session token without keys",
		Detail: "session_token is set, and access_key and secret_key are not. Write the two keys that came with it, or leave it out: AWS's default chain has a token of its own.",
	}}
}

func (c Config) endpointRule() validation.Violations {
	if c.Endpoint == "" {
		return nil
	}
	if _, fault := inference.ParseAddress(pathEndpoint, c.Endpoint, "https://bedrock-runtime.us-east-1.amazonaws.com"); fault != nil {
		return validation.Violations{*fault}
	}
	return nil
}

// roleForm leaves the rules on the names of paths and roles to IAM.
var roleForm = regexp.MustCompile(`^arn:aws(-[a-z]+)*:iam::[0-9]{12}:role/[!-~]+$`)

// roleRule leaves it to the caller whether an ARN is there at all.
func (c Config) roleRule() validation.Violations {
	if c.AssumeRole == nil || c.AssumeRole.RoleARN == "" || roleForm.MatchString(c.AssumeRole.RoleARN) {
		return nil
	}
	return validation.Violations{{
		Path: pathRoleARN, Summary: "Not the ARN of a role",
		Detail: fmt.Sprintf("%q has not the form arn:PARTITION:iam::ACCOUNT:role/NAME, with the 12 digits of an account. Write for example \"arn:aws:iam::123456789012:role/inference\".", c.AssumeRole.RoleARN),
	}}
}

package bedrock

import (
	"cmp"
	"context"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// credentialsTimeout bounds the search for credentials, which outside of AWS
// ends at an instance metadata service that does not answer.
const credentialsTimeout = 20 * time.Second

// givenKeys are those that the configuration names; without keys, the AWS
// default chain is asked.
type givenKeys struct {
	aws.Credentials
	ofRun bool // a run brought them, so they are used as they are
}

// keys are those of the run, or else those of the Config.
func (r *Runner) keys(keys inference.Keys) (givenKeys, error) {
	given := givenKeys{
		Credentials: aws.Credentials{AccessKeyID: keys.AccessKey.Reveal(), SecretAccessKey: keys.SecretKey.Reveal()},
		ofRun:       !keys.IsZero(),
	}
	if !given.ofRun {
		given.Credentials = aws.Credentials{
			AccessKeyID:     r.config.AccessKey.Reveal(),
			SecretAccessKey: r.config.SecretKey.Reveal(),
			SessionToken:    r.config.SessionToken.Reveal(),
		}
	}
	if (given.AccessKeyID == "") != (given.SecretAccessKey == "") {
		return givenKeys{}, noCredentials("Only one of access_key and secret_key is given.", nil)
	}
	return given, nil
}

func (k givenKeys) options(profile string) []func(*config.LoadOptions) error {
	var options []func(*config.LoadOptions) error
	if k.HasKeys() {
		options = append(options, config.WithCredentialsProvider(credentials.StaticCredentialsProvider{Value: k.Credentials}))
	}
	if profile != "" {
		options = append(options, config.WithSharedConfigProfile(profile))
	}
	return options
}

// defaultSession lets an audit log, and a role's conditions, tell the provider.
const defaultSession = "terraform-provider-inference"

// assumed are the credentials of the configured role.
func (r *Runner) assumed(settings aws.Config) aws.CredentialsProvider {
	role := r.config.AssumeRole
	client := sts.NewFromConfig(settings, func(o *sts.Options) {
		if r.config.Region != "" {
			o.Region = r.config.Region
		}
	})
	return aws.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, role.RoleARN, func(o *stscreds.AssumeRoleOptions) {
		if role.ExternalID != "" {
			o.ExternalID = aws.String(role.ExternalID)
		}
		o.RoleSessionName = cmp.Or(role.SessionName, defaultSession)
	}))
}

// identify makes sure that there are credentials before any call needs them: it
// is here that a missing configuration can be told from a refusal by Bedrock.
// It returns what no message may contain.
func (c *client) identify(ctx context.Context) (secrets, error) {
	if c.credentials == nil {
		return secrets{os.Getenv(bearerVariable)}, nil
	}
	bounded, cancel := context.WithTimeout(ctx, credentialsTimeout)
	defer cancel()
	found, err := c.credentials.Retrieve(bounded)
	switch {
	case ctx.Err() != nil:
		return nil, c.given.failure(ctx.Err())
	case err != nil:
		return nil, c.given.failure(noCredentials("No AWS credentials could be had: "+sentence(err.Error()), err))
	case !found.HasKeys():
		return nil, noCredentials("The AWS credentials that were found are empty.", nil)
	}
	return append(secretsOf(found), c.given...), nil
}

func secretsOf(keys aws.Credentials) secrets {
	return secrets{keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken}
}

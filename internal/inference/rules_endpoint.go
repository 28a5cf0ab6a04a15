// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// inferenceIDForm is MlStrings.isValidId of Elasticsearch, which PUT applies.
var inferenceIDForm = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?$`)

func inferenceIDRule(c Config) validation.Violations {
	id, ok := c.InferenceID.Known()
	switch {
	case !ok:
		return nil
	case strings.HasPrefix(id, "."):
		return validation.Violations{validation.Errorf(PathInferenceID, "Reserved inference id",
			"%s begins with a dot. Elasticsearch keeps such ids for its own default endpoints, which can be neither changed nor replaced. Write an id without the dot, such as %q.",
			validation.Quote(id), suggestID(id)).WithRule(validation.IDForm)}
	case id == "_all" || !inferenceIDForm.MatchString(id):
		return validation.Violations{validation.Errorf(PathInferenceID, "Invalid inference id",
			"%s is not an inference id: only a-z, 0-9, \"_\", \"-\" and \".\" are allowed, and it begins and ends with a letter or digit. Write for example %q.", validation.Quote(id), suggestID(id)).WithRule(validation.IDForm)}
	}
	return nil
}

// suggestID returns a valid id that is close to an invalid one.
func suggestID(id string) string {
	suggestion := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_', r == '-', r == '.':
			return r
		case r == ' ', r == '/', r == ':':
			return '-'
		case r > unicode.MaxASCII:
			return r // not a valid id, because what is left would mislead
		}
		return -1
	}, strings.ToLower(strings.TrimSpace(id)))
	suggestion = strings.Trim(suggestion, "._-")
	if len(suggestion) > 80 || !inferenceIDForm.MatchString(suggestion) || id == "_all" {
		return "my-embeddings"
	}
	return suggestion
}

func taskTypeRule(c Config) validation.Violations {
	task, ok := c.TaskType.Known()
	if !ok || slices.Contains(TaskTypes(), task) {
		return nil
	}
	return validation.Violations{validation.Errorf(PathTaskType, "Unknown task type",
		"%s is not a task type of the %s service. Write %s.%s", validation.Quote(string(task)), Service, oneOf(names(TaskTypes())), validation.Suggest(string(task), names(TaskTypes())))}
}

func serviceRule(c Config) validation.Violations {
	service, ok := c.Service.Known()
	if !ok || service == Service {
		return nil
	}
	return validation.Violations{validation.Errorf(PathService, "Unknown service",
		"%s is not a service that this provider manages. Write %q, or leave it out: it is the default.%s", validation.Quote(service), Service, validation.Suggest(service, []string{Service}))}
}

func inputTypeRule(c Config) validation.Violations {
	inputType, ok := c.InputType.Known()
	switch {
	case ok && !slices.Contains(InputTypes(), InputType(inputType)):
		return validation.Violations{unknownValue(PathInputType, "Unknown input type", "an input type", inputType, names(InputTypes()))}
	case ok && c.task().Generates():
		return validation.Violations{validation.Errorf(PathInputType, "Input type on a completion",
			"input_type tells an embedding model what its vectors are for; %s has none. Remove input_type.", c.task()).WithRule(validation.InputTypeOfTask)}
	}
	return nil
}

// unknownValue returns the violation of a value that is none of the choices. noun says
// what they are, such as "an input type".
func unknownValue(path validation.Path, summary, noun, value string, choices []string) validation.Violation {
	return validation.Errorf(path, summary, "%s is not %s. Write %s.%s", validation.Quote(value), noun, oneOf(choices), validation.Suggest(value, choices)).
		WithRule(validation.OneOf)
}

// oneOf joins choices for a sentence: "a", "b" or "c".
func oneOf(choices []string) string {
	quoted := mapped(choices, strconv.Quote)
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " or " + quoted[len(quoted)-1]
}

func names[T ~string](values []T) []string {
	return mapped(values, func(value T) string { return string(value) })
}

func mapped[T any](values []T, text func(T) string) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = text(value)
	}
	return texts
}

// filter returns the values that are kept.
func filter[T any](values []T, keep func(T) bool) []T {
	return slices.DeleteFunc(values, func(value T) bool { return !keep(value) })
}

// keysRule checks that an AWS key pair is complete, that its keys can be sent in a
// header, and that they are not temporary. Keys have no rule on length: AWS
// documents none.
func keysRule(c Config) validation.Violations {
	access, secret := c.ServiceSettings.AccessKey, c.ServiceSettings.SecretKey
	exchanged := exchangedKeysRule(access.Or("").Reveal(), secret.Or("").Reveal())
	if len(exchanged.Errors()) > 0 {
		return exchanged
	}
	var found validation.Violations
	for _, half := range []struct {
		path       validation.Path
		key, other validation.Setting[redact.Secret]
		otherPath  validation.Path
	}{
		{PathAccessKey, access, secret, PathSecretKey},
		{PathSecretKey, secret, access, PathAccessKey},
	} {
		key, ok := half.key.Known()
		switch {
		case ok && key == "":
			found = append(found, validation.Errorf(half.path, "Empty key",
				"%s is an empty string. Write the key, or leave out both keys.", half.path.Name()).WithRule(validation.NotEmpty))
		case ok && !IsHeaderValue(key.Reveal()):
			found = append(found, LineBreak(half.path))
		case ok && !isKeyText(key.Reveal()):
			found = append(found, validation.Errorf(half.path, "Invalid character in a credential",
				"%s has a blank, a quotation mark or a character outside ASCII, which no AWS key has; it was probably pasted with something around it. Write the key alone.", half.path.Name()))
		case ok && half.path == PathAccessKey && strings.HasPrefix(key.Reveal(), "ASIA"):
			found = append(found, validation.Errorf(half.path, "Temporary key on an endpoint",
				"access_key is a temporary key (it begins with ASIA). Such keys work only with a session token, which endpoints do not have, and expire within hours. Write the keys of an IAM user, which begin with AKIA."))
		case half.key.Absent() && half.other.IsGiven():
			found = append(found, validation.Errorf(half.path, "Incomplete key pair",
				"%s is given and %s is not. AWS keys come in pairs: write both, or neither.", half.otherPath.Name(), half.path.Name()).WithRule(validation.KeyPair))
		}
	}
	if len(found) == 0 {
		return exchanged
	}
	return found
}

// accessKeyForm and secretKeyForm are the forms of the keys that AWS issues.
var (
	accessKeyForm = regexp.MustCompile(`^A[KS]IA[A-Z0-9]{16}$`)
	secretKeyForm = regexp.MustCompile(`^[A-Za-z0-9/+]{40}$`)
)

// exchangedKeysRule finds keys that are written in each other's place, or twice.
func exchangedKeysRule(access, secret string) validation.Violations {
	switch {
	case accessKeyForm.MatchString(secret) && access == secret:
		return validation.Violations{validation.Errorf(PathSecretKey, "Identical keys",
			"access_key and secret_key are the same text, an access key. Write the secret key of 40 characters that belongs to it as secret_key.")}
	case secretKeyForm.MatchString(access) && access == secret:
		return validation.Violations{validation.Errorf(PathAccessKey, "Identical keys",
			"access_key and secret_key are the same text, which has the form of a secret key. Write the access key that belongs to it, which begins with AKIA, as access_key.")}
	case accessKeyForm.MatchString(secret) && secretKeyForm.MatchString(access):
		return validation.Violations{validation.Errorf(PathAccessKey, "Keys are exchanged",
			"access_key has the form of a secret key (40 characters), and secret_key that of an access key (AKIA and 16 characters). Exchange the two.")}
	case accessKeyForm.MatchString(secret):
		return validation.Violations{validation.Errorf(PathSecretKey, "Access key as secret key",
			"secret_key has the form of an access key (AKIA and 16 characters). Write the secret key of 40 characters that belongs to access_key.")}
	case secretKeyForm.MatchString(access):
		return validation.Violations{validation.Warningf(PathAccessKey, "Secret key as access key",
			"access_key has the form of a secret key (40 characters). Access keys begin with AKIA. Check that the two keys are not exchanged.")}
	case access != "" && access == secret:
		return validation.Violations{validation.Warningf(PathSecretKey, "Identical keys",
			"access_key and secret_key are the same text. Write the secret key that belongs to access_key.")}
	}
	return nil
}

// isKeyText reports whether a key has only characters that AWS keys may have.
// The check is loose, because AWS documents no alphabet for secret keys.
func isKeyText(key string) bool {
	return !strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\'' || r == '`' })
}

// IsHeaderValue reports whether a credential can be sent in an HTTP header.
func IsHeaderValue(value string) bool {
	return !strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

// LineBreak returns the violation of a credential that is not an IsHeaderValue.
func LineBreak(path validation.Path) validation.Violation {
	return validation.Errorf(path, "Line break in a credential",
		"%s holds a line break or another control character, often the end of the line of a file. Write trimspace(...) around it.", path.Name())
}

// UnknownRegion is the summary of the warning about a region that is not known to
// have Amazon Bedrock.
const UnknownRegion = "Region not known to have Amazon Bedrock"

func regionRule(c Config) validation.Violations {
	region, ok := c.ServiceSettings.Region.Known()
	switch {
	case !ok || slices.Contains(bedrockRegions, region):
		return nil
	case !regionForm.MatchString(region):
		return validation.Violations{validation.Errorf(PathRegion, "Not an AWS region",
			"%s does not have the form of an AWS region. Write for example \"us-east-1\" or \"eu-central-1\".%s", validation.Quote(region), validation.Suggest(region, bedrockRegions))}
	case slices.Contains(withoutBedrock, region):
		return validation.Violations{validation.Errorf(PathRegion, "Region without Amazon Bedrock",
			"Amazon Bedrock is not offered in %q, nor anywhere in the AWS China partition, and accounts of that partition cannot use other regions. Write a region that offers it, such as \"us-east-1\" or \"ap-northeast-1\", and keys of an account outside of that partition.", region)}
	}
	return validation.Violations{validation.Warningf(PathRegion, UnknownRegion,
		"%q is not among the regions that are known to have Amazon Bedrock. Ignore this warning if the region is new. If it is misspelled, write for example \"us-east-1\".%s", region, validation.Suggest(region, bedrockRegions))}
}

func providerRule(c Config) validation.Violations {
	written, ok := c.ServiceSettings.Provider.Known()
	if !ok {
		return nil
	}
	provider, ok := ParseProvider(written)
	if !ok || string(provider) != written {
		return validation.Violations{unknownValue(PathProvider, "Unknown model provider", "a model provider", written, names(Providers()))}
	}
	task := c.task()
	if task == "" || provider.Supports(task) {
		return nil
	}
	return validation.Violations{validation.Errorf(PathProvider, "Provider without this task",
		"%s has no models for %s. Write %s, or another task.", provider, task,
		providersThat(func(p Provider) bool { return p.Supports(task) })).WithRule(validation.TaskOfProvider)}
}

// providersThat lists the providers for which able is true, for messages.
func providersThat(able func(Provider) bool) string { return oneOf(names(filter(Providers(), able))) }

func rateLimitRule(c Config) validation.Violations {
	limit, ok := c.ServiceSettings.RequestsPerMinute.Known()
	if !ok || limit > 0 {
		return nil
	}
	return validation.Violations{validation.Errorf(PathRequestsPerMinute, "Rate limit is not positive",
		"requests_per_minute is %d. Write a whole number above 0, or leave it out for %d.", limit, DefaultRequestsPerMinute).WithRule(validation.AboveZero)}
}

func similarityRule(c Config) validation.Violations {
	similarity, ok := c.ServiceSettings.Similarity.Known()
	switch {
	case !ok:
		return nil
	case !slices.Contains(Similarities(), similarity):
		return validation.Violations{unknownValue(PathSimilarity, "Unknown similarity", "a similarity", similarity, Similarities())}
	}
	return embeddingsOnly(c, PathSimilarity)
}

// maxTokens is the largest count that the API and Bedrock accept (int32).
const maxTokens = math.MaxInt32

func maxInputTokensRule(c Config) validation.Violations {
	tokens, ok := c.ServiceSettings.MaxInputTokens.Known()
	if !ok {
		return nil
	}
	if found := tokensRule(PathMaxInputTokens, tokens, inputTokensAdvice); found != nil {
		return found
	}
	return embeddingsOnly(c, PathMaxInputTokens)
}

var inputTokensAdvice = fmt.Sprintf("Write a whole number from 1 to %d, or leave it out to send texts uncut.", maxTokens)

// tokensRule checks the bounds of a count of tokens.
func tokensRule(path validation.Path, tokens int64, advice string) validation.Violations {
	if tokens > 0 && tokens <= maxTokens {
		return nil
	}
	outside := validation.Errorf(path, "Out of range", "%s is %d. %s", path.Name(), tokens, advice).WithRule(validation.AboveZero)
	if tokens > maxTokens {
		outside = outside.WithBound(validation.AtMost, maxTokens)
	}
	return validation.Violations{outside}
}

func embeddingsOnly(c Config, path validation.Path) validation.Violations {
	task := c.task()
	if !task.Generates() {
		return nil
	}
	return validation.Violations{validation.Errorf(path, "Embedding setting on a completion",
		"%s belongs to text_embedding; this endpoint's task_type is %s. Remove %s.", path.Name(), task, path.Name())}
}

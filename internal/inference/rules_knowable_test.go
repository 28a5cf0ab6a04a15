// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// TestWrongValues checks values that cannot be right: one violation each, at the
// setting, with the value found and a valid suggestion.
func TestWrongValues(t *testing.T) {
	t.Parallel()
	completion := func(model string, change func(*Config)) Config {
		config := Config{
			InferenceID: validation.Given("e"), TaskType: validation.Given(Completion), Service: validation.Given(Service),
			ServiceSettings: ServiceConfig{Region: validation.Given("us-east-1"), Provider: validation.Given("anthropic"), Model: validation.Given(model)},
		}
		if change != nil {
			change(&config)
		}
		return config
	}
	keys := func(access, secret string) func(*Config) {
		return func(c *Config) {
			c.ServiceSettings.AccessKey, c.ServiceSettings.SecretKey = validation.Given(redact.Secret(access)), validation.Given(redact.Secret(secret))
		}
	}
	const sonnet = "anthropic.claude-sonnet-5"
	for name, row := range map[string]struct {
		config Config
		path   validation.Path
		want   string
	}{
		"temporary key":              {completion(sonnet, keys("ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI")), PathAccessKey, "session token"},
		"blank in a key":             {completion(sonnet, keys("AKIA IOSFODNN7EXAMPLE", "s")), PathAccessKey, "blank"},
		"quotes around a secret":     {completion(sonnet, keys("AKIAIOSFODNN7EXAMPLE", `"wJalr"`)), PathSecretKey, "quotation mark"},
		"look-alike in a key":        {completion(sonnet, keys("\u0410KIAIOSFODNN7EXAMPLE", "s")), PathAccessKey, "outside ASCII"},
		"missing letter":             {completion("anthropic.claude-3-5-haku-20241022-v1:0", nil), PathModel, "anthropic.claude-3-5-haiku-20241022-v1:0"},
		"missing version":            {completion("anthropic.claude-haiku-4-5-20251001-v1", nil), PathModel, "anthropic.claude-haiku-4-5-20251001-v1:0"},
		"upper case":                 {completion("Anthropic.Claude-Sonnet-5", nil), PathModel, `Did you mean "anthropic.claude-sonnet-5"? Upper and lower case`},
		"trailing blank":             {completion(sonnet+" ", nil), PathModel, "blanks around"},
		"look-alike":                 {completion("anthropic.cl\u0430ude-sonnet-5", nil), PathModel, `\u0430`},
		"ARN without account":        {completion("arn:aws:bedrock:us-east-1::provisioned-model/abcdef123456", nil), PathModel, "no account id"},
		"profile without account":    {completion("arn:aws:bedrock:us-east-1::inference-profile/us.anthropic.claude-sonnet-5", nil), PathModel, "no account id"},
		"partition of GovCloud":      {completion("arn:aws-us-gov:bedrock:us-gov-west-1:123456789012:provisioned-model/abcdef123456", nil), PathModel, "partition"},
		"China":                      {completion(sonnet, func(c *Config) { c.ServiceSettings.Region = validation.Given("cn-north-1") }), PathRegion, "China partition"},
		"region with a typing error": {completion(sonnet, func(c *Config) { c.ServiceSettings.Region = validation.Given("us-esat-1") }), PathRegion, `Did you mean "us-east-1"`},
		"region of two lines":        {completion(sonnet, func(c *Config) { c.ServiceSettings.Region = validation.Given("us-east-1\n") }), PathRegion, `Did you mean "us-east-1"`},
		"prompt with temperature":    {completion("arn:aws:bedrock:us-east-1:123456789012:prompt/ABCDE12345:1", func(c *Config) { c.TaskSettings.Temperature = validation.Given(0.5) }), PathTemperature, "Prompt management"},
		"top_k of Anthropic": {completion(sonnet, func(c *Config) {
			c.ServiceSettings.Model, c.TaskSettings.TopK = validation.Given("anthropic.claude-sonnet-4-6"), validation.Given(501.0)
		}), PathTopK, "at most 500"},
		"top_k of Mistral": {completion(sonnet, func(c *Config) {
			c.ServiceSettings.Provider, c.ServiceSettings.Model, c.TaskSettings.TopK = validation.Given("mistral"), validation.Given("mistral.mistral-large-2402-v1:0"), validation.Given(500.0)
		}), PathTopK, "at most 200"},
		"sampling of a model without": {completion(sonnet, func(c *Config) { c.TaskSettings.TopP = validation.Given(0.5) }), PathTopP, "takes no sampling settings"},
		"only dots in an id":          {completion(sonnet, func(c *Config) { c.InferenceID = validation.Given("..") }), PathInferenceID, `such as "my-embeddings"`},
		"upper case in an id":         {completion(sonnet, func(c *Config) { c.InferenceID = validation.Given("My Endpoint") }), PathInferenceID, `"my-endpoint"`},
		"blank after an id":           {completion(sonnet, func(c *Config) { c.InferenceID = validation.Given("answers ") }), PathInferenceID, `Write for example "answers".`},
		"other letters in an id":      {completion(sonnet, func(c *Config) { c.InferenceID = validation.Given("аnswers") }), PathInferenceID, `Write for example "my-embeddings".`},
		"no characters in an id":      {completion(sonnet, func(c *Config) { c.InferenceID = validation.Given("") }), PathInferenceID, `Write for example "my-embeddings".`},
		"long id":                     {completion(sonnet, func(c *Config) { c.InferenceID = validation.Given(strings.Repeat("X", 3000)) }), PathInferenceID, "3000 characters"},
		"task type in upper case":     {completion(sonnet, func(c *Config) { c.TaskType = validation.Given(TaskType("Completion")) }), PathTaskType, `Did you mean "completion"`},
	} {
		found := row.config.Validate()
		if len(found) != 1 || found[0].Path != row.path || !strings.Contains(found[0].Detail, row.want) {
			t.Errorf("%s: got %v, want one violation at %s with %q", name, found, row.path, row.want)
		}
	}
	for name, model := range map[string]string{"prompt": "prompt/ABCDE12345", "router": "prompt-router/abc", "default router": "default-prompt-router/anthropic.claude:1"} {
		config := completion("arn:aws:bedrock:us-east-1:123456789012:"+model, func(c *Config) {
			c.TaskType, c.ServiceSettings.Provider = validation.Given(TextEmbedding), validation.Given("cohere")
		})
		if found := config.Validate(); len(found) != 1 || found[0].Path != PathModel {
			t.Errorf("embeddings of a %s: got %v", name, found)
		}
	}
}

// TestSuggestedIDsAreValid checks that what a message suggests can be used.
func TestSuggestedIDsAreValid(t *testing.T) {
	t.Parallel()
	for _, id := range []string{".", "..", "...", "", "_all", "-", "_", ".x", "X", "\u0430", "a b", "a/b", ".-.", strings.Repeat(".", 500), "é"} {
		if got := suggestID(id); !inferenceIDForm.MatchString(got) {
			t.Errorf("%q: suggests %q", id, got)
		}
	}
}

// TestExchangedKeys checks keys that are in each other's place or the same, which is
// one violation.
func TestExchangedKeys(t *testing.T) {
	t.Parallel()
	const access, secret = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	for name, row := range map[string]struct {
		access, secret string
		path           validation.Path
		summary        string
		warning        bool
	}{
		"right":                    {access, secret, "", "", false},
		"exchanged":                {secret, access, PathAccessKey, "Keys are exchanged", false},
		"exchanged, temporary":     {secret, "ASIAIOSFODNN7EXAMPLE", PathAccessKey, "Keys are exchanged", false},
		"access key twice":         {access, access, PathSecretKey, "Identical keys", false},
		"secret key twice":         {secret, secret, PathAccessKey, "Identical keys", false},
		"two access keys":          {access, "AKIAI44QH8DHBEXAMPLE", PathSecretKey, "Access key as secret key", false},
		"two secret keys":          {secret, secret[1:] + "x", PathAccessKey, "Secret key as access key", true},
		"the same words":           {"changeme", "changeme", PathSecretKey, "Identical keys", true},
		"secret key without other": {secret, "", PathSecretKey, "Empty key", false},
		"blanks in both":           {" ", " ", PathAccessKey, "Invalid character in a credential", false},
		"keys of a simulator":      {"AKIATEST", "secret", "", "", false},
		"secret of other length":   {access, "short", "", "", false},
		"access key of other form": {"minio", secret, "", "", false},
		"secret key in lower case": {access, "akiaiosfodnn7example", "", "", false},
	} {
		config := Config{ServiceSettings: ServiceConfig{AccessKey: validation.Given(redact.Secret(row.access)), SecretKey: validation.Given(redact.Secret(row.secret))}}
		found := config.Validate()
		switch {
		case row.summary == "" && len(found) > 0, row.summary != "" && len(found) == 0:
			t.Errorf("%s: got %v, want %q", name, found, row.summary)
		case row.summary != "":
			first := found[0]
			if first.Path != row.path || first.Summary != row.summary || first.Warning != row.warning || row.access != " " && len(found) > 1 {
				t.Errorf("%s: got %v, want one %q at %s", name, found, row.summary, row.path)
			}
			if strings.Contains(first.Detail, secret) || strings.Contains(first.Detail, access) {
				t.Errorf("%s: the message contains a key: %s", name, first.Detail)
			}
		}
	}
}

// TestOneCauseOneViolation checks mistakes that break several rules.
func TestOneCauseOneViolation(t *testing.T) {
	t.Parallel()
	embedding := func(provider, model string, task TaskConfig) Config {
		return Config{
			TaskType: validation.Given(TextEmbedding), TaskSettings: task,
			ServiceSettings: ServiceConfig{Region: validation.Given("us-east-1"), Provider: validation.Given(provider), Model: validation.Given(model)},
		}
	}
	completion := func(provider, model string, task TaskConfig) Config {
		config := embedding(provider, model, task)
		config.TaskType = validation.Given(Completion)
		return config
	}
	const claude, titan, llama = "us.anthropic.claude-sonnet-4-6", "amazon.titan-embed-text-v2:0", "meta.llama3-8b-instruct-v1:0"
	for name, row := range map[string]struct {
		config Config
		path   validation.Path
	}{
		"embedding of a provider without":    {embedding("anthropic", claude, TaskConfig{}), PathProvider},
		"embedding of another one":           {embedding("meta", llama, TaskConfig{}), PathProvider},
		"truncate on a completion":           {completion("anthropic", claude, TaskConfig{Truncate: validation.Given("END")}), PathTruncate},
		"truncate on a completion of Cohere": {completion("cohere", "cohere.command-r-v1:0", TaskConfig{Truncate: validation.Given("END")}), PathTruncate},
		"temperature out of range":           {embedding("amazontitan", titan, TaskConfig{Temperature: validation.Given(3.0)}), PathTemperature},
		"top_k of a provider without":        {embedding("amazontitan", titan, TaskConfig{TopK: validation.Given(-1.0)}), PathTopK},
		"tokens out of range":                {embedding("amazontitan", titan, TaskConfig{MaxNewTokens: validation.Given(int64(0))}), PathMaxNewTokens},
	} {
		if found := row.config.Validate(); len(found) != 1 || found[0].Path != row.path {
			t.Errorf("%s: got %v, want one violation at %s", name, found, row.path)
		}
	}
}

// TestModelHints checks that a wrong model id is explained whatever it names.
func TestModelHints(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]string{
		" amazon.titan-embed-text-v2:0":      `Did you mean "amazon.titan-embed-text-v2:0"? The value has blanks`,
		"us.anthropic.claude-sonnet-5\n":     `Did you mean "us.anthropic.claude-sonnet-5"? The value has blanks`,
		"us.anthropic.claude‑sonnet-5":       `Did you mean "us.anthropic.claude-sonnet-5"? The value has characters that look alike`,
		"us.anthropic.claude-sonnet-5\u200b": `Did you mean "us.anthropic.claude-sonnet-5"? The value has characters that look alike`,
		"US.anthropic.claude-sonnet-5":       `Did you mean "us.anthropic.claude-sonnet-5"? Upper and lower case`,
		"newvendor.new model-v1:0":           "",
		"titan-embed-text-v2:0":              `Did you mean "amazon.titan-embed-text-v2:0"? The vendor at the beginning of the id is missing`,
		"nova-lite-v1:0":                     `Did you mean "amazon.nova-lite-v1:0"? The vendor at the beginning`,
		"Embed-english-v3":                   `Did you mean "cohere.embed-english-v3"? The vendor at the beginning`,
		"titan":                              "",
	} {
		found := Config{ServiceSettings: ServiceConfig{Model: validation.Given(model)}}.Validate()
		if len(found) != 1 || !strings.Contains(found[0].Detail, want) || strings.HasSuffix(found[0].Detail, "?") {
			t.Errorf("%q: got %v, want %q", model, found, want)
		}
	}
}

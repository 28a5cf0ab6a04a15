// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

const pathInput validation.Path = "input"

// Limits of one text in Unicode characters, which is the unit of the services'
// error messages ("expected maxLength: 2048, actual: 2459").
const (
	titanMaxCharacters    = 50_000
	cohereV3MaxCharacters = 2_048
)

// Validate applies the rules of one run to an endpoint whose configuration is
// valid: the texts, the input type, and the endpoint's task settings merged with
// those of the request. Every request that it rejects would fail.
func (r Request) Validate(endpoint Endpoint) validation.Violations {
	config := r.config(endpoint)
	return slices.Concat(
		taskTypeRule(config), providerRule(config),
		samplingRangeRule(config), topKRule(config), maxNewTokensRule(config), truncateRule(config), taskSettingsTaskRule(config),
		inputTypeRule(config),
		RequestRule(endpoint.TaskType, endpoint.ServiceSettings.Model), r.ValidateInput(endpoint),
	)
}

// config returns the settings that a request can change. samplingChoiceRule is
// not applied to them, because an override combines settings that were configured
// separately, and older models accept temperature and top_p together.
func (r Request) config(endpoint Endpoint) Config {
	return Config{
		TaskType:        validation.Given(endpoint.TaskType),
		ServiceSettings: ServiceConfig{Provider: validation.Given(string(endpoint.ServiceSettings.Provider))},
		TaskSettings:    endpoint.TaskSettings.Merge(r.TaskSettings).config(),
		InputType:       givenUnlessZero(string(r.InputType)),
	}
}

// RequestRule applies where this project calls the model itself. It rejects Amazon's
// embedding models whose requests differ from those of Titan's text models.
func RequestRule(task TaskType, model string) validation.Violations {
	id, ok := ParseModelID(model)
	if !ok || task != TextEmbedding || !id.isNova() && !strings.HasPrefix(id.Model, "amazon.titan-embed-image") {
		return nil
	}
	return validation.Violations{validation.Errorf(PathModel, "Unsupported embedding model",
		"%s embeds more than text, in a request format that the %s service does not support. Write a text model such as \"amazon.titan-embed-text-v2:0\".", id.Model, Service)}
}

// ValidateInput is the part of Validate about the texts. The endpoint may be
// incomplete: what every model rejects is found by the task type alone.
func (r Request) ValidateInput(endpoint Endpoint) validation.Violations {
	if len(r.Input) == 0 {
		return validation.Violations{validation.Errorf(pathInput, "No input", "input is an empty list. Write at least one text.")}
	}
	limit, advice := endpoint.maxCharacters()
	var found validation.Violations
	for i, text := range r.SentInput(endpoint) {
		path := validation.Path(fmt.Sprintf("%s.%d", pathInput, i))
		switch {
		case r.Input[i] == "":
			found = append(found, validation.Errorf(path, "Empty text",
				"input[%d] is an empty string or null, which no model takes. Write a text, or remove it.", i))
		case endpoint.TaskType.Generates() && strings.TrimSpace(text) == "":
			// Converse: "The text field in the ContentBlock object at
			// messages.0.content.0 is blank". Embedding models take white space.
			found = append(found, validation.Errorf(path, "Blank text",
				"input[%d] is only white space, which no model answers. Write a text, or remove it.", i))
		case limit > 0 && utf8.RuneCountInString(text) > limit:
			found = append(found, validation.Errorf(path, "Text too long", "input[%d] has %d characters, %s takes at most %d. %s",
				i, utf8.RuneCountInString(text), endpoint.ServiceSettings.Model, limit, advice))
		}
	}
	return found
}

// maxCharacters returns the longest text that the endpoint's embedding model takes,
// and what to do about a longer one; 0 if no limit in characters is known.
func (e Endpoint) maxCharacters() (limit int, advice string) {
	switch {
	case e.TaskType != TextEmbedding:
		return 0, ""
	case e.ServiceSettings.Provider == AmazonTitan:
		return titanMaxCharacters, "Cut it into smaller texts, or set max_input_tokens."
	case e.isCohereV3():
		return cohereV3MaxCharacters, "Cut it into smaller texts, or set truncate = \"END\" or \"START\" to drop the rest."
	}
	return 0, ""
}

func (e Endpoint) isCohereV3() bool {
	id, ok := ParseModelID(e.ServiceSettings.Model)
	return ok && strings.HasPrefix(id.Model, "cohere.embed-") && strings.Contains(id.Model, "-v3")
}

// SentInput returns the texts that are sent to an embedding model. They are cut to
// max_input_tokens first, and then, if truncate is set, to the 2,048 characters of
// Cohere's v3 models: Bedrock refuses longer texts before truncate acts
// (deepset-ai/haystack-core-integrations#912).
func (r Request) SentInput(endpoint Endpoint) []string {
	if endpoint.TaskType != TextEmbedding {
		return r.Input
	}
	truncate := endpoint.TaskSettings.Merge(r.TaskSettings).Truncate
	isCohereV3 := endpoint.isCohereV3()
	sent := make([]string, len(r.Input))
	for i, text := range r.Input {
		text = cutToTokens(text, endpoint.ServiceSettings.MaxInputTokens)
		if isCohereV3 {
			text = truncateTo(text, truncate, cohereV3MaxCharacters)
		}
		sent[i] = text
	}
	return sent
}

// utf16PerToken is Elasticsearch's estimate of UTF-16 units per token (Truncator).
const utf16PerToken = 3

// cutToTokens keeps the first tokens x 3 UTF-16 units, as Elasticsearch does,
// but never half of a surrogate pair. 0 tokens is no limit.
func cutToTokens(text string, tokens int64) string {
	if tokens <= 0 || tokens > math.MaxInt64/utf16PerToken || int64(len(text)) <= tokens*utf16PerToken {
		return text
	}
	left := tokens * utf16PerToken
	for i, character := range text {
		left--
		if character > 0xFFFF {
			left--
		}
		if left < 0 {
			return text[:i]
		}
	}
	return text
}

// truncateTo keeps limit characters: the first ones for END, the last ones for START. It
// does not copy the text, which can have several megabytes.
func truncateTo(text, truncate string, limit int) string {
	surplus := utf8.RuneCountInString(text) - limit
	switch {
	case surplus > 0 && truncate == "END":
		return text[:characterOffset(text, limit)]
	case surplus > 0 && truncate == "START":
		return text[characterOffset(text, surplus):]
	}
	return text
}

// characterOffset returns the byte offset of the nth character.
func characterOffset(text string, n int) int {
	for offset := range text {
		if n == 0 {
			return offset
		}
		n--
	}
	return len(text)
}

// SPDX-License-Identifier: MPL-2.0

package bedrocksim

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// toolConfig is the part of a Converse request about tools.
type toolConfig struct {
	Tools []struct {
		Spec struct {
			Name   string `json:"name"`
			Schema struct {
				JSON map[string]any `json:"json"`
			} `json:"inputSchema"`
		} `json:"toolSpec"`
	} `json:"tools"`
	Choice struct {
		Any  *struct{} `json:"any"`
		Tool *struct {
			Name string `json:"name"`
		} `json:"tool"`
	} `json:"toolChoice"`
}

// toolCall is a tool call in an answer.
type toolCall struct {
	id, name string
	input    map[string]any
}

func checkTools(_ model, c conversation) error {
	if c.Tools == nil {
		return checkToolResults(c)
	}
	if len(c.Tools.Tools) == 0 {
		return invalid("1 validation error detected: Value '[]' at 'toolConfig.tools' failed to satisfy constraint: Member must have length greater than or equal to 1")
	}
	var names []string
	for _, tool := range c.Tools.Tools {
		if !inference.IsToolName(tool.Spec.Name) {
			return invalid("1 validation error detected: Value '%s' at 'toolConfig.tools.1.member.toolSpec.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+", tool.Spec.Name)
		}
		if tool.Spec.Schema.JSON["type"] != "object" {
			return invalid("The value at toolConfig.tools.0.toolSpec.inputSchema.json.type must be one of the following: object.")
		}
		names = append(names, tool.Spec.Name)
	}
	if named := c.Tools.Choice.Tool; named != nil && !slices.Contains(names, named.Name) {
		return invalid("The toolConfig field contains a tool choice of a tool that is not in the list of tools: %s", named.Name)
	}
	return checkToolResults(c)
}

// checkToolResults checks that every result answers a call of the message before,
// and that every call is answered.
func checkToolResults(c conversation) error {
	var open []string
	for _, m := range c.Messages {
		var calls []string
		for _, block := range m.Content {
			call, isCall := block["toolUse"].(map[string]any)
			result, isResult := block["toolResult"].(map[string]any)
			if (isCall || isResult) && c.Tools == nil {
				return invalid("The toolConfig field must be defined when using toolUse and toolResult content blocks.")
			}
			if isCall {
				id, _ := call["toolUseId"].(string)
				calls = append(calls, id)
			}
			if isResult {
				id, _ := result["toolUseId"].(string)
				if !slices.Contains(open, id) {
					return invalid("The number of toolResult blocks at messages exceeds the number of toolUse blocks of previous turn.")
				}
				open = slices.DeleteFunc(open, func(one string) bool { return one == id })
			}
		}
		if len(open) > 0 {
			return invalid("Expected toolResult blocks at messages for the following Ids: %s", strings.Join(open, ", "))
		}
		open = calls
	}
	return nil
}

// chooseTool returns the tool call that the model makes, or nil: the tool that
// the request demands, or else the first one whose name the prompt contains.
func chooseTool(c conversation, prompt string) *toolCall {
	if c.Tools == nil {
		return nil
	}
	for _, tool := range c.Tools.Tools {
		named := c.Tools.Choice.Tool
		if named != nil && named.Name == tool.Spec.Name ||
			named == nil && (c.Tools.Choice.Any != nil || strings.Contains(prompt, tool.Spec.Name) && !answersTool(c)) {
			return &toolCall{"tooluse_" + tool.Spec.Name, tool.Spec.Name, sample(tool.Spec.Schema.JSON)}
		}
	}
	return nil
}

func answersTool(c conversation) bool {
	return slices.ContainsFunc(c.Messages[len(c.Messages)-1].Content, func(block map[string]any) bool { return block["toolResult"] != nil })
}

// sample returns an object that fits the properties of a schema.
func sample(schema map[string]any) map[string]any {
	object := map[string]any{}
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		property, _ := properties[name].(map[string]any)
		if choices, ok := property["enum"].([]any); ok && len(choices) > 0 {
			object[name] = choices[0]
			continue
		}
		switch property["type"] {
		case "number", "integer":
			object[name] = 1
		case "boolean":
			object[name] = true
		case "array":
			object[name] = []any{}
		case "object":
			object[name] = sample(property)
		default:
			object[name] = "simulated"
		}
	}
	return object
}

// blocks returns the content of the answer to Converse.
func (t turn) blocks() []any {
	if t.call == nil {
		return []any{map[string]any{"text": t.text}}
	}
	return []any{map[string]any{"toolUse": map[string]any{"toolUseId": t.call.id, "name": t.call.name, "input": t.call.input}}}
}

// addBlocks adds the content of the answer to a stream: text word by word, and the
// input of a call in two parts.
func (t turn) addBlocks(stream *answer) {
	if t.call == nil {
		for word := range strings.SplitAfterSeq(t.text, " ") {
			stream.add("contentBlockDelta", map[string]any{"contentBlockIndex": 0, "delta": map[string]any{"text": word}})
		}
		return
	}
	stream.add("contentBlockStart", map[string]any{"contentBlockIndex": 0, "start": map[string]any{"toolUse": map[string]any{"toolUseId": t.call.id, "name": t.call.name}}})
	input, _ := json.Marshal(t.call.input)
	for _, part := range []string{string(input[:len(input)/2]), string(input[len(input)/2:])} {
		stream.add("contentBlockDelta", map[string]any{"contentBlockIndex": 0, "delta": map[string]any{"toolUse": map[string]any{"input": part}}})
	}
}

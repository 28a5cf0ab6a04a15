// SPDX-License-Identifier: MPL-2.0

package bedrock

import (
	"context"
	"encoding/json"
	"iter"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/document"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// Chat answers a conversation and yields the parts of the answer as they arrive,
// with the tool calls that the model asks for. Errors are those of Stream.
func (r *Runner) Chat(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys, request inference.ChatRequest) iter.Seq2[inference.ChatEvent, error] {
	return func(yield func(inference.ChatEvent, error) bool) {
		if violations := request.Validate(endpoint).Errors(); len(violations) > 0 {
			yield(inference.ChatEvent{}, violations)
			return
		}
		run, err := r.start(ctx, endpoint, keys, request.TaskSettings, nil, 1)
		if err != nil {
			yield(inference.ChatEvent{}, err)
			return
		}
		defer run.end()
		calls := map[int32]int{} // by the index of the content block
		for output, err := range run.events(ctx, run.chatInput(request)) {
			event, ok := chatEvent(output, calls)
			if (ok || err != nil) && !yield(event, err) {
				return
			}
		}
	}
}

// chatEvent returns the event of the answer that an event of the stream contains.
func chatEvent(output types.ConverseStreamOutput, calls map[int32]int) (event inference.ChatEvent, ok bool) {
	switch output := output.(type) {
	case *types.ConverseStreamOutputMemberMessageStart:
		return inference.ChatEvent{Role: string(output.Value.Role)}, true
	case *types.ConverseStreamOutputMemberContentBlockStart:
		start, isTool := output.Value.Start.(*types.ContentBlockStartMemberToolUse)
		if !isTool {
			return event, false
		}
		index := len(calls)
		calls[aws.ToInt32(output.Value.ContentBlockIndex)] = index
		event.ToolCall = &inference.ChatToolCallPart{Index: index, ChatToolCall: inference.ChatToolCall{
			ID: aws.ToString(start.Value.ToolUseId), Name: aws.ToString(start.Value.Name),
		}}
		return event, true
	case *types.ConverseStreamOutputMemberContentBlockDelta:
		switch delta := output.Value.Delta.(type) {
		case *types.ContentBlockDeltaMemberText:
			return inference.ChatEvent{Text: delta.Value}, delta.Value != ""
		case *types.ContentBlockDeltaMemberToolUse:
			event.ToolCall = &inference.ChatToolCallPart{
				Index:        calls[aws.ToInt32(output.Value.ContentBlockIndex)],
				ChatToolCall: inference.ChatToolCall{Arguments: aws.ToString(delta.Value.Input)},
			}
			return event, true
		}
	case *types.ConverseStreamOutputMemberMessageStop:
		return inference.ChatEvent{StopReason: string(output.Value.StopReason)}, true
	case *types.ConverseStreamOutputMemberMetadata:
		if counts := output.Value.Usage; counts != nil {
			return inference.ChatEvent{Usage: &inference.Usage{InputTokens: toInt64(counts.InputTokens), OutputTokens: toInt64(counts.OutputTokens)}}, true
		}
	}
	return event, false
}

// chatInput returns the request to Converse. System messages are sent apart from
// the conversation, and consecutive messages of one role as one, because roles
// must alternate.
func (r *run) chatInput(request inference.ChatRequest) *bedrockruntime.ConverseStreamInput {
	input := r.streamInput(nil)
	for _, message := range request.Messages {
		if message.Role == inference.RoleSystem {
			for _, part := range message.Parts {
				if strings.TrimSpace(part.Text) != "" {
					input.System = append(input.System, &types.SystemContentBlockMemberText{Value: part.Text})
				}
			}
			continue
		}
		role := types.ConversationRoleUser
		if message.Role == inference.RoleAssistant {
			role = types.ConversationRoleAssistant
		}
		if last := len(input.Messages) - 1; last >= 0 && input.Messages[last].Role == role {
			input.Messages[last].Content = append(input.Messages[last].Content, chatContent(message)...)
			continue
		}
		input.Messages = append(input.Messages, types.Message{Role: role, Content: chatContent(message)})
	}
	if len(request.Stop) > 0 {
		if input.InferenceConfig == nil {
			input.InferenceConfig = &types.InferenceConfiguration{}
		}
		input.InferenceConfig.StopSequences = request.Stop
	}
	input.ToolConfig = toolConfig(request)
	return input
}

func chatContent(message inference.ChatMessage) (content []types.ContentBlock) {
	if message.Role == inference.RoleTool {
		result := types.ToolResultBlock{ToolUseId: aws.String(message.ToolCallID), Content: []types.ToolResultContentBlock{}}
		for _, part := range message.Parts {
			result.Content = append(result.Content, &types.ToolResultContentBlockMemberText{Value: part.Text})
		}
		return []types.ContentBlock{&types.ContentBlockMemberToolResult{Value: result}}
	}
	for _, part := range message.Parts {
		format, data, _ := part.Data()
		switch {
		case part.IsImage():
			content = append(content, &types.ContentBlockMemberImage{Value: types.ImageBlock{
				Format: types.ImageFormat(format), Source: &types.ImageSourceMemberBytes{Value: data},
			}})
		case part.IsFile():
			content = append(content, &types.ContentBlockMemberDocument{Value: types.DocumentBlock{
				Format: types.DocumentFormat(format), Name: aws.String(documentName(part.Filename)), Source: &types.DocumentSourceMemberBytes{Value: data},
			}})
		case strings.TrimSpace(part.Text) != "":
			content = append(content, &types.ContentBlockMemberText{Value: part.Text})
		}
	}
	for _, call := range message.ToolCalls {
		arguments := map[string]any{}
		_ = json.Unmarshal([]byte(call.Arguments), &arguments) // validated before
		content = append(content, &types.ContentBlockMemberToolUse{Value: types.ToolUseBlock{
			ToolUseId: aws.String(call.ID), Name: aws.String(call.Name), Input: document.NewLazyDocument(arguments),
		}})
	}
	return content
}

// notInNames are the characters that the name of a document must not contain (API
// reference of Converse: DocumentBlock).
var notInNames = regexp.MustCompile(`[^a-zA-Z0-9 \-()\[\]]+`)

func documentName(filename string) string { return notInNames.ReplaceAllString(filename, "-") }

// toolConfig returns nil without tools, and if none may be called.
func toolConfig(request inference.ChatRequest) *types.ToolConfiguration {
	if len(request.Tools) == 0 || request.ToolChoice == "none" {
		return nil
	}
	config := &types.ToolConfiguration{}
	for _, tool := range request.Tools {
		parameters := any(map[string]any{"type": "object"})
		if len(tool.Parameters) > 0 {
			_ = json.Unmarshal(tool.Parameters, &parameters) // parsed before
		}
		specification := types.ToolSpecification{
			Name: aws.String(tool.Name), Strict: tool.Strict,
			InputSchema: &types.ToolInputSchemaMemberJson{Value: document.NewLazyDocument(parameters)},
		}
		if tool.Description != "" {
			specification.Description = aws.String(tool.Description)
		}
		config.Tools = append(config.Tools, &types.ToolMemberToolSpec{Value: specification})
	}
	switch {
	case request.ToolName != "":
		config.ToolChoice = &types.ToolChoiceMemberTool{Value: types.SpecificToolChoice{Name: aws.String(request.ToolName)}}
	case request.ToolChoice == "required":
		config.ToolChoice = &types.ToolChoiceMemberAny{}
	case request.ToolChoice == "auto":
		config.ToolChoice = &types.ToolChoiceMemberAuto{}
	}
	return config
}

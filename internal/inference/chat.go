// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// ChatRequest is one request of chat_completion: a conversation, to which the model
// adds the next message.
type ChatRequest struct {
	Messages []ChatMessage
	Tools    []ChatTool
	// ToolChoice is auto, required, none or empty. ToolName names the one tool that
	// the model must call instead.
	ToolChoice, ToolName string
	// TaskSettings override those of the endpoint.
	TaskSettings TaskSettings
	Stop         []string
	// Model, if set, must be the model of the endpoint.
	Model string
	// Reasoning reports whether the request has settings or texts of reasoning.
	Reasoning bool
}

// Roles of messages. RoleTool is for results of tools.
const (
	RoleSystem    = "system"
	RoleUser      = "user"
	RoleAssistant = "assistant"
	RoleTool      = "tool"
)

var chatRoles = []string{RoleSystem, RoleUser, RoleAssistant, RoleTool}

// ChatMessage is a message of a conversation.
type ChatMessage struct {
	Role      string
	Parts     []ChatPart
	ToolCalls []ChatToolCall // of an assistant
	// ToolCallID is the call that a message of a tool answers.
	ToolCallID string
}

// ChatPart is a part of a message: a text, or an image or file if Format is set.
type ChatPart struct {
	Text string
	// URL is the address of an image, or the content of a file as a data URL.
	URL string
	// Filename is set for files.
	Filename string
}

// ChatToolCall is a tool call by the model. Arguments is JSON.
type ChatToolCall struct{ ID, Name, Arguments string }

// ChatTool is a function that the model may ask to call. Parameters is a JSON
// schema, or nil.
type ChatTool struct {
	Type, Name, Description string
	Parameters              json.RawMessage
	Strict                  *bool
}

// ChatEvent is a part of the answer. One of its fields is set.
type ChatEvent struct {
	Role       string
	Text       string
	ToolCall   *ChatToolCallPart
	StopReason string
	Usage      *Usage
}

// ChatToolCallPart is a part of a tool call. ID and Name are set in the first
// part of a call, Arguments in the others.
type ChatToolCallPart struct {
	Index int
	ChatToolCall
}

// Validate applies the rules of Amazon Bedrock's Converse operation, so that a
// request that it cannot serve is refused with the reason.
func (r ChatRequest) Validate(endpoint Endpoint) validation.Violations {
	config := Request{TaskSettings: r.TaskSettings}.config(endpoint)
	found := append(samplingRangeRule(config), maxNewTokensRule(config)...)
	refuse := func(path, summary, format string, args ...any) {
		found = append(found, validation.Errorf(validation.Path(path), summary, format, args...))
	}
	if r.Model != "" && r.Model != endpoint.ServiceSettings.Model {
		refuse("model", "Wrong model", "The endpoint runs %q, and the request asks for %q. Omit model, or use an endpoint of that model.", endpoint.ServiceSettings.Model, r.Model)
	}
	r.validatePrompt(endpoint, refuse)
	if r.Reasoning {
		refuse("reasoning", "Reasoning is not supported", "The Converse operation of Amazon Bedrock has no reasoning settings that all models share. Remove reasoning.")
	}
	for i, stop := range r.Stop {
		if stop == "" {
			refuse(fmt.Sprintf("stop.%d", i), "Empty stop sequence", "Amazon Bedrock accepts no empty stop sequences. Remove it.")
		}
	}
	r.validateTools(refuse)
	conversation := 0
	for i, message := range r.Messages {
		path := fmt.Sprintf("messages.%d", i)
		if !slices.Contains(chatRoles, message.Role) {
			refuse(path+".role", "Unknown role", "%s is not a role of Amazon Bedrock. Write %s.", validation.Quote(message.Role), oneOf(chatRoles))
			conversation++
			continue
		}
		message.validate(path, refuse)
		if message.Role == RoleSystem {
			continue
		}
		if conversation++; conversation == 1 && message.Role == RoleAssistant {
			refuse(path+".role", "Conversation begins with an assistant message", "Amazon Bedrock requires a conversation to begin with a message of the user. Write one before it.")
		}
	}
	if conversation == 0 {
		refuse("messages", "No user message", "A system message alone is no conversation. Add a message of the user.")
	}
	return found
}

// validatePrompt refuses what Converse refuses beside a prompt of Prompt
// management, which has its own instructions, tools and settings.
func (r ChatRequest) validatePrompt(endpoint Endpoint, refuse refusal) {
	id, _ := ParseModelID(endpoint.ServiceSettings.Model)
	if id.Kind != "prompt" {
		return
	}
	for i, message := range r.Messages {
		if message.Role == RoleSystem {
			refuse(fmt.Sprintf("messages.%d", i), "System message beside a prompt", besidePrompt, "a system message", "the message")
		}
	}
	if len(r.Tools) > 0 {
		refuse("tools", "Tools beside a prompt", besidePrompt, "tools", "tools")
	}
	for _, path := range r.TaskSettings.config().completionSettings() {
		refuse(path.Name(), "Setting of a prompt", besidePrompt, path.Name(), path.Name())
	}
}

var toolNameForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-zA-Z0-9_-]{1,64}$`) })

// IsToolName reports whether a name can be that of a tool (Amazon Bedrock:
// ToolSpecification.name of the Converse operation).
func IsToolName(name string) bool { return toolNameForm().MatchString(name) }

type refusal func(path, summary, format string, args ...any)

func (r ChatRequest) validateTools(refuse refusal) {
	var names []string
	for i, tool := range r.Tools {
		names = append(names, tool.Name)
		if tool.Type != "function" {
			refuse(fmt.Sprintf("tools.%d.type", i), "Unknown tool type", "%s is not a type of tool. Write \"function\".", validation.Quote(tool.Type))
		}
		if !IsToolName(tool.Name) {
			refuse(fmt.Sprintf("tools.%d.function.name", i), "Invalid tool name", "%s is not the name of a tool. Write 1 to 64 letters, digits, \"_\" and \"-\".", validation.Quote(tool.Name))
		}
	}
	calls := slices.ContainsFunc(r.Messages, func(m ChatMessage) bool { return len(m.ToolCalls) > 0 || m.Role == RoleTool })
	switch {
	case len(r.Tools) == 0 && calls:
		refuse("tools", "Tools missing", "The conversation contains tool calls, and Amazon Bedrock requires their definitions in every request. Add tools.")
	case r.ToolName != "" && !slices.Contains(names, r.ToolName):
		refuse("tool_choice", "Unknown tool", "tool_choice names %q, which is not among tools. Add it to tools, or choose another one.", r.ToolName)
	case r.ToolChoice == "required" && len(r.Tools) == 0:
		refuse("tool_choice", "Tools missing", "tool_choice is required, and there are no tools. Add tools, or remove tool_choice.")
	case r.ToolChoice == "none" && calls:
		refuse("tool_choice", "Tools cannot be disabled", "Amazon Bedrock cannot forbid tool calls in a conversation that has some. Remove tool_choice.")
	case !slices.Contains([]string{"", "auto", "none", "required"}, r.ToolChoice):
		refuse("tool_choice", "Unknown choice of tools", "%s is not a choice of tools. Write \"auto\", \"required\" or \"none\", or name a function.", validation.Quote(r.ToolChoice))
	}
}

func (m ChatMessage) validate(path string, refuse refusal) {
	hasContent := false
	for j, part := range m.Parts {
		at := fmt.Sprintf("%s.content.%d", path, j)
		switch {
		case part.Filename == "" && part.URL == "":
			hasContent = hasContent || strings.TrimSpace(part.Text) != ""
		case m.Role != RoleUser:
			refuse(at, "Image or file in a message of another role", "Amazon Bedrock accepts images and files of the user only; the role is %s.", m.Role)
		default:
			hasContent = true
			if _, _, err := part.Data(); err != nil {
				refuse(at, "Unusable image or file", "%v", err)
			}
		}
	}
	switch {
	case m.Role == RoleTool && m.ToolCallID == "":
		refuse(path+".tool_call_id", "Missing tool_call_id", "A message of a tool answers a call of the assistant. Write the id of that call as tool_call_id.")
	case m.Role != RoleAssistant && len(m.ToolCalls) > 0:
		refuse(path+".tool_calls", "Tool calls in a message of another role", "Only the assistant calls tools; the role is %s. Remove tool_calls.", m.Role)
	case !hasContent && len(m.ToolCalls) == 0 && m.Role != RoleTool:
		refuse(path+".content", "Empty message", "Amazon Bedrock accepts no message without content. Write a text, or remove the message.")
	}
	for j, call := range m.ToolCalls {
		if arguments := map[string]any{}; call.Arguments != "" && json.Unmarshal([]byte(call.Arguments), &arguments) != nil {
			refuse(fmt.Sprintf("%s.tool_calls.%d.function.arguments", path, j), "Arguments are not a JSON object", "Write the arguments of a call as a string that contains a JSON object.")
		}
	}
}

// imageFormats and documentFormats are those of Converse (API reference: ImageBlock,
// DocumentBlock).
var (
	imageFormats    = []string{"png", "jpeg", "gif", "webp"}
	documentFormats = []string{"pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md"}
)

// IsImage reports whether the part is an image.
func (p ChatPart) IsImage() bool { return p.URL != "" && p.Filename == "" }

// IsFile reports whether the part is a file.
func (p ChatPart) IsFile() bool { return p.Filename != "" }

// Data returns the format and the content of an image or file. It returns an error
// if Amazon Bedrock cannot use it.
func (p ChatPart) Data() (format string, content []byte, err error) {
	scheme, encoded, found := strings.Cut(p.URL, ";base64,")
	media, isData := strings.CutPrefix(scheme, "data:")
	if !isData || !found {
		return "", nil, errors.New("Amazon Bedrock does not download images and files. Send the content as a data URL: data:TYPE;base64,CONTENT") //nolint:staticcheck // begins a message
	}
	if content, err = base64.StdEncoding.DecodeString(encoded); err != nil {
		return "", nil, fmt.Errorf("the content is not base64: %w", err)
	}
	formats := imageFormats
	format = strings.TrimPrefix(media, "image/")
	if p.IsFile() {
		formats = documentFormats
		format = strings.ToLower(strings.TrimPrefix(path.Ext(p.Filename), "."))
	}
	if !slices.Contains(formats, format) {
		return "", nil, fmt.Errorf("%q is not a format that Amazon Bedrock accepts. Send %s", format, oneOf(formats))
	}
	return format, content, nil
}

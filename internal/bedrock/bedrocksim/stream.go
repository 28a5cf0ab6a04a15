package bedrocksim

import (
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
)

// event is one message of a stream.
type event struct {
	kind string
	body any
}

// converseStream answers as converse does, word by word.
func converseStream(asked string, body []byte) (*answer, error) {
	text, stopReason, in, err := reply(asked, body)
	if err != nil {
		return nil, err
	}
	events := []event{{"messageStart", map[string]any{"role": "assistant"}}}
	for word := range strings.SplitAfterSeq(text, " ") {
		events = append(events, event{"contentBlockDelta", map[string]any{"contentBlockIndex": 0, "delta": map[string]any{"text": word}}})
	}
	return &answer{events: append(events,
		event{"contentBlockStop", map[string]any{"contentBlockIndex": 0}},
		event{"messageStop", map[string]any{"stopReason": stopReason}},
		event{"metadata", map[string]any{"usage": usageOf(in, countTokens(text)), "metrics": map[string]int{"latencyMs": 1}}},
	)}, nil
}

func writeEvents(w http.ResponseWriter, events []event) {
	w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
	encoder := eventstream.NewEncoder()
	for _, one := range events {
		message := eventstream.Message{Payload: encode(one.body)}
		message.Headers.Set(":message-type", eventstream.StringValue("event"))
		message.Headers.Set(":event-type", eventstream.StringValue(one.kind))
		message.Headers.Set(":content-type", eventstream.StringValue("application/json"))
		if encoder.Encode(w, message) != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
	}
}

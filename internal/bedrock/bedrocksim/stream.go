package bedrocksim

import (
	"bytes"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
)

// converseStream answers as converse does, word by word.
func converseStream(asked string, body []byte) (*answer, error) {
	turn, err := takeTurn(asked, body)
	if err != nil {
		return nil, err
	}
	stream := &answer{contentType: "application/vnd.amazon.eventstream"}
	stream.add("messageStart", map[string]any{"role": "assistant"})
	for word := range strings.SplitAfterSeq(turn.text, " ") {
		stream.add("contentBlockDelta", map[string]any{"contentBlockIndex": 0, "delta": map[string]any{"text": word}})
	}
	stream.add("contentBlockStop", map[string]any{"contentBlockIndex": 0})
	stream.add("messageStop", map[string]any{"stopReason": turn.stopReason})
	stream.add("metadata", map[string]any{"usage": turn.usage(), "metrics": map[string]int{"latencyMs": 1}})
	return stream, nil
}

// add appends one event, in the framing of Amazon's event streams.
func (a *answer) add(kind string, body any) {
	message := eventstream.Message{Payload: encode(body)}
	message.Headers.Set(":message-type", eventstream.StringValue("event"))
	message.Headers.Set(":event-type", eventstream.StringValue(kind))
	message.Headers.Set(":content-type", eventstream.StringValue("application/json"))
	var frame bytes.Buffer
	if eventstream.NewEncoder().Encode(&frame, message) == nil {
		a.pieces = append(a.pieces, frame.Bytes())
	}
}

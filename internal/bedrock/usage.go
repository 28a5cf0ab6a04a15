package bedrock

import (
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// usage sums the tokens of a run's calls.
type usage struct {
	mu            sync.Mutex
	input, output tokens
}

func (u *usage) add(input, output *int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.input.add(input)
	u.output.add(output)
}

// addCounts adds what a conversation reports, which may be nothing.
func (u *usage) addCounts(counts *types.TokenUsage) {
	if counts == nil {
		u.add(nil, nil)
		return
	}
	u.add(wide(counts.InputTokens), wide(counts.OutputTokens))
}

func wide(n *int32) *int64 {
	if n == nil {
		return nil
	}
	count := int64(*n)
	return &count
}

func (u *usage) total() inference.Usage {
	u.mu.Lock()
	defer u.mu.Unlock()
	return inference.Usage{InputTokens: u.input.total(), OutputTokens: u.output.total()}
}

// tokens is a sum that is known only while every call reports its part.
type tokens struct {
	sum     int64
	partial bool
}

func (t *tokens) add(n *int64) {
	if n == nil {
		t.partial = true
		return
	}
	t.sum += *n
}

func (t *tokens) total() *int64 {
	if t.partial {
		return nil
	}
	sum := t.sum
	return &sum
}

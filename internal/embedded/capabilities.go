package embedded

import (
	"go.etcd.io/bbolt"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// Capabilities are those of the newest Elasticsearch, but for the departures
// that the documentation lists: everything can be changed in place and taken
// back, top_k reaches the model, and keys may come from AWS's default chain.
func Capabilities() backend.Capabilities {
	return backend.Capabilities{
		Name:         "The embedded target",
		Supported:    true,
		OwnRequests:  true,
		MaxIDLength:  bbolt.MaxKeySize,
		TaskTypes:    []inference.TaskType{inference.TextEmbedding, inference.Completion},
		Strategies:   inference.Strategies(),
		MaxChunkSize: 300,
		Truncate:     true,
		MaxTopK:      500,
		WholeTopK:    true,
		Update: backend.UpdateCapabilities{
			TaskSettings:      true,
			UnsetTaskSettings: true,
			RateLimit:         true,
			MaxInputTokens:    true,
			Chunking:          true,
			Keys:              true,
		},
	}
}

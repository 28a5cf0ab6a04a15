package embedded

import (
	"encoding/json"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// WithLink replaces os.Link.
func WithLink(link func(oldName, newName string) error) Option {
	return func(t *Target) { t.store.link = link }
}

// FastSealed is Sealed with a cost that suits tests.
func FastSealed(passphrase string) Option {
	return SealedWithCost(redact.Secret(passphrase), 4)
}

// ReadRecord reads a stored record as the store does.
func ReadRecord(data []byte, passphrase string) (inference.Endpoint, inference.Keys, error) {
	var stored record
	if err := json.Unmarshal(data, &stored); err != nil {
		return inference.Endpoint{}, inference.Keys{}, err
	}
	endpoint, err := stored.parse()
	if err != nil {
		return endpoint, inference.Keys{}, err
	}
	keys, err := stored.keys(endpoint.InferenceID, &seal{passphrase: redact.Secret(passphrase), workFactor: 4})
	return endpoint, keys, err
}

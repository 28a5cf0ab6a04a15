package embedded

import (
	"context"
	"encoding/json"
	"errors"

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

// ReadRecord reads the stored record of endpoint "e" as the store does.
func ReadRecord(data []byte, older bool, passphrase string) (inference.Endpoint, inference.Keys, error) {
	stored, endpoint, err := decodeRecord([]byte("e"), data, older)
	if err != nil {
		return endpoint, inference.Keys{}, err
	}
	keys, err := stored.keys("e", &seal{passphrase: redact.Secret(passphrase), workFactor: 4})
	return endpoint, keys, err
}

// IsDamage reports whether err says that a file is damaged.
func IsDamage(err error) bool { return isDamage(err) }

// RecordOf returns the record of an endpoint with the keys of another one.
func RecordOf(inferenceID string, own, other []byte) ([]byte, error) {
	var stored, from record
	if err := errors.Join(json.Unmarshal(own, &stored), json.Unmarshal(other, &from)); err != nil {
		return nil, err
	}
	stored.AccessKey, stored.SecretKey, stored.SealedKeys = from.AccessKey, from.SecretKey, from.SealedKeys
	return stored.encode(inferenceID)
}

// StoredKeys returns the stored keys of an endpoint.
func (t *Target) StoredKeys(ctx context.Context, inferenceID string) (inference.Keys, error) {
	_, keys, err := t.store.get(ctx, inferenceID, true)
	return keys, err
}

// SPDX-License-Identifier: MPL-2.0

package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// WithLink replaces os.Link.
func WithLink(link func(oldName, newName string) error) Option {
	return func(t *Target) { t.store.link = link }
}

// WithClock replaces time.Now.
func WithClock(now func() time.Time) Option {
	return func(t *Target) { t.store.now = now }
}

// FastEncrypted is Encrypted with a cost that suits tests.
func FastEncrypted(passphrase string) Option {
	return EncryptedWithCost(redact.Secret(passphrase), 4)
}

// ReadRecord reads the stored record of endpoint "e" as the store does.
func ReadRecord(data []byte, older bool, passphrase string) (inference.Endpoint, inference.Keys, error) {
	stored, endpoint, err := decodeRecord([]byte("e"), data, older)
	if err != nil {
		return endpoint, inference.Keys{}, err
	}
	keys, err := stored.keys("e", &fileEncryption{passphrase: redact.Secret(passphrase), workFactor: 4})
	return endpoint, keys, err
}

// IsDamage reports whether err says that a file is damaged.
func IsDamage(err error) bool { return errors.As(err, new(*damage)) }

// RecordOf returns the record of an endpoint with the keys of another one.
func RecordOf(inferenceID string, own, other []byte) ([]byte, error) {
	var stored, from record
	if err := errors.Join(json.Unmarshal(own, &stored), json.Unmarshal(other, &from)); err != nil {
		return nil, err
	}
	stored.AccessKey, stored.SecretKey, stored.EncryptedKeys = from.AccessKey, from.SecretKey, from.EncryptedKeys
	return stored.encode(inferenceID)
}

// StoredKeys returns the stored keys of an endpoint.
func (t *Target) StoredKeys(ctx context.Context, inferenceID string) (inference.Keys, error) {
	_, keys, err := t.store.get(ctx, inferenceID, true)
	return keys, err
}

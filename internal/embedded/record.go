package embedded

import (
	"encoding/json"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"

	"go.etcd.io/bbolt"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// record is one endpoint with its keys.
type record struct {
	Endpoint inference.Endpoint
	Keys     inference.Keys
}

// storedRecord is a record's JSON: the endpoint as the API shows it, and the
// keys either in clear, which the file's mode protects, or sealed.
type storedRecord struct {
	Endpoint   json.RawMessage `json:"endpoint"`
	AccessKey  string          `json:"access_key,omitempty"`
	SecretKey  string          `json:"secret_key,omitempty"`
	SealedKeys []byte          `json:"sealed_keys,omitempty"`
}

func parseStored(data []byte) (storedRecord, error) {
	var stored storedRecord
	err := json.Unmarshal(data, &stored)
	return stored, err
}

func (r storedRecord) endpoint() (inference.Endpoint, error) {
	return inference.ParseEndpoint(r.Endpoint)
}

func (r storedRecord) keys(inferenceID string, seal *seal) (inference.Keys, error) {
	if r.SealedKeys != nil {
		return seal.unseal(inferenceID, r.SealedKeys)
	}
	return inference.Keys{AccessKey: redact.Secret(r.AccessKey), SecretKey: redact.Secret(r.SecretKey)}, nil
}

func (r *storedRecord) setKeys(inferenceID string, keys inference.Keys, seal *seal) error {
	if seal == nil || keys.IsZero() {
		r.AccessKey, r.SecretKey = keys.AccessKey.Reveal(), keys.SecretKey.Reveal()
		return nil
	}
	var err error
	r.SealedKeys, err = seal.seal(inferenceID, keys)
	return err
}

func (r *storedRecord) put(tx *bbolt.Tx, endpoint inference.Endpoint) error {
	var err error
	if r.Endpoint, err = endpoint.EndpointJSON(); err != nil {
		return err
	}
	data, err := json.Marshal(r) //nolint:gosec // keys in clear are what a file that is not sealed holds
	if err != nil {
		return err
	}
	return tx.Bucket(bucketEndpoints).Put([]byte(endpoint.InferenceID), data)
}

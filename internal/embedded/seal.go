package embedded

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"

	"filippo.io/age"
	"go.etcd.io/bbolt"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// seal keeps keys unreadable for whoever has the file and not the passphrase.
// The file has an age X25519 identity of its own, which lies in it encrypted
// with the passphrase by age's scrypt; each endpoint's keys are encrypted to
// that identity. So the slow function that a passphrase needs runs once in a
// process, and a record costs two curve operations. All of it is age's own
// format. It hides keys; it does not keep a file from being replaced.
type seal struct {
	passphrase redact.Secret
	// identity is nil until open; the store's turn guards it.
	identity *age.X25519Identity
}

var (
	keyIdentity  = []byte("identity")
	keyRecipient = []byte("recipient")
)

// workFactor makes scrypt take 128 MiB and a good part of a second, OWASP's
// least; age's default of 18 would take twice of both from a provider that
// starts with every command.
const workFactor = 17

// make gives a new file its identity.
func (s *seal) make(meta *bbolt.Bucket) error {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	lock, err := age.NewScryptRecipient(s.passphrase.Reveal())
	if err != nil {
		return err
	}
	lock.SetWorkFactor(workFactor)
	sealed, err := encrypt([]byte(identity.String()), lock)
	if err != nil {
		return err
	}
	s.identity = identity
	return errors.Join(meta.Put(keyRecipient, []byte(identity.Recipient().String())), meta.Put(keyIdentity, sealed))
}

// open unseals the file's identity, once.
func (s *seal) open(meta *bbolt.Bucket) error {
	if s.identity != nil && s.identity.Recipient().String() == string(meta.Get(keyRecipient)) {
		return nil
	}
	lock, err := age.NewScryptIdentity(s.passphrase.Reveal())
	if err != nil {
		return err
	}
	lock.SetMaxWorkFactor(workFactor)
	text, err := decrypt(meta.Get(keyIdentity), lock)
	var wrong *age.NoIdentityMatchError
	if errors.As(err, &wrong) {
		return fmt.Errorf("%w: its keys are sealed with another passphrase than the one that is given. Check %s and %s",
			errContent, variablePassphrase, variablePassphraseFile)
	}
	if err != nil {
		return fmt.Errorf("%w: its seal is damaged (%w)", errContent, err)
	}
	s.identity, err = age.ParseX25519Identity(string(text))
	return err
}

// sealedKeys is what a record's keys are before they are sealed. With the id in
// it, they open for no other endpoint.
type sealedKeys struct {
	InferenceID string `json:"inference_id"`
	AccessKey   string `json:"access_key"`
	SecretKey   string `json:"secret_key"`
}

func (s *seal) seal(inferenceID string, keys inference.Keys) ([]byte, error) {
	plain, err := json.Marshal(sealedKeys{inferenceID, keys.AccessKey.Reveal(), keys.SecretKey.Reveal()}) //nolint:gosec // to be encrypted
	if err != nil {
		return nil, err
	}
	return encrypt(plain, s.identity.Recipient())
}

func (s *seal) unseal(inferenceID string, sealed []byte) (inference.Keys, error) {
	plain, err := decrypt(sealed, s.identity)
	if err != nil {
		return inference.Keys{}, fmt.Errorf("%w: the keys of endpoint %q cannot be unsealed (%w)", errContent, inferenceID, err)
	}
	var keys sealedKeys
	if err := json.Unmarshal(plain, &keys); err != nil || keys.InferenceID != inferenceID {
		return inference.Keys{}, fmt.Errorf("%w: the keys of endpoint %q were sealed for another one", errContent, inferenceID)
	}
	return inference.Keys{AccessKey: redact.Secret(keys.AccessKey), SecretKey: redact.Secret(keys.SecretKey)}, nil
}

func encrypt(plain []byte, to age.Recipient) ([]byte, error) {
	var sealed bytes.Buffer
	writer, err := age.Encrypt(&sealed, to)
	if err != nil {
		return nil, err
	}
	if _, err := writer.Write(plain); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

func decrypt(sealed []byte, by age.Identity) ([]byte, error) {
	reader, err := age.Decrypt(bytes.NewReader(sealed), by)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}

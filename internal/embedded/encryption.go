// SPDX-License-Identifier: MPL-2.0

package embedded

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
	"go.etcd.io/bbolt"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

const (
	variablePassphrase     = "INFERENCE_EMBEDDED_PASSPHRASE"
	variablePassphraseFile = "INFERENCE_EMBEDDED_PASSPHRASE_FILE"
)

// Passphrase returns the passphrase from the environment, or from the file that
// the environment names. It is empty if neither is set.
func Passphrase() (redact.Secret, error) {
	passphrase, set := os.LookupEnv(variablePassphrase)
	path := os.Getenv(variablePassphraseFile)
	switch {
	case set && path != "":
		return "", passphraseError(variablePassphrase + " and " + variablePassphraseFile + " are both set. Keep one of them.")
	case set && passphrase == "":
		return "", passphraseError(variablePassphrase + " is empty. Set a passphrase, or unset the variable.")
	case path == "":
		return redact.Secret(passphrase), nil
	}
	content, err := ReadPrivateFile(path)
	if err != nil {
		return "", passphraseError(fmt.Sprintf("%s names a file that cannot be read: %v.", variablePassphraseFile, err))
	}
	if passphrase = strings.TrimRight(string(content), "\r\n"); passphrase == "" {
		return "", passphraseError(fmt.Sprintf("%s names %s, which is empty. Write the passphrase into it.", variablePassphraseFile, path))
	}
	return redact.Secret(passphrase), nil
}

func passphraseError(detail string) error {
	return &backend.Error{Kind: backend.Refused, Summary: "Passphrase cannot be used", Detail: detail}
}

// fileEncryption encrypts the keys in the file. The file has its own age X25519 identity,
// which it stores encrypted with the passphrase by age's scrypt; the keys of
// each endpoint are encrypted to that identity. The slow function that a
// passphrase needs therefore runs once per process, and each record costs two
// operations on the curve. Everything is in age's format. It hides keys; it
// does not prevent the file from being replaced.
type fileEncryption struct {
	passphrase redact.Secret
	// workFactor is the cost of scrypt as a power of two.
	workFactor int
	// identity is nil until open was called. The store's token guards it.
	identity *age.X25519Identity
}

var (
	keyIdentity  = []byte("identity")
	keyRecipient = []byte("recipient")
)

// defaultWorkFactor makes scrypt use 128 MiB and a good part of a second, which
// is OWASP's minimum. age's default of 18 would double both for every start of
// the provider.
const defaultWorkFactor = 17

// create gives a new file its identity.
func (e *fileEncryption) create(meta *bbolt.Bucket) error {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return err
	}
	recipient, err := age.NewScryptRecipient(e.passphrase.Reveal())
	if err != nil {
		return err
	}
	recipient.SetWorkFactor(e.workFactor)
	encrypted, err := encrypt([]byte(identity.String()), recipient)
	if err != nil {
		return err
	}
	e.identity = identity
	return errors.Join(meta.Put(keyRecipient, []byte(identity.Recipient().String())), meta.Put(keyIdentity, encrypted))
}

// open decrypts the identity of the file, once.
func (e *fileEncryption) open(meta *bbolt.Bucket) error {
	if e.identity != nil && e.identity.Recipient().String() == string(meta.Get(keyRecipient)) {
		return nil
	}
	scrypt, err := age.NewScryptIdentity(e.passphrase.Reveal())
	if err != nil {
		return err
	}
	scrypt.SetMaxWorkFactor(defaultWorkFactor)
	text, err := decrypt(meta.Get(keyIdentity), scrypt)
	if errors.As(err, new(*age.NoIdentityMatchError)) {
		return fmt.Errorf("its keys are encrypted with another passphrase. Check %s and %s", variablePassphrase, variablePassphraseFile)
	}
	if err != nil {
		return &damage{found: "its encrypted identity cannot be read", cause: err}
	}
	identity, err := age.ParseX25519Identity(string(text))
	if err != nil || identity.Recipient().String() != string(meta.Get(keyRecipient)) {
		return &damage{found: "its encrypted identity does not match its recipient", cause: err}
	}
	e.identity = identity
	return nil
}

// encryptedKeys is encrypted as JSON. It contains the id, so that the keys cannot be
// moved to another endpoint.
type encryptedKeys struct {
	InferenceID string `json:"inference_id"`
	AccessKey   string `json:"access_key"`
	SecretKey   string `json:"secret_key"`
}

func (e *fileEncryption) encryptKeys(inferenceID string, keys inference.Keys) ([]byte, error) {
	plain, err := json.Marshal(encryptedKeys{inferenceID, keys.AccessKey.Reveal(), keys.SecretKey.Reveal()}) //nolint:gosec // encrypted below
	if err != nil {
		return nil, err
	}
	return encrypt(plain, e.identity.Recipient())
}

func (e *fileEncryption) decryptKeys(inferenceID string, encrypted []byte) (inference.Keys, error) {
	plain, err := decrypt(encrypted, e.identity)
	if err != nil {
		return inference.Keys{}, &damage{record: inferenceID, found: "the keys cannot be decrypted", cause: err}
	}
	var keys encryptedKeys
	if err := json.Unmarshal(plain, &keys); err != nil || keys.InferenceID != inferenceID {
		return inference.Keys{}, &damage{record: inferenceID, found: "the keys were encrypted for another endpoint", cause: err}
	}
	return inference.Keys{AccessKey: redact.Secret(keys.AccessKey), SecretKey: redact.Secret(keys.SecretKey)}, nil
}

func encrypt(plain []byte, to age.Recipient) ([]byte, error) {
	var encrypted bytes.Buffer
	writer, err := age.Encrypt(&encrypted, to)
	if err != nil {
		return nil, err
	}
	if _, err := writer.Write(plain); err != nil {
		return nil, err
	}
	if err := writer.Close(); err != nil {
		return nil, err
	}
	return encrypted.Bytes(), nil
}

func decrypt(encrypted []byte, by age.Identity) ([]byte, error) {
	reader, err := age.Decrypt(bytes.NewReader(encrypted), by)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}

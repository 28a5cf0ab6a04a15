// SPDX-License-Identifier: MPL-2.0

package embedded

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"time"

	"go.etcd.io/bbolt"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// lockWait bounds how long an operation waits for another process.
const lockWait = 30 * time.Second

var (
	bucketEndpoints = []byte("endpoints")
	bucketMeta      = []byte("meta")
	keyFormat       = []byte("format")
	keyUUID         = []byte("uuid")
)

// Formats of the file. Files of any other format are refused, so that an older
// program does not damage them. The first write changes an older format to the
// one that has checksums.
const (
	formatOlderPlain     = "1" // keys are stored in clear, no checksums
	formatOlderEncrypted = "2" // keys are encrypted with a passphrase, no checksums
	formatPlain          = "3" // keys are stored in clear
	formatEncrypted      = "4" // keys are encrypted with a passphrase
)

func isOlder(format string) bool { return format == formatOlderPlain || format == formatOlderEncrypted }

// uuidSize is the size of a UUID in bytes.
const uuidSize = 16

// Errors about the content of a file.
var (
	errForeign      = errors.New("it is a bbolt file of another program")
	errNotEncrypted = fmt.Errorf("a passphrase is set, but the keys in the file are not encrypted. "+
		"Delete the file and create its endpoints again, which encrypts their keys, or unset %s and %s", variablePassphrase, variablePassphraseFile)
	errNoPassphrase = fmt.Errorf("its keys are encrypted, and no passphrase is set. Set %s or %s", variablePassphrase, variablePassphraseFile)
	// errConflict is returned by update if the endpoint changed since it was read.
	errConflict = errors.New("the endpoint was changed at the same time")
)

// store reads and writes the endpoints in a bbolt file. It opens the file for
// each operation, so that several processes can share it.
type store struct {
	path string
	// setting names where the path was configured, for error messages.
	setting    string
	encryption *fileEncryption // nil if keys are stored in clear
	// token serializes the operations of this process. Without it, they would
	// wait for each other's file lock, which bbolt polls every 50 ms.
	token chan struct{}
	// link is os.Link, which some file systems do not support.
	link func(oldName, newName string) error

	// pinned keeps the store on the file that it opened first; uuid is the uuid
	// of that file. The token guards uuid, checked and checkedAt.
	pinned  bool
	uuid    string
	checked fileState
	// checkedAt is when the file was found to have the state checked.
	checkedAt time.Time
	now       func() time.Time
}

func newStore(path string) *store {
	return &store{path: path, setting: "embedded.path", token: make(chan struct{}, 1), link: os.Link, now: time.Now}
}

// record is the JSON of a stored endpoint: the endpoint as the API shows it,
// and its keys either in clear or encrypted.
type record struct {
	Checksum      string          `json:"checksum,omitempty"`
	Endpoint      json.RawMessage `json:"endpoint"`
	AccessKey     string          `json:"access_key,omitempty"`
	SecretKey     string          `json:"secret_key,omitempty"`
	EncryptedKeys []byte          `json:"sealed_keys,omitempty"`
}

func (r record) keys(inferenceID string, encryption *fileEncryption) (inference.Keys, error) {
	switch {
	case r.EncryptedKeys != nil && encryption == nil:
		return inference.Keys{}, &damage{record: inferenceID, found: "the keys are encrypted, and those of the file are not"}
	case r.EncryptedKeys != nil:
		return encryption.decryptKeys(inferenceID, r.EncryptedKeys)
	}
	return inference.Keys{AccessKey: redact.Secret(r.AccessKey), SecretKey: redact.Secret(r.SecretKey)}, nil
}

// hasKeys reports whether the record has keys. It needs no passphrase.
func (r record) hasKeys() bool { return r.EncryptedKeys != nil || r.AccessKey != "" }

func (r *record) setKeys(inferenceID string, keys inference.Keys, encryption *fileEncryption) (err error) {
	if encryption == nil || keys.IsZero() {
		r.AccessKey, r.SecretKey = keys.AccessKey.Reveal(), keys.SecretKey.Reveal()
		return nil
	}
	r.EncryptedKeys, err = encryption.encryptKeys(inferenceID, keys)
	return err
}

func (r *record) put(tx *bbolt.Tx, endpoint inference.Endpoint) (err error) {
	if r.Endpoint, err = endpoint.EndpointJSON(); err != nil {
		return err
	}
	data, err := r.encode(endpoint.InferenceID)
	if err != nil {
		return err
	}
	return tx.Bucket(bucketEndpoints).Put([]byte(endpoint.InferenceID), data)
}

// load reads one record. It returns a NotFound error if there is none.
func (s *store) load(tx *bbolt.Tx, inferenceID string) (record, inference.Endpoint, error) {
	data := tx.Bucket(bucketEndpoints).Get([]byte(inferenceID))
	if data == nil {
		return record{}, inference.Endpoint{}, s.notFound(inferenceID)
	}
	return decodeRecord([]byte(inferenceID), data, hasOlderFormat(tx))
}

func hasOlderFormat(tx *bbolt.Tx) bool {
	return isOlder(string(tx.Bucket(bucketMeta).Get(keyFormat)))
}

func (s *store) notFound(inferenceID string) error {
	return backend.NoEndpoint(inferenceID, s.path, s.setting)
}

// get reads one endpoint. Keys are read only if withKeys is set, because
// decrypting them takes time.
func (s *store) get(ctx context.Context, inferenceID string, withKeys bool) (endpoint inference.Endpoint, keys inference.Keys, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) (err error) {
		var stored record
		if stored, endpoint, err = s.load(tx, inferenceID); err != nil || !withKeys {
			return err
		}
		keys, err = stored.keys(inferenceID, s.encryption)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = s.notFound(inferenceID)
	}
	return endpoint, keys, err
}

// list reads all endpoints in one transaction.
func (s *store) list(ctx context.Context) (all []backend.Listed, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		older := hasOlderFormat(tx)
		return tx.Bucket(bucketEndpoints).ForEach(func(id, data []byte) error {
			stored, endpoint, err := decodeRecord(id, data, older)
			all = append(all, backend.Listed{Endpoint: endpoint, HasKeys: stored.hasKeys()})
			return err
		})
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return all, err
}

func (s *store) insert(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys) error {
	return s.write(ctx, func(tx *bbolt.Tx) error {
		if tx.Bucket(bucketEndpoints).Get([]byte(endpoint.InferenceID)) != nil {
			return alreadyExists(endpoint)
		}
		var stored record
		if err := stored.setKeys(endpoint.InferenceID, keys, s.encryption); err != nil {
			return err
		}
		return stored.put(tx, endpoint)
	})
}

// update applies update to the endpoint if it is still equal to prior, and
// returns the result. Otherwise it returns errConflict.
func (s *store) update(ctx context.Context, prior inference.Endpoint, update inference.Update) (updated inference.Endpoint, err error) {
	err = s.write(ctx, func(tx *bbolt.Tx) error {
		stored, current, err := s.load(tx, prior.InferenceID)
		if err != nil {
			return err
		}
		if same, err := equal(current, prior); err != nil || !same {
			return errors.Join(err, errConflict)
		}
		if !update.Keys.IsZero() {
			if err := stored.setKeys(prior.InferenceID, update.Keys, s.encryption); err != nil {
				return err
			}
		}
		updated = current.Apply(update)
		return stored.put(tx, updated)
	})
	if err != nil {
		return inference.Endpoint{}, err // a transaction that failed changed nothing
	}
	return updated, nil
}

func equal(a, b inference.Endpoint) (bool, error) {
	left, leftErr := a.EndpointJSON()
	right, rightErr := b.EndpointJSON()
	return bytes.Equal(left, right), errors.Join(leftErr, rightErr)
}

// remove deletes an endpoint as Target.Remove describes it.
func (s *store) remove(ctx context.Context, inferenceID string, check func(inference.Endpoint) error) error {
	return s.write(ctx, func(tx *bbolt.Tx) error {
		_, endpoint, err := s.load(tx, inferenceID)
		if err == nil && check != nil {
			err = check(endpoint)
		}
		if err != nil {
			return err
		}
		return tx.Bucket(bucketEndpoints).Delete([]byte(inferenceID))
	})
}

// read runs do in a read transaction. It returns fs.ErrNotExist if there is no
// file yet.
func (s *store) read(ctx context.Context, do func(*bbolt.Tx) error) error {
	return s.readFile(ctx, math.MaxInt64, func(tx *bbolt.Tx) error {
		if err := s.accept(tx); err != nil {
			return err
		}
		return do(tx)
	})
}

// readFile runs do in a read transaction after the file was verified. A verification
// that is not older than maxAge is not repeated unless the file has changed since.
func (s *store) readFile(ctx context.Context, maxAge time.Duration, do func(*bbolt.Tx) error) error {
	release, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	if s.now().Sub(s.checkedAt) >= maxAge {
		s.checked = fileState{}
	}
	if err := s.checkFile(); err != nil {
		return err
	}
	err = s.use(ctx, true, do)
	if errors.Is(err, fs.ErrNotExist) && s.uuid == "" {
		return err // the file was removed since it was checked
	}
	return s.fileError(err)
}

// write runs do in a write transaction, and creates the file if there is none.
// The changes are on disk when write returns without error.
func (s *store) write(ctx context.Context, do func(*bbolt.Tx) error) error {
	release, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err := s.prepare(); err != nil {
		return err
	}
	return s.fileError(s.use(ctx, false, func(tx *bbolt.Tx) error {
		if err := s.accept(tx); err != nil {
			return err
		}
		if err := upgrade(tx); err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		return protect(tx)
	}))
}

func (s *store) acquire(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case s.token <- struct{}{}:
		return func() { <-s.token }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// initialize fills a new file.
func (s *store) initialize(tx *bbolt.Tx) error {
	meta, err := tx.CreateBucket(bucketMeta)
	if err != nil {
		return err
	}
	if _, err := tx.CreateBucket(bucketEndpoints); err != nil {
		return err
	}
	format := formatPlain
	if s.encryption != nil {
		format = formatEncrypted
		if err := s.encryption.create(meta); err != nil {
			return err
		}
	}
	if err := errors.Join(meta.Put(keyFormat, []byte(format)), meta.Put(keyUUID, []byte(newUUID()))); err != nil {
		return err
	}
	return protect(tx)
}

// newUUID returns a random uuid in the form that Elasticsearch uses.
func newUUID() string {
	random := make([]byte, uuidSize)
	_, _ = rand.Read(random) // never fails
	return base64.RawURLEncoding.EncodeToString(random)
}

// verifyContent returns an error if the file belongs to another program, has a
// newer format, or its header is damaged.
func verifyContent(tx *bbolt.Tx) error {
	meta, endpoints := tx.Bucket(bucketMeta), tx.Bucket(bucketEndpoints)
	first, _ := tx.Cursor().First()
	switch {
	case first == nil:
		return damaged("it has neither a header nor endpoints")
	case meta == nil && endpoints == nil:
		return errForeign
	case meta == nil:
		return damaged("its header is missing")
	case endpoints == nil:
		return damaged("its endpoints are missing")
	}
	return verifyMeta(meta)
}

// accept returns an error if the file does not fit the passphrase, or is not the
// pinned one.
func (s *store) accept(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	uuid, format := string(meta.Get(keyUUID)), string(meta.Get(keyFormat))
	encrypted := format == formatEncrypted || format == formatOlderEncrypted
	switch {
	case s.uuid != "" && s.uuid != uuid:
		return errReplaced
	case !encrypted && s.encryption != nil:
		return errNotEncrypted
	case encrypted && s.encryption == nil:
		return errNoPassphrase
	case encrypted:
		if err := s.encryption.open(meta); err != nil {
			return err
		}
	}
	if s.pinned {
		s.uuid = uuid
	}
	return nil
}

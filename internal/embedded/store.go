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
// program does not damage them.
const (
	formatPlain  = "1" // keys are stored in clear
	formatSealed = "2" // keys are encrypted with a passphrase
)

// Errors about the content of a file.
var (
	errForeign   = errors.New("it is a bbolt file of another program")
	errNotSealed = fmt.Errorf("a passphrase is set, but the keys in the file are not sealed. "+
		"Delete the file and create its endpoints again, which seals their keys, or unset %s and %s", variablePassphrase, variablePassphraseFile)
	errNoPassphrase = fmt.Errorf("its keys are sealed, and no passphrase is set. Set %s or %s", variablePassphrase, variablePassphraseFile)
	// errConflict is returned by update if the endpoint changed since it was read.
	errConflict = errors.New("the endpoint was changed at the same time")
)

// store reads and writes the endpoints in a bbolt file. It opens the file for
// each operation, so that several processes can share it.
type store struct {
	path string
	// setting names where the path was configured, for error messages.
	setting string
	seal    *seal // nil if keys are stored in clear
	// token serializes the operations of this process. Without it, they would
	// wait for each other's file lock, which bbolt polls every 50 ms.
	token chan struct{}
	// link is os.Link, which some file systems do not support.
	link func(oldName, newName string) error

	// pinned keeps the store on the file that it opened first; uuid is the uuid
	// of that file. The token guards uuid and checked.
	pinned  bool
	uuid    string
	checked fileState
}

func newStore(path string) *store {
	return &store{path: path, setting: "embedded.path", token: make(chan struct{}, 1), link: os.Link}
}

// record is the JSON of a stored endpoint: the endpoint as the API shows it,
// and its keys either in clear or sealed.
type record struct {
	Endpoint   json.RawMessage `json:"endpoint"`
	AccessKey  string          `json:"access_key,omitempty"`
	SecretKey  string          `json:"secret_key,omitempty"`
	SealedKeys []byte          `json:"sealed_keys,omitempty"`
}

func (r record) parse() (inference.Endpoint, error) { return inference.ParseEndpoint(r.Endpoint) }

func (r record) keys(inferenceID string, seal *seal) (inference.Keys, error) {
	if r.SealedKeys != nil {
		return seal.unseal(inferenceID, r.SealedKeys)
	}
	return inference.Keys{AccessKey: redact.Secret(r.AccessKey), SecretKey: redact.Secret(r.SecretKey)}, nil
}

func (r *record) setKeys(inferenceID string, keys inference.Keys, seal *seal) (err error) {
	if seal == nil || keys.IsZero() {
		r.AccessKey, r.SecretKey = keys.AccessKey.Reveal(), keys.SecretKey.Reveal()
		return nil
	}
	r.SealedKeys, err = seal.seal(inferenceID, keys)
	return err
}

func (r *record) put(tx *bbolt.Tx, endpoint inference.Endpoint) (err error) {
	if r.Endpoint, err = endpoint.EndpointJSON(); err != nil {
		return err
	}
	data, err := json.Marshal(r) //nolint:gosec // a file that is not sealed stores keys in clear
	if err != nil {
		return err
	}
	return tx.Bucket(bucketEndpoints).Put([]byte(endpoint.InferenceID), data)
}

// load reads one record. It returns a NotFound error if there is none.
func (s *store) load(tx *bbolt.Tx, inferenceID string) (stored record, err error) {
	data := tx.Bucket(bucketEndpoints).Get([]byte(inferenceID))
	if data == nil {
		return stored, s.notFound(inferenceID)
	}
	return stored, json.Unmarshal(data, &stored)
}

func (s *store) notFound(inferenceID string) error {
	return backend.NoEndpoint(inferenceID, s.path, s.setting)
}

// get reads one endpoint. Keys are read only if withKeys is set, because
// decrypting them takes time.
func (s *store) get(ctx context.Context, inferenceID string, withKeys bool) (endpoint inference.Endpoint, keys inference.Keys, err error) {
	err = s.readRecord(ctx, inferenceID, func(stored record) (err error) {
		if endpoint, err = stored.parse(); err != nil || !withKeys {
			return err
		}
		keys, err = stored.keys(inferenceID, s.seal)
		return err
	})
	return endpoint, keys, err
}

// hasKeys reports whether a record has keys. It needs no passphrase.
func (s *store) hasKeys(ctx context.Context, inferenceID string) (has bool, err error) {
	err = s.readRecord(ctx, inferenceID, func(stored record) error {
		has = stored.SealedKeys != nil || stored.AccessKey != ""
		return nil
	})
	return has, err
}

func (s *store) readRecord(ctx context.Context, inferenceID string, use func(record) error) error {
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		stored, err := s.load(tx, inferenceID)
		if err != nil {
			return err
		}
		return use(stored)
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = s.notFound(inferenceID)
	}
	return err
}

func (s *store) list(ctx context.Context) (endpoints []inference.Endpoint, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketEndpoints).ForEach(func(_, data []byte) error {
			var stored record
			if err := json.Unmarshal(data, &stored); err != nil {
				return err
			}
			endpoint, err := stored.parse()
			endpoints = append(endpoints, endpoint)
			return err
		})
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return endpoints, err
}

func (s *store) insert(ctx context.Context, endpoint inference.Endpoint, keys inference.Keys) error {
	return s.write(ctx, func(tx *bbolt.Tx) error {
		if tx.Bucket(bucketEndpoints).Get([]byte(endpoint.InferenceID)) != nil {
			return alreadyExists(endpoint)
		}
		var stored record
		if err := stored.setKeys(endpoint.InferenceID, keys, s.seal); err != nil {
			return err
		}
		return stored.put(tx, endpoint)
	})
}

// update applies update to the endpoint if it is still equal to prior, and
// returns the result. Otherwise it returns errConflict.
func (s *store) update(ctx context.Context, prior inference.Endpoint, update inference.Update) (updated inference.Endpoint, err error) {
	err = s.write(ctx, func(tx *bbolt.Tx) error {
		stored, err := s.load(tx, prior.InferenceID)
		if err != nil {
			return err
		}
		current, err := stored.parse()
		if err != nil {
			return err
		}
		if same, err := equal(current, prior); err != nil || !same {
			return errors.Join(err, errConflict)
		}
		if !update.Keys.IsZero() {
			if err := stored.setKeys(prior.InferenceID, update.Keys, s.seal); err != nil {
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

// remove deletes an endpoint if check, which may be nil, returns no error for
// it. It returns a NotFound error if the endpoint does not exist.
func (s *store) remove(ctx context.Context, inferenceID string, check func(inference.Endpoint) error) error {
	return s.write(ctx, func(tx *bbolt.Tx) error {
		stored, err := s.load(tx, inferenceID)
		if err != nil {
			return err
		}
		if check != nil {
			endpoint, err := stored.parse()
			if err == nil {
				err = check(endpoint)
			}
			if err != nil {
				return err
			}
		}
		return tx.Bucket(bucketEndpoints).Delete([]byte(inferenceID))
	})
}

// fileUUID returns the uuid of the file, which stays the same when it is moved.
func (s *store) fileUUID(ctx context.Context) (uuid string, err error) {
	err = s.read(ctx, func(tx *bbolt.Tx) error {
		uuid = string(tx.Bucket(bucketMeta).Get(keyUUID))
		return nil
	})
	return uuid, err
}

// read runs do in a read transaction. It returns fs.ErrNotExist if there is no
// file yet.
func (s *store) read(ctx context.Context, do func(*bbolt.Tx) error) error {
	release, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer release()
	switch empty, err := s.checkFile(); {
	case (empty || errors.Is(err, fs.ErrNotExist)) && s.uuid != "":
		return s.fileError(errVanished)
	case err != nil:
		return err
	case empty:
		return fs.ErrNotExist
	}
	err = s.use(ctx, true, func(db *bbolt.DB) error {
		return db.View(func(tx *bbolt.Tx) error {
			if isBlank(tx) {
				return fs.ErrNotExist
			}
			if err := s.checkContent(tx); err != nil {
				return err
			}
			return do(tx)
		})
	})
	if errors.Is(err, fs.ErrNotExist) && s.uuid == "" {
		return err
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
	return s.fileError(s.use(ctx, false, func(db *bbolt.DB) error {
		return db.Update(func(tx *bbolt.Tx) error {
			if err := s.initialize(tx); err != nil {
				return err
			}
			return do(tx)
		})
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

// initialize fills a new file, and adds a uuid to a file of an older version.
func (s *store) initialize(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil {
		if !isBlank(tx) {
			return errForeign
		}
		var err error
		if meta, err = tx.CreateBucket(bucketMeta); err != nil {
			return err
		}
		if _, err := tx.CreateBucket(bucketEndpoints); err != nil {
			return err
		}
		format := formatPlain
		if s.seal != nil {
			format = formatSealed
			if err := s.seal.create(meta); err != nil {
				return err
			}
		}
		if err := meta.Put(keyFormat, []byte(format)); err != nil {
			return err
		}
	}
	if meta.Get(keyUUID) == nil {
		if err := meta.Put(keyUUID, []byte(newUUID())); err != nil {
			return err
		}
	}
	return s.checkContent(tx)
}

// isBlank reports whether nothing was written into the file yet. The process
// that created it may have been killed before it did.
func isBlank(tx *bbolt.Tx) bool {
	first, _ := tx.Cursor().First()
	return first == nil
}

// newUUID returns a random uuid in the form that Elasticsearch uses.
func newUUID() string {
	random := make([]byte, 16)
	_, _ = rand.Read(random) // never fails
	return base64.RawURLEncoding.EncodeToString(random)
}

// checkContent returns an error if the file belongs to another program, has a
// newer format, does not fit the passphrase, or is not the pinned file.
func (s *store) checkContent(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil || tx.Bucket(bucketEndpoints) == nil {
		return errForeign
	}
	uuid := string(meta.Get(keyUUID))
	switch found := string(meta.Get(keyFormat)); {
	case found != formatPlain && found != formatSealed:
		return fmt.Errorf("it has format %q, and this version of the program reads formats %q and %q; use the version that wrote it or a newer one",
			found, formatPlain, formatSealed)
	case s.uuid != "" && s.uuid != uuid:
		return errReplaced
	case found == formatPlain && s.seal != nil:
		return errNotSealed
	case found == formatSealed && s.seal == nil:
		return errNoPassphrase
	case found == formatSealed:
		if err := s.seal.open(meta); err != nil {
			return err
		}
	}
	if s.pinned {
		s.uuid = uuid
	}
	return nil
}

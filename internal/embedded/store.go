package embedded

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"go.etcd.io/bbolt"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// lockWait bounds how long an operation waits for another process.
const lockWait = 30 * time.Second

// store opens its file for each operation, so that several processes share it.
type store struct {
	path string
	// setting is where a person wrote the path, for errors.
	setting string
	seal    *seal // nil where keys lie in clear
	// turn holds one token. It keeps this process from waiting on its own file
	// lock, which bbolt polls for every 50 ms.
	turn chan struct{}
	// link is os.Link, which not every file system has.
	link func(made, name string) error
}

func newStore(path string, seal *seal) *store {
	return &store{path: path, setting: "embedded.path", seal: seal, turn: make(chan struct{}, 1), link: os.Link}
}

// get reads one endpoint, and its keys only where they are wanted: to unseal
// them takes its time.
func (s *store) get(ctx context.Context, inferenceID string, withKeys bool) (record, error) {
	var found record
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		data := tx.Bucket(bucketEndpoints).Get([]byte(inferenceID))
		if data == nil {
			return backend.NoEndpoint(inferenceID, s.path, s.setting)
		}
		stored, err := parseStored(data)
		if err != nil {
			return err
		}
		if found.Endpoint, err = stored.endpoint(); err != nil || !withKeys {
			return err
		}
		found.Keys, err = stored.keys(inferenceID, s.seal)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = backend.NoEndpoint(inferenceID, s.path, s.setting)
	}
	return found, err
}

func (s *store) list(ctx context.Context) ([]inference.Endpoint, error) {
	var endpoints []inference.Endpoint
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		return tx.Bucket(bucketEndpoints).ForEach(func(_, data []byte) error {
			stored, err := parseStored(data)
			if err != nil {
				return err
			}
			endpoint, err := stored.endpoint()
			endpoints = append(endpoints, endpoint)
			return err
		})
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return endpoints, err
}

func (s *store) insert(ctx context.Context, made record) error {
	return s.write(ctx, func(tx *bbolt.Tx) error {
		if tx.Bucket(bucketEndpoints).Get([]byte(made.Endpoint.InferenceID)) != nil {
			return alreadyExists(made.Endpoint)
		}
		var stored storedRecord
		if err := stored.setKeys(made.Endpoint.InferenceID, made.Keys, s.seal); err != nil {
			return err
		}
		return stored.put(tx, made.Endpoint)
	})
}

func (s *store) update(ctx context.Context, inferenceID string, update inference.Update) (inference.Endpoint, error) {
	var updated inference.Endpoint
	err := s.write(ctx, func(tx *bbolt.Tx) error {
		data := tx.Bucket(bucketEndpoints).Get([]byte(inferenceID))
		if data == nil {
			return backend.NoEndpoint(inferenceID, s.path, s.setting)
		}
		stored, err := parseStored(data)
		if err != nil {
			return err
		}
		prior, err := stored.endpoint()
		if err != nil {
			return err
		}
		if !update.Keys.IsZero() {
			if err := stored.setKeys(inferenceID, update.Keys, s.seal); err != nil {
				return err
			}
		}
		updated = prior.Apply(update)
		return stored.put(tx, updated)
	})
	if err != nil {
		return inference.Endpoint{}, err // nothing of a transaction that failed is on disk
	}
	return updated, nil
}

func (s *store) remove(ctx context.Context, inferenceID string) error {
	err := s.write(ctx, func(tx *bbolt.Tx) error { return tx.Bucket(bucketEndpoints).Delete([]byte(inferenceID)) })
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return err
}

// uuid names the file, wherever it is moved.
func (s *store) uuid(ctx context.Context) (string, error) {
	var uuid string
	err := s.read(ctx, func(tx *bbolt.Tx) error {
		uuid = string(tx.Bucket(bucketMeta).Get(keyUUID))
		return nil
	})
	return uuid, err
}

// touch makes the file where there is none, and sees that it can be used.
func (s *store) touch(ctx context.Context) error {
	return s.write(ctx, func(*bbolt.Tx) error { return nil })
}

// read runs do on the file; fs.ErrNotExist if there is none yet.
func (s *store) read(ctx context.Context, do func(*bbolt.Tx) error) error {
	release, err := s.wait(ctx)
	if err != nil {
		return err
	}
	defer release()
	switch empty, err := s.checkFile(); {
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
	if errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return s.fault(err)
}

// write runs do on the file, which is made where there is none. What do changed
// is on disk when write returns without error.
func (s *store) write(ctx context.Context, do func(*bbolt.Tx) error) error {
	release, err := s.wait(ctx)
	if err != nil {
		return err
	}
	defer release()
	if err := s.prepare(); err != nil {
		return err
	}
	return s.fault(s.use(ctx, false, func(db *bbolt.DB) error {
		return db.Update(func(tx *bbolt.Tx) error {
			if err := s.initialise(tx); err != nil {
				return err
			}
			return do(tx)
		})
	}))
}

func (s *store) wait(ctx context.Context) (release func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case s.turn <- struct{}{}:
		return func() { <-s.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

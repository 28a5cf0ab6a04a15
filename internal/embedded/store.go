package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/target"
)

var (
	bucketEndpoints = []byte("endpoints")
	bucketMeta      = []byte("meta")
	keyFormat       = []byte("format")
)

// format is the version of what lies in the file. A file of a newer format is
// refused, so that an old binary never spoils it.
const format = "1"

// lockWait bounds how long an operation waits for another process.
const lockWait = 30 * time.Second

// record is one endpoint in the file.
type record struct {
	Endpoint inference.Endpoint
	Keys     inference.Keys
}

// storedRecord is a record's JSON: the endpoint as the API shows it, and the
// keys in clear, which the file's mode protects.
type storedRecord struct {
	Endpoint  json.RawMessage `json:"endpoint"`
	AccessKey string          `json:"access_key,omitempty"`
	SecretKey string          `json:"secret_key,omitempty"`
}

// store opens its file for each operation, so that several processes share it.
type store struct {
	path string
	// mu keeps this process from waiting on its own file lock, which bbolt
	// polls for every 50 ms.
	mu sync.Mutex
}

func newStore(path string) *store { return &store{path: path} }

func (s *store) get(ctx context.Context, inferenceID string) (record, error) {
	var found record
	err := s.read(ctx, func(endpoints *bbolt.Bucket) error {
		data := endpoints.Get([]byte(inferenceID))
		if data == nil {
			return notFound(inferenceID)
		}
		var err error
		found, err = parseRecord(data)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = notFound(inferenceID)
	}
	return found, err
}

func (s *store) list(ctx context.Context) ([]record, error) {
	var records []record
	err := s.read(ctx, func(endpoints *bbolt.Bucket) error {
		return endpoints.ForEach(func(_, data []byte) error {
			stored, err := parseRecord(data)
			records = append(records, stored)
			return err
		})
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return records, err
}

func (s *store) insert(ctx context.Context, stored record) error {
	return s.write(ctx, func(endpoints *bbolt.Bucket) error {
		if endpoints.Get([]byte(stored.Endpoint.InferenceID)) != nil {
			return alreadyExists(stored.Endpoint)
		}
		return put(endpoints, stored)
	})
}

func (s *store) update(ctx context.Context, inferenceID string, update inference.Update) (inference.Endpoint, error) {
	var stored record
	err := s.write(ctx, func(endpoints *bbolt.Bucket) error {
		data := endpoints.Get([]byte(inferenceID))
		if data == nil {
			return notFound(inferenceID)
		}
		var err error
		if stored, err = parseRecord(data); err != nil {
			return err
		}
		stored.Endpoint = stored.Endpoint.Apply(update)
		if !update.Keys.IsZero() {
			stored.Keys = update.Keys
		}
		return put(endpoints, stored)
	})
	return stored.Endpoint, err
}

func (s *store) remove(ctx context.Context, inferenceID string) error {
	err := s.write(ctx, func(endpoints *bbolt.Bucket) error { return endpoints.Delete([]byte(inferenceID)) })
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return err
}

func put(endpoints *bbolt.Bucket, stored record) error {
	shown, err := stored.Endpoint.EndpointJSON()
	if err != nil {
		return err
	}
	data, err := json.Marshal(storedRecord{
		Endpoint: shown, AccessKey: stored.Keys.AccessKey.Reveal(), SecretKey: stored.Keys.SecretKey.Reveal(),
	})
	if err != nil {
		return err
	}
	return endpoints.Put([]byte(stored.Endpoint.InferenceID), data)
}

func parseRecord(data []byte) (record, error) {
	var stored storedRecord
	if err := json.Unmarshal(data, &stored); err != nil {
		return record{}, err
	}
	endpoint, err := inference.ParseEndpoint(stored.Endpoint)
	keys := inference.Keys{AccessKey: inference.Secret(stored.AccessKey), SecretKey: inference.Secret(stored.SecretKey)}
	return record{Endpoint: endpoint, Keys: keys}, err
}

// read runs do on the endpoints; fs.ErrNotExist if there is no file yet.
func (s *store) read(ctx context.Context, do func(*bbolt.Bucket) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkFile(); err != nil {
		return err
	}
	db, err := s.open(ctx, true)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // nothing was written
	return s.fault(db.View(func(tx *bbolt.Tx) error {
		if err := checkFormat(tx); err != nil {
			return err
		}
		return do(tx.Bucket(bucketEndpoints))
	}))
}

// write runs do on the endpoints, in a file that is made where there is none.
// What do changed is on disk when write returns without error.
func (s *store) write(ctx context.Context, do func(*bbolt.Bucket) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.prepare(); err != nil {
		return err
	}
	db, err := s.open(ctx, false)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		if err := initialise(tx); err != nil {
			return err
		}
		return do(tx.Bucket(bucketEndpoints))
	})
	return s.fault(errors.Join(err, db.Close()))
}

func initialise(tx *bbolt.Tx) error {
	if tx.Bucket(bucketMeta) != nil {
		return checkFormat(tx)
	}
	meta, err := tx.CreateBucket(bucketMeta)
	if err != nil {
		return err
	}
	if _, err := tx.CreateBucket(bucketEndpoints); err != nil {
		return err
	}
	return meta.Put(keyFormat, []byte(format))
}

var errFormat = errors.New("format")

func checkFormat(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil || tx.Bucket(bucketEndpoints) == nil {
		return fmt.Errorf("%w: it is a bbolt file of something else", errFormat)
	}
	if found := string(meta.Get(keyFormat)); found != format {
		return fmt.Errorf("%w: it has format %q, this version of the provider reads format %q; use the version that wrote it or a newer one", errFormat, found, format)
	}
	return nil
}

// prepare makes the directory, private and kept out of version control.
func (s *store) prepare() error {
	dir := filepath.Dir(s.path)
	switch _, err := os.Stat(dir); {
	case err == nil:
		if err := s.checkFile(); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	case !errors.Is(err, fs.ErrNotExist):
		return s.fault(err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return s.fault(err)
	}
	return s.fault(os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*\n"), 0o600))
}

// checkFile refuses a file that others may read: it holds keys.
func (s *store) checkFile() error {
	info, err := os.Stat(s.path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return s.fault(err)
	}
	if info.IsDir() {
		return s.fault(errors.New("it is a directory; embedded.path names a file"))
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return s.fault(fmt.Errorf("its mode is %04o, so others on this machine may read the keys in it; run: chmod 600 %s", mode, s.path))
	}
	return nil
}

func (s *store) open(ctx context.Context, readOnly bool) (*bbolt.DB, error) {
	wait := lockWait
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline))
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	db, err := bbolt.Open(s.path, 0o600, &bbolt.Options{Timeout: max(wait, time.Millisecond), ReadOnly: readOnly})
	if err != nil {
		return nil, s.fault(err)
	}
	return db, nil
}

// fault says which file is at fault, unless err already speaks for itself.
func (s *store) fault(err error) error {
	var told *target.Error
	if err == nil || errors.As(err, &told) {
		return err
	}
	fault := &target.Error{
		Kind: target.Unreachable, Summary: "Endpoint file cannot be used",
		Detail: fmt.Sprintf("%s: %v.", s.path, err), Cause: err,
	}
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		fault.Detail = s.path + " is locked by another process. Wait for it to end, or set another embedded.path."
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		fault.Detail = s.path + " is not a file of endpoints, or it is damaged. Set another embedded.path, or move the file away."
	}
	return fault
}

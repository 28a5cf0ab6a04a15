// SPDX-License-Identifier: MPL-2.0

package embedded_test

import (
	"context"
	"errors"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend/backendtest"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

func runner(t *testing.T, options ...bedrocksim.Option) *bedrock.Runner {
	t.Helper()
	simulator := bedrocksim.New(options...)
	t.Cleanup(simulator.Close)
	return bedrock.New(bedrock.Config{Simulator: simulator})
}

func titan(id string) inference.Endpoint {
	return inference.Endpoint{
		InferenceID: id, TaskType: inference.TextEmbedding, Service: inference.Service,
		ServiceSettings: inference.ServiceSettings{Region: "us-east-1", Provider: inference.AmazonTitan, Model: "amazon.titan-embed-text-v2:0"},
	}
}

func TestConformance(t *testing.T) {
	t.Parallel()
	backendtest.Run(t, func(t *testing.T) backend.Target {
		t.Helper()
		return embedded.New(filepath.Join(t.TempDir(), "made", "endpoints.db"), runner(t))
	}, inference.Keys{AccessKey: "AKIATEST", SecretKey: "secret"})
}

// TestFileIsPrivate verifies the modes of the file and its directory, and that
// version control ignores them.
func TestFileIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "made", "endpoints.db")
	if _, err := embedded.New(path, runner(t)).Create(context.Background(), titan("e"), inference.Keys{}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{filepath.Dir(path): 0o700, path: 0o600} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s has mode %v, %v; want %v", name, info.Mode().Perm(), err, want)
		}
	}
	ignore, err := os.ReadFile(filepath.Join(filepath.Dir(path), ".gitignore"))
	if err != nil || string(ignore) != "*\n" {
		t.Errorf("git would see the file: %q, %v", ignore, err)
	}
}

// TestFileRefused verifies that the message about an unusable file names it and
// gives advice, and that the file is not changed.
func TestFileRefused(t *testing.T) {
	t.Parallel()
	foreign := func(path string, buckets ...string) {
		db, err := bbolt.Open(path, 0o600, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Update(func(tx *bbolt.Tx) error {
			for _, name := range buckets {
				bucket, err := tx.CreateBucket([]byte(name))
				if err != nil {
					return err
				}
				if err := bucket.Put([]byte("format"), []byte("99")); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || db.Close() != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		prepare func(path string)
		want    string
	}{
		"readable by others": {func(path string) { write(t, path, "", 0o640) }, "chmod 600"},
		"text":               {func(path string) { write(t, path, strings.Repeat("no database ", 1000), 0o600) }, "is not a file of endpoints"},
		"short":              {func(path string) { write(t, path, "x", 0o600) }, "is not a file of endpoints"},
		"directory":          {func(path string) { _ = os.Mkdir(path, 0o700) }, "is a directory; embedded.path must name a regular file"},
		"device":             {func(path string) { _ = os.Symlink(os.DevNull, path) }, "is a device, pipe or socket; embedded.path must name a regular file"},
		"dangling link":      {func(path string) { _ = os.Symlink(path+"-elsewhere", path) }, "symbolic link to a file that does not exist"},
		"link to itself":     {func(path string) { _ = os.Symlink(path, path) }, "its symbolic links form a loop: "},
		"loop of links": {func(path string) {
			_ = errors.Join(os.Symlink(path+"-b", path), os.Symlink(filepath.Base(path), path+"-b"))
		}, "-b -> "},
		"link to shared file": {func(path string) {
			write(t, path+"-shared", "", 0o644)
			_ = os.Symlink(path+"-shared", path)
		}, "chmod 600"},
		"of something else":  {func(path string) { foreign(path, "metal") }, "bbolt file of another program"},
		"of another program": {func(path string) { foreign(path, "widgets") }, "bbolt file of another program"},
		"newer than us":      {func(path string) { foreign(path, "meta", "endpoints") }, `format "99"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "endpoints.db")
			test.prepare(path)
			before, _ := os.ReadFile(path)
			store := embedded.New(path, runner(t))
			_, getErr := store.Get(context.Background(), "e")
			_, createErr := store.Create(context.Background(), titan("e"), inference.Keys{})
			for operation, err := range map[string]error{"get": getErr, "create": createErr, "touch": store.Touch(t.Context())} {
				if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "permissions") {
					t.Errorf("%s: got %v, want %q with the path", operation, err, test.want)
				}
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("the file was changed")
			}
		})
	}
}

// TestFileCannotBeCreated verifies that the error names the setting of the path.
func TestFileCannotBeCreated(t *testing.T) {
	t.Parallel()
	occupied := filepath.Join(t.TempDir(), "occupied")
	write(t, occupied, "", 0o600)
	store := embedded.New(filepath.Join(occupied, "endpoints.db"), runner(t))
	_, err := store.Create(t.Context(), titan("e"), inference.Keys{})
	if err == nil || !strings.Contains(err.Error(), "not a directory. Set another embedded.path") {
		t.Errorf("got %v", err)
	}
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

// TestReadingCreatesNoFile reads from a target that was never written.
func TestReadingCreatesNoFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "made", "endpoints.db")
	store := embedded.New(path, runner(t))
	if _, err := store.Get(context.Background(), "e"); !backend.Is(err, backend.NotFound) {
		t.Errorf("get: %v", err)
	}
	if endpoints, err := backend.Collect(store.List(context.Background())); err != nil || len(endpoints) != 0 {
		t.Errorf("list: %v, %v", endpoints, err)
	}
	if _, err := os.Stat(filepath.Dir(path)); !os.IsNotExist(err) {
		t.Errorf("there is a directory: %v", err)
	}
}

// TestEmptyFile verifies that a file without content is an error for every
// operation, and that it is not filled: its endpoints would be planned again.
func TestEmptyFile(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(path string) error{
		"of no bytes": func(path string) error { return os.WriteFile(path, nil, 0o600) },
		"of no buckets": func(path string) error {
			db, err := bbolt.Open(path, 0o600, nil)
			if err != nil {
				return err
			}
			return db.Close()
		},
		"truncated": func(path string) error {
			return errors.Join(embedded.New(path, nil).Touch(context.Background()), os.Truncate(path, 0))
		},
		"of one byte": func(path string) error { return os.WriteFile(path, []byte{0}, 0o600) },
	} {
		path := filepath.Join(t.TempDir(), "endpoints.db")
		if err := prepare(path); err != nil {
			t.Fatal(err)
		}
		before, _ := os.ReadFile(path)
		opened := embedded.New(path, runner(t))
		_, uuidErr := opened.FileUUID(t.Context())
		_, createErr := opened.Create(t.Context(), titan("e"), inference.Keys{})
		for operation, do := range operations(t, opened) {
			if err := do(); !backend.Is(err, backend.Damaged) {
				t.Errorf("%s: %s: %v", name, operation, err)
			}
		}
		for operation, err := range map[string]error{"uuid": uuidErr, "create": createErr, "check": opened.Check(t.Context())} {
			if !backend.Is(err, backend.Damaged) || !strings.Contains(err.Error(), "move it away") {
				t.Errorf("%s: %s: %v", name, operation, err)
			}
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
			t.Errorf("%s: the file was written: %v", name, err)
		}
	}
}

// TestConcurrentCreate creates endpoints through two targets of one file.
func TestConcurrentCreate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "endpoints.db")
	stores := []*embedded.Target{embedded.New(path, runner(t)), embedded.New(path, runner(t))}
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			id := string(rune('a'+i)) + "-endpoint"
			if _, err := stores[i%2].Create(context.Background(), titan(id), inference.Keys{}); err != nil {
				t.Errorf("%s: %v", id, err)
			}
		})
	}
	group.Wait()
	if endpoints, err := backend.Collect(stores[0].List(context.Background())); err != nil || len(endpoints) != 20 {
		t.Errorf("%d endpoints, %v", len(endpoints), err)
	}
}

// TestLongID verifies that the longest id is stored, and that a longer one is refused
// before the model is called.
func TestLongID(t *testing.T) {
	t.Parallel()
	asked := 0
	counted := bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault { asked++; return nil })
	store := embedded.New(filepath.Join(t.TempDir(), "endpoints.db"), runner(t, counted))
	longest := strings.Repeat("a", embedded.Capabilities().MaxIDLength)
	if _, err := store.Create(t.Context(), titan(longest), inference.Keys{}); err != nil || asked != 1 {
		t.Errorf("the longest: %v, asked %d times", err, asked)
	}
	if _, err := store.Get(t.Context(), longest); err != nil {
		t.Error(err)
	}
	_, err := store.Create(t.Context(), titan(longest+"a"), inference.Keys{})
	if err == nil || !strings.Contains(err.Error(), "has 32769 characters") || !strings.Contains(err.Error(), "at most 32768") || asked != 1 {
		t.Errorf("a longer one: %v, asked %d times", err, asked)
	}
}

// TestCreateVerifiesKeys verifies that an endpoint is not created if its model does
// not answer, and that the error does not contain the key.
func TestCreateVerifiesKeys(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "endpoints.db")
	denied := bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault { return bedrocksim.AccessDenied() })
	store := embedded.New(path, runner(t, denied))
	_, err := store.Create(context.Background(), titan("e"), inference.Keys{AccessKey: "AKIATEST", SecretKey: "canary"})
	if !backend.Is(err, backend.Denied) || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v", err)
	}
	if _, err := store.Get(context.Background(), "e"); !backend.Is(err, backend.NotFound) {
		t.Errorf("it was created: %v", err)
	}
}

// TestIDTakenWhileVerifying verifies that an endpoint that another process creates
// during the call of the model is not replaced.
func TestIDTakenWhileVerifying(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "endpoints.db")
	theirs := titan("e")
	theirs.ServiceSettings.RequestsPerMinute = 7
	other := embedded.New(path, runner(t))
	meanwhile := bedrocksim.WithFault(func(*http.Request, int) *bedrocksim.Fault {
		if _, err := other.Create(context.Background(), theirs, inference.Keys{}); err != nil {
			t.Error(err)
		}
		return nil
	})
	made, err := embedded.New(path, runner(t, meanwhile)).Create(t.Context(), titan("e"), inference.Keys{})
	if !backend.Is(err, backend.AlreadyExists) || made != (inference.Endpoint{}) {
		t.Errorf("got %+v beside %v", made, err)
	}
	if stored, err := other.Get(t.Context(), "e"); err != nil || stored.ServiceSettings.RequestsPerMinute != 7 {
		t.Errorf("theirs is %+v, %v", stored, err)
	}
}

// TestUpdateNotStored verifies that a failed update returns no endpoint.
func TestUpdateNotStored(t *testing.T) {
	t.Parallel()
	store := embedded.New(filepath.Join(t.TempDir(), "endpoints.db"), runner(t))
	if _, err := store.Create(t.Context(), titan("e"), inference.Keys{}); err != nil {
		t.Fatal(err)
	}
	unwritable := math.NaN()
	updated, err := store.Update(t.Context(), titan("e"), inference.Update{
		RequestsPerMinute: 7, TaskSettings: inference.TaskSettings{Temperature: &unwritable},
	})
	if err == nil || updated != (inference.Endpoint{}) {
		t.Errorf("got %+v beside %v", updated, err)
	}
	if stored, err := store.Get(t.Context(), "e"); err != nil || stored.ServiceSettings.RequestsPerMinute == 7 {
		t.Errorf("stored is %+v, %v", stored, err)
	}
}

func copyRecord(t *testing.T, path, from, to string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		endpoints := tx.Bucket([]byte("endpoints"))
		source, err := embedded.RecordOf(to, endpoints.Get([]byte(to)), endpoints.Get([]byte(from)))
		if err != nil {
			return err
		}
		return endpoints.Put([]byte(to), source)
	})
	if err != nil || db.Close() != nil {
		t.Fatal(err)
	}
}

// TestFileUUID verifies that a file keeps its uuid and that uuids differ.
func TestFileUUID(t *testing.T) {
	t.Parallel()
	uuid := func(path string) string {
		opened := embedded.New(path, runner(t))
		if err := opened.Touch(t.Context()); err != nil {
			t.Fatal(err)
		}
		found, err := opened.FileUUID(t.Context())
		if err != nil || len(found) != 22 {
			t.Fatalf("uuid %q, %v", found, err)
		}
		return found
	}
	first, second := filepath.Join(t.TempDir(), "endpoints.db"), filepath.Join(t.TempDir(), "endpoints.db")
	name := uuid(first)
	if again, other := uuid(first), uuid(second); again != name || other == name {
		t.Errorf("the uuid is not the file's own: %q, %q again, %q of another file", name, again, other)
	}
}

// TestFileWithoutUUID verifies that a file of an older version gets a uuid and
// keeps its content.
func TestFileWithoutUUID(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "endpoints.db")
	opened := embedded.New(path, runner(t))
	if _, err := opened.Create(t.Context(), titan("e"), inference.Keys{}); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		meta := tx.Bucket([]byte("meta"))
		for _, key := range []string{"uuid", "checksum", "endpoints"} {
			if err := meta.Delete([]byte(key)); err != nil {
				return err
			}
		}
		return meta.Put([]byte("format"), []byte("1"))
	})
	if err != nil || db.Close() != nil {
		t.Fatal(err)
	}
	if err := opened.Touch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if uuid, err := opened.FileUUID(t.Context()); err != nil || len(uuid) != 22 {
		t.Errorf("uuid %q, %v", uuid, err)
	}
	if _, err := opened.Get(t.Context(), "e"); err != nil {
		t.Error(err)
	}
}

// TestNoTemporaryFiles verifies that only the file itself is left in its directory.
func TestNoTemporaryFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := embedded.New(filepath.Join(dir, "endpoints.db"), runner(t)).Touch(t.Context()); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d files, %v", len(entries), err)
	}
}

// TestWithoutLinks verifies that a file is created on file systems without links, and
// that a file that another process has filled meanwhile is kept.
func TestWithoutLinks(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(other *embedded.Target) error{
		"alone": func(*embedded.Target) error { return nil },
		"with others": func(other *embedded.Target) error {
			_, err := other.Create(context.Background(), titan("theirs"), inference.Keys{})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "endpoints.db")
			other := embedded.New(path, runner(t))
			opened := embedded.New(path, runner(t), embedded.WithLink(func(string, string) error {
				if err := meanwhile(other); err != nil {
					t.Error(err)
				}
				return errors.ErrUnsupported
			}))
			if _, err := opened.Create(t.Context(), titan("ours"), inference.Keys{}); err != nil {
				t.Fatal(err)
			}
			_, err := other.Get(t.Context(), "theirs")
			if want := name == "with others"; (err == nil) != want {
				t.Errorf("theirs: %v", err)
			}
			if _, err := other.Get(t.Context(), "ours"); err != nil {
				t.Errorf("ours: %v", err)
			}
			entries, err := os.ReadDir(filepath.Dir(path))
			if err != nil || len(entries) != 1 {
				t.Errorf("%d files, %v", len(entries), err)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("the file is %v, %v", info, err)
			}
		})
	}
}

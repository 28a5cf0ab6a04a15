// SPDX-License-Identifier: MPL-2.0

package embedded_test

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// TestOlderFiles reads and changes files that an older version wrote. Keys that
// it left in free pages are erased by the first write.
func TestOlderFiles(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]embedded.Option{
		"plain.db":     nil,
		"encrypted.db": {embedded.Encrypted("fixture passphrase")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(t.TempDir(), "endpoints.db")
			write(t, path, string(content), 0o600)
			simulator := bedrocksim.New()
			t.Cleanup(simulator.Close)
			simulator.Trust("AKIAROTATED", "rotated-secret")
			opened := embedded.New(path, bedrock.New(bedrock.Config{Endpoint: simulator.URL(), MaxAttempts: 1}), options...)
			endpoints, err := backend.Collect(opened.List(t.Context()))
			if err != nil || len(endpoints) != 2 || endpoints[0].InferenceID != "embedder" || endpoints[0].ServiceSettings.Dimensions == 0 ||
				endpoints[1].InferenceID != "writer" || *endpoints[1].TaskSettings.MaxNewTokens != 64 {
				t.Fatalf("%+v, %v", endpoints, err)
			}
			if _, err := opened.Run(t.Context(), endpoints[0], inference.Request{Input: []string{"a"}}); err != nil {
				t.Errorf("run with the stored keys: %v", err)
			}
			if err := opened.Touch(t.Context()); err != nil {
				t.Fatal(err)
			}
			after, _ := os.ReadFile(path)
			for _, secret := range []string{"fixture-secret", "deleted-secret"} {
				if strings.Contains(string(after), secret) {
					t.Errorf("the file still contains %q", secret)
				}
			}
			if found := strings.Contains(string(after), "rotated-secret"); found != (options == nil) {
				t.Errorf("the key in use is in the file: %v", found)
			}
			if endpoints, err := backend.Collect(opened.List(t.Context())); err != nil || len(endpoints) != 2 {
				t.Errorf("after the first write: %+v, %v", endpoints, err)
			}
		})
	}
}

// TestDamagedReferences changes every page number in turn, so that pages refer to
// themselves, to their parents and beyond the end of the file. Each operation
// ends, and with an error if the page number is in use.
func TestDamagedReferences(t *testing.T) {
	t.Parallel()
	opened, path, content := filled(t)
	pages := uint64(len(content) / page)
	faults := 0
	for id := 2; id < int(pages); id++ {
		flags, count := binary.NativeEndian.Uint16(content[id*page+8:]), int(binary.NativeEndian.Uint16(content[id*page+10:]))
		for element := range count {
			if flags != 1 {
				break
			}
			at := id*page + 16 + element*16 + 8
			for _, target := range []uint64{uint64(id), 0, 1, 2, 3, pages, pages + 1, 1 << 40, ^uint64(0)} {
				if target == binary.NativeEndian.Uint64(content[at:]) {
					continue
				}
				damaged := append([]byte(nil), content...)
				binary.NativeEndian.PutUint64(damaged[at:], target)
				for operation, do := range operations(t, opened) {
					write(t, path, string(damaged), 0o600)
					err := do()
					faults++
					if !backend.Is(err, backend.Damaged) || !strings.Contains(err.Error(), "or it is damaged") {
						t.Errorf("%s with page %d instead of another in page %d: %v", operation, target, id, err)
					}
				}
			}
		}
	}
	if faults == 0 {
		t.Error("the file has no branch page")
	}
	restored(t, opened, path, content)
}

// FuzzRecord reads stored records of any content. None may panic, and an endpoint
// that is read can be shown and read again.
func FuzzRecord(f *testing.F) {
	for _, record := range []string{
		`{"endpoint":{"inference_id":"e","task_type":"text_embedding","service":"amazonbedrock","service_settings":{"region":"us-east-1","model":"m","provider":"COHERE","rate_limit":{"requests_per_minute":5}},"task_settings":{"truncate":"end"},"chunking_settings":{"strategy":"recursive","max_chunk_size":20,"separators":["\\n"]}},"access_key":"a","secret_key":"s"}`,
		`{"endpoint":{"inference_id":"e","task_type":"chat_completion","service":"amazonbedrock","service_settings":{"region":"us-east-1","model":"m","provider":"META"}},"sealed_keys":"YWdlLWVuY3J5cHRpb24ub3JnL3Yx"}`,
		`{"checksum":"00000000","endpoint":{}}`, `{"endpoint":null}`, `{}`, `[]`, ``,
	} {
		f.Add([]byte(record), true)
		f.Add([]byte(record), false)
	}
	f.Fuzz(func(t *testing.T, record []byte, older bool) {
		endpoint, _, err := embedded.ReadRecord(record, older, "passphrase")
		if err != nil {
			if !embedded.IsDamage(err) {
				t.Errorf("%s: %v", record, err)
			}
			return
		}
		shown, err := endpoint.EndpointJSON()
		if err != nil {
			return // numbers that JSON does not have
		}
		again, err := inference.ParseEndpoint(shown)
		if err != nil || again.InferenceID != endpoint.InferenceID || again.TaskType != endpoint.TaskType {
			t.Errorf("%s is read as %+v, %v", shown, again, err)
		}
	})
}

// FuzzFile opens files with changed bytes. No operation may panic or hang.
func FuzzFile(f *testing.F) {
	f.Add(uint32(4096*2+8), uint64(1))
	f.Add(uint32(4096*3+16), ^uint64(0))
	f.Add(uint32(16), uint64(7))
	content, err := os.ReadFile(filepath.Join("testdata", "plain.db"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, at uint32, value uint64) {
		path := filepath.Join(t.TempDir(), "endpoints.db")
		changed := append([]byte(nil), content...)
		binary.NativeEndian.PutUint64(changed[int(at)%(len(changed)-8):], value)
		write(t, path, string(changed), 0o600)
		opened := embedded.New(path, nil)
		_, _ = backend.Collect(opened.List(t.Context()))
		_ = opened.Touch(t.Context())
		_ = opened.Delete(t.Context(), titan("embedder"), false)
		_, _ = backend.Collect(opened.List(t.Context()))
	})
}

// TestConcurrentUpdates changes one endpoint through two targets of one file.
// Each update is checked against the endpoint that it changes.
func TestConcurrentUpdates(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "endpoints.db")
	targets := []*embedded.Target{embedded.New(path, runner(t)), embedded.New(path, runner(t))}
	if _, err := targets[0].Create(t.Context(), titan("e"), inference.Keys{}); err != nil {
		t.Fatal(err)
	}
	const rounds = 100
	var group sync.WaitGroup
	for _, target := range targets {
		group.Go(func() {
			for range rounds {
				_, err := target.Modify(t.Context(), "e", func(stored inference.Endpoint) (inference.Update, error) {
					return inference.Update{RequestsPerMinute: stored.ServiceSettings.RequestsPerMinute + 1}, nil
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	stored, err := targets[0].Get(t.Context(), "e")
	if want := int64(inference.DefaultRequestsPerMinute + 2*rounds); err != nil || stored.ServiceSettings.RequestsPerMinute != want {
		t.Errorf("%d requests per minute, want %d: %v", stored.ServiceSettings.RequestsPerMinute, want, err)
	}
}

// TestRemoveChecks removes an endpoint once, and only if the check permits it.
func TestRemoveChecks(t *testing.T) {
	t.Parallel()
	opened := embedded.New(filepath.Join(t.TempDir(), "endpoints.db"), runner(t))
	if _, err := opened.Create(t.Context(), titan("e"), inference.Keys{}); err != nil {
		t.Fatal(err)
	}
	refused := errors.New("not this one")
	if err := opened.Remove(t.Context(), "e", func(inference.Endpoint) error { return refused }); !errors.Is(err, refused) {
		t.Errorf("refused: %v", err)
	}
	var removed, missing int
	var mutex sync.Mutex
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			err := opened.Remove(context.WithoutCancel(t.Context()), "e", nil)
			mutex.Lock()
			defer mutex.Unlock()
			switch {
			case err == nil:
				removed++
			case backend.Is(err, backend.NotFound):
				missing++
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if removed != 1 || missing != 7 {
		t.Errorf("%d of 8 removed it, %d did not find it", removed, missing)
	}
}

// TestPinnedFile returns an error if the file is removed or replaced, and
// creates no new one.
func TestPinnedFile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(path string) error
		want   string
	}{
		"removed": {os.Remove, "was removed"},
		"emptied": {func(path string) error { return os.Truncate(path, 0) }, "was removed or emptied"},
		"replaced": {func(path string) error {
			return errors.Join(os.Remove(path), embedded.New(path, nil).Touch(context.Background()))
		}, "was replaced"},
	} {
		path := filepath.Join(t.TempDir(), "endpoints.db")
		opened := embedded.New(path, runner(t), embedded.Pinned())
		if err := opened.Touch(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := opened.Create(t.Context(), titan("e"), inference.Keys{}); err != nil {
			t.Fatal(err)
		}
		if err := test.change(path); err != nil {
			t.Fatal(err)
		}
		_, listErr := backend.Collect(opened.List(t.Context()))
		_, getErr := opened.Get(t.Context(), "e")
		_, createErr := opened.Create(t.Context(), titan("f"), inference.Keys{})
		_, uuidErr := opened.FileUUID(t.Context())
		for operation, err := range map[string]error{"list": listErr, "get": getErr, "create": createErr, "uuid": uuidErr, "health": opened.Health(t.Context())} {
			if !backend.Is(err, backend.Unusable) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s, %s: %v", name, operation, err)
			}
		}
	}
}

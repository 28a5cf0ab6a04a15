// SPDX-License-Identifier: MPL-2.0

package embedded_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// page is the size of bbolt's pages in a file; the first two say where the
// others are.
var page = os.Getpagesize()

// filled creates a file whose endpoints need several pages.
func filled(t *testing.T) (opened *embedded.Target, path string, content []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "endpoints.db")
	opened = embedded.New(path, runner(t))
	for i := range 20 {
		if _, err := opened.Create(t.Context(), titan(fmt.Sprintf("endpoint-%02d", i)), inference.Keys{}); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(path)
	if err != nil || len(content) < 8*page {
		t.Fatalf("%d bytes, %v", len(content), err)
	}
	return opened, path, content
}

// operations read and write every part of a file.
func operations(t *testing.T, opened *embedded.Target) map[string]func() error {
	t.Helper()
	return map[string]func() error{
		"list":  func() error { _, err := backend.Collect(opened.List(t.Context())); return err },
		"get":   func() error { _, err := opened.Get(t.Context(), "endpoint-07"); return err },
		"touch": func() error { return opened.Touch(t.Context()) },
		"update": func() error {
			_, err := opened.Update(t.Context(), titan("endpoint-07"), inference.Update{RequestsPerMinute: 7})
			return err
		},
		"delete": func() error { return opened.Delete(t.Context(), titan("endpoint-07"), false) },
	}
}

// restored verifies that the file can be read and written after its bytes were
// restored.
func restored(t *testing.T, opened *embedded.Target, path string, content []byte) {
	t.Helper()
	write(t, path, string(content), 0o600)
	if endpoints, err := backend.Collect(opened.List(t.Context())); err != nil || len(endpoints) != 20 {
		t.Errorf("restored: %d endpoints, %v", len(endpoints), err)
	}
	if err := opened.Delete(t.Context(), titan("endpoint-07"), false); err != nil {
		t.Errorf("restored: delete: %v", err)
	}
}

// TestDamagedFile verifies that each operation reports a damaged file and releases
// it, so that a restored file can be used at once.
func TestDamagedFile(t *testing.T) {
	t.Parallel()
	zeroed := func(content []byte, first, step int) []byte {
		for at := first * page; at < len(content); at += step * page {
			clear(content[at : at+page])
		}
		return content
	}
	for name, damage := range map[string]func(content []byte) []byte{
		"half of it":          func(content []byte) []byte { return content[:len(content)/2] },
		"two pages of it":     func(content []byte) []byte { return content[:2*page] },
		"first pages zeroed":  func(content []byte) []byte { clear(content[:2*page]); return content },
		"all others zeroed":   func(content []byte) []byte { return zeroed(content, 2, 1) },
		"even pages zeroed":   func(content []byte) []byte { return zeroed(content, 2, 2) },
		"odd pages zeroed":    func(content []byte) []byte { return zeroed(content, 3, 2) },
		"every page zeroed":   func(content []byte) []byte { return zeroed(content, 0, 1) },
		"every page the same": func(content []byte) []byte { return []byte(strings.Repeat(string(content[:page]), len(content)/page)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opened, path, content := filled(t)
			for operation, do := range operations(t, opened) {
				write(t, path, string(damage(append([]byte(nil), content...))), 0o600)
				err := do()
				if !backend.Is(err, backend.Damaged) || !strings.Contains(err.Error(), path+" is not a file of endpoints, or it is damaged") {
					t.Errorf("%s: %v", operation, err)
				}
			}
			restored(t, opened, path, content)
		})
	}
}

// TestDamagedPage clears each page in turn.
func TestDamagedPage(t *testing.T) {
	t.Parallel()
	opened, path, content := filled(t)
	faults := 0
	for at := 0; at < len(content); at += page {
		for operation, do := range operations(t, opened) {
			damaged := append([]byte(nil), content...)
			clear(damaged[at : at+page])
			write(t, path, string(damaged), 0o600)
			err := do()
			if err == nil { // a page that is not in use: nothing is missing
				want := 20
				if operation == "delete" {
					want--
				}
				if endpoints, err := backend.Collect(opened.List(t.Context())); err != nil || len(endpoints) != want {
					t.Errorf("%s without page %d: %d endpoints and error %v, want %d", operation, at/page, len(endpoints), err, want)
				}
				continue
			}
			faults++
			if !backend.Is(err, backend.Damaged) || !strings.Contains(err.Error(), "or it is damaged") {
				t.Errorf("%s without page %d: %v", operation, at/page, err)
			}
		}
	}
	if faults == 0 {
		t.Error("no page matters")
	}
	restored(t, opened, path, content)
}

// truth is what a file contains.
type truth struct {
	uuid      string
	endpoints []inference.Endpoint
	keys      []inference.Keys
}

// readAll reads everything in a file.
func readAll(t *testing.T, opened *embedded.Target) (found truth, err error) {
	t.Helper()
	if found.uuid, err = opened.FileUUID(t.Context()); err != nil {
		return found, err
	}
	if found.endpoints, err = backend.Collect(opened.List(t.Context())); err != nil {
		return found, err
	}
	for i := range 20 {
		keys, err := opened.StoredKeys(t.Context(), fmt.Sprintf("endpoint-%02d", i))
		if err != nil {
			return found, err
		}
		found.keys = append(found.keys, keys)
	}
	return found, nil
}

// TestAnyDamage changes bytes everywhere in a file, plain and encrypted. Each time,
// everything is read as it was written, or the error says that the file is
// damaged.
func TestAnyDamage(t *testing.T) {
	t.Parallel()
	const rounds = 600
	for name, options := range map[string][]embedded.Option{"plain": nil, "encrypted": fastEncrypted(passphrase)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "endpoints.db")
			opened := embedded.New(path, runner(t), options...)
			for i := range 20 {
				keys := inference.Keys{AccessKey: redact.Secret(fmt.Sprintf("AKIA%016d", i)), SecretKey: redact.Secret(fmt.Sprintf("secret-%033d", i))}
				if _, err := opened.Create(t.Context(), titan(fmt.Sprintf("endpoint-%02d", i)), keys); err != nil {
					t.Fatal(err)
				}
			}
			want, err := readAll(t, opened)
			if err != nil {
				t.Fatal(err)
			}
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			random := rand.New(rand.NewPCG(19, 3)) // the same positions in each run
			faults := 0
			for round := range rounds {
				changed := append([]byte(nil), content...)
				// Free pages are zeros: most changes are made where something is.
				at := random.IntN(len(content))
				for tries := 0; content[at] == 0 && tries < 20; tries++ {
					at = random.IntN(len(content))
				}
				size := min(1+random.IntN(300), len(content)-at)
				var made string
				switch round % 5 {
				case 0, 1:
					made, changed[at] = "bit", changed[at]^(1<<random.IntN(8))
				case 2:
					made, changed[at] = "byte", byte(random.IntN(256))
				case 3:
					made = "zeros"
					clear(changed[at : at+size])
				case 4:
					made, changed = "cut off", changed[:at]
				}
				write(t, path, string(changed), 0o600)
				got, err := readAll(t, embedded.New(path, nil, options...))
				switch {
				case err == nil && !reflect.DeepEqual(got, want):
					t.Errorf("%s of %d bytes at %d: other content was read", made, size, at)
				case err != nil:
					faults++
					if !backend.Is(err, backend.Damaged) || !strings.Contains(err.Error(), "or it is damaged") || strings.Contains(err.Error(), "invalid character") {
						t.Errorf("%s of %d bytes at %d: %v", made, size, at, err)
					}
				}
			}
			if faults < rounds/4 {
				t.Errorf("%d of %d changes were noticed", faults, rounds)
			}
			restored(t, opened, path, content)
		})
	}
}

// TestAnyDamageOfOlderFiles changes bytes of files without checksums. Changed
// texts cannot be noticed there; every error says that the file cannot be used.
func TestAnyDamageOfOlderFiles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"plain.db", "encrypted.db"} {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), name)
		random := rand.New(rand.NewPCG(19, 12)) // the same positions in each run
		found := 0
		for range 400 {
			changed := append([]byte(nil), content...)
			at := random.IntN(len(content))
			for tries := 0; content[at] == 0 && tries < 20; tries++ {
				at = random.IntN(len(content))
			}
			changed[at] ^= 1 << random.IntN(8)
			write(t, path, string(changed), 0o600)
			opened := embedded.New(path, nil)
			_, listErr := backend.Collect(opened.List(t.Context()))
			for operation, err := range map[string]error{"check": opened.Check(t.Context()), "list": listErr, "touch": opened.Touch(t.Context())} {
				if err != nil && (!backend.Is(err, backend.Damaged) && !backend.Is(err, backend.Unusable) || strings.Contains(err.Error(), "invalid character")) {
					t.Errorf("%s: %s with another byte at %d: %v", name, operation, at, err)
				}
				if operation == "check" && backend.Is(err, backend.Damaged) {
					found++
				}
			}
		}
		t.Logf("%s: %d of 400 changes are found", name, found)
		if found < 40 {
			t.Errorf("%s: only %d of 400 changes are found", name, found)
		}
	}
}

// TestDamagedRecord names the endpoint whose record is damaged.
func TestDamagedRecord(t *testing.T) {
	t.Parallel()
	opened, path, content := filled(t)
	for name, test := range map[string]struct{ old, new, want string }{
		"the model":     {"amazon.titan-embed", "amazon.titbn-embed", `in the record of endpoint "endpoint-`},
		"the JSON":      {`"region":`, `"region";`, `in the record of endpoint "endpoint-`},
		"the id":        {`"inference_id":"endpoint-07"`, `"inference_id":"endpoint-08"`, `in the record of endpoint "endpoint-07", the checksum does not match`},
		"the checksum":  {`{"checksum":"`, `{"checksun":"`, `in the record of endpoint "endpoint-`},
		"the format":    {"format3", "format1", "checksum of its header"},
		"a new format":  {"format3", "format9", "checksum of its header"},
		"an older name": {"format3", "formal3", "checksum of its header"},
	} {
		changed := strings.Replace(string(content), test.old, test.new, 1)
		if changed == string(content) {
			t.Errorf("%s: the file does not contain %s", name, test.old)
		}
		write(t, path, changed, 0o600)
		for operation, do := range operations(t, opened) {
			if err := do(); !backend.Is(err, backend.Damaged) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s, %s: %v, want %s", name, operation, err, test.want)
			}
		}
	}
	restored(t, opened, path, content)
}

// TestDamageBehindTheCache changes a record without changing the time of the file,
// as failing storage does. Check and List notice it.
func TestDamageBehindTheCache(t *testing.T) {
	t.Parallel()
	opened, path, content := filled(t)
	past := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, past, past); err != nil {
		t.Fatal(err)
	}
	if err := opened.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	write(t, path, strings.Replace(string(content), "amazon.titan-embed", "amazon.titbn-embed", 1), 0o600)
	if err := os.Chtimes(path, past, past); err != nil {
		t.Fatal(err)
	}
	_, listErr := backend.Collect(opened.List(t.Context()))
	for operation, err := range map[string]error{"check": opened.Check(t.Context()), "list": listErr} {
		if !backend.Is(err, backend.Damaged) {
			t.Errorf("%s: %v", operation, err)
		}
	}
}

// TestHealth verifies when the whole file is verified again: if its metadata changed,
// and otherwise after a minute. Damage of a record without such a change shows which
// calls verify it.
func TestHealth(t *testing.T) {
	t.Parallel()
	_, path, content := filled(t)
	damaged := strings.Replace(string(content), "amazon.titan-embed", "amazon.titbn-embed", 1)
	past := time.Now().Add(-time.Hour).Truncate(time.Second)
	rewrite := func(content string, modified time.Time) {
		t.Helper()
		write(t, path, content, 0o600)
		if err := os.Chtimes(path, modified, modified); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		modified time.Time
		elapsed  time.Duration
		content  string
		damaged  bool
	}{
		"unchanged, within a minute": {past, 59 * time.Second, damaged, false},
		"unchanged, after a minute":  {past, 61 * time.Second, damaged, true},
		"another time":               {past.Add(time.Second), time.Second, damaged, true},
		"another size":               {past, time.Second, damaged + strings.Repeat("\x00", 4096), true},
		"a damaged header":           {past, time.Second, strings.Replace(string(content), "format3", "format5", 1), true},
	} {
		now := time.Now()
		opened := embedded.New(path, nil, embedded.WithClock(func() time.Time { return now }))
		rewrite(string(content), past)
		if err := opened.Health(t.Context()); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		rewrite(test.content, test.modified)
		now = now.Add(test.elapsed)
		if err := opened.Health(t.Context()); backend.Is(err, backend.Damaged) != test.damaged || err != nil && !test.damaged {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package embedded_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
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
		"list":  func() error { _, err := opened.List(t.Context()); return err },
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
	if endpoints, err := opened.List(t.Context()); err != nil || len(endpoints) != 20 {
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
				if !backend.Is(err, backend.Unusable) || !strings.Contains(err.Error(), path+" is not a file of endpoints, or it is damaged") {
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
			if err == nil {
				continue // a page that is not in use, or not by this operation
			}
			faults++
			if !backend.Is(err, backend.Unusable) || !strings.Contains(err.Error(), "or it is damaged") {
				t.Errorf("%s without page %d: %v", operation, at/page, err)
			}
		}
	}
	if faults == 0 {
		t.Error("no page matters")
	}
	restored(t, opened, path, content)
}

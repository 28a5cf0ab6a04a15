// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"go.etcd.io/bbolt"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	filetarget "github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// createFile creates an empty endpoint file and returns its UUID.
func createFile(t *testing.T, path string) string {
	t.Helper()
	file := filetarget.New(path, bedrock.New(bedrock.Config{}))
	if err := file.Touch(t.Context()); err != nil {
		t.Fatal(err)
	}
	uuid, err := file.FileUUID(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return uuid
}

// TestReadMissingEndpoint checks that an endpoint of another file is an error
// and stays in the state, and that a deleted endpoint is removed from it.
func TestReadMissingEndpoint(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, none := filepath.Join(dir, "file.db"), filepath.Join(dir, "none.db")
	uuid := createFile(t, file)
	privateData := func(path, uuid string) []byte {
		value, _ := json.Marshal(map[string]string{"path": path, "uuid": uuid})
		private, _ := json.Marshal(map[string][]byte{"place": value})
		return private
	}
	for name, test := range map[string]struct {
		configured string
		private    []byte
		wantError  string
	}{
		"another file":                       {file, privateData(none, "other"), file + " (" + uuid + ")"},
		"another file at its path":           {file, privateData(file, "other"), file + " (other)"},
		"no file at another path":            {none, privateData(file, uuid), none + " (not created yet)"},
		"the file was deleted":               {none, privateData(none, uuid), ""},
		"deleted from its file":              {file, privateData(file, uuid), ""},
		"deleted, the file moved":            {file, privateData(none, uuid), ""},
		"state of an older version":          {file, nil, ""},
		"state of an older version, no file": {none, nil, ""},
		"malformed private data":             {file, []byte(`{"place":"InR3byI="}`), ""},
	} {
		p := newProtocol(t)
		p.configure(t, object{"embedded": map[string]any{"path": test.configured}})
		typ := p.schema.ResourceSchemas["inference_endpoint"].ValueType()
		state, err := tfprotov6.NewDynamicValue(typ, valueOf(t, typ, map[string]any{"inference_id": "e", "target": "embedded"}))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := p.server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{TypeName: "inference_endpoint", CurrentState: &state, Private: test.private})
		if err != nil {
			t.Fatal(err)
		}
		read, err := resp.NewState.Unmarshal(typ)
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprint(len(resp.Diagnostics), " diagnostics")
		for _, diagnostic := range resp.Diagnostics {
			text += ": " + diagnostic.Severity.String() + " " + diagnostic.Detail
		}
		switch {
		case test.wantError == "" && (!read.IsNull() || len(resp.Diagnostics) > 0):
			t.Errorf("%s: want the endpoint removed from the state, got %s", name, text)
		case test.wantError != "" && (read.IsNull() || !strings.Contains(text, "1 diagnostics: ERROR") || !strings.Contains(text, test.wantError)):
			t.Errorf("%s: want an error that contains %q, got %s; removed from the state: %t", name, test.wantError, text, read.IsNull())
		}
	}
}

// TestPathChanges checks that plans fail while embedded.path names another file, and
// are empty again with the original path.
func TestPathChanges(t *testing.T) {
	t.Parallel()
	provider := func(file string) string {
		return fmt.Sprintf("provider \"inference\" {\n  embedded = { path = %q }\n  bedrock = { simulate = true }\n}\n", file)
	}
	terraform := newCLI(t, "")
	first := filepath.Join(terraform.dir, "first.db")
	terraform.write("main.tf", requiredProviders+provider(first)+endpointConfig("e", "completion", claude))
	terraform.succeeds("apply", "-no-color", "-auto-approve")
	for _, second := range []string{"missing", "empty", "with an endpoint of the same id"} {
		file := filepath.Join(terraform.dir, "second.db")
		switch second {
		case "empty":
			createFile(t, file)
		case "with an endpoint of the same id":
			target := filetarget.New(file, bedrock.New(bedrock.Config{Simulator: bedrocksim.New()}))
			settings := inference.ServiceSettings{Region: "us-east-1", Provider: "anthropic", Model: "us.anthropic.claude-sonnet-4-6"}
			endpoint := inference.Endpoint{InferenceID: "e", TaskType: inference.Completion, Service: inference.Service, ServiceSettings: settings}
			if _, err := target.Create(t.Context(), endpoint, inference.Keys{AccessKey: "AKIATEST", SecretKey: "other"}); err != nil {
				t.Fatal(err)
			}
		}
		terraform.rewrite("first.db", "second.db")
		plan := terraform.fails("plan", "-no-color")
		if !strings.Contains(plan, "Endpoint of another target") || !strings.Contains(plan, "first.db") || !strings.Contains(plan, "second.db") {
			t.Errorf("%s: the plan does not name both files:\n%s", second, plan)
		}
		if out := terraform.fails("destroy", "-no-color", "-auto-approve"); !strings.Contains(out, "Endpoint of another target") {
			t.Errorf("%s: the destroy fails for another reason:\n%s", second, out)
		}
		terraform.rewrite("second.db", "first.db")
		terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
	}
	if err := os.Rename(filepath.Join(terraform.dir, "first.db"), filepath.Join(terraform.dir, "moved.db")); err != nil {
		t.Fatal(err)
	}
	if plan := terraform.succeeds("plan", "-no-color"); !strings.Contains(plan, "1 to add") {
		t.Errorf("without its file, the endpoint is not created again:\n%s", plan)
	}
	terraform.rewrite("first.db", "moved.db")
	terraform.succeeds("plan", "-no-color", "-detailed-exitcode")
}

// TestUnusableFile checks that the configuration of the provider reports at embedded.path
// that the file cannot be used, and creates nothing. A file that another process has
// locked, or that does not exist yet, may be usable when it is needed.
func TestUnusableFile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		prepare func(path string) error
		want    string
	}{
		"directory":         {func(path string) error { return os.Mkdir(path, 0o700) }, "is a directory; embedded.path must name a regular file"},
		"device":            {func(path string) error { return os.Symlink(os.DevNull, path) }, "is a device, pipe or socket"},
		"mode":              {func(path string) error { return errors.Join(touch(path), os.Chmod(path, 0o640)) }, "chmod 600"},
		"loop":              {func(path string) error { return os.Symlink(path, path) }, "its symbolic links form a loop"},
		"dangling link":     {func(path string) error { return os.Symlink(path+"x", path) }, "symbolic link to a file that does not exist"},
		"file of a program": {foreignFile, "bbolt file of another program"},
		"file as directory": {func(path string) error { return os.WriteFile(filepath.Dir(path), nil, 0o600) }, "not a directory"},
		"missing":           {func(string) error { return nil }, ""},
		"missing directory": {func(path string) error { return os.Remove(filepath.Dir(path)) }, ""},
		"locked":            {lockedFile(t), ""},
		"usable":            {touch, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "dir")
			path := filepath.Join(dir, "endpoints.db")
			if name != "file as directory" {
				if err := os.Mkdir(dir, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if err := test.prepare(path); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadDir(dir)
			found := errorsOf(validateProvider(t, object{"embedded": object{"path": path}}))
			switch {
			case test.want == "" && len(found) > 0:
				t.Errorf("got %s, want no error", diagnosticsText(found))
			case test.want != "" && (len(found) != 1 || dotted(found[0].Attribute) != "embedded.path" || !strings.Contains(found[0].Detail, test.want)):
				t.Errorf("got %s, want one error at embedded.path with %q", diagnosticsText(found), test.want)
			}
			if after, _ := os.ReadDir(dir); len(after) != len(before) {
				t.Errorf("there are %d files, and were %d", len(after), len(before))
			}
		})
	}
}

// TestUnusableDefaultFile checks that the provider can be configured although the file at
// the default path cannot be used: runs of models without an endpoint do not need it.
func TestUnusableDefaultFile(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.MkdirAll(filetarget.DefaultPath, 0o700); err != nil {
		t.Fatal(err)
	}
	if found := validateProvider(t, object{"bedrock": object{"simulate": true}}); len(errorsOf(found)) > 0 {
		t.Errorf("got %s, want no error", diagnosticsText(found))
	}
}

// touch creates an empty endpoint file.
func touch(path string) error { return filetarget.New(path, nil).Touch(context.Background()) }

// foreignFile creates a bbolt file of another program.
func foreignFile(path string) error {
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		return err
	}
	return errors.Join(db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("metal"))
		return err
	}), db.Close())
}

// lockedFile returns a function that creates a file and locks it until the test ends.
func lockedFile(t *testing.T) func(path string) error {
	t.Helper()
	return func(path string) error {
		if err := touch(path); err != nil {
			return err
		}
		db, err := bbolt.Open(path, 0o600, nil)
		if err == nil {
			t.Cleanup(func() { _ = db.Close() })
		}
		return err
	}
}

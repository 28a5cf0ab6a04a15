// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	filetarget "github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"
)

// digestIsOf reports whether private data has the digest of a key pair. It computes the
// digest as documented: a MAC with a salt of the length of the access key and both keys.
func digestIsOf(private []byte, keys keyPair) bool {
	var values map[string][]byte
	var digest struct{ Salt, MAC []byte }
	if json.Unmarshal(private, &values) != nil || json.Unmarshal(values["keys_digest"], &digest) != nil {
		return false
	}
	mac := hmac.New(sha256.New, digest.Salt)
	mac.Write([]byte{0, 0, 0, 0, 0, 0, 0, byte(len(keys.access))}) // access keys are shorter than 256 bytes
	mac.Write([]byte(keys.access + keys.secret))
	return hmac.Equal(mac.Sum(nil), digest.MAC)
}

// TestMissingDigest checks that the keys are sent once more, or that a warning says
// why not, after Terraform has dropped the private data because the provider died
// during an update.
func TestMissingDigest(t *testing.T) {
	t.Parallel()
	for version, test := range map[string]struct {
		keys    string // of the server after the next apply
		message string
	}{
		"9.6.0": {"second", "AWS keys will be sent once"},
		"9.5.0": {"first", "AWS keys are not compared"},
	} {
		server, _ := cluster(t, version)
		env := &faultEnv{t: t, server: server, firstKeys: newKeyPair(), secondKeys: newKeyPair()}
		env.workspace = newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}})
		env.mustApply(env.endpoint(env.firstKeys, 240))
		env.workspace.state.private = nil
		env.workspace.config = env.endpoint(env.secondKeys, 240)
		found := applyAgain(t.Context(), env)
		if text := diagnosticsText(found); !strings.Contains(text, test.message) || len(errorsOf(found)) > 0 {
			t.Errorf("%s: got %s, want %q", version, text, test.message)
		}
		if got := serverKeys(env); got != test.keys {
			t.Errorf("%s: got the %s keys on the server, want the %s", version, got, test.keys)
		}
		if got := stateKeys(env); test.keys == "second" && got != "second" {
			t.Errorf("%s: got the digest of the keys %q in the state, want second", version, got)
		}
	}
}

// TestForeignKeys checks that a refresh notices other keys in the embedded file than those
// that were last applied, and that one update in place gives the endpoint the configured
// ones, however it is configured and whether the file is encrypted or not.
func TestForeignKeys(t *testing.T) {
	for _, passphrase := range []string{"", "a passphrase of some length"} {
		if passphrase != "" {
			t.Setenv("INFERENCE_EMBEDDED_PASSPHRASE", passphrase)
		}
		for name, settings := range map[string]object{
			"neither":              {},
			"credentials_version":  {"credentials_version": 1},
			"credentials_rotation": {"credentials_rotation": "replace"},
		} {
			file := filepath.Join(t.TempDir(), "endpoints.db")
			other := filetarget.New(file, bedrock.New(bedrock.Config{Simulator: bedrocksim.New()}), filetarget.EncryptedWithCost(redact.Secret(passphrase), 4))
			if err := other.Touch(t.Context()); err != nil {
				t.Fatal(err)
			}
			w := newWorkspace(t, object{"embedded": object{"path": file}, "bedrock": object{"simulate": true}})
			w.config = with(validEndpoint(), "inference_id", "e")
			for at, value := range settings {
				w.config = with(w.config, at, value)
			}
			apply := func() string {
				t.Helper()
				found := w.apply(t.Context(), func() {})
				if errs := errorsOf(found); len(errs) > 0 {
					t.Fatalf("%s: %s", name, diagnosticsText(errs))
				}
				return diagnosticsText(found)
			}
			stored := func() inference.Keys {
				t.Helper()
				_, keys, err := other.GetWithKeys(t.Context(), "e")
				if err != nil {
					t.Fatal(err)
				}
				return keys
			}
			apply()
			w.checkSettled()
			configured, revision := stored(), w.stateText("credentials_revision")
			change := func() {
				t.Helper()
				update := inference.Update{Keys: inference.Keys{AccessKey: "AKIAOTHER", SecretKey: "another"}}
				if _, err := other.Update(t.Context(), inference.Endpoint{InferenceID: "e"}, update); err != nil {
					t.Fatal(err)
				}
			}
			change()
			if found := apply(); !strings.Contains(found, "The endpoint has other keys than those that were last applied") || strings.Contains(found, "Endpoint is replaced") {
				t.Errorf("%s: got %s, want a warning about other keys", name, found)
			}
			if stored() != configured || w.stateText("credentials_revision") == revision {
				t.Errorf("%s: the endpoint did not get the configured keys, or the revision did not change", name)
			}
			w.checkSettled()

			// Keys that the configuration has as well need no update.
			change()
			w.config = with(with(w.config, "service_settings.access_key", "AKIAOTHER"), "service_settings.secret_key", "another")
			revision = w.stateText("credentials_revision")
			apply()
			if w.stateText("credentials_revision") != revision {
				t.Errorf("%s: keys that the endpoint has are sent", name)
			}
			w.checkSettled()

			// The next rotation is not taken for a restored file.
			w.config = with(with(w.config, "service_settings.access_key", "AKIATHIRD"), "service_settings.secret_key", "third")
			if w.config["credentials_version"] != nil {
				w.config = with(w.config, "credentials_version", 2)
			}
			planned, found := w.session(t.Context()).plan()
			if !planned.destroys || strings.Contains(diagnosticsText(found), "other keys than those that were last applied") {
				t.Errorf("%s: got destroys %t and %s, want a replacement because of new keys", name, planned.destroys, diagnosticsText(found))
			}
			apply()
			w.checkSettled()

			// Without keys in the configuration, those of the endpoint are not managed.
			w.config = with(with(with(w.config, "credentials_version", nil), "service_settings.access_key", nil), "service_settings.secret_key", nil)
			apply()
			change()
			w.checkSettled()
		}
	}
}

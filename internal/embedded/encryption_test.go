// SPDX-License-Identifier: MPL-2.0

package embedded_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/bedrock/bedrocksim"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/embedded"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

const passphrase = redact.Secret("correct horse battery staple")

var canary = inference.Keys{AccessKey: "AKIACANARYCANARY", SecretKey: "canary/secret+key=with signs"}

// fastEncrypted returns no option for an empty passphrase.
func fastEncrypted(passphrase redact.Secret) []embedded.Option {
	if passphrase == "" {
		return nil
	}
	return []embedded.Option{embedded.FastEncrypted(passphrase.Reveal())}
}

// forms are the encodings in which a text may be stored in a file.
func forms(text string) map[string][]byte {
	wide := make([]byte, 0, 2*len(text))
	for _, letter := range []byte(text) {
		wide = append(wide, letter, 0)
	}
	backwards := []byte(text)
	slices.Reverse(backwards)
	found := map[string][]byte{
		"as it is": []byte(text), "hex": []byte(hex.EncodeToString([]byte(text))),
		"URL": []byte(url.QueryEscape(text)), "UTF-16": wide, "backwards": backwards,
	}
	// Base64 differs by where in a group of three the text begins; the letters
	// at both ends hang on what stands beside it.
	for offset := range 3 {
		encoded := base64.StdEncoding.EncodeToString(append(make([]byte, offset), text...))
		found["base64 at "+string(rune('0'+offset))] = []byte(encoded[4 : len(encoded)-4])
	}
	return found
}

// TestKeysInTheFile verifies that an encrypted file never contains keys or the
// passphrase in clear, and that replaced and deleted keys leave every file.
func TestKeysInTheFile(t *testing.T) {
	t.Parallel()
	rotated := inference.Keys{AccessKey: "AKIAROTATEDROTATED", SecretKey: "rotated-secret-key-of-the-canary"}
	var replaced [][]byte // the encrypted keys that must have left the encrypted file
	use := func(options ...embedded.Option) (content []byte, inUse []byte) {
		path := filepath.Join(t.TempDir(), "endpoints.db")
		opened := embedded.New(path, runner(t), options...)
		for _, id := range []string{"stays", "goes"} {
			if _, err := opened.Create(t.Context(), titan(id), canary); err != nil {
				t.Fatal(err)
			}
		}
		before, _ := os.ReadFile(path)
		replaced = append(replaced, encryptedKeys(t, path)...)
		if _, err := opened.Update(t.Context(), titan("stays"), inference.Update{Keys: rotated}); err != nil {
			t.Fatal(err)
		}
		if err := opened.Delete(t.Context(), titan("goes"), false); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return content, before
	}
	encrypted, encryptedBefore := use(embedded.FastEncrypted(passphrase.Reveal()))
	plain, plainBefore := use()
	secrets := func(keys inference.Keys) []redact.Secret { return []redact.Secret{keys.AccessKey, keys.SecretKey} }
	for _, secret := range append(append(secrets(canary), secrets(rotated)...), passphrase) {
		for form, text := range forms(secret.Reveal()) {
			if bytes.Contains(encrypted, text) || bytes.Contains(encryptedBefore, text) {
				t.Errorf("the encrypted file contains %q (%s)", secret.Reveal(), form)
			}
		}
	}
	for _, secret := range secrets(canary) {
		if !bytes.Contains(plainBefore, []byte(secret.Reveal())) {
			t.Errorf("the search does not find %q while it is in use", secret.Reveal())
		}
		for form, text := range forms(secret.Reveal()) {
			if bytes.Contains(plain, text) {
				t.Errorf("the file still contains %q (%s)", secret.Reveal(), form)
			}
		}
	}
	for _, secret := range secrets(rotated) {
		if !bytes.Contains(plain, []byte(secret.Reveal())) {
			t.Errorf("the search does not find %q", secret.Reveal())
		}
	}
	if len(replaced) != 2 {
		t.Fatalf("%d encrypted key pairs were in use", len(replaced))
	}
	for _, text := range replaced {
		if !bytes.Contains(encryptedBefore, text) || bytes.Contains(encrypted, text) {
			t.Error("an encrypted key pair that was replaced or deleted is still in the file")
		}
	}
}

// encryptedKeys returns the encrypted keys of all endpoints as they are stored.
func encryptedKeys(t *testing.T, path string) (found [][]byte) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte("endpoints")).ForEach(func(_, value []byte) error {
			var stored struct {
				Keys string `json:"sealed_keys"`
			}
			err := json.Unmarshal(value, &stored)
			if stored.Keys != "" {
				found = append(found, []byte(stored.Keys))
			}
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestEncryptedKeysAreUsed verifies that another target signs with the encrypted keys.
func TestEncryptedKeysAreUsed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "endpoints.db")
	if _, err := embedded.New(path, runner(t), embedded.FastEncrypted(passphrase.Reveal())).Create(t.Context(), titan("e"), canary); err != nil {
		t.Fatal(err)
	}
	simulator := bedrocksim.New()
	t.Cleanup(simulator.Close)
	simulator.Trust(canary.AccessKey.Reveal(), "not the secret key of the endpoint")
	elsewhere := bedrock.New(bedrock.Config{Endpoint: simulator.URL(), MaxAttempts: 1})
	other := embedded.New(path, elsewhere, embedded.FastEncrypted(passphrase.Reveal()))
	if _, err := other.Run(t.Context(), titan("e"), inference.Request{Input: []string{"a"}}); !backend.Is(err, backend.Denied) {
		t.Errorf("signed with other keys than the endpoint's: %v", err)
	}
	simulator.Trust(canary.AccessKey.Reveal(), canary.SecretKey.Reveal())
	if _, err := other.Run(t.Context(), titan("e"), inference.Request{Input: []string{"a"}}); err != nil {
		t.Error(err)
	}
}

// TestPassphraseRefused verifies the message of every operation, and that the file
// is not changed.
func TestPassphraseRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		made, opened redact.Secret
		want         string
	}{
		"missing":          {passphrase, "", "no passphrase is set"},
		"wrong":            {passphrase, "incorrect donkey", "another passphrase"},
		"for an open file": {"", passphrase, "are not encrypted"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "endpoints.db")
			if _, err := embedded.New(path, runner(t), fastEncrypted(test.made)...).Create(t.Context(), titan("e"), canary); err != nil {
				t.Fatal(err)
			}
			before, _ := os.ReadFile(path)
			opened := embedded.New(path, runner(t), fastEncrypted(test.opened)...)
			_, getErr := opened.Get(t.Context(), "e")
			_, runErr := opened.Run(t.Context(), titan("e"), inference.Request{Input: []string{"a"}})
			_, createErr := opened.Create(t.Context(), titan("f"), canary)
			for operation, err := range map[string]error{"get": getErr, "run": runErr, "create": createErr, "touch": opened.Touch(t.Context())} {
				if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "INFERENCE_EMBEDDED_PASSPHRASE") {
					t.Errorf("%s: got %v, want %q", operation, err, test.want)
				}
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(after, before) {
				t.Error("the file was changed")
			}
		})
	}
}

func TestPassphraseOfEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "passphrase")
	write(t, file, "from the file\n", 0o600)
	empty := filepath.Join(t.TempDir(), "empty")
	write(t, empty, "\n", 0o600)
	loop := filepath.Join(t.TempDir(), "loop")
	if err := os.Symlink(loop, loop); err != nil {
		t.Fatal(err)
	}
	const variable, fileVariable = "INFERENCE_EMBEDDED_PASSPHRASE", "INFERENCE_EMBEDDED_PASSPHRASE_FILE"
	for name, test := range map[string]struct {
		environment map[string]string
		want        redact.Secret
		fault       string
	}{
		"nothing":        {nil, "", ""},
		"text":           {map[string]string{variable: "a b"}, "a b", ""},
		"file":           {map[string]string{fileVariable: file}, "from the file", ""},
		"both":           {map[string]string{variable: "a", fileVariable: file}, "", "Keep one"},
		"empty text":     {map[string]string{variable: ""}, "", "is empty"},
		"empty file":     {map[string]string{fileVariable: empty}, "", "is empty"},
		"link to itself": {map[string]string{fileVariable: loop}, "", "cannot be read: its symbolic links form a loop: " + loop + " -> " + loop},
		"file not there": {map[string]string{fileVariable: file + "x"}, "", "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			for name, value := range test.environment {
				t.Setenv(name, value)
			}
			got, err := embedded.Passphrase()
			if got != test.want || (err == nil) != (test.fault == "") || (err != nil && !strings.Contains(err.Error(), test.fault)) {
				t.Errorf("got %q, %v", got.Reveal(), err)
			}
		})
	}
}

// TestEncryptedKeysMoved verifies that encrypted keys cannot be used by another endpoint.
func TestEncryptedKeysMoved(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "endpoints.db")
	opened := embedded.New(path, runner(t), embedded.FastEncrypted(passphrase.Reveal()))
	for _, id := range []string{"mine", "theirs"} {
		if _, err := opened.Create(context.Background(), titan(id), canary); err != nil {
			t.Fatal(err)
		}
	}
	copyRecord(t, path, "mine", "theirs")
	_, err := opened.Run(t.Context(), titan("theirs"), inference.Request{Input: []string{"a"}})
	if err == nil || !strings.Contains(err.Error(), "encrypted for another endpoint") {
		t.Errorf("got %v", err)
	}
}

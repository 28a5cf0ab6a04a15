// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"
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

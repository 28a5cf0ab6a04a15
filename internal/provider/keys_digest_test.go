package provider_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"strings"
	"testing"
)

// digestIsOf reports whether private data has the digest of a key pair. It computes
// the digest by its documentation: a MAC with a salt, of the length of the access key
// and both keys.
func digestIsOf(private []byte, keys keyPair) bool {
	var values map[string][]byte
	var digest struct{ Salt, MAC []byte }
	if json.Unmarshal(private, &values) != nil || json.Unmarshal(values["keys_digest"], &digest) != nil {
		return false
	}
	mac := hmac.New(sha256.New, digest.Salt)
	mac.Write([]byte{0, 0, 0, 0, 0, 0, 0, byte(len(keys.access))}) // they are not longer
	mac.Write([]byte(keys.access + keys.secret))
	return hmac.Equal(mac.Sum(nil), digest.MAC)
}

// TestForgottenDigest checks that the keys are sent once more, or that a warning says
// why not, after Terraform has dropped the private data because the provider died
// during an update.
func TestForgottenDigest(t *testing.T) {
	t.Parallel()
	for version, test := range map[string]struct {
		keys string // that the server has after the next apply
		says string
	}{
		"9.6.0": {"second", "AWS keys will be sent once"},
		"9.5.0": {"first", "AWS keys are not compared"},
	} {
		server, _ := cluster(t, version)
		l := &lab{t: t, server: server, first: newKeyPair(), second: newKeyPair()}
		l.w = newWorkspace(t, object{"elasticsearch": object{"endpoints": []any{server.URL}}})
		l.applyGood(l.endpoint(l.first, 240))
		l.w.held.private = nil
		l.w.config = l.endpoint(l.second, 240)
		found := applyAgain(t.Context(), l)
		if text := told(found); !strings.Contains(text, test.says) || len(errorsOf(found)) > 0 {
			t.Errorf("%s: want %q, was told: %s", version, test.says, text)
		}
		if got := serverKeys(l); got != test.keys {
			t.Errorf("%s: the server has the %s keys, want the %s", version, got, test.keys)
		}
		if got := stateKeys(l); test.keys == "second" && got != "second" {
			t.Errorf("%s: the state has the digest of %s", version, got)
		}
	}
}

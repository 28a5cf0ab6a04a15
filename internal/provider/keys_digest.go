package provider

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// privateKeysDigest names the digest in a resource's private state.
const privateKeysDigest = "keys_digest"

// privateReader and privateWriter are the two halves of the framework's private
// state, whose own type cannot be named.
type (
	privateReader interface {
		GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	}
	privateWriter interface {
		SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
	}
	privateReadWriter interface {
		privateReader
		privateWriter
	}
)

// keysDigest tells later whether keys are still the same, without holding them.
// HMAC-SHA-256 under a fresh random salt suffices where a password would need a
// slow function: AWS makes secret keys of 240 random bits, out of reach of any
// guessing, and a plan over thousands of endpoints computes one digest for each.
type keysDigest struct {
	Salt []byte `json:"salt"`
	MAC  []byte `json:"mac"`
}

func newKeysDigest(keys inference.Keys) keysDigest {
	salt := make([]byte, 16)
	rand.Read(salt)
	return keysDigest{Salt: salt, MAC: keysMAC(salt, keys)}
}

func (d keysDigest) matches(keys inference.Keys) bool {
	return hmac.Equal(d.MAC, keysMAC(d.Salt, keys))
}

func keysMAC(salt []byte, keys inference.Keys) []byte {
	mac := hmac.New(sha256.New, salt)
	// The length keeps ("ab", "c") and ("a", "bc") apart.
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(keys.AccessKey)))
	mac.Write(length[:])
	mac.Write([]byte(keys.AccessKey.Reveal()))
	mac.Write([]byte(keys.SecretKey.Reveal()))
	return mac.Sum(nil)
}

// readKeysDigest answers false where there is none: after an import, and where it
// got lost.
func readKeysDigest(ctx context.Context, private privateReader) (keysDigest, bool) {
	data, diags := private.GetKey(ctx, privateKeysDigest)
	var digest keysDigest
	if diags.HasError() || len(data) == 0 || json.Unmarshal(data, &digest) != nil {
		return keysDigest{}, false
	}
	return digest, len(digest.MAC) > 0
}

// noDigest is kept where it is not known which keys an endpoint has, as after an
// import: a digest that is not there at all is one that got lost.
const noDigest = "{}"

func hasKeysDigest(ctx context.Context, private privateReader) bool {
	data, diags := private.GetKey(ctx, privateKeysDigest)
	return !diags.HasError() && len(data) > 0
}

// storeKeysDigest keeps the digest of keys that the target has taken, or that it
// has taken none.
func storeKeysDigest(ctx context.Context, private privateWriter, keys inference.Keys) diag.Diagnostics {
	data, err := json.Marshal(newKeysDigest(keys))
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Digest of the keys cannot be stored", err.Error())}
	}
	return private.SetKey(ctx, privateKeysDigest, data)
}

func storeNoDigest(ctx context.Context, private privateWriter) diag.Diagnostics {
	return private.SetKey(ctx, privateKeysDigest, []byte(noDigest))
}

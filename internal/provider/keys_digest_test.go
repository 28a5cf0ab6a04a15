package provider_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
)

// digestIsOf tells whether private data holds the digest of a pair. It computes
// the digest anew, from what is documented of it: a MAC under a salt, over the
// length of the access key and both keys.
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

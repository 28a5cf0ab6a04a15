// SPDX-License-Identifier: MPL-2.0

package elasticsearch_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
)

// forms returns the encodings of a secret.
func forms(secret string) []string {
	quoted, _ := json.Marshal(secret)
	return []string{
		secret, strings.Trim(string(quoted), `"`), url.QueryEscape(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.StdEncoding.EncodeToString([]byte("elastic:" + secret)),
	}
}

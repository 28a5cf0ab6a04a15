// SPDX-License-Identifier: MPL-2.0

// Package redact keeps secrets out of everything that is shown, logged or stored.
package redact

import (
	"encoding/base64"
	"net/url"
	"os"
	"strings"
)

// Secret is a value that may be sent in a request and nowhere else. Formatting
// or encoding it yields a placeholder; Reveal returns the value.
type Secret string

const redacted = "(sensitive value)"

// String hides the value from fmt.
func (Secret) String() string { return redacted }

// GoString hides the value from %#v.
func (Secret) GoString() string { return redacted }

// MarshalText hides the value from encoders.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Reveal returns the value itself, for the request that needs it.
func (s Secret) Reveal() string { return string(s) }

// ProxySecrets returns the credentials in the proxies that the environment names.
// They are found in malformed values too, which errors of net/http repeat.
func ProxySecrets() []Secret {
	var secrets []Secret
	for _, variable := range []string{"HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"} {
		for _, name := range []string{variable, strings.ToLower(variable)} {
			secrets = append(secrets, AddressSecrets(os.Getenv(name))...)
		}
	}
	return secrets
}

// AddressSecrets returns the credentials in the address of a server: the password,
// the user and the password, and their form in a header. The address need not be
// a valid URL.
func AddressSecrets(address string) []Secret {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return nil
	}
	credentials := address[:at]
	if scheme := strings.Index(credentials, ":/"); scheme >= 0 {
		credentials = strings.TrimLeft(credentials[scheme+1:], "/")
	}
	var secrets []Secret
	decoded, err := url.PathUnescape(credentials)
	for _, form := range []string{credentials, decoded} {
		if form == "" || form == decoded && err != nil {
			continue
		}
		secrets = append(secrets, Secret(form), Secret(base64.StdEncoding.EncodeToString([]byte(form))))
		if _, password, ok := strings.Cut(form, ":"); ok {
			secrets = append(secrets, Secret(password))
		}
	}
	return secrets
}

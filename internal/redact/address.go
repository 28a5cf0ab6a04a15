// SPDX-License-Identifier: MPL-2.0

package redact

import (
	"encoding/base64"
	"net/url"
	"os"
	"strings"
)

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

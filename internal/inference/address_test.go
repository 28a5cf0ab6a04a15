// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	t.Parallel()
	for address, says := range map[string]string{
		"https://es:9200":                     "",
		"http://127.0.0.1/path":               "",
		"https://[::1]:9200":                  "",
		"":                                    "does not begin with http:// or https://",
		"es:9200":                             "does not begin with http:// or https://",
		"ftp://u:secret@es":                   "does not begin with http:// or https://",
		"https://":                            "names no host",
		"https://u:secret@":                   "names no host",
		"https://u:secret@es:x":               "cannot be read as a URL",
		"elastic:secret@es:9200":              "does not begin with http:// or https://",
		"https:/u:secret@es":                  "names no host",
		"https:u:secret@es":                   "names no host",
		"u:secret":                            "does not begin with http:// or https://",
		"https://u:secret":                    "cannot be read as a URL",
		"//u:secret@es":                       "does not begin with http:// or https://",
		"es:9200?key=secret":                  "does not begin with http:// or https://",
		"https://es:65535":                    "",
		"https://es:":                         "",
		"https://es:65536":                    `"https://es:65536" has a port that is not a number from 1 to 65535`,
		"https://es:0":                        "a port that is not a number from 1 to 65535",
		"https://[::1]:92000":                 "a port that is not a number from 1 to 65535",
		"http://10.0.0.1:99999":               "a port that is not a number from 1 to 65535",
		"https://es:920092009200920092009200": "a port that is not a number from 1 to 65535",
		"https://10.0.0.256:9200":             `"10.0.0.256", which is not an IPv4 address`,
		"https://127.0.1":                     `"127.0.1", which is not an IPv4 address`,
		"https://1.2.3.4.5/es":                `"1.2.3.4.5", which is not an IPv4 address`,
	} {
		base, fault := ParseAddress("endpoint", address, "https://localhost")
		switch {
		case (fault == nil) != (says == "") || (base == nil) != (fault != nil):
			t.Errorf("%q: got %v, %v", address, base, fault)
		case fault == nil:
		case !strings.Contains(fault.Detail, says) || !strings.Contains(fault.Detail, `Write for example "https://localhost".`) || fault.Path != "endpoint":
			t.Errorf("%q: got %+v, want %q", address, fault, says)
		case strings.Contains(fault.Detail, "secret"):
			t.Errorf("%q: the message repeats the password: %s", address, fault.Detail)
		}
	}
}

// SPDX-License-Identifier: MPL-2.0

package inference

import (
	"net"
	"net/url"
	"regexp"
	"strconv"
	"sync"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// ParseAddress parses the URL of a server. Messages quote example. They repeat the
// address only if it cannot contain a password.
func ParseAddress(path validation.Path, address, example string) (*url.URL, *validation.Violation) {
	base, err := url.Parse(address)
	var violation validation.Violation
	switch {
	case err != nil:
		violation = validation.Errorf(path, "Not a URL", "%s cannot be read as a URL. Write for example %q.", quoteAddress(address), example)
	case base.Scheme != "http" && base.Scheme != "https":
		violation = validation.Errorf(path, "Not a URL of http or https", "%s does not begin with http:// or https://. Write for example %q.", quoteAddress(address), example)
	case base.Hostname() == "":
		violation = validation.Errorf(path, "URL without a host", "%s names no host. Write for example %q.", quoteAddress(address), example)
	case !isPort(base.Port()):
		violation = validation.Errorf(path, "URL with an invalid port", "%s has a port that is not a number from 1 to 65535. Write for example %q.", quoteAddress(address), example)
	case dottedNumbers.MatchString(base.Hostname()) && net.ParseIP(base.Hostname()) == nil:
		violation = validation.Errorf(path, "URL with an invalid IP address", "%s has host %s, which is not an IPv4 address: that is four numbers from 0 to 255. Write for example %q.", quoteAddress(address), validation.Quote(base.Hostname()), example)
	default:
		return base, nil
	}
	return nil, &violation
}

// dottedNumbers matches a host that can only be meant as an IPv4 address.
var dottedNumbers = regexp.MustCompile(`^[0-9]+(\.[0-9]+)+$`)

// isPort reports whether a port of a URL is absent or can be connected to.
func isPort(port string) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && number > 0
}

// plainAddress matches a host, a port and a path: nothing that could be a password,
// which malformed URLs may have in any place.
var plainAddress = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([a-z]{1,8}://)?[A-Za-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?$`)
})

func quoteAddress(address string) string {
	if plainAddress().MatchString(address) {
		return validation.Quote(address)
	}
	return "The address (not repeated here, because it may contain a password)"
}

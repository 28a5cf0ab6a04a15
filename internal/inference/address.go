package inference

import (
	"net/url"
	"regexp"

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
	default:
		return base, nil
	}
	return nil, &violation
}

// plainAddress matches a host, a port and a path: nothing that could be a password,
// which malformed URLs may have in any place.
var plainAddress = regexp.MustCompile(`^([a-z]{1,8}://)?[A-Za-z0-9.-]*(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?$`)

func quoteAddress(address string) string {
	if plainAddress.MatchString(address) {
		return validation.Quote(address)
	}
	return "The address (not repeated here, because it may contain a password)"
}

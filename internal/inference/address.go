package inference

import (
	"net/url"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// ParseAddress parses the URL of a server. Messages quote example.
func ParseAddress(path validation.Path, address, example string) (*url.URL, *validation.Violation) {
	base, err := url.Parse(address)
	var violation validation.Violation
	switch {
	case err != nil: // which would repeat a password
		violation = validation.Errorf(path, "Not a URL", "The address cannot be read as a URL. Write for example %q.", example)
	case base.Scheme != "http" && base.Scheme != "https":
		violation = validation.Errorf(path, "Not a URL of http or https", "%q does not begin with http:// or https://. Write for example %q.", base.Redacted(), example)
	case base.Hostname() == "":
		violation = validation.Errorf(path, "URL without a host", "%q names no host. Write for example %q.", base.Redacted(), example)
	default:
		return base, nil
	}
	return nil, &violation
}

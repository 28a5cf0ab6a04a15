package inference

import "net/url"

// ParseAddress reads the URL of a server. An example says how to write one.
func ParseAddress(path Path, address, example string) (*url.URL, *Violation) {
	base, err := url.Parse(address)
	var violation Violation
	switch {
	case err != nil: // which would repeat a password
		violation = Errorf(path, "Not a URL", "The address cannot be read as a URL. Write for example %q.", example)
	case base.Scheme != "http" && base.Scheme != "https":
		violation = Errorf(path, "Not a URL of http or https", "%q does not begin with http:// or https://. Write for example %q.", base.Redacted(), example)
	case base.Hostname() == "":
		violation = Errorf(path, "URL without a host", "%q names no host. Write for example %q.", base.Redacted(), example)
	default:
		return base, nil
	}
	return nil, &violation
}

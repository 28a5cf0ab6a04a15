package inference

// Secret is a value that only the wire may carry. Formatting it, in a log line
// or an error, gives a placeholder.
type Secret string

const redacted = "(sensitive value)"

// String hides the value from fmt.
func (Secret) String() string { return redacted }

// GoString hides the value from %#v.
func (Secret) GoString() string { return redacted }

// MarshalText hides the value from encoders; Reveal is the only way out.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Reveal returns the value itself, for the request that needs it.
func (s Secret) Reveal() string { return string(s) }

// Keys are the AWS credentials that an endpoint uses; both or neither.
type Keys struct {
	AccessKey Secret
	SecretKey Secret
}

// IsZero tells that no keys are given.
func (k Keys) IsZero() bool { return k == Keys{} }

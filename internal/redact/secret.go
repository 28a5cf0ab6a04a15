// SPDX-License-Identifier: MPL-2.0

// Package redact keeps secrets out of everything that is shown, logged or stored.
package redact

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

package validation

// Setting is one value as a person wrote it: given, left out, or not known
// yet. The zero value is left out. A rule that needs an unknown value stays
// silent: it is asked again once the value is known.
type Setting[T any] struct {
	value   T
	given   bool
	unknown bool
}

// Given is a setting with a known value.
func Given[T any](value T) Setting[T] { return Setting[T]{value: value, given: true} }

// Unknown is a setting that will have a value which nobody knows yet, such as
// the attribute of a Terraform resource that does not exist yet.
func Unknown[T any]() Setting[T] { return Setting[T]{unknown: true} }

// Known returns the value, and whether there is one.
func (s Setting[T]) Known() (T, bool) { return s.value, s.given }

// Or returns the value, or the fallback where there is none.
func (s Setting[T]) Or(fallback T) T {
	if s.given {
		return s.value
	}
	return fallback
}

// Absent tells that the setting was left out, which is not the same as unknown.
func (s Setting[T]) Absent() bool { return !s.given && !s.unknown }

// IsUnknown tells that the setting has a value which is not known yet.
func (s Setting[T]) IsUnknown() bool { return s.unknown }

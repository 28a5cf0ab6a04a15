package embedded

import "github.com/terraform-provider-inference/terraform-provider-inference/internal/redact"

// WithLink replaces os.Link.
func WithLink(link func(oldName, newName string) error) Option {
	return func(t *Target) { t.store.link = link }
}

// FastSealed is Sealed with a cost that suits tests.
func FastSealed(passphrase string) Option {
	return func(t *Target) { t.store.seal = &seal{passphrase: redact.Secret(passphrase), workFactor: 4} }
}

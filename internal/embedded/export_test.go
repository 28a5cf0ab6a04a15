package embedded

// LinkedBy replaces os.Link.
func LinkedBy(link func(made, name string) error) Option {
	return func(t *Target) { t.store.link = link }
}

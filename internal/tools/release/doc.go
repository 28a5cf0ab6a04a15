// Package release has no code but tests: they hold .goreleaser.yml and the
// workflows against what the registries ask of a release. goreleaser itself is
// not needed, and no part of its module either.
package release

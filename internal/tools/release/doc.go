// SPDX-License-Identifier: MPL-2.0

// Package release has only tests. They check .goreleaser.yml, the workflows, the
// changelog and the pages against what the registries of Terraform and OpenTofu
// require. They need neither goreleaser nor the network.
package release

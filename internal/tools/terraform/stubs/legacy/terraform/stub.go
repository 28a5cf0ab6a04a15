// SPDX-License-Identifier: MPL-2.0

// Package terraform stands in for a module that only Terraform's own unit tests import: see the module file.
package terraform

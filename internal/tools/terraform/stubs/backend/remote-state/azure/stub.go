// SPDX-License-Identifier: MPL-2.0

// Package azure stands in for Terraform's backend of that name: see the module file.
package azure

import (
	"github.com/hashicorp/terraform/internal/backend"
	"github.com/hashicorp/terraform/internal/backend/remote-state/inmem"
)

// New returns the in-memory backend.
func New() backend.Backend { return inmem.New() }

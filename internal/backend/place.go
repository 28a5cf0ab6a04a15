// SPDX-License-Identifier: MPL-2.0

package backend

import (
	"context"
	"fmt"
)

// Placed is a target whose ID does not identify the file that holds its endpoints.
type Placed interface {
	// Place returns the file that is configured.
	Place(ctx context.Context) (Place, error)
}

// Place is a file for endpoints, which may not exist yet.
type Place struct {
	// Path is the path as configured; a relative one is the same in every clone of
	// a repository.
	Path string
	// UUID identifies the file, also after it was moved. It is empty if the file
	// does not exist.
	UUID string
}

// IsOther reports whether endpoints that were created in another place are in
// another file. If there is no file at the same path, they were deleted with it.
func (p Place) IsOther(created Place) bool {
	if p.UUID == "" {
		return p.Path != created.Path
	}
	return p.UUID != created.UUID
}

// String returns the file for a sentence.
func (p Place) String() string {
	if p.UUID == "" {
		return fmt.Sprintf("the file %s (not created yet)", p.Path)
	}
	return fmt.Sprintf("the file %s (%s)", p.Path, p.UUID)
}

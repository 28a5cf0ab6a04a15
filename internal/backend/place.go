package backend

import (
	"context"
	"fmt"
)

// Placed is a target whose ID does not tell where its endpoints lie.
type Placed interface {
	// Place is where they lie now.
	Place(ctx context.Context) (Place, error)
}

// Place is a file that holds endpoints, or that will.
type Place struct {
	// Path is as it was written, so that it means the same in every clone.
	Path string
	// UUID is the file's own, wherever it is moved; empty where there is no
	// file.
	UUID string
}

// IsOther reports whether an endpoint which was created in made, and is not here, is not
// gone: it lies in another file. Where there is no file at the path that made
// had, it was deleted, and its endpoints with it.
func (p Place) IsOther(made Place) bool {
	if p.UUID == "" {
		return p.Path != made.Path
	}
	return p.UUID != made.UUID
}

// String names it for a sentence.
func (p Place) String() string {
	if p.UUID == "" {
		return fmt.Sprintf("the file %s (not made yet)", p.Path)
	}
	return fmt.Sprintf("the file %s (%s)", p.Path, p.UUID)
}

// Addressed is a target whose ID does not say how it is reached.
type Addressed interface {
	// Address is the URL of the target, without credentials.
	Address() string
}

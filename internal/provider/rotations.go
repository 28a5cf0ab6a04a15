package provider

import (
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// rotations carries credentials_revision over a replacement: the new endpoint
// is created without any sight of the old one, but in the same process.
type rotations struct {
	mu      sync.Mutex
	deleted map[string]rotation
}

type rotation struct {
	revision int64
	version  types.Int64
	digest   keysDigest
}

// remember keeps what a deleted endpoint had.
func (r *rotations) remember(inferenceID string, old rotation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.deleted == nil {
		r.deleted = map[string]rotation{}
	}
	r.deleted[inferenceID] = old
}

// next is the revision of an endpoint just made with keys: 1 for a new one, and
// for a replacement the old one's, plus one where the keys or their version
// are others.
func (r *rotations) next(inferenceID string, version types.Int64, keys inference.Keys) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	old, ok := r.deleted[inferenceID]
	switch {
	case !ok:
		return 1
	case old.version.Equal(version) && (len(old.digest.MAC) == 0 || old.digest.matches(keys)):
		return old.revision
	}
	return old.revision + 1
}

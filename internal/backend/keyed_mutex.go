// SPDX-License-Identifier: MPL-2.0

package backend

import (
	"context"
	"sync"
)

// KeyedMutex is a mutex for each key, for example for each inference id. Its zero
// value is ready to use. All methods are safe for concurrent use.
type KeyedMutex struct {
	mu     sync.Mutex
	locked map[string]chan struct{} // closed on unlock
}

// Lock locks a key and returns the function that unlocks it. It waits until the key
// is free or the context ends; then it returns the error of the context.
func (m *KeyedMutex) Lock(ctx context.Context, key string) (unlock func(), err error) {
	for {
		locked := m.tryLock(key)
		if locked == nil {
			return func() { m.unlock(key) }, nil
		}
		select {
		case <-locked:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// tryLock locks the key and returns nil, or returns a channel that is closed when
// the key is unlocked.
func (m *KeyedMutex) tryLock(key string) chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	locked, ok := m.locked[key]
	if ok {
		return locked
	}
	if m.locked == nil {
		m.locked = map[string]chan struct{}{}
	}
	m.locked[key] = make(chan struct{})
	return nil
}

func (m *KeyedMutex) unlock(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	close(m.locked[key])
	delete(m.locked, key)
}

//go:build !windows

package embedded

import (
	"os"
	"syscall"
)

// unlock gives up bbolt's lock. To close the file is not enough: the memory that
// it is mapped to holds the lock as well.
func unlock(file *os.File) { _ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN) }

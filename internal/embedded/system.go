//go:build !windows

package embedded

import (
	"os"
	"syscall"
)

// unlock gives up bbolt's lock. To close the file is not enough: the memory that
// it is mapped to holds the lock as well.
func unlock(file *os.File) { _ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN) }

// syncDirectory has the name of a new file outlive a loss of power. Not every
// file system can; the file is good without it.
func syncDirectory(path string) {
	directory, err := os.Open(path)
	if err != nil {
		return
	}
	_ = directory.Sync()
	_ = directory.Close()
}

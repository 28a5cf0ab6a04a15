// SPDX-License-Identifier: MPL-2.0

//go:build !windows

package embedded

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// Protection names what keeps other users of the machine from reading the file.
const Protection = "its mode 0600"

// checkPrivate returns an error if other users may read a file, or if its owner
// is neither this user nor root: the owner may change the mode at any time.
func checkPrivate(path string, info fs.FileInfo) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid != 0 && int(stat.Uid) != os.Geteuid() {
		return fmt.Errorf("it belongs to the user with id %d, who may read the keys in it; use a file of your own", stat.Uid)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("its mode is %04o, so other users of this machine may read the keys in it; if it is your file, run: chmod 600 %s", mode, path)
	}
	return nil
}

// unlock releases bbolt's lock. Closing the file is not enough, because the
// mapped memory keeps the lock as well.
func unlock(file *os.File) { _ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN) }

// syncDirectory makes the name of a new file survive a loss of power. Not every
// file system supports it; the file is usable without it.
func syncDirectory(path string) {
	directory, err := os.Open(path)
	if err != nil {
		return
	}
	_ = directory.Sync()
	_ = directory.Close()
}

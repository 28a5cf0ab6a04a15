//go:build !windows

package embedded

import (
	"fmt"
	"io/fs"
)

// Protection is what keeps others on the machine from reading the file.
const Protection = "its mode 0600"

// checkMode refuses a file that others may read: it holds keys.
func checkMode(path string, info fs.FileInfo) error {
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("its mode is %04o, so others on this machine may read the keys in it; if it is your file of endpoints, run: chmod 600 %s", mode, path)
	}
	return nil
}

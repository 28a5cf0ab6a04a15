// SPDX-License-Identifier: MPL-2.0

package embedded

import (
	"io/fs"
	"os"
)

// Protection names what keeps other users of the machine from reading the file.
const Protection = "the access list of its directory"

// checkPrivate accepts every file. Windows has no modes: Go reports 0666 for all
// files that can be written.
func checkPrivate(string, fs.FileInfo) error { return nil }

// unlock does nothing. On Windows, a lock ends with the handle that created it.
func unlock(*os.File) {}

// syncDirectory does nothing. Windows has no such call.
func syncDirectory(string) {}

package embedded

import "os"

// unlock does nothing. On Windows, a lock ends with the handle it was made by.
func unlock(*os.File) {}

// syncDirectory does nothing. Windows has no such call.
func syncDirectory(string) {}

package elasticsearch

import "syscall"

// errReset is what the system calls a connection that the other side reset.
// Windows never returns the ECONNRESET that Go has for it.
const errReset = syscall.WSAECONNRESET

// SPDX-License-Identifier: MPL-2.0

//go:build !unix

package main

import "time"

// cpuTime is not measured on this system. The gauge does not build there either.
func cpuTime() time.Duration { return 0 }

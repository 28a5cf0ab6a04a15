// SPDX-License-Identifier: MPL-2.0

//go:build race

package serve_test

// raceDetector reports whether the tests, and the servers that they start from
// their own binary, run with the race detector, which takes several times the
// memory and time.
const raceDetector = true

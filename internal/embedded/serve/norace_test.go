// SPDX-License-Identifier: MPL-2.0

//go:build !race

package serve_test

const raceDetector = false

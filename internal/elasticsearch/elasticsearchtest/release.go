// SPDX-License-Identifier: MPL-2.0

package elasticsearchtest

import "fmt"

// release is a version. Serverless is newer than all.
type release struct{ major, minor, patch int }

func parseRelease(number, flavor string) (release, error) {
	if flavor == "serverless" {
		return release{major: 99}, nil
	}
	var r release
	if _, err := fmt.Sscanf(number, "%d.%d.%d", &r.major, &r.minor, &r.patch); err != nil {
		return release{}, fmt.Errorf("not a version: %q", number)
	}
	return r, nil
}

func (r release) atLeast(major, minor int) bool {
	return r.major > major || (r.major == major && r.minor >= minor)
}

func (r release) isLine(major, minor int) bool { return r.major == major && r.minor == minor }

// since819or91 reports whether the version is 8.19, which came out with 9.1, or 9.1 or newer.
func (r release) since819or91() bool { return r.isLine(8, 19) || r.atLeast(9, 1) }

func (r release) hasService() bool      { return r.atLeast(8, 15) }
func (r release) hasChunking() bool     { return r.atLeast(8, 16) }
func (r release) protectsIndices() bool { return r.atLeast(8, 16) }
func (r release) hasStream() bool       { return r.atLeast(8, 16) }
func (r release) hasUpdate() bool       { return r.atLeast(8, 16) }

// cannotForwardUpdates marks versions in which an _update cannot travel from the
// node that is asked to the elected master (#122278).
func (r release) cannotForwardUpdates() bool { return !r.atLeast(8, 18) }

// boundsSeparators marks versions with at most 50 separators (#158589).
func (r release) boundsSeparators() bool {
	return r.atLeast(9, 6) || (r.isLine(9, 5) && r.patch >= 5)
}

// runParser is the name that the parser of a run has in error texts.
func (r release) runParser() string {
	if r.atLeast(8, 18) {
		return "cluster:internal/xpack/inference"
	}
	return "cluster:monitor/xpack/inference"
}

func (r release) hasTruncate() bool       { return r.since819or91() }
func (r release) hasPutTimeout() bool     { return r.since819or91() }
func (r release) hasUpdateTimeout() bool  { return r.atLeast(9, 5) }
func (r release) hasChatCompletion() bool { return r.atLeast(9, 4) }
func (r release) triesUpdates() bool      { return r.atLeast(9, 4) }
func (r release) boundsChunks() bool      { return !r.atLeast(9, 2) }
func (r release) hasNewerTexts() bool     { return r.atLeast(9, 2) }
func (r release) updatesLimits() bool     { return r.atLeast(9, 4) }
func (r release) parsesStrictly() bool    { return r.atLeast(9, 5) }
func (r release) refusesKeys() bool       { return r.isLine(9, 5) && r.patch < 3 }
func (r release) checksRequestType() bool { return r.since819or91() }

// showsEmptySettings marks versions that show empty task settings.
func (r release) showsEmptySettings() bool { return !r.atLeast(8, 16) }

// checksMappings marks versions that refuse an endpoint which mappings do not fit
// (#137055, #137587, #137584).
func (r release) checksMappings() bool {
	return r.atLeast(9, 3) || (r.isLine(9, 2) && r.patch >= 1) || (r.isLine(9, 1) && r.patch >= 7) || (r.isLine(8, 19) && r.patch >= 7)
}

// runFields are the fields that the parser of a run knows.
func (r release) runFields() []string {
	fields := []string{"input", "task_settings", "timeout"}
	if !r.atLeast(9, 5) {
		fields = append(fields, "query")
	}
	if r.since819or91() {
		fields = append(fields, "input_type")
		if !r.atLeast(9, 5) {
			fields = append(fields, "return_documents", "top_n")
		}
	}
	return fields
}

func (r release) strategies() []string {
	known := []string{"word", "sentence"}
	if r.since819or91() {
		known = append(known, "none", "recursive")
	}
	return known
}

// dropsChunking reports whether _update forgets the chunking settings.
func (r release) dropsChunking() bool {
	fixed := r.atLeast(9, 4) || (r.isLine(8, 19) && r.patch >= 12) || (r.isLine(9, 3) && r.patch >= 1) || (r.isLine(9, 2) && r.patch >= 6)
	return !fixed
}

package elasticsearch

import (
	"slices"
	"strconv"
	"strings"
)

// serverless is the flavour of builds that have no version of their own: they
// are as new as it gets.
const serverless = "serverless"

// version is major, minor and patch.
type version [3]int

// parseVersion reads "9.1.0", also "9.1" and "9.1.0-SNAPSHOT".
func parseVersion(text string) (version, bool) {
	text, _, _ = strings.Cut(text, "-")
	parts := strings.Split(text, ".")
	var v version
	if len(parts) > len(v) {
		return version{}, false
	}
	for i, part := range parts {
		number, err := strconv.ParseUint(part, 10, 16)
		if err != nil {
			return version{}, false
		}
		v[i] = int(number)
	}
	return v, true
}

func (v version) String() string {
	return strconv.Itoa(v[0]) + "." + strconv.Itoa(v[1]) + "." + strconv.Itoa(v[2])
}

// has tells whether a change is in the version. since lists the releases that
// brought it: backports to older lines first, the line that kept it last.
func (v version) has(since ...version) bool {
	for i, release := range since {
		sameLine := slices.Equal(v[:2], release[:2])
		if last := i == len(since)-1; (last || sameLine) && slices.Compare(v[:], release[:]) >= 0 {
			return true
		}
	}
	return false
}

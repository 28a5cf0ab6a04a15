// SPDX-License-Identifier: MPL-2.0

package backend

import "testing"

func TestPlaceIsOther(t *testing.T) {
	made := Place{Path: "a.db", UUID: "one"}
	for name, test := range map[string]struct {
		now  Place
		want bool
	}{
		"the same file":            {Place{"a.db", "one"}, false},
		"the same file, moved":     {Place{"b.db", "one"}, false},
		"another file":             {Place{"b.db", "two"}, true},
		"another file at its path": {Place{"a.db", "two"}, true},
		"no file at another path":  {Place{"b.db", ""}, true},
		"no file at its path":      {Place{"a.db", ""}, false},
	} {
		if got := test.now.IsOther(made); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

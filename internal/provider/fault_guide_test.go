// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"slices"
	"strings"
	"testing"
)

const reliabilityGuide = "../../templates/guides/reliability.md"

// documentedOutcomes reads the outcomes of all faults and operations from the table in
// the reliability guide.
func documentedOutcomes(t *testing.T) map[string]map[string]string {
	t.Helper()
	guide, err := os.ReadFile(reliabilityGuide)
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(guide), "<!-- matrix -->\n")
	if !ok {
		t.Fatalf("%s has no table after <!-- matrix -->", reliabilityGuide)
	}
	var columns []string
	for _, operation := range operations() {
		columns = append(columns, operation.name)
	}
	documented := map[string]map[string]string{}
	for i, line := range strings.Split(table, "\n") {
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := tableCells(line)
		switch {
		case i == 0 && !slices.Equal(cells[1:], columns):
			t.Fatalf("got columns %q in the guide, want %q", cells[1:], columns)
		case i < 2: // the header and its separator
			continue
		case len(cells) != len(columns)+1:
			t.Fatalf("got %d cells, want %d, in the row %s", len(cells), len(columns)+1, line)
		}
		documented[cells[0]] = map[string]string{}
		for j, column := range columns {
			documented[cells[0]][column] = cells[j+1]
		}
	}
	return documented
}

// tableCells returns the trimmed cells of a row of a Markdown table.
func tableCells(line string) []string {
	cells := strings.Split(strings.Trim(line, "|"), "|")
	for i, cell := range cells {
		cells[i] = strings.TrimSpace(cell)
	}
	return cells
}

package provider_test

import (
	"os"
	"slices"
	"strings"
	"testing"
)

const reliabilityGuide = "../../templates/guides/reliability.md"

// promisedOutcomes reads the table of the guide: the outcome of each fault and
// operation.
func promisedOutcomes(t *testing.T) map[string]map[string]string {
	t.Helper()
	guide, err := os.ReadFile(reliabilityGuide)
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(guide), "<!-- matrix -->\n")
	if !ok {
		t.Fatal("the guide has no matrix")
	}
	var columns []string
	for _, operation := range operations() {
		columns = append(columns, operation.name)
	}
	promised := map[string]map[string]string{}
	for i, line := range strings.Split(table, "\n") {
		if !strings.HasPrefix(line, "|") {
			break
		}
		cells := cellsOf(line)
		switch {
		case i == 0 && !slices.Equal(cells[1:], columns):
			t.Fatalf("the guide has the operations %q, there are %q", cells[1:], columns)
		case i < 2: // the head and the line below it
			continue
		case len(cells) != len(columns)+1:
			t.Fatalf("a row of the guide has %d cells: %s", len(cells), line)
		}
		promised[cells[0]] = map[string]string{}
		for j, column := range columns {
			promised[cells[0]][column] = cells[j+1]
		}
	}
	return promised
}

func cellsOf(line string) []string {
	cells := strings.Split(strings.Trim(line, "|"), "|")
	for i, cell := range cells {
		cells[i] = strings.TrimSpace(cell)
	}
	return cells
}

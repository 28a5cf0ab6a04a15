// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// row is one line of the table. What does not apply is empty.
type row struct {
	what, took string
	// ratio is to what is smallest or best, data to terraform_data.
	ratio, data string
	requests    string
	cpu, memory string
	budget      string
}

func (r row) cells() []string {
	return []string{r.what, r.took, r.ratio, r.data, r.requests, r.cpu, r.memory, r.budget}
}

var header = row{
	"What", "Took", "Ratio", "To `terraform_data`", "Requests", "Plugin's share of CPU", "Plugin's peak memory", "Budget",
}

// markdown writes rows as a table that can also be read as it is.
func markdown(rows []row) string {
	lines := [][]string{header.cells(), nil}
	for _, row := range rows {
		lines = append(lines, row.cells())
	}
	widths := make([]int, len(header.cells()))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	lines[1] = make([]string, len(widths))
	for i, width := range widths {
		lines[1][i] = strings.Repeat("-", width)
	}
	var out strings.Builder
	for _, line := range lines {
		for i, cell := range line {
			out.WriteString("| " + cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+1))
		}
		out.WriteString("|\n")
	}
	return out.String()
}

func seconds(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.3g ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func times(a, b float64, of string) string {
	return fmt.Sprintf("%.2f x %s", a/b, of)
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.0f MB", float64(bytes)/1e6) }

// thousands writes 1000 as 1,000.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// judged is a budget with what has become of it.
func judged(budget string, kept bool) string {
	if kept {
		return budget + ": kept"
	}
	return budget + ": **missed**"
}

// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// row is one line of the table. Empty cells do not apply.
type row struct {
	what string
	// echo, floor and data are ratios of the time to the other subjects.
	echo, floor, data string
	requests          string
	cpu, memory       string // of the plugin
	took              string
	limit             string
	// short rows are part of the table of one screen.
	short bool
}

var header = row{
	what: "What", echo: "To echo", floor: "To floor", data: "To data", requests: "Requests",
	cpu: "Plugin's CPU", memory: "Plugin's memory", took: "Took", limit: "Limit",
}

func (r row) cells() []string {
	return []string{r.what, r.echo, r.floor, r.data, r.requests, r.cpu, r.memory, r.took, r.limit}
}

// table writes rows as Markdown whose source can be read too: all of them, or the short
// ones, which fit on a screen.
func table(rows []row, all bool) string {
	lines := [][]string{header.cells(), nil}
	for _, row := range rows {
		if all || row.short {
			lines = append(lines, row.cells())
		}
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

// ranged writes a median with its range, or alone if the range says no more.
func ranged(f figure, write func(float64) string) string {
	texts := []string{write(f.median), write(f.least), write(f.most)}
	if len(slices.Compact(slices.Clone(texts))) == 1 {
		return texts[0]
	}
	return fmt.Sprintf("%s (%s to %s)", texts[0], texts[1], texts[2])
}

func ratio(f figure) string {
	return ranged(f, func(value float64) string { return fmt.Sprintf("%.2f", value) })
}

func ratioOf(a, b float64) string { return fmt.Sprintf("%.2f", a/b) }

// duration writes seconds, or milliseconds below one second.
func duration(f figure) string {
	if f.most < 1 {
		return ranged(f, func(value float64) string { return fmt.Sprintf("%.3g", 1000*value) }) + " ms"
	}
	return ranged(f, func(value float64) string { return fmt.Sprintf("%.1f", value) }) + " s"
}

func microseconds(f figure) string {
	return ranged(f, func(value float64) string { return fmt.Sprintf("%.0f", 1e6*value) }) + " µs"
}

func megabytes(bytes float64) string { return fmt.Sprintf("%.0f MB", bytes/1e6) }

// thousands writes 1000 as 1,000.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// judged is a limit and whether it is met.
func judged(limit string, met bool) string {
	if met {
		return limit + ": met"
	}
	return limit + ": **missed**"
}

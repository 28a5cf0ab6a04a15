// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/xml"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// chart is a line chart over the number of endpoints, which has a logarithmic axis.
type chart struct {
	file, title, unit string
	// ticks are the labeled values of the vertical axis, in rising order. The axis is
	// logarithmic if the first one is above 0.
	ticks []float64
	lines []line
}

// line is the series of one command.
type line struct {
	label  string
	color  string
	points []point
}

type point struct{ endpoints, value float64 }

// commands are the commands that charts show, with colors that people with color blindness
// can tell apart (Okabe and Ito).
var commands = []struct{ name, color string }{
	{opPlan, "#0072b2"}, {opApply, "#d55e00"}, {opRefresh, "#009e73"}, {opAgain, "#cc79a7"}, {opDestroy, "#606060"},
}

var (
	commandRow = regexp.MustCompile(`^(.+), ([0-9,]+) endpoints, server of 20 ms$`)
	floorRatio = regexp.MustCompile(`^([0-9.]+) x floor`)
)

// charts returns the growth of each command, and its ratio to the floor, from the rows of
// the table.
func charts(rows []row) []chart {
	growth := chart{file: "performance-growth.svg", title: "Duration by number of endpoints, server of 20 ms", unit: "s", ticks: []float64{0.1, 1, 10, 100}}
	ratios := chart{file: "performance-ratios.svg", title: "Duration compared with the floor provider, server of 20 ms", unit: "x", ticks: []float64{0, 1, 2, 3, 4}}
	for _, command := range commands {
		took, ratio := line{label: command.name, color: command.color}, line{label: command.name, color: command.color}
		for _, row := range rows {
			found := commandRow.FindStringSubmatch(row.what)
			if found == nil || found[1] != command.name {
				continue
			}
			endpoints, _ := strconv.ParseFloat(strings.ReplaceAll(found[2], ",", ""), 64)
			if seconds, ok := parseSeconds(row.took); ok {
				took.points = append(took.points, point{endpoints, seconds})
			}
			if relative := floorRatio.FindStringSubmatch(row.ratio); relative != nil {
				value, _ := strconv.ParseFloat(relative[1], 64)
				ratio.points = append(ratio.points, point{endpoints, value})
			}
		}
		growth.lines, ratios.lines = append(growth.lines, took), append(ratios.lines, ratio)
	}
	return []chart{growth, ratios}
}

// parseSeconds is the inverse of seconds.
func parseSeconds(text string) (float64, bool) {
	number, unit, _ := strings.Cut(text, " ")
	value, err := strconv.ParseFloat(number, 64)
	if unit == "ms" {
		value /= 1000
	}
	return value, err == nil && (unit == "s" || unit == "ms")
}

// The layout of a chart, in pixels.
const (
	chartWidth, chartHeight               = 760.0, 400.0
	plotLeft, plotRight, plotTop, plotEnd = 60.0, 620.0, 50.0, 350.0
	labelHeight                           = 16.0
)

// svg draws the chart. The same rows give the same bytes.
func (c chart) svg() string {
	var out strings.Builder
	text := func(x, y float64, anchor, color, text string) {
		var escaped strings.Builder
		_ = xml.EscapeText(&escaped, []byte(text)) // a Builder does not fail
		fmt.Fprintf(&out, "  <text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\">%s</text>\n", x, y, anchor, color, escaped.String())
	}
	fmt.Fprintf(&out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" font-size=\"13\">\n", chartWidth, chartHeight)
	fmt.Fprintf(&out, "  <rect width=\"%.0f\" height=\"%.0f\" fill=\"#ffffff\"/>\n", chartWidth, chartHeight)
	text(plotLeft, 28, "start", "#000000", c.title)
	for _, tick := range c.ticks {
		y := c.y(tick)
		fmt.Fprintf(&out, "  <line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/>\n", plotLeft, y, plotRight, y)
		text(plotLeft-8, y+4, "end", "#444444", strconv.FormatFloat(tick, 'g', -1, 64)+" "+c.unit)
	}
	first, last := c.bounds()
	for _, endpoints := range []float64{10, 100, 1000, 5000} {
		if endpoints >= first && endpoints <= last {
			text(c.x(endpoints), plotEnd+20, "middle", "#444444", thousands(int(endpoints)))
		}
	}
	text((plotLeft+plotRight)/2, plotEnd+40, "middle", "#444444", "endpoints")
	labels := c.labelHeights()
	for i, line := range c.lines {
		var points []string
		for _, p := range line.points {
			points = append(points, fmt.Sprintf("%.1f,%.1f", c.x(p.endpoints), c.y(p.value)))
		}
		if len(points) == 0 {
			continue
		}
		fmt.Fprintf(&out, "  <polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n", strings.Join(points, " "), line.color)
		text(plotRight+10, labels[i], "start", line.color, line.label)
	}
	out.WriteString("</svg>\n")
	return out.String()
}

// bounds returns the smallest and the largest number of endpoints.
func (c chart) bounds() (first, last float64) {
	first, last = math.Inf(1), math.Inf(-1)
	for _, line := range c.lines {
		for _, p := range line.points {
			first, last = min(first, p.endpoints), max(last, p.endpoints)
		}
	}
	return first, last
}

func (c chart) x(endpoints float64) float64 {
	first, last := c.bounds()
	if first == last {
		return plotRight
	}
	return plotLeft + (plotRight-plotLeft)*math.Log(endpoints/first)/math.Log(last/first)
}

func (c chart) y(value float64) float64 {
	lowest, highest := c.ticks[0], c.ticks[len(c.ticks)-1]
	share := (value - lowest) / (highest - lowest)
	if lowest > 0 {
		share = math.Log(value/lowest) / math.Log(highest/lowest)
	}
	return plotEnd - (plotEnd-plotTop)*min(1, max(0, share))
}

// labelHeights returns where the labels of the lines are: at their ends, and below the one
// above if they would overlap.
func (c chart) labelHeights() []float64 {
	heights := make([]float64, len(c.lines))
	order := make([]int, 0, len(c.lines))
	for i, line := range c.lines {
		if len(line.points) == 0 {
			continue
		}
		heights[i] = c.y(line.points[len(line.points)-1].value) + 4
		at := len(order)
		for at > 0 && heights[order[at-1]] > heights[i] {
			at--
		}
		order = append(order[:at], append([]int{i}, order[at:]...)...)
	}
	for k := 1; k < len(order); k++ {
		heights[order[k]] = max(heights[order[k]], heights[order[k-1]]+labelHeight)
	}
	return heights
}

// writeCharts writes the charts of the rows to a directory.
func writeCharts(directory string, rows []row) error {
	if err := os.MkdirAll(directory, 0o755); err != nil {
		return err
	}
	for _, c := range charts(rows) {
		if err := os.WriteFile(filepath.Join(directory, c.file), []byte(c.svg()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// parseTable returns the rows of the table in a page.
func parseTable(page string) []row {
	var rows []row
	for text := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(text), "|"), "|")
		if len(cells) != len(header.cells()) {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if cells[0] != header.what && !strings.HasPrefix(cells[0], "---") {
			rows = append(rows, row{cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], cells[6], cells[7]})
		}
	}
	return rows
}

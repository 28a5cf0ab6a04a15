// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// The charts are SVG files without scripts or external resources. They have a title
// and a description for screen readers, and follow the color scheme of the reader. The
// registry shows only the pages of docs/, so the guide refers to the charts on GitHub.

// charts returns the charts of the performance guide by file name.
func (r report) charts() map[string]string {
	charts := map[string]string{}
	if ratios := r.ratioChart(); len(ratios.bars) > 0 {
		charts["performance-ratios.svg"] = ratios.svg()
	}
	if growth := r.growthChart(); len(growth.lines) > 0 {
		charts["performance-growth.svg"] = growth.svg()
	}
	return charts
}

// ratioChart compares the time of each command with the echo and the floor.
func (r report) ratioChart() barChart {
	count := last(r.sizes, budgetSize)
	slow := endpointsOn(latencies[len(latencies)-1])
	chart := barChart{
		title: fmt.Sprintf("Time of each command with %s, compared with the echo", endpointCount(count)),
		limit: refreshRatio, limitText: fmt.Sprintf("limit of the refresh, %.1f", refreshRatio),
	}
	for _, operation := range cycle {
		ours := r.commands[measure{slow, operation.name, count}]
		if least := r.commands[measure{echoName, operation.name, count}]; len(ours) > 0 && len(least) > 0 {
			chart.bars = append(chart.bars, bar{operation.name, ratios(ours, least, wall)})
		}
	}
	return chart
}

// growthChart shows what one endpoint takes of the plugin when there are more of them.
func (r report) growthChart() lineChart {
	chart := lineChart{title: "CPU time of the plugin for each endpoint, by the number of endpoints", unit: "µs"}
	for _, operation := range cycle {
		drawn := line{name: operation.name}
		for _, count := range r.large {
			if found := r.protocolAt(operation.name, count); len(found) > 0 {
				drawn.points = append(drawn.points, point{float64(count), 1e6 * figureOf(found, protocolResult.cpu).median})
			}
		}
		if len(drawn.points) > 1 {
			chart.lines = append(chart.lines, drawn)
		}
	}
	return chart
}

type bar struct {
	name  string
	value figure
}

type barChart struct {
	title     string
	bars      []bar
	limit     float64
	limitText string
}

type point struct{ x, y float64 }

type line struct {
	name   string
	points []point
}

type lineChart struct {
	title, unit string
	lines       []line
}

// The layout in pixels.
const (
	chartWidth = 720
	leftMargin = 130
	plotWidth  = 440
	topMargin  = 56
	barHeight  = 22
	barGap     = 14
	plotHeight = 260
)

// colors are those of Okabe and Ito, which people with color blindness can distinguish.
// The lines also differ in their dashes.
var (
	colors = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00"}
	dashes = []string{"", "6 3", "2 3", "10 4 2 4", "1 4"}
)

// svgFile writes a chart with a text alternative.
func svgFile(height int, title, description, content string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="title description">
<title id="title">%s</title>
<desc id="description">%s</desc>
<style>
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.heading { font-weight: 600; font-size: 15px }
.axis { stroke: #59636e; stroke-width: 1; fill: none }
.grid { stroke: #d1d9e0; stroke-width: 1 }
.limit { stroke: #d1242f; stroke-width: 1.5; stroke-dasharray: 5 4 }
.limit-text { fill: #d1242f }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.axis { stroke: #9198a1 }
.grid { stroke: #3d444d }
.limit { stroke: #ff7b72 }
.limit-text { fill: #ff7b72 }
}
</style>
%s</svg>
`, chartWidth, height, chartWidth, height, html.EscapeString(title), html.EscapeString(description), content)
}

func heading(out *strings.Builder, text string) {
	fmt.Fprintf(out, "<text class=\"heading\" x=\"16\" y=\"26\">%s</text>\n", html.EscapeString(text))
}

func (c barChart) svg() string {
	most := c.limit
	for _, bar := range c.bars {
		most = max(most, bar.value.most)
	}
	scale := func(value float64) float64 { return leftMargin + plotWidth*value/most }
	bottom := topMargin + len(c.bars)*(barHeight+barGap)
	var out, description strings.Builder
	heading(&out, c.title)
	for i, bar := range c.bars {
		y := topMargin + i*(barHeight+barGap)
		middle := y + barHeight/2
		fmt.Fprintf(&out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", leftMargin-10, middle+5, html.EscapeString(bar.name))
		fmt.Fprintf(&out, "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", leftMargin, y, scale(bar.value.median)-leftMargin, barHeight, colors[0])
		fmt.Fprintf(&out, "<path class=\"axis\" d=\"M%.1f %d H%.1f\"/>\n", scale(bar.value.least), middle, scale(bar.value.most))
		fmt.Fprintf(&out, "<text x=\"%.1f\" y=\"%d\">%s</text>\n", scale(bar.value.most)+8, middle+5, ratio(bar.value))
		fmt.Fprintf(&description, "%s: %s. ", bar.name, ratio(bar.value))
	}
	fmt.Fprintf(&out, "<path class=\"limit\" d=\"M%.1f %d V%d\"/>\n", scale(c.limit), topMargin-8, bottom)
	fmt.Fprintf(&out, "<text class=\"limit-text\" x=\"%.1f\" y=\"%d\" text-anchor=\"end\">%s</text>\n", scale(c.limit)-6, bottom+16, html.EscapeString(c.limitText))
	fmt.Fprintf(&out, "<path class=\"axis\" d=\"M%d %d V%d\"/>\n", leftMargin, topMargin-8, bottom)
	return svgFile(bottom+32, c.title, "Medians with their ranges. "+description.String(), out.String())
}

// svg draws the numbers of endpoints on a logarithmic axis.
func (c lineChart) svg() string {
	least, mostX, mostY := math.Inf(1), 0.0, 0.0
	for _, line := range c.lines {
		for _, point := range line.points {
			least, mostX, mostY = min(least, point.x), max(mostX, point.x), max(mostY, point.y)
		}
	}
	step := niceStep(mostY)
	mostY = step * math.Ceil(mostY/step)
	x := func(value float64) float64 {
		return leftMargin + plotWidth*math.Log(value/least)/math.Log(mostX/least)
	}
	y := func(value float64) float64 { return topMargin + plotHeight*(1-value/mostY) }
	var out, description strings.Builder
	heading(&out, c.title)
	for value := 0.0; value <= mostY+step/2; value += step {
		fmt.Fprintf(&out, "<path class=\"grid\" d=\"M%d %.1f H%d\"/>\n", leftMargin, y(value), leftMargin+plotWidth)
		fmt.Fprintf(&out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s %s</text>\n", leftMargin-10, y(value)+5, thousands(int(value)), c.unit)
	}
	for _, point := range c.lines[0].points {
		fmt.Fprintf(&out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n", x(point.x), topMargin+plotHeight+22, thousands(int(point.x)))
	}
	for i, line := range c.lines {
		var path []string
		fmt.Fprintf(&description, "%s: ", line.name)
		for _, point := range line.points {
			path = append(path, fmt.Sprintf("%.1f %.1f", x(point.x), y(point.y)))
			fmt.Fprintf(&description, "%.0f %s with %s endpoints, ", point.y, c.unit, thousands(int(point.x)))
		}
		color, dash := colors[i%len(colors)], dashes[i%len(dashes)]
		fmt.Fprintf(&out, "<path d=\"M%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2.5\" stroke-dasharray=\"%s\"/>\n", strings.Join(path, " L"), color, dash)
		key := topMargin + 10 + 24*i
		fmt.Fprintf(&out, "<path d=\"M%d %d h28\" stroke=\"%s\" stroke-width=\"2.5\" stroke-dasharray=\"%s\"/>\n", leftMargin+plotWidth+16, key, color, dash)
		fmt.Fprintf(&out, "<text x=\"%d\" y=\"%d\">%s</text>\n", leftMargin+plotWidth+52, key+5, html.EscapeString(line.name))
	}
	fmt.Fprintf(&out, "<path class=\"axis\" d=\"M%d %d V%d H%d\"/>\n", leftMargin, topMargin-8, topMargin+plotHeight, leftMargin+plotWidth)
	fmt.Fprintf(&out, "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">endpoints</text>\n", leftMargin+plotWidth/2, topMargin+plotHeight+44)
	return svgFile(topMargin+plotHeight+60, c.title, strings.TrimSuffix(description.String(), ", ")+".", out.String())
}

// niceStep returns the distance of about five grid lines: 1, 2 or 5 with zeros.
func niceStep(most float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(most/5)))
	for _, factor := range []float64{1, 2, 5} {
		if most/(factor*power) <= 6 {
			return factor * power
		}
	}
	return 10 * power
}

// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const repository = "../../.."

// TestChartsAreCurrent checks that the charts of the guide show the numbers of its table.
func TestChartsAreCurrent(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join(repository, "templates", "guides", "performance.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range charts(parseTable(string(page))) {
		drawn, err := os.ReadFile(filepath.Join(repository, "images", c.file))
		if err != nil || string(drawn) != c.svg() {
			t.Errorf("images/%s does not show the table of the guide: run go run ./internal/tools/bench -draw templates/guides/performance.md (%v)", c.file, err)
		}
		if !strings.Contains(string(page), "/images/"+c.file) {
			t.Errorf("the guide does not show %s", c.file)
		}
		for _, line := range c.lines {
			if len(line.points) < 3 {
				t.Errorf("%s: %s has %d points, want at least 3", c.file, line.label, len(line.points))
			}
		}
	}
}

// TestChart checks that a drawing is well-formed and that its labels do not overlap.
func TestChart(t *testing.T) {
	t.Parallel()
	drawn := chart{
		title: "a < b & c", unit: "s", ticks: []float64{0.1, 1, 10},
		lines: []line{
			{label: "first", color: "#000000", points: []point{{10, 0.1}, {100, 1}}},
			{label: "second", color: "#000000", points: []point{{10, 0.2}, {100, 1}}},
			{label: "absent", color: "#000000"},
		},
	}
	decoder := xml.NewDecoder(strings.NewReader(drawn.svg()))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if heights := drawn.labelHeights(); heights[1]-heights[0] != labelHeight {
		t.Errorf("got the labels at %v, want %v between them", heights, labelHeight)
	}
	if low, high := drawn.y(0.1), drawn.y(10); low != plotEnd || high != plotTop || drawn.y(1) != (low+high)/2 {
		t.Errorf("got %v and %v for the bounds, and %v between them", low, high, drawn.y(1))
	}
	if strings.Contains(drawn.svg(), "absent") {
		t.Error("a line without points has a label")
	}
}

func TestParseSeconds(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{"1.5 s": 1.5, "217 ms": 0.217} {
		if got, ok := parseSeconds(text); !ok || got != want {
			t.Errorf("%q: got %v, %t, want %v", text, got, ok, want)
		}
	}
	if _, ok := parseSeconds("29 MB"); ok {
		t.Error("a size is taken for a duration")
	}
}

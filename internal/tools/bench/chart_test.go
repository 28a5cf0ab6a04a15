// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

// TestCharts checks that the charts are well-formed, have a title and a description with
// all numbers, and follow the color scheme.
func TestCharts(t *testing.T) {
	t.Parallel()
	r := report{sizes: []int{1, 1000}, large: []int{100, 20000}, commands: measured{}}
	for _, operation := range cycle {
		for _, subject := range []string{endpointsOn(20 * time.Millisecond), echoName} {
			r.commands[measure{subject, operation.name, 1000}] = []use{{wall: time.Second}, {wall: 3 * time.Second}, {wall: 2 * time.Second}}
		}
		r.protocol = append(r.protocol, protocolResult{Operation: operation.name, Count: 100, CPU: time.Millisecond}, protocolResult{Operation: operation.name, Count: 20000, CPU: time.Second})
	}
	charts := r.charts()
	if len(charts) != 2 {
		t.Fatalf("got %d charts, want 2", len(charts))
	}
	for name, chart := range charts {
		decoder := xml.NewDecoder(strings.NewReader(chart))
		for {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		for _, want := range []string{`role="img"`, "<title", "<desc", "prefers-color-scheme: dark", "destroy: "} {
			if !strings.Contains(chart, want) {
				t.Errorf("%s does not contain %q", name, want)
			}
		}
		if strings.Contains(chart, "NaN") || strings.Contains(chart, "Inf") {
			t.Errorf("%s has a coordinate that is not a number:\n%s", name, chart)
		}
	}
	if want := "destroy: 10 µs with 100 endpoints, 50 µs with 20,000 endpoints."; !strings.Contains(charts["performance-growth.svg"], want) {
		t.Errorf("performance-growth.svg does not contain %q", want)
	}
}

// TestFigure checks medians and ranges.
func TestFigure(t *testing.T) {
	t.Parallel()
	for want, samples := range map[figure][]float64{
		{}:        nil,
		{2, 2, 2}: {2},
		{3, 2, 4}: {2, 4},
		{4, 1, 9}: {9, 1, 4},
	} {
		if got := figureOf(samples, func(value float64) float64 { return value }); got != want {
			t.Errorf("%v: got %v, want %v", samples, got, want)
		}
	}
	if got := ratio(figure{1.5, 1.25, 2}); got != "1.50 (1.25 to 2.00)" {
		t.Errorf("got %q", got)
	}
	if got := duration(figure{0.0123, 0.0123, 0.0123}); got != "12.3 ms" {
		t.Errorf("got %q", got)
	}
}

// TestTableOfOneScreen checks that the short table is a part of the whole one, with the
// ratios first.
func TestTableOfOneScreen(t *testing.T) {
	t.Parallel()
	rows := []row{{what: "a", echo: "1.05", short: true}, {what: "b", took: "1 s"}}
	short, whole := table(rows, false), table(rows, true)
	if strings.Count(short, "\n") != 3 || strings.Count(whole, "\n") != 4 {
		t.Errorf("got the tables\n%s\n%s", short, whole)
	}
	if !strings.HasPrefix(short, "| What | To echo | To floor |") {
		t.Errorf("got the table\n%s", short)
	}
}

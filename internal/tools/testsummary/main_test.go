// SPDX-License-Identifier: MPL-2.0

package main

import (
	"strings"
	"testing"
)

func TestSummary(t *testing.T) {
	tests := map[string]struct {
		events                  string
		passed, failed, skipped int
		prints, hides           []string
		counts                  string
	}{
		"output of failed and skipped tests": {
			events: `
{"Action":"output","Package":"p","Test":"TestA","Output":"chatter of A\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestB","Output":"b_test.go:7: got 1\n"}
{"Action":"fail","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestC","Output":"=== RUN   TestC\n"}
{"Action":"output","Package":"p","Test":"TestC","Output":"    c_test.go:9: too old\n"}
{"Action":"skip","Package":"p","Test":"TestC"}
{"Action":"output","Package":"p","Output":"FAIL\tp\t1.25s\n"}
{"Action":"fail","Package":"p"}`,
			passed: 1, failed: 1, skipped: 1,
			prints: []string{"b_test.go:7: got 1\n", "skip  TestC: c_test.go:9: too old\n", "FAIL\tp\t1.25s\n"},
			hides:  []string{"chatter of A"},
		},
		"package that does not build: one failure": {
			events: `
{"Action":"build-output","ImportPath":"p","Output":"p.go:1: syntax error\n"}
{"Action":"build-fail","ImportPath":"p"}
{"Action":"output","Package":"p","Output":"FAIL\tp [build failed]\n"}
{"Action":"fail","Package":"p"}`,
			failed: 1,
			prints: []string{"p.go:1: syntax error\n", "FAIL\tp [build failed]\n"},
		},
		"process that ends during a test: one failure": {
			events: `
{"Action":"output","Package":"p","Test":"TestA","Output":"panic: no\n"}
{"Action":"fail","Package":"p"}`,
			failed: 1,
			prints: []string{"panic: no\n"},
		},
		"counts are printed last": {
			events: `
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:7: counted: 250 cells\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:8: counted by hand\n"}
{"Action":"pass","Package":"p","Test":"TestA"}`,
			passed: 1,
			counts: "counted: 250 cells",
		},
		"package without tests": {
			events: `{"Action":"skip","Package":"p"}`,
		},
		"line that is not an event": {
			events: "go: no such tool",
			prints: []string{"go: no such tool"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			s := newSummary(&out)
			if err := s.read(strings.NewReader(strings.TrimSpace(test.events))); err != nil {
				t.Fatal(err)
			}
			if s.passed != test.passed || s.failed != test.failed || s.skipped != test.skipped {
				t.Errorf("got %d passed, %d failed, %d skipped", s.passed, s.failed, s.skipped)
			}
			if got := strings.Join(s.counts, "; "); got != test.counts {
				t.Errorf("got counts %q, want %q", got, test.counts)
			}
			for _, text := range test.prints {
				if !strings.Contains(out.String(), text) {
					t.Errorf("missing %q in:\n%s", text, out.String())
				}
			}
			for _, text := range test.hides {
				if strings.Contains(out.String(), text) {
					t.Errorf("unwanted %q in:\n%s", text, out.String())
				}
			}
		})
	}
}

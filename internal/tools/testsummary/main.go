// SPDX-License-Identifier: MPL-2.0

// Command testsummary reads the output of `go test -json` and prints one line per package, the complete output of failed tests,
// and the totals. The exit code is 1 if a test failed or none ran.
//
// A test that logs a line such as "counted: 592 wrong configurations" has it printed before the totals.
//
// With -record FILE, the totals are also appended to FILE: label, passed, failed and skipped, separated by tabs.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

func main() {
	label := flag.String("label", "tests", "what the tests ran on, for the last line")
	record := flag.String("record", "", "file to append the totals to")
	flag.Parse()

	s := newSummary(os.Stdout)
	if err := s.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "reading the test output:", err)
		os.Exit(1)
	}
	for _, count := range s.counts {
		fmt.Println(count)
	}
	fmt.Printf("%s: %d passed, %d failed, %d skipped\n", *label, s.passed, s.failed, s.skipped)

	if *record != "" {
		if err := appendLine(*record, fmt.Sprintf("%s\t%d\t%d\t%d\n", *label, s.passed, s.failed, s.skipped)); err != nil {
			fmt.Fprintln(os.Stderr, "recording the totals:", err)
			os.Exit(1)
		}
	}
	if s.failed > 0 || s.passed == 0 {
		os.Exit(1)
	}
}

// event is an event of `go test -json`; see `go doc test2json`.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

// testID identifies a test, or a package if test is empty.
type testID struct{ pkg, test string }

type summary struct {
	passed, failed, skipped int

	out         io.Writer
	counts      []string          // lines that begin with "counted:"
	output      map[testID]string // of tests and packages that still run
	failedTests map[string]int    // by package
}

func newSummary(out io.Writer) *summary {
	return &summary{out: out, output: map[testID]string{}, failedTests: map[string]int{}}
}

func (s *summary) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				fmt.Fprintf(s.out, "%s", line) // a message of the go command
			} else {
				s.add(e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (s *summary) add(e event) {
	id := testID{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		fmt.Fprint(s.out, e.Output)
	case "output":
		s.output[id] += e.Output
	case "pass", "fail", "skip":
		if e.Test == "" {
			s.endPackage(e)
		} else {
			s.endTest(e)
		}
		delete(s.output, id)
	}
}

func (s *summary) endTest(e event) {
	switch e.Action {
	case "pass":
		s.passed++
		s.counts = append(s.counts, countsIn(s.output[testID{e.Package, e.Test}])...)
	case "skip":
		s.skipped++
		fmt.Fprintf(s.out, "skip  %s: %s\n", e.Test, reason(s.output[testID{e.Package, e.Test}]))
	case "fail":
		s.failed++
		s.failedTests[e.Package]++
		fmt.Fprint(s.out, s.output[testID{e.Package, e.Test}])
	}
}

func (s *summary) endPackage(e event) {
	switch e.Action {
	case "pass":
		fmt.Fprintf(s.out, "ok    %s %.1fs\n", e.Package, e.Elapsed)
	case "fail":
		// The remaining output is the line of the go command about the package, and the reason of a failure that no test
		// reported: the package does not build, or a test ended the process or timed out.
		for _, id := range slices.SortedFunc(maps.Keys(s.output), func(a, b testID) int { return strings.Compare(a.test, b.test) }) {
			if id.pkg == e.Package {
				fmt.Fprint(s.out, s.output[id])
			}
		}
		if s.failedTests[e.Package] == 0 {
			s.failed++
		}
	}
}

// countLine matches a line of t.Log, which begins with the file and the line number.
var countLine = regexp.MustCompile(`(?m)^\s+\S+\.go:\d+: (counted: .*)$`)

func countsIn(output string) []string {
	var counts []string
	for _, line := range countLine.FindAllStringSubmatch(output, -1) {
		counts = append(counts, line[1])
	}
	return counts
}

// reason returns why a test was skipped: the first line of its output that the testing package did not write.
func reason(output string) string {
	for line := range strings.Lines(output) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "---") {
			return line
		}
	}
	return "no reason given"
}

func appendLine(path, line string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = file.WriteString(line)
	return errors.Join(err, file.Close())
}

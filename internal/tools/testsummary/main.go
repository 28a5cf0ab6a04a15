// Command testsummary reads the output of `go test -json`, prints what a reader wants of it (one line a package, the
// whole output of what failed) and ends with the totals. Its exit code is 1 when something failed or nothing ran.
//
// A test that covers more than its name says logs "counted: 592 wrong configurations": that stands before the totals.
//
// With -record FILE it also appends the totals to FILE: label, passed, failed and skipped, separated by tabs.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
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

// event is what `go doc test2json` describes.
type event struct {
	Action  string
	Package string
	Test    string
	Output  string
	Elapsed float64
}

// testID names a test, or with an empty test the package itself.
type testID struct{ pkg, test string }

type summary struct {
	passed, failed, skipped int

	out         io.Writer
	counts      []string          // what tests say that they cover
	output      map[testID]string // of what has not ended yet
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
				fmt.Fprintf(s.out, "%s", line) // not of the test protocol: go itself speaks
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
		// What is left over here is go's own line about the package, and what explains a failure that no test was there
		// to report: the package does not build, a test ended the process or ran out of time.
		for id, output := range s.output {
			if id.pkg == e.Package {
				fmt.Fprint(s.out, output)
			}
		}
		if s.failedTests[e.Package] == 0 {
			s.failed++
		}
	}
}

// countLine is a line of t.Log, which puts the place before the text.
var countLine = regexp.MustCompile(`(?m)^\s+\S+\.go:\d+: (counted: .*)$`)

func countsIn(output string) []string {
	var counts []string
	for _, line := range countLine.FindAllStringSubmatch(output, -1) {
		counts = append(counts, line[1])
	}
	return counts
}

// reason finds what a test said when it skipped: its first line that is not one of the testing package's own.
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

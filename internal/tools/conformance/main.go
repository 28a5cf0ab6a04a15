// SPDX-License-Identifier: MPL-2.0

// Command conformance compares this project with Elasticsearch's own classes: the
// chunkers, the parser of chunking settings, filter_path, bodies, times and media
// types. It generates cases at random, gives each to the driver and to this
// project, and prints every difference that the table of departures does not
// explain, in its shortest form. The exit code is 1 if there is one.
//
// With -speed, it compares the speed of the chunkers instead.
//
// usage: conformance -driver "java -cp ... org.elasticsearch.rest.Driver" [-cases N] [-seed N] [-write DIRECTORY] [-speed]
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

func main() {
	driver := flag.String("driver", "", "command that starts the driver")
	cases := flag.Int("cases", 20_000, "number of cases of each kind")
	seed := flag.Uint64("seed", uint64(time.Now().Unix()), "seed of the random cases")
	write := flag.String("write", "", "directory to write vectors to, for tests that need no Java")
	record := flag.String("record", "", "file to append the totals to")
	speed := flag.Bool("speed", false, "compare the speed of the chunkers")
	flag.Parse()

	if *speed {
		if err := compareSpeed(os.Stdout, strings.Fields(*driver)); err != nil {
			fmt.Fprintln(os.Stderr, "conformance:", err)
			os.Exit(1)
		}
		return
	}
	different, err := compareAll(os.Stdout, strings.Fields(*driver), *cases, *seed, *write, *record)
	if err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
	if different > 0 {
		os.Exit(1)
	}
}

// maxShown is the number of differences of one kind that are printed.
const maxShown = 10

func compareAll(out io.Writer, command []string, cases int, seed uint64, directory, record string) (different int, err error) {
	d, err := start(command)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	kinds, closeKinds, err := newKinds()
	if err != nil {
		return 0, err
	}
	defer closeKinds()

	fmt.Fprintf(out, "seed %d\n%-12s %8s %8s %10s %10s %8s\n", seed, "KIND", "CASES", "REFUSED", "DEPARTURES", "DIFFERENT", "SECONDS")
	passed := 0
	for _, k := range kinds {
		began := time.Now()
		t, err := k.compare(d, out, max(1, cases*k.share/100), rand.New(rand.NewPCG(seed, 0)))
		if err != nil {
			return different, fmt.Errorf("%s: %w", k.name, err)
		}
		fmt.Fprintf(out, "%-12s %8d %8d %10d %10d %8.1f\n", k.name, t.cases, t.refused, t.departures, t.different, time.Since(began).Seconds())
		different += t.different
		passed += t.cases - t.different
		if directory != "" {
			if err := k.writeVectors(d, directory); err != nil {
				return different, err
			}
		}
	}
	fmt.Fprintf(out, "conformance with Elasticsearch 9.5.3: %d passed, %d failed\n", passed, different)
	if record != "" {
		err = appendLine(record, fmt.Sprintf("conformance\t%d\t%d\t0\n", passed, different))
	}
	return different, err
}

// totals counts the cases of one kind.
type totals struct{ cases, refused, departures, different int }

// compare runs the cases of one kind in batches.
func (k kind) compare(d *driver, out io.Writer, cases int, random *rand.Rand) (totals, error) {
	const batch = 500
	var t totals
	explained := map[string]int{}
	for t.cases < cases {
		rows := make([]row, min(batch, cases-t.cases))
		for i := range rows {
			rows[i] = k.generate(random)
			rows[i].Kind = k.driverKind
		}
		answers, err := d.ask(rows)
		if err != nil {
			return t, err
		}
		for i, r := range rows {
			t.cases++
			want, got := answers[i], k.ours(r)
			if want.Error != "" {
				t.refused++
			}
			if k.same(want, got) {
				continue
			}
			if reason := k.departs(r, want, got); reason != "" {
				t.departures++
				explained[reason]++
				continue
			}
			if t.different++; t.different <= maxShown {
				if err := k.show(d, out, r); err != nil {
					return t, err
				}
			}
		}
	}
	for reason, count := range explained {
		fmt.Fprintf(out, "  %s: departure in %d cases: %s\n", k.name, count, reason)
	}
	return t, nil
}

// show prints a difference after shortening its texts as long as it stays one.
func (k kind) show(d *driver, out io.Writer, r row) error {
	r, err := k.shorten(d, r)
	if err != nil {
		return err
	}
	answers, err := d.ask([]row{r})
	if err != nil {
		return err
	}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "DIFFERENT %s\n  Elasticsearch: %s\n  here:          %s\n", text, answers[0], k.ours(r))
	return nil
}

// shorten removes parts of the case, halves first, single characters last.
func (k kind) shorten(d *driver, r row) (row, error) {
	for _, field := range []func(*row) *string{
		func(r *row) *string { return &r.Text },
		func(r *row) *string { return &r.FilterPath },
		func(r *row) *string { return &r.Time },
	} {
		for size := len([]rune(*field(&r))) / 2; size > 0; {
			shorter, err := k.shortenOnce(d, r, field, size)
			switch {
			case err != nil:
				return r, err
			case shorter == nil:
				size /= 2
			default:
				r = *shorter
			}
		}
	}
	return r, nil
}

// shortenOnce returns the first shorter case that is still a difference, or nil.
func (k kind) shortenOnce(d *driver, r row, field func(*row) *string, size int) (*row, error) {
	characters := []rune(*field(&r))
	var rows []row
	for from := 0; from+size <= len(characters); from += size {
		shorter := r
		*field(&shorter) = string(characters[:from]) + string(characters[from+size:])
		rows = append(rows, shorter)
	}
	answers, err := d.ask(rows)
	if err != nil {
		return nil, err
	}
	for i, shorter := range rows {
		if got := k.ours(shorter); !k.same(answers[i], got) && k.departs(shorter, answers[i], got) == "" {
			return &rows[i], nil
		}
	}
	return nil, nil // nil is the absence of a shorter case
}

func appendLine(path, line string) error {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(line)
	return errors.Join(err, file.Close())
}

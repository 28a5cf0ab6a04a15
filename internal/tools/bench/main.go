// SPDX-License-Identifier: MPL-2.0

// Command bench measures the overhead of the provider compared with Terraform. It
// runs the CLI and the plugin against a test double of Elasticsearch, and compares
// them with the smallest possible plugin. It prints a table of ratios, and can write
// the performance guide and its charts.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

type options struct {
	cli           string
	sizes, large  []int
	rounds        int
	all           bool
	guide, charts string
}

func main() {
	var o options
	flag.StringVar(&o.cli, "cli", "terraform", "the Terraform or OpenTofu to run")
	sizes := flag.String("sizes", "1,100,1000,5000", "numbers of endpoints to measure with the CLI, in rising order")
	large := flag.String("large", "100,1000,5000,20000", "numbers of endpoints to measure through the plugin protocol, without the CLI, in rising order")
	flag.IntVar(&o.rounds, "rounds", 3, "how often everything is measured")
	flag.BoolVar(&o.all, "all", false, "print all rows instead of one screen")
	flag.StringVar(&o.guide, "guide", "", "file for the performance guide")
	flag.StringVar(&o.charts, "charts", "", "directory for the charts of the guide")
	child := flag.Bool("protocol", false, "run as a child of the bench, see protocol.go")
	flag.Parse()
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt)
	err := start(ctx, o, *sizes, *large, *child)
	restore()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func start(ctx context.Context, o options, sizes, large string, child bool) (err error) {
	if child {
		return protocolChild(ctx, os.Stdin, os.Stdout)
	}
	if o.sizes, err = parseSizes(sizes); err != nil {
		return err
	}
	if o.large, err = parseSizes(large); err != nil {
		return err
	}
	return run(ctx, o)
}

func run(ctx context.Context, o options) error {
	machine, err := describeMachine(ctx, o.cli)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "inference-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work) //nolint:errcheck // a temporary directory
	report, err := measureReport(ctx, o, work)
	if err != nil {
		return err
	}
	rows := report.rows()
	fmt.Printf("%s. Medians of %d rounds with their ranges.\n\n%s\n%s", machine, o.rounds, table(rows, o.all), report.chunking)
	if o.charts != "" {
		for name, chart := range report.charts() {
			if err := os.WriteFile(filepath.Join(o.charts, name), []byte(chart), 0o600); err != nil {
				return err
			}
		}
	}
	if o.guide == "" {
		return nil
	}
	return guide{machine, o.rounds, table(rows, false), table(rows, true), report.chunking}.write(o.guide)
}

func parseSizes(list string) ([]int, error) {
	var sizes []int
	for text := range strings.SplitSeq(list, ",") {
		size, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || size < 1 {
			return nil, fmt.Errorf("%q is not a number of endpoints", text)
		}
		sizes = append(sizes, size)
	}
	slices.Sort(sizes)
	return sizes, nil
}

// report is everything that was measured.
type report struct {
	commands measured
	sizes    []int
	protocol []protocolResult
	large    []int
	start    map[string]startup // by name of the plugin
	binary   map[string]int64   // sizes in bytes, by name of the plugin
	models   []result
	chunking string // table in Markdown
}

func measureReport(ctx context.Context, o options, work string) (report, error) {
	r := report{sizes: o.sizes, large: o.large, start: map[string]startup{}, binary: map[string]int64{}}
	progress("building the providers")
	m, err := makeMirror(ctx, work)
	if err != nil {
		return r, err
	}
	progress("starting the plugins")
	for name, binary := range map[string]string{pluginName: m.provider, floorName: m.floor} {
		if r.start[name], err = measureStart(ctx, binary); err != nil {
			return r, err
		}
		info, err := os.Stat(binary)
		if err != nil {
			return r, err
		}
		r.binary[name] = info.Size()
	}
	progress("calling the plugin protocol")
	if r.protocol, err = measureProtocol(ctx, o.large, o.rounds); err != nil {
		return r, err
	}
	progress("running models and chunking")
	if r.models, err = goBenchmarks(ctx, "internal/bedrock", "^Benchmark(Overhead|Titan|Cohere)$"); err != nil {
		return r, err
	}
	if r.chunking, err = compareChunking(ctx); err != nil {
		return r, err
	}
	workspaces, end, err := prepare(ctx, o.cli, work, m)
	defer end()
	if err != nil {
		return r, err
	}
	r.commands, err = measureAll(ctx, workspaces, o.sizes, o.rounds)
	return r, err
}

// prepare starts the servers and creates a workspace for each subject.
func prepare(ctx context.Context, cli, work string, m mirror) (workspaces []*workspace, end func(), err error) {
	states := startStates()
	ends := []func(){states.Close}
	end = func() {
		for _, end := range ends {
			end()
		}
	}
	var subjects []subject
	start := func(latency time.Duration, of func(*cluster) subject) error {
		cluster, err := startCluster(latency)
		if err != nil {
			return err
		}
		ends = append(ends, cluster.Close)
		subjects = append(subjects, of(cluster))
		return nil
	}
	for _, latency := range latencies {
		if err := start(latency, endpoints); err != nil {
			return nil, end, err
		}
	}
	if err := start(0, echo); err != nil {
		return nil, end, err
	}
	for i, subject := range append(subjects, floor(), data()) {
		w, err := newWorkspace(ctx, subject, cli, work, m, fmt.Sprintf("%s/%d", states.URL, i))
		if err != nil {
			return nil, end, err
		}
		workspaces = append(workspaces, w)
	}
	return workspaces, end, nil
}

// progress prints on standard error what is measured now, because it takes minutes.
func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

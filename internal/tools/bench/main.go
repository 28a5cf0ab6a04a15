// Command bench measures what the provider costs beside Terraform itself, and prints one table of ratios. It runs the
// real CLI and the real plugin against a double of Elasticsearch, and beside them the smallest plugin that there can be.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"
)

func main() {
	cli := flag.String("cli", "terraform", "the Terraform or OpenTofu to run")
	sizes := flag.String("sizes", "10,100,1000,5000", "how many endpoints to measure, in rising order")
	page := flag.String("guide", "", "file to write the page about performance to")
	flag.Parse()
	ctx, restore := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, *cli, *sizes, *page)
	restore()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, cli, sizeList, page string) error {
	sizes, err := parseSizes(sizeList)
	if err != nil {
		return err
	}
	machine, err := describeMachine(ctx, cli)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "inference-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work) //nolint:errcheck // it is a temporary directory

	progress("building the providers")
	m, err := makeMirror(ctx, work)
	if err != nil {
		return err
	}
	rows, err := measureRows(ctx, cli, work, m, sizes)
	if err != nil {
		return err
	}
	table := markdown(rows)
	fmt.Printf("%s\n\n%s", machine, table)
	if page == "" {
		return nil
	}
	return guide{machine, table}.write(page)
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
	return sizes, nil
}

func measureRows(ctx context.Context, cli, work string, m mirror, sizes []int) ([]row, error) {
	progress("starting the plugin")
	plugin, err := pluginRows(ctx, m)
	if err != nil {
		return nil, err
	}
	progress("running models")
	models, err := modelRows(ctx)
	if err != nil {
		return nil, err
	}
	workspaces, end, err := prepare(ctx, cli, work, m)
	defer end()
	if err != nil {
		return nil, err
	}
	found, err := measureAll(ctx, workspaces, sizes)
	if err != nil {
		return nil, err
	}
	return append(append(terraformRows(found, sizes), plugin...), models...), nil
}

// prepare starts the servers and makes a workspace for every subject.
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

// progress tells on standard error what goes on, for it takes minutes.
func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// SPDX-License-Identifier: MPL-2.0

// Command bench compares the cost of the provider with that of Terraform itself, and prints a table of ratios. It runs Terraform
// and the provider against a double of Elasticsearch, and a minimal provider for comparison.
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
	page := flag.String("guide", "", "file to write the page about performance to; its charts are written to images/")
	draw := flag.String("draw", "", "measure nothing, and draw the charts of a page with a table")
	flag.Parse()
	if *draw != "" {
		if err := redraw(*draw); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
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
	if err := writeCharts(imagesDir, rows); err != nil {
		return err
	}
	return guide{machine, table}.write(page)
}

// imagesDir is the directory of the charts. The registry shows only pages from docs/, so
// that the guide refers to the charts on GitHub.
const imagesDir = "images"

// redraw draws the charts of a page again.
func redraw(page string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	return writeCharts(imagesDir, parseTable(string(text)))
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

// progress writes to standard error what is measured, because it takes minutes.
func progress(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

// The budgets of the plugin by itself.
const (
	startTime   = 50 * time.Millisecond
	startMemory = 40e6
	binarySize  = 32e6
	titanRatio  = 1.1
)

// pluginRows are what the plugin takes whatever it is asked for.
func pluginRows(ctx context.Context, m mirror) ([]row, error) {
	ours, err := measureStart(ctx, m.provider)
	if err != nil {
		return nil, err
	}
	smallest, err := measureStart(ctx, m.floor)
	if err != nil {
		return nil, err
	}
	size, err := os.Stat(m.provider)
	if err != nil {
		return nil, err
	}
	smallestSize, err := os.Stat(m.floor)
	if err != nil {
		return nil, err
	}
	return []row{
		{
			what: "plugin: start to handshake", took: seconds(ours.handshake),
			ratio: times(ours.handshake.Seconds(), smallest.handshake.Seconds(), "floor"),
		},
		{
			what: "plugin: start to schema", took: seconds(ours.schema),
			ratio:  times(ours.schema.Seconds(), smallest.schema.Seconds(), "floor"),
			memory: fmt.Sprintf("%s (floor %s)", megabytes(ours.peak), megabytes(smallest.peak)),
			budget: judged("50 ms, 40 MB", ours.schema <= startTime && ours.peak <= startMemory),
		},
		{
			what: "plugin: stripped binary", took: megabytes(size.Size()),
			ratio:  times(float64(size.Size()), float64(smallestSize.Size()), "floor"),
			budget: judged("32 MB", size.Size() <= binarySize),
		},
	}, nil
}

// modelRows are the benchmarks of what runs models, and of chunking.
func modelRows(ctx context.Context) ([]row, error) {
	models, err := goBenchmarks(ctx, "internal/bedrock", "^Benchmark(Overhead|Titan|Cohere)$")
	if err != nil {
		return nil, err
	}
	chunking, err := goBenchmarks(ctx, "internal/chunking", ".")
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, one := range models {
		rows = append(rows, modelRow(one))
	}
	for _, one := range chunking {
		rows = append(rows, chunkingRow(one))
	}
	return rows, nil
}

func modelRow(one result) row {
	took := time.Duration(one.values["ns/op"])
	switch one.name {
	case "Overhead":
		return row{
			what: "adapter: what it adds to a call", took: fmt.Sprintf("%.0f µs", one.values["µs-more/call"]),
			ratio: fmt.Sprintf("%.2f x bare SDK", one.values["x-sdk"]),
		}
	case "Titan":
		return row{
			what: "1,000 Titan embeddings, 8 at a time, model of 50 ms", took: seconds(took),
			ratio: fmt.Sprintf("%.2f x ideal", one.values["x-ideal"]), requests: fmt.Sprintf("%.0f", one.values["calls/op"]),
			budget: judged(fmt.Sprintf("%.1f x ideal", titanRatio), one.values["x-ideal"] <= titanRatio),
		}
	}
	return row{
		what: "1,000 " + one.name + " embeddings, model of 50 ms", took: seconds(took),
		requests: fmt.Sprintf("%.0f", one.values["calls/op"]), ratio: fmt.Sprintf("%.2f x the fewest calls", one.values["x-ideal"]),
	}
}

// chunkingRow takes what the benchmark has: a speed, and that of the reference.
func chunkingRow(one result) row {
	made := row{what: "chunking: " + one.name, took: seconds(time.Duration(one.values["ns/op"]))}
	if speed := one.values["MB/s"]; speed > 0 {
		made.took = fmt.Sprintf("%.0f MB/s", speed)
		if reference := one.values["java-MB/s"]; reference > 0 {
			made.ratio = fmt.Sprintf("%.2f x the speed of Java", speed/reference)
		}
	}
	return made
}

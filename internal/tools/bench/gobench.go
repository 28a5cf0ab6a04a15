// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// result is the result of one benchmark of go test, by unit.
type result struct {
	name   string
	values map[string]float64
}

// goBenchmarks runs benchmarks of a package of this repository. A missing package has none.
func goBenchmarks(ctx context.Context, pkg, pattern string) ([]result, error) {
	if _, err := os.Stat(pkg); os.IsNotExist(err) {
		return nil, nil
	}
	out, err := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", pattern, "./"+pkg).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("the benchmarks of %s: %w\n%s", pkg, err, out)
	}
	return parseBenchmarks(string(out)), nil
}

// compareChunking returns a table of the speed of chunking compared with Elasticsearch's
// own classes, or a sentence that says what is missing for it.
func compareChunking(ctx context.Context) (string, error) {
	command := exec.CommandContext(ctx, "scripts/conformance.sh", "-speed")
	command.Stderr = os.Stderr
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("the speed of chunking: %w\n%s", err, out)
	}
	return string(out), nil
}

// parseBenchmarks reads lines such as "BenchmarkTitan-2  1  6532 ns/op  1.05 x-ideal".
func parseBenchmarks(out string) []result {
	var found []result
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(fields[0], "Benchmark")
		if processors := strings.LastIndex(name, "-"); processors > 0 {
			name = name[:processors]
		}
		one := result{name, map[string]float64{}}
		for i := 2; i+1 < len(fields); i += 2 {
			if value, err := strconv.ParseFloat(fields[i], 64); err == nil {
				one.values[fields[i+1]] = value
			}
		}
		found = append(found, one)
	}
	return found
}

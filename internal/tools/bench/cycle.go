// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"slices"
	"time"
)

// operation is a command that users wait for.
type operation struct {
	name string
	args []string
	// changes tells of one that cannot be run twice.
	changes bool
}

const (
	opPlan    = "plan to create"
	opApply   = "apply"
	opRefresh = "refresh"
	opAgain   = "plan again"
	opDestroy = "destroy"
)

// cycle is the life of resources; each operation finds what the one before it left.
var cycle = []operation{
	{opPlan, []string{"plan", "-input=false", "-out=create.tfplan"}, false},
	{opApply, []string{"apply", "-input=false", "create.tfplan"}, true},
	{opRefresh, []string{"plan", "-input=false", "-refresh-only"}, false},
	{opAgain, []string{"plan", "-input=false", "-detailed-exitcode"}, false},
	{opDestroy, []string{"apply", "-input=false", "-destroy", "-auto-approve"}, true},
}

// measured holds the best of several runs: what other processes take of the machine only ever adds.
type measured map[measure]use

type measure struct {
	subject, operation string
	count              int
}

func (m measured) add(at measure, took use) {
	best, ok := m[at]
	if !ok {
		m[at] = took
		return
	}
	best.wall = min(best.wall, took.wall)
	if took.cpu < best.cpu {
		best.cpu, best.pluginCPU = took.cpu, took.pluginCPU
	}
	best.pluginPeak = max(best.pluginPeak, took.pluginPeak)
	best.requests = max(best.requests, took.requests)
	m[at] = best
}

// measureAll runs the cycle for all subjects together, each operation in turn for each of them, so that they meet the
// machine in the same mood.
func measureAll(ctx context.Context, workspaces []*workspace, sizes []int) (measured, error) {
	found := measured{}
	for _, count := range sizes {
		measuring := slices.DeleteFunc(slices.Clone(workspaces), func(w *workspace) bool { return w.skips(count) })
		for range rounds(count) {
			if err := found.measure(ctx, measuring, count); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// rounds is how often the cycle is measured: the less often, the longer it takes.
func rounds(count int) int {
	if count <= 100 {
		return 3
	}
	return 1
}

// rounds is how often an operation is measured in one cycle. A budget must not hang on one bad second.
func (o operation) rounds(count int) int {
	if count == budgetSize && !o.changes {
		return 3
	}
	return 1
}

// skips leaves out what would show at the largest sizes no more than at a thousand: the server without latency, and the
// echo.
func (w *workspace) skips(count int) bool {
	return count > budgetSize && (w.name == endpointsOn(0) || w.name == echoName)
}

func (m measured) measure(ctx context.Context, workspaces []*workspace, count int) error {
	for _, w := range workspaces {
		if err := w.hold(count); err != nil {
			return err
		}
	}
	for _, operation := range cycle {
		begin := time.Now()
		for range operation.rounds(count) {
			for _, w := range workspaces {
				took, err := w.run(ctx, operation.args...)
				if err != nil {
					return err
				}
				m.add(measure{w.name, operation.name, count}, took)
			}
		}
		progress("%5d %-14s %3.0f s", count, operation.name, time.Since(begin).Seconds())
	}
	return nil
}

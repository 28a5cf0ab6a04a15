package main

import (
	"context"
	"time"
)

// operation is a command that users wait for.
type operation struct {
	name string
	args []string
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
	{opPlan, []string{"plan", "-input=false", "-out=create.tfplan"}},
	{opApply, []string{"apply", "-input=false", "create.tfplan"}},
	{opRefresh, []string{"plan", "-input=false", "-refresh-only"}},
	{opAgain, []string{"plan", "-input=false", "-detailed-exitcode"}},
	{opDestroy, []string{"apply", "-input=false", "-destroy", "-auto-approve"}},
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

// measureAll runs the cycle for every subject in turn, so that they meet the machine in the same mood.
func measureAll(ctx context.Context, workspaces []*workspace, sizes []int) (measured, error) {
	found := measured{}
	for _, count := range sizes {
		for range rounds(count) {
			for _, w := range workspaces {
				if w.skips(count) {
					continue
				}
				begin := time.Now()
				if err := found.measure(ctx, w, count); err != nil {
					return nil, err
				}
				progress("%5d %-18s %.0f s", count, w.name, time.Since(begin).Seconds())
			}
		}
	}
	return found, nil
}

// rounds is how often a size is measured: the less often, the longer it takes.
func rounds(count int) int {
	if count <= 100 {
		return 3
	}
	return 1
}

// skips leaves out what would show at the largest sizes no more than at a thousand: the server without latency, and the
// wide floor.
func (w *workspace) skips(count int) bool {
	return count > budgetSize && (w.name == endpointsOn(0) || w.name == wideName)
}

func (m measured) measure(ctx context.Context, w *workspace, count int) error {
	if err := w.hold(count); err != nil {
		return err
	}
	for _, operation := range cycle {
		took, err := w.run(ctx, operation.args...)
		if err != nil {
			return err
		}
		m.add(measure{w.name, operation.name, count}, took)
	}
	return nil
}

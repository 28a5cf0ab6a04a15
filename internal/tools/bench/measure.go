// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"slices"
	"time"
)

// operation is a command of Terraform.
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

// cycle is the life of resources. Each operation needs the result of the one before.
var cycle = []operation{
	{opPlan, []string{"plan", "-input=false", "-out=create.tfplan"}},
	{opApply, []string{"apply", "-input=false", "create.tfplan"}},
	{opRefresh, []string{"plan", "-input=false", "-refresh-only"}},
	{opAgain, []string{"plan", "-input=false", "-detailed-exitcode"}},
	{opDestroy, []string{"apply", "-input=false", "-destroy", "-auto-approve"}},
}

// measure identifies what was measured.
type measure struct {
	subject, operation string
	count              int
}

// measured holds one use for each round.
type measured map[measure][]use

// measureAll runs the cycle for all subjects, which take turns at each operation, so
// that the load of the machine affects all of them alike.
func measureAll(ctx context.Context, workspaces []*workspace, sizes []int, rounds int) (measured, error) {
	found := measured{}
	for _, count := range sizes {
		measuring := slices.DeleteFunc(slices.Clone(workspaces), func(w *workspace) bool { return w.skips(count) })
		for range rounds {
			if err := found.measure(ctx, measuring, count); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// skips leaves out what shows no more at the largest sizes than at a thousand.
func (w *workspace) skips(count int) bool {
	return count > budgetSize && (w.name == endpointsOn(0) || w.name == echoName)
}

func (m measured) measure(ctx context.Context, workspaces []*workspace, count int) error {
	for _, w := range workspaces {
		if err := w.setCount(count); err != nil {
			return err
		}
	}
	for _, operation := range cycle {
		begin := time.Now()
		for _, w := range workspaces {
			took, err := w.run(ctx, operation.args...)
			if err != nil {
				return err
			}
			at := measure{w.name, operation.name, count}
			m[at] = append(m[at], took)
		}
		progress("%5d %-14s %3.0f s", count, operation.name, time.Since(begin).Seconds())
	}
	return nil
}

// figure is the median of several measurements and their range.
type figure struct{ median, least, most float64 }

func figureOf[T any](samples []T, value func(T) float64) figure {
	values := make([]float64, len(samples))
	for i, sample := range samples {
		values[i] = value(sample)
	}
	if len(values) == 0 {
		return figure{}
	}
	slices.Sort(values)
	middle := len(values) / 2
	median := values[middle]
	if len(values)%2 == 0 {
		median = (values[middle-1] + values[middle]) / 2
	}
	return figure{median, values[0], values[len(values)-1]}
}

// ratios compares two subjects round by round, because a round has the same load for
// both.
func ratios(of, to []use, value func(use) float64) figure {
	each := make([]float64, min(len(of), len(to)))
	for i := range each {
		each[i] = value(of[i]) / value(to[i])
	}
	return figureOf(each, func(ratio float64) float64 { return ratio })
}

func wall(u use) float64     { return u.wall.Seconds() }
func share(u use) float64    { return u.pluginCPU.Seconds() / u.cpu.Seconds() }
func requests(u use) float64 { return float64(u.requests) }
func peak(u use) float64     { return float64(u.pluginPeak) }

// last returns the largest of the ascending sizes that is at most the bound, or else the
// smallest size.
func last(sizes []int, bound int) int {
	largest := sizes[0]
	for _, size := range sizes {
		if size <= bound {
			largest = size
		}
	}
	return largest
}

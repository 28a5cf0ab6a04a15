// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"time"
)

// The budgets of Terraform's commands.
const (
	refreshRequests = 10
	refreshRatio    = 1.3
	waitRatio       = 1.1
	growthRatio     = 1.1
	cpuShare        = 0.25
	budgetSize      = 1000
	parallelism     = 10 // Terraform's own
)

// terraformRows are all commands that were measured, and then what the budgets say of them.
func terraformRows(m measured, sizes []int) []row {
	var rows []row
	for _, operation := range cycle {
		for _, count := range sizes {
			for _, latency := range latencies {
				if took, ok := m[measure{endpointsOn(latency), operation.name, count}]; ok {
					rows = append(rows, m.row(operation.name, count, latency, took))
				}
			}
		}
	}
	return append(rows, m.judgement(sizes)...)
}

func (m measured) row(operation string, count int, latency time.Duration, took use) row {
	smallest, data := m[measure{floorName, operation, count}], m[measure{dataName, operation, count}]
	ratio := times(took.wall.Seconds(), smallest.wall.Seconds(), floorName)
	if least, ok := m[measure{echoName, operation, count}]; ok {
		ratio += ", " + times(took.wall.Seconds(), least.wall.Seconds(), echoName)
	}
	made := row{
		what:     fmt.Sprintf("%s, %s endpoints, server of %d ms", operation, thousands(count), latency.Milliseconds()),
		took:     seconds(took.wall),
		ratio:    ratio,
		data:     fmt.Sprintf("%.2f x", took.wall.Seconds()/data.wall.Seconds()),
		requests: thousands(took.requests),
		cpu:      fmt.Sprintf("%.0f %% (floor %.0f %%)", 100*took.share(), 100*smallest.share()),
		memory:   fmt.Sprintf("%s (floor %s)", megabytes(took.pluginPeak), megabytes(smallest.pluginPeak)),
	}
	if count == budgetSize && latency > 0 {
		switch operation {
		case opPlan:
			made.budget = judged("25 % of CPU", took.share() < cpuShare)
		case opRefresh:
			least := m[measure{echoName, operation, count}].wall.Seconds() / smallest.wall.Seconds()
			made.budget = judged(fmt.Sprintf("%d requests", refreshRequests), took.requests <= refreshRequests) + "; " +
				judged(fmt.Sprintf("%.1f x floor", refreshRatio), took.wall.Seconds() <= refreshRatio*smallest.wall.Seconds()) +
				fmt.Sprintf(" (the echo is at %.2f x)", least)
		}
	}
	return made
}

// share is the plugin's part of the CPU time of a command.
func (u use) share() float64 { return u.pluginCPU.Seconds() / u.cpu.Seconds() }

// judgement are budgets that need more than one measurement.
func (m measured) judgement(sizes []int) []row {
	slow := endpointsOn(latencies[len(latencies)-1])
	var rows []row
	if late, ok := m[measure{slow, opApply, budgetSize}]; ok {
		rows = append(rows, m.waiting(late))
	}
	for _, subject := range []string{slow, floorName, dataName} {
		if made, ok := m.growth(subject, sizes); ok {
			rows = append(rows, made)
		}
	}
	return rows
}

// waiting is what a slow server adds to an apply, beside the least that it must: a latency for each endpoint, as many at
// a time as Terraform does.
func (m measured) waiting(late use) row {
	latency := latencies[len(latencies)-1]
	added := late.wall - m[measure{endpointsOn(0), opApply, budgetSize}].wall
	least := budgetSize / parallelism * latency
	return row{
		what:     fmt.Sprintf("apply, %s endpoints: what %d ms add", thousands(budgetSize), latency.Milliseconds()),
		took:     seconds(max(0, added)),
		ratio:    times(max(0, added).Seconds(), least.Seconds(), "parallelism x latency"),
		requests: fmt.Sprintf("%.2f an endpoint", float64(late.requests)/budgetSize),
		budget:   judged(fmt.Sprintf("%.1f x", waitRatio), added.Seconds() <= waitRatio*least.Seconds()),
	}
}

// growth compares what one more resource costs in a plan of many and in one of few.
func (m measured) growth(subject string, sizes []int) (row, bool) {
	const few = 100
	most := sizes[len(sizes)-1]
	small, large := m[measure{subject, opPlan, few}], m[measure{subject, opPlan, most}]
	if small.wall == 0 || large.wall == 0 || most <= few {
		return row{}, false
	}
	ratio := (large.wall.Seconds() / float64(most)) / (small.wall.Seconds() / few)
	made := row{
		what:  fmt.Sprintf("%s, each of %s %s", opPlan, thousands(most), subject),
		took:  seconds(large.wall / time.Duration(most)),
		ratio: fmt.Sprintf("%.2f x each of %d", ratio, few),
	}
	if subject != floorName && subject != dataName {
		made.budget = judged("linear", ratio <= growthRatio)
	}
	return made, true
}

// SPDX-License-Identifier: MPL-2.0

package main

import (
	"fmt"
	"strings"
	"time"
)

// The limits of DESIGN.md.
const (
	refreshRequests = 10
	refreshRatio    = 1.1 // to the echo
	refreshShare    = 0.2 // of the CPU time
	growthRatio     = 1.1
	startTime       = 50 * time.Millisecond
	startMemory     = 40e6
	binarySize      = 32e6
	titanRatio      = 1.1
	budgetSize      = 1000
)

const pluginName = "plugin"

func (r report) rows() []row {
	rows := r.commandRows()
	rows = append(rows, r.linearRows()...)
	rows = append(rows, r.protocolRows()...)
	rows = append(rows, r.pluginRows()...)
	return append(rows, modelRows(r.models)...)
}

// commandRows compares each command. The short table has one endpoint and a thousand, on
// a server with latency.
func (r report) commandRows() []row {
	var rows []row
	slow := latencies[len(latencies)-1]
	for _, operation := range cycle {
		for _, count := range r.sizes {
			for _, latency := range latencies {
				if len(r.commands[measure{endpointsOn(latency), operation.name, count}]) > 0 {
					made := r.commandRow(operation.name, count, latency)
					made.short = latency == slow && (count == 1 || count == budgetSize)
					rows = append(rows, made)
				}
			}
		}
	}
	return rows
}

func (r report) commandRow(operation string, count int, latency time.Duration) row {
	at := func(subject string) []use { return r.commands[measure{subject, operation, count}] }
	ours, least, smallest := at(endpointsOn(latency)), at(echoName), at(floorName)
	made := row{
		what:     fmt.Sprintf("%s, %s, server of %d ms", operation, endpointCount(count), latency.Milliseconds()),
		floor:    ratio(ratios(ours, smallest, wall)),
		data:     ratio(ratios(ours, at(dataName), wall)),
		requests: thousands(int(figureOf(ours, requests).most)),
		cpu:      fmt.Sprintf("%.0f %%", 100*figureOf(ours, share).median),
		memory:   megabytes(figureOf(ours, peak).most),
		took:     duration(figureOf(ours, wall)),
	}
	if len(least) > 0 {
		made.echo = ratio(ratios(ours, least, wall))
	}
	if operation == opRefresh && count == budgetSize && latency > 0 {
		made.limit = strings.Join([]string{
			judged(fmt.Sprintf("%d requests", refreshRequests), figureOf(ours, requests).most <= refreshRequests),
			judged(fmt.Sprintf("%.1f x echo", refreshRatio), ratios(ours, least, wall).median <= refreshRatio),
			judged(fmt.Sprintf("%.0f %% of CPU", 100*refreshShare), figureOf(ours, share).median <= refreshShare),
		}, "; ")
	}
	return made
}

// linearRows compares the time for one more endpoint in a large plan and in a small one.
func (r report) linearRows() []row {
	const few = 100
	most := r.sizes[len(r.sizes)-1]
	var rows []row
	for _, subject := range []string{endpointsOn(latencies[len(latencies)-1]), floorName, dataName} {
		small, large := r.commands[measure{subject, opPlan, few}], r.commands[measure{subject, opPlan, most}]
		if len(small) == 0 || len(large) == 0 || most <= few {
			continue
		}
		growth := ratios(large, small, wall)
		for _, value := range []*float64{&growth.median, &growth.least, &growth.most} {
			*value *= few / float64(most)
		}
		made := row{
			what: fmt.Sprintf("%s: time for each of %s %s, compared with each of %d", opPlan, thousands(most), subject, few),
			took: ratio(growth), short: subject != floorName && subject != dataName,
		}
		if made.short {
			made.limit = judged("linear", growth.median <= growthRatio)
		}
		rows = append(rows, made)
	}
	return rows
}

// protocolRows has the work of the plugin for each endpoint, without Terraform. The short
// table has the smallest and the largest number of endpoints.
func (r report) protocolRows() []row {
	var rows []row
	for _, operation := range cycle {
		for _, count := range r.large {
			found := r.protocolAt(operation.name, count)
			if len(found) == 0 {
				continue
			}
			rows = append(rows, row{
				what:     fmt.Sprintf("protocol: %s, %s", operation.name, endpointCount(count)),
				requests: thousands(int(figureOf(found, func(p protocolResult) float64 { return float64(p.Requests) }).most)),
				memory:   fmt.Sprintf("%.1f kB each", figureOf(found, protocolResult.memory).median/1e3),
				took:     microseconds(figureOf(found, protocolResult.cpu)) + " of CPU each",
				short:    operation.name == opRefresh && (count == r.large[0] || count == r.large[len(r.large)-1] || count == 5000),
			})
		}
	}
	return rows
}

func (r report) protocolAt(operation string, count int) []protocolResult {
	var found []protocolResult
	for _, result := range r.protocol {
		if result.Operation == operation && result.Count == count {
			found = append(found, result)
		}
	}
	return found
}

func (r report) pluginRows() []row {
	ours, smallest := r.start[pluginName], r.start[floorName]
	return []row{
		{
			what: "plugin: start to handshake", floor: ratioOf(ours.handshake.median, smallest.handshake.median), took: duration(ours.handshake),
		},
		{
			what: "plugin: start to schema", floor: ratioOf(ours.schema.median, smallest.schema.median), took: duration(ours.schema),
			memory: megabytes(float64(ours.peak)), short: true,
			limit: judged("50 ms", ours.schema.median <= startTime.Seconds()) + "; " + judged("40 MB", ours.peak <= startMemory),
		},
		{
			what: "plugin: CPU time from start to schema", floor: ratioOf(ours.cpu.median, smallest.cpu.median), took: duration(ours.cpu), short: true,
		},
		{
			what: "plugin: stripped binary", floor: ratioOf(float64(r.binary[pluginName]), float64(r.binary[floorName])),
			took: megabytes(float64(r.binary[pluginName])), short: true, limit: judged("32 MB", r.binary[pluginName] <= binarySize),
		},
	}
}

func modelRows(results []result) []row {
	var rows []row
	for _, one := range results {
		took := duration(figureOf([]float64{one.values["ns/op"] / 1e9}, func(seconds float64) float64 { return seconds }))
		calls := fmt.Sprintf("%.0f", one.values["calls/op"])
		switch one.name {
		case "Overhead":
			rows = append(rows, row{
				what: fmt.Sprintf("adapter: overhead of a call, %.2f x bare SDK", one.values["x-sdk"]), took: fmt.Sprintf("%.0f µs", one.values["µs-more/call"]), short: true,
			})
		case "Titan":
			rows = append(rows, row{
				what: fmt.Sprintf("1,000 Titan embeddings, 8 at a time, model of 50 ms: %.2f x ideal", one.values["x-ideal"]), requests: calls, took: took,
				limit: judged(fmt.Sprintf("%.1f x ideal", titanRatio), one.values["x-ideal"] <= titanRatio), short: true,
			})
		default:
			rows = append(rows, row{what: fmt.Sprintf("1,000 %s embeddings, model of 50 ms", one.name), requests: calls, took: took})
		}
	}
	return rows
}

func endpointCount(count int) string {
	if count == 1 {
		return "1 endpoint"
	}
	return thousands(count) + " endpoints"
}

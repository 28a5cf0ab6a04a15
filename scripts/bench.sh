#!/usr/bin/env bash
# Measures the overhead of the provider compared with Terraform, prints a table of one screen (BENCH_ALL=1: all rows), and
# updates the performance guide and its charts. With BENCH_SIZES, such as 1,100, it measures only these numbers of endpoints
# and changes no file.
set -euo pipefail
cd "$(dirname "$0")/.."

bench=(go run ./internal/tools/bench -cli "$(scripts/cli.sh)")
if [[ -n ${BENCH_ALL:-} ]]; then
	bench+=(-all)
fi
if [[ -n ${BENCH_SIZES:-} ]]; then
	"${bench[@]}" -sizes "$BENCH_SIZES" -large "$BENCH_SIZES"
else
	"${bench[@]}" -guide templates/guides/performance.md -charts images
	scripts/generate.sh
fi

#!/usr/bin/env bash
# Measures the overhead of the provider compared with Terraform, prints a table, and updates the performance guide. With
# BENCH_SIZES, such as 10,100, it measures only these numbers of endpoints and does not update the guide.
set -euo pipefail
cd "$(dirname "$0")/.."

bench=(go run ./internal/tools/bench -cli "$(scripts/cli.sh)")
if [[ -n ${BENCH_SIZES:-} ]]; then
	"${bench[@]}" -sizes "$BENCH_SIZES"
else
	"${bench[@]}" -guide templates/guides/performance.md
	scripts/generate.sh
fi

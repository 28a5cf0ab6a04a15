#!/usr/bin/env bash
# Measures what the provider costs beside Terraform itself, prints a table, and brings the page about performance up to
# date. With BENCH_SIZES, such as 10,100, it measures those numbers of endpoints only, and leaves the page alone.
set -euo pipefail
cd "$(dirname "$0")/.."

bench=(go run ./internal/tools/bench -cli "$(scripts/cli.sh)")
if [[ -n ${BENCH_SIZES:-} ]]; then
	"${bench[@]}" -sizes "$BENCH_SIZES"
else
	"${bench[@]}" -guide templates/guides/performance.md
	scripts/generate.sh
fi

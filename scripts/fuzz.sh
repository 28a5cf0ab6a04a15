#!/usr/bin/env bash
# Runs every fuzz test for $FUZZTIME, one after the other, because "go test" can fuzz only one at a time.
set -euo pipefail
cd "$(dirname "$0")/.."

grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' internal | while IFS=: read -r file declaration; do
	go test "./$(dirname "$file")" -run '^$' -fuzz "^${declaration#func }\$" -fuzztime "${FUZZTIME:-30s}" </dev/null
done

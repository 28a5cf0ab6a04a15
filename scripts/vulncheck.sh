#!/usr/bin/env bash
# Reports known vulnerabilities in what the provider calls. Needs access to vuln.go.dev.
set -euo pipefail
cd "$(dirname "$0")/.."

exec "$(scripts/tool.sh govulncheck)" ./...

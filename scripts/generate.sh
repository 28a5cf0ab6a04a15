#!/usr/bin/env bash
# Updates generated files: Go code, the formatting of the examples, and docs/, which is generated from the schema,
# templates/ and examples/.
set -euo pipefail
cd "$(dirname "$0")/.."

schema=$(mktemp)
trap 'rm -f "$schema"' EXIT

go generate ./...
"$(scripts/cli.sh)" fmt -recursive examples
go run ./internal/tools/docs >"$schema"

# tfplugindocs prints every step, so its output is shown only if it fails.
tfplugindocs=$(scripts/tool.sh tfplugindocs)
for command in generate validate; do
	if ! said=$("$tfplugindocs" "$command" --provider-name inference --providers-schema "$schema" 2>&1); then
		echo "$said" >&2
		exit 1
	fi
done

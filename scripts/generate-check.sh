#!/usr/bin/env bash
# Generates anew and fails when that changes a file: what is generated was then not up to date.
set -euo pipefail
cd "$(dirname "$0")/.."

# Compared is before with after, not with the last commit, so that the check also works amid uncommitted work.
state() {
	git ls-files --cached --others --exclude-standard -- docs examples '*.go' | sort -u | while IFS= read -r file; do
		[[ ! -f $file ]] || echo "$(git hash-object -- "$file") $file"
	done
}

before=$(state)
scripts/generate.sh
stale=$(diff <(echo "$before") <(state) | awk '/^[<>]/ { print "  " $3 }' | sort -u) || true
if [[ -n $stale ]]; then
	printf 'These were not up to date, run "make generate" and commit the result:\n%s\n' "$stale" >&2
	exit 1
fi

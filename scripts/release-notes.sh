#!/usr/bin/env bash
# Prints the section of a version in CHANGELOG.md, without its heading. It is an error if there is none, or if it is not dated.
# usage: scripts/release-notes.sh VERSION
set -euo pipefail
cd "$(dirname "$0")/.."

notes=$(awk -v version="$1" '
	/^## / { inside = index($0, "## " version " (") == 1 && $0 !~ /Unreleased/; next }
	inside { print }
' CHANGELOG.md)
if [[ -z $notes ]]; then
	echo "CHANGELOG.md has no dated section of version $1: write \"## $1 (Month D, YYYY)\"." >&2
	exit 1
fi
echo "$notes"

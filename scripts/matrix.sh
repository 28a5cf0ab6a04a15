#!/usr/bin/env bash
# Runs the acceptance tests on the oldest and the newest Terraform and on OpenTofu. Ends with a table.
# usage: scripts/matrix.sh packages [test flags]
set -euo pipefail
cd "$(dirname "$0")/.."

oldest=$(awk '$1 == "github.com/hashicorp/terraform" { print $2 }' internal/tools/terraform/oldest/go.mod)
read -r installed < <(terraform version 2>/dev/null) || true
if [[ ${installed:-} == "Terraform $oldest" ]]; then
	clis=("$(command -v terraform)")
else
	clis=("$(scripts/tool.sh terraform/oldest)")
fi
clis+=("$(scripts/tool.sh terraform/newest)" "$(scripts/tool.sh opentofu)")

record=$(mktemp)
trap 'rm -f "$record"' EXIT
status=0
for cli in "${clis[@]}"; do
	TEST_RECORD=$record scripts/test.sh "$cli" "$@" || status=1
done
cat "$record" >>"${TEST_RECORD:-/dev/null}"

printf '\n%-10s %-10s %6s %7s %8s %7s\n' CLI VERSION RUN PASSED SKIPPED FAILED
while IFS=$'\t' read -r version passed failed skipped; do
	printf '%-10s %-10s %6d %7d %8d %7d\n' \
		"${version% v*}" "${version##* v}" $((passed + failed)) "$passed" "$skipped" "$failed"
done <"$record"
exit $status

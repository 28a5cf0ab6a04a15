#!/usr/bin/env bash
# Tests the policies for OPA and conftest in examples/plan-policy/rego: their own tests, and real plans of the example. Both
# tools are built from their modules, once.
set -euo pipefail
cd "$(dirname "$0")/.."

opa=$(scripts/tool.sh opa)
conftest=$(scripts/tool.sh conftest)
cli=$(scripts/cli.sh)
policies=$PWD/examples/plan-policy/rego

"$opa" check --strict "$policies"
"$opa" test "$policies"
"$conftest" verify --policy "$policies" --quiet

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/terraform-provider-inference" .
cat >"$work/cli.tfrc" <<EOF
provider_installation {
  dev_overrides {
    "terraform-provider-inference/inference" = "$work"
  }
}
EOF
export TF_CLI_CONFIG_FILE=$work/cli.tfrc
cp examples/plan-policy/main.tf "$work"

# Creates a plan with the given variables and checks it. Prints the messages of the policies.
check() {
	(
		cd "$work"
		env "$@" "$cli" plan -input=false -json -out=plan.tfplan >plan.jsonl
		"$cli" show -json plan.tfplan >plan.json
		"$conftest" test --policy "$policies" --no-color plan.json 2>&1
	)
}

if ! check TF_VAR_temperature=0.2; then
	echo "policies: the example violates them" >&2
	exit 1
fi
if found=$(check TF_VAR_temperature=0.9) || [[ $found != *"temperature is 0.9"* ]]; then
	echo "policies: a temperature of 0.9 is not refused: ${found:-}" >&2
	exit 1
fi
echo "policies: the tests pass, and plans of the example are checked by conftest"

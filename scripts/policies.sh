#!/usr/bin/env bash
# Tests the policies for OPA and conftest in examples/plan-policy: their own tests, and real plans of the example. Both tools
# are built from their modules, once.
set -euo pipefail
cd "$(dirname "$0")/.."

opa=$(scripts/tool.sh opa)
conftest=$(scripts/tool.sh conftest)
cli=$(scripts/cli.sh)
policies=$PWD/examples/plan-policy

for directory in rego names; do
	"$opa" check --strict "$policies/$directory"
	"$opa" test "$policies/$directory"
	"$conftest" verify --policy "$policies/$directory" --quiet
done

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
mkdir "$work/bin" "$work/example"
ln -s "$cli" "$work/bin/terraform" # conftest.sh finds both by their names
ln -s "$conftest" "$work/bin/conftest"
cp examples/plan-policy/main.tf "$work/example"

# Checks the example with the given variables. Prints the messages of the policies.
check() {
	(cd "$work/example" && env "PATH=$work/bin:$PATH" "$@" "$policies/conftest.sh" 2>&1)
}

# refused MESSAGE VARIABLES... fails unless the check fails with the message.
refused() {
	local message=$1 found
	shift
	if found=$(check "$@") || [[ $found != *"$message"* ]]; then
		echo "policies: want \"$message\", got: $found" >&2
		exit 1
	fi
}

if ! check TF_VAR_temperature=0.2; then
	echo "policies: the example violates them" >&2
	exit 1
fi
refused "temperature is 0.9" TF_VAR_temperature=0.9
sed -i.bak 's/max_new_tokens/max_newtokens/' "$work/example/main.tf"
refused 'task_settings has no attribute "max_newtokens"' TF_VAR_temperature=0.2
echo "policies: the tests pass, and plans of the example are checked by conftest"

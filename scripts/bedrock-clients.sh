#!/usr/bin/env bash
# Tests the simulator of Amazon Bedrock with AWS's SDK for Python, and the requests of the provider with that SDK's model of
# the service. The packages that pip installs are cached outside the repository. Without Python, nothing is tested.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v python3 >/dev/null || ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
	echo "Python is not installed: boto3 is left out."
	exit 0
fi
module=internal/tools/bedrockclients
cache=$(scripts/cache.sh)
environment=$cache/python-boto3-$(cat "$module/requirements.txt" <(python3 --version) | git hash-object --stdin)
if [[ ! -x $environment/bin/python ]]; then # a virtual environment cannot be moved
	rm -rf "$environment"
	python3 -m venv "$environment"
	"$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$module/requirements.txt" || {
		rm -rf "$environment"
		exit 1
	}
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/server" "./$module"

# The server ends when its standard input, which this shell holds, is closed.
coproc server { exec "$work/server" -requests "$work/requests"; }
read -r BEDROCK_SERVER <&"${server[0]}" || exit 1
export BEDROCK_SERVER BEDROCK_REQUESTS=$work/requests
env -u AWS_PROFILE -u AWS_BEARER_TOKEN_BEDROCK AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null \
	"$environment/bin/python" -W ignore "$module/client_test.py"

#!/usr/bin/env bash
# Holds the API of "serve" against Elastic's published document and Elastic's own clients: the ones for Go in a module
# of their own, the one for Node.js against the built binary, with the guide's example. What npm installs lies in a cache,
# not in the repository.
set -euo pipefail
cd "$(dirname "$0")/.."

module=internal/tools/clients
go -C $module test -json -count=1 ./... |
	go run ./internal/tools/testsummary -label "Go clients" ${TEST_RECORD:+-record "$TEST_RECORD"}

if ! command -v npm >/dev/null; then
	echo "npm is needed for Elastic's client for Node.js: install Node.js 20 or newer." >&2
	exit 1
fi
cache=${INFERENCE_TOOLS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/terraform-provider-inference}
packages=$cache/npm-$(git hash-object "$module/node/package-lock.json")
if [[ ! -d $packages ]]; then
	mkdir -p "$cache"
	unfinished=$(mktemp -d "$packages.XXXXXX")
	cp "$module"/node/package*.json "$unfinished"
	npm ci --prefix "$unfinished" --ignore-scripts --no-audit --no-fund --silent
	mv "$unfinished" "$packages"
fi

work=$(mktemp -d)
finish() {
	[[ -z ${server:-} ]] || kill "$server" 2>/dev/null || true
	wait
	rm -rf "$work"
}
trap finish EXIT

go build -o "$work/provider" .
umask 077 # serve refuses key files that others may read
printf 'laptop:0123456789' | base64 | tr -d '\n' >"$work/serve.key"
mkfifo "$work/log"
"$work/provider" serve --listen 127.0.0.1:0 --db "$work/endpoints.db" --simulate --api-key-file "$work/serve.key" 2>"$work/log" &
server=$!
exec 3<"$work/log"
read -r greeting <&3
cat <&3 >/dev/null &
[[ $greeting =~ ^Serving\ (http://[^ ]+) ]] || {
	echo "$greeting" >&2
	exit 1
}

# An import is looked up from where the test lies.
ln -s "$packages/node_modules" "$work/node_modules"
cp "$module/node/client.test.mjs" "$work"
GUIDE=templates/guides/embedded-target.md ELASTICSEARCH_URL=${BASH_REMATCH[1]} ELASTICSEARCH_API_KEY=$(<"$work/serve.key") \
	node --test "$work/client.test.mjs"

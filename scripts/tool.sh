#!/usr/bin/env bash
# Prints the path of a pinned tool, which it builds first if it is not in the cache.
# usage: scripts/tool.sh opentofu | terraform/newest | terraform/oldest | golangci-lint | govulncheck | tfplugindocs | deadcode | opa | conftest
# To change the version: go -C internal/tools/TOOL get -tool PACKAGE@VERSION && go -C internal/tools/TOOL mod tidy
set -euo pipefail

tool=$1
module=$(cd "$(dirname "$0")/../internal/tools/$tool" && pwd)
cache=$("$(dirname "$0")/cache.sh")

package=$(awk '$1 == "tool" { print $2 }' "$module/go.mod")
version=$(awk -v p="$package/" 'index(p, $1 "/") == 1 { print $2 }' "$module/go.mod")

# Without version.dev both CLIs call themselves a "-dev" version.
ldflags="-s -w"
sources=$module
case $tool in
opentofu)
	ldflags+=" -X github.com/opentofu/opentofu/version.dev=no"
	;;
terraform/*)
	ldflags+=" -X github.com/hashicorp/terraform/version.dev=no"
	sources=$(dirname "$module") # with the stubs
	;;
esac

# The cache key contains everything that determines the binary. It includes the version of Go because golangci-lint
# refuses code for a newer Go than it was built with.
key=$({
	go version
	echo "$ldflags"
	find "$sources" -type f -exec git hash-object {} + | sort
} | git hash-object --stdin)
binary=$cache/${tool/\//-}-$version-${key:0:12}/$(basename "$package")

if [[ ! -x $binary ]]; then
	echo "building $(basename "$package") $version, once (this takes minutes)" >&2
	mkdir -p "$(dirname "$binary")"
	unfinished=$(mktemp "$binary.XXXXXX")
	trap 'rm -f "$unfinished"' EXIT
	CGO_ENABLED=0 go -C "$module" build -ldflags "$ldflags" -o "$unfinished" "$package"
	mv "$unfinished" "$binary" # atomic, so that concurrent builds never run an incomplete file
fi

echo "$binary"

#!/usr/bin/env bash
# Prints the directory for tools and packages that the scripts build or install once, and creates it.
set -euo pipefail

cache=${INFERENCE_TOOLS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/terraform-provider-inference}
mkdir -p "$cache"
echo "$cache"

#!/usr/bin/env bash
# Tests the API of "serve" against Elastic's published document and with Elastic's own clients: those for Go in a module of
# their own; those for Node.js, Python and Java against the built binary. Packages that npm, pip and Maven install are cached
# outside the repository. Python and Java are left out if they are not installed.
set -euo pipefail
cd "$(dirname "$0")/.."

module=internal/tools/clients
go -C $module test -json -count=1 ./... |
	go run ./internal/tools/testsummary -label "Go clients" ${TEST_RECORD:+-record "$TEST_RECORD"}

if ! command -v npm >/dev/null; then
	echo "npm is needed for Elastic's client for Node.js: install Node.js 20 or newer." >&2
	exit 1
fi
cache=$(scripts/cache.sh)

# install DIRECTORY COMMAND... runs a command that fills the directory in its last argument, unless it exists.
install() {
	local directory=$1 unfinished
	shift
	[[ ! -d $directory ]] || return 0
	unfinished=$(mktemp -d "$directory.XXXXXX")
	"$@" "$unfinished"
	mv "$unfinished" "$directory"
}

install_npm() {
	cp "$module"/node/package*.json "$1"
	npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --silent
}
packages=$cache/npm-$(git hash-object "$module/node/package-lock.json")
install "$packages" install_npm

work=$(mktemp -d)
finish() {
	[[ -z ${servers:-} ]] || kill $servers 2>/dev/null || true
	wait
	rm -rf "$work"
}
trap finish EXIT

go build -o "$work/provider" .
umask 077 # serve refuses key files that others may read
printf 'laptop:0123456789' | base64 | tr -d '\n' >"$work/serve.key"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
	-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null

# start OPTIONS... starts a server and sets $url.
start() {
	local log=$work/log-$#
	mkfifo "$log"
	"$work/provider" serve --listen 127.0.0.1:0 --db "$work/endpoints.db" --simulate --api-key-file "$work/serve.key" "$@" 2>"$log" &
	servers="${servers:-} $!"
	exec {lines}<"$log"
	read -r greeting <&"$lines"
	cat <&"$lines" >/dev/null &
	[[ $greeting =~ ^Serving\ (https?://[^ ]+) ]] || {
		echo "$greeting" >&2
		exit 1
	}
	url=${BASH_REMATCH[1]}
}
start --tls-cert "$work/tls.crt" --tls-key "$work/tls.key"
export ELASTICSEARCH_TLS_URL=$url
start
export ELASTICSEARCH_URL=$url
ELASTICSEARCH_API_KEY=$(<"$work/serve.key")
ELASTICSEARCH_FINGERPRINT=$(openssl x509 -in "$work/tls.crt" -noout -fingerprint -sha256 | cut -d= -f2 | tr -d :)
export ELASTICSEARCH_API_KEY ELASTICSEARCH_FINGERPRINT

# An import is looked up from where the test lies.
ln -s "$packages/node_modules" "$work/node_modules"
cp "$module/node/client.test.mjs" "$work"
GUIDE=templates/guides/embedded-target.md node --test "$work/client.test.mjs"

if command -v python3 >/dev/null && python3 -c 'import ensurepip, venv' 2>/dev/null; then
	for major in 8 9; do
		requirements=$module/python/requirements-$major.txt
		environment=$cache/python-$major-$(cat "$requirements" <(python3 --version) | git hash-object --stdin)
		if [[ ! -x $environment/bin/python ]]; then # a virtual environment cannot be moved
			rm -rf "$environment"
			python3 -m venv "$environment"
			"$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement "$requirements" || {
				rm -rf "$environment"
				exit 1
			}
		fi
		"$environment/bin/python" -W ignore "$module/python/client_test.py" 2>"$work/python" || {
			cat "$work/python" >&2
			exit 1
		}
		echo "Python: client of version $major ok"
	done
else
	echo "Python is not installed: its client is left out."
fi

install_java() {
	mvn -q -B -Dstyle.color=never -f "$module/java/pom.xml" -Dclient.version="$version" dependency:copy-dependencies -DoutputDirectory="$1/lib"
	javac -proc:none -nowarn -cp "$1/lib/*" -d "$1/classes" "$module"/java/{Checks,Legacy}.java ${rest5:+"$module/java/Rest5.java"}
}
if command -v mvn >/dev/null && command -v javac >/dev/null; then
	for version in 8.19.24 9.4.9; do
		rest5=
		[[ $version == 8* ]] || rest5=yes
		classes=$cache/java-$version-$(cat "$module"/java/* | git hash-object --stdin)
		install "$classes" install_java
		for transport in Legacy ${rest5:+Rest5}; do
			java -cp "$classes/lib/*:$classes/classes" "$transport" "java-$version-${transport,,}" 2>"$work/java" || {
				cat "$work/java" >&2
				exit 1
			}
		done
	done
else
	echo "A JDK or Maven is not installed: the client for Java is left out."
fi

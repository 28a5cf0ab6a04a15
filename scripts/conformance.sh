#!/usr/bin/env bash
# Compares this project with Elasticsearch's own classes, which Maven downloads. Needs a JDK of 21 or newer and Maven; a
# line says so if they are missing. CASES is the number of random cases of each kind, SEED makes a run repeatable.
# usage: scripts/conformance.sh [-write|-speed]
#   -write renews the vectors that the tests read, -speed compares the speed of the chunkers instead
set -euo pipefail
cd "$(dirname "$0")/.."

# Prints the home of a JDK that is new enough.
find_jdk() {
	local home version
	for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
		[[ -x $home/bin/javac ]] || continue
		version=$("$home/bin/javac" -version 2>&1)
		version=${version#javac }
		if ((${version%%.*} >= 21)); then
			echo "$home"
			return
		fi
	done
}

jdk=$(find_jdk)
if [[ -z $jdk ]] || ! command -v mvn >/dev/null; then
	echo "conformance: left out, because it needs Maven and a JDK of version 21 or newer (JAVA_HOME)."
	[[ ${1:-} != -write ]]
	exit
fi
export JAVA_HOME=$jdk

source=internal/tools/conformance/driver
cache=$(scripts/cache.sh)
driver=$cache/conformance-$(cat $source/pom.xml "$(find $source -name Driver.java)" | git hash-object --stdin)
if [[ ! -d $driver ]]; then
	mkdir -p "$cache"
	unfinished=$(mktemp -d "$driver.XXXXXX")
	mvn --quiet --batch-mode --file $source/pom.xml compile dependency:build-classpath \
		-Doutput="$unfinished" -Dmdep.outputFile="$unfinished/classpath" >"$unfinished/log" 2>&1 || {
		cat "$unfinished/log" >&2
		exit 1
	}
	mv "$unfinished" "$driver"
fi

options=()
[[ -z ${SEED:-} ]] || options+=(-seed "$SEED")
[[ -z ${TEST_RECORD:-} ]] || options+=(-record "$TEST_RECORD")
[[ ${1:-} != -speed ]] || options+=(-speed)
[[ ${1:-} != -write ]] || options+=(-write internal/tools/conformance/testdata)
go run ./internal/tools/conformance -cases "${CASES:-20000}" "${options[@]}" \
	-driver "$jdk/bin/java -cp $driver/classes:$(<"$driver/classpath") org.elasticsearch.rest.Driver"

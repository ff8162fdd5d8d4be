# What the tests of the bench programs share: TAP, and the programs of $BUILD/bench. Sourced, with
# `. "$(dirname "$0")/bench-lib.sh"`; the test ends with `finish`.
# shellcheck shell=sh disable=SC2034 # variables for the tests

bench="${BUILD:-build}/bench"
gups="$bench/gups"
memeater="$bench/memeater"
chase="$bench/chase"
stream="$bench/stream"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM

count=0
failed=0

# ok NAME COMMAND...: a test that passes when the command does; what it said is shown otherwise.
ok() {
	name=$1
	shift
	count=$((count + 1))
	if "$@" >"$tmp/said" 2>&1; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		sed 's/^/# /' "$tmp/said"
		failed=1
	fi
}

skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

# run COMMAND...: leaves stdout in $tmp/out, stderr in $tmp/err, the status in $status.
run() {
	"$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
}

# refuses STATUS PATTERN COMMAND...: fails with that status and one line that has the pattern.
refuses() {
	want=$1 pattern=$2
	shift 2
	run "$@"
	echo "status $status, said: $(cat "$tmp/err")"
	[ "$status" -eq "$want" ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] && [ ! -s "$tmp/out" ] &&
		grep -q "^${1##*/}: " "$tmp/err" && grep -q -e "$pattern" "$tmp/err"
}

# json FILTER COMMAND...: one line of valid JSON for which the filter holds.
json() {
	filter=$1
	shift
	run "$@"
	cat "$tmp/out" "$tmp/err"
	[ "$status" -eq 0 ] && [ "$(wc -l <"$tmp/out")" -eq 1 ] && jq -e "$filter" "$tmp/out"
}

help_names_every_option() {
	run "$1" --help
	cat "$tmp/out" "$tmp/err"
	[ "$status" -eq 0 ] || return 1
	program=$1
	shift
	for option in "$@"; do
		grep -q -e "  --$option " "$tmp/out" || { echo "$program: no --$option"; return 1; }
	done
}

# are_built NAME...: ends the test if one is not there.
are_built() {
	for program; do
		if [ ! -x "$bench/$program" ]; then
			echo "1..1"
			echo "not ok 1 - $program is built"
			exit 1
		fi
	done
}

finish() {
	echo "1..$count"
	exit "$failed"
}

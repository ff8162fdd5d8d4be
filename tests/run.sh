#!/bin/bash
# Runs the tests: run.sh [unit|cli|live|long]... (default: all but long). What is needed is built. Unit and command line tests run as many
# at a time as there are CPUs. Then those that start guests: first, one after the other, the ones whose head says "Runs alone: REASON"; then
# the others, LIVE_JOBS at a time (2, but not more than CPUs), the last first, since there the longest are. What goes by time may fail
# where the host was busy: if no more than three failed, and no unit test, these are run once more, alone; what passes then is listed.
# TESTS names single ones instead: TESTS='tests/cli/bench.t build/san/unit/test-text' tests/run.sh
# GOLDEN_UPDATE=1 renews tests/golden.

cd "$(dirname "$0")/.." || exit 1
usage() {
	echo "usage: tests/run.sh [unit|cli|live|long]..." >&2
	exit 2
}

[ $# -gt 0 ] || set -- unit cli live
many=() alone=() others=() again=()
for part in "$@"; do
	case $part in
	unit)
		make --no-print-directory -s -j"$(nproc)" SAN=1 unit || exit 1
		for source in tests/unit/test-*.c; do
			name=${source##*/}
			many+=("build/san/unit/${name%.c}")
		done
		;;
	cli) many+=(tests/cli/*.t) ;;
	live | long)
		for test in tests/"$part"/*.t; do
			[ -e "$test" ] || continue
			if [ "$part" = long ] || grep -q '^# Runs alone: ' "$test"; then
				alone+=("$test")
			else
				others=("$test" "${others[@]}")
			fi
		done
		;;
	*) usage ;;
	esac
done
if [ -n "$TESTS" ]; then
	many=() others=()
	read -ra alone <<< "$TESTS"
fi
if [ $((${#many[@]} + ${#alone[@]} + ${#others[@]})) -eq 0 ]; then
	echo "no tests: nothing is there for: $*" >&2
	exit 1
fi

# Live tests show how far they are by themselves, on standard error; here stands what did not run, and why, and last what failed, which
# in an hour's output is far up.
notes=$(mktemp -d) || exit 1
trap 'rm -rf "$notes"' EXIT
export TIERLAB_SKIPS=$notes/skips TIERLAB_FAILED=$notes/failed
touch "$TIERLAB_SKIPS" "$TIERLAB_FAILED"
export CMOCKA_MESSAGE_OUTPUT=TAP
export ASAN_OPTIONS="detect_leaks=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export UBSAN_OPTIONS="print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
export LSAN_OPTIONS="suppressions=$PWD/tests/unit/leaks.supp:print_suppressions=0${LSAN_OPTIONS:+:$LSAN_OPTIONS}"

status=0
# side_by_side JOBS TEST...
side_by_side() {
	[ $# -eq 1 ] || prove --timer -j "$1" --statefile "$notes/state" --state save --exec tests/unit/tap "${@:2}" || status=$?
}
side_by_side "$(nproc)" "${many[@]}"
side_by_side 1 "${alone[@]}"
jobs=$(nproc)
side_by_side "${LIVE_JOBS:-$((jobs < 2 ? jobs : 2))}" "${others[@]}"

[ $status -eq 0 ] || mapfile -t again < <(prove --statefile "$notes/state" --state failed --dry)
if [[ ${#again[@]} -gt 0 && ${#again[@]} -le 3 && "${again[*]}" != *build/san/unit/* ]]; then
	mv "$TIERLAB_FAILED" "$notes/first"
	: > "$TIERLAB_FAILED"
	status=0
	side_by_side 1 "${again[@]}"
	if [ $status -eq 0 ]; then
		echo "failed at first, and passed alone:"
		sed 's/^/    /' "$notes/first"
	fi
fi
count=$(wc -l < "$TIERLAB_SKIPS")
if [ "$count" -eq 0 ]; then
	echo "skipped: none"
else
	echo "skipped: $count"
	sed 's/^/    /' "$TIERLAB_SKIPS"
fi
if [ $status -ne 0 ]; then
	echo "failed:"
	sed 's/^/    /' "$TIERLAB_FAILED"
fi
exit $status

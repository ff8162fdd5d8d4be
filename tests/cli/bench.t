#!/bin/sh
# The bench programs as a user meets them: output, results, bad input, memory on a node.
# Takes them from $BUILD/bench; prints TAP.

# shellcheck source=tests/cli/bench-lib.sh
. "$(dirname "$0")/bench-lib.sh"
eater=
trap 'test -z "$eater" || kill "$eater" 2>/dev/null; rm -rf "$tmp"' EXIT
are_built gups memeater

# -- gups: output --

text_has_all_figures() {
	run "$gups" 1M --updates 100000
	cat "$tmp/out" "$tmp/err"
	[ "$status" -eq 0 ] && [ ! -s "$tmp/err" ] &&
		grep -Eq '^elapsed: [0-9]+\.[0-9]{3} s$' "$tmp/out" &&
		grep -q '^updates: 100000$' "$tmp/out" &&
		grep -Eq '^GUPS: [0-9]+\.[0-9]+$' "$tmp/out" &&
		grep -Eq '^GUPS per thread: [0-9]+\.[0-9]+$' "$tmp/out" &&
		grep -Eq '^allocation: [0-9]+\.[0-9]{3} s$' "$tmp/out"
}

block_is_as_the_notes_show() {
	run "$gups" 1MiB --updates 123456
	sed -n '/^== mbench-start ==$/,/^== mbench-end ==$/p' "$tmp/out" |
		sed -E 's/^(secs|alloc_secs): [0-9]+\.[0-9]{3}$/\1: T/' >"$tmp/block"
	cat "$tmp/out"
	printf '%s\n' '== mbench-start ==' 'secs: T' 'work: 123456' 'work_type: GUPS' \
		'alloc_secs: T' '== mbench-end ==' | cmp - "$tmp/block"
}

full_disk_is_an_error() {
	[ -c /dev/full ] || return 1
	"$gups" 1M --updates 1 >/dev/full 2>"$tmp/err"
	[ $? -eq 1 ] && grep -q '^gups: .*No space left' "$tmp/err"
}

ok 'gups prints elapsed, updates, GUPS, GUPS per thread and allocation' text_has_all_figures
ok 'gups prints the mbench block' block_is_as_the_notes_show
ok 'gups --help names every option' help_names_every_option "$gups" threads seconds updates \
	hugepage node seed verify json help
ok 'memeater --help names every option' help_names_every_option "$memeater" node ratio resident hold warm json help
ok 'gups says so when its result cannot be written' full_disk_is_an_error

# -- gups: results --

if command -v jq >/dev/null; then
	ok 'gups --json is one object with every field' json '
		(keys | sort) == (["name", "size_bytes", "threads", "hugepage", "huge_bytes",
			"node", "seed", "secs", "work", "work_type", "rate", "alloc_secs",
			"interval_secs", "began_at", "intervals", "pages_per_node", "pages_begin",
			"pages_end", "updates", "updates_per_sec", "gups", "gups_per_thread",
			"skew", "read_ratio", "reads"] | sort)
		and .name == "gups" and .node == null and .hugepage == false and .secs > 0
		and .alloc_secs > 0' "$gups" 1M --updates 1000 --json
	ok 'the rates agree with updates, time and threads' json '
		def near(a; b): (a - b | fabs) <= b * 1e-4;
		near(.updates_per_sec; .updates / .secs) and near(.gups * 1e9; .updates_per_sec)
		and near(.gups_per_thread * .threads; .gups)' \
		"$gups" 4M --threads 2 --updates 2000000 --json
	ok 'M and MiB, G and GiB are both binary' json '.size_bytes == 3145728' \
		"$gups" 3M --updates 1 --json
	ok 'a size with iB means the same' json '.size_bytes == 3145728' \
		"$gups" 3MiB --updates 1 --json
	ok 'a size may be any, not only a power of two' json '
		.size_bytes == 5 * 1024 and .verify.ok and .verify.words == 640' \
		"$gups" 5K --threads 1 --updates 100000 --verify --json
	ok '--updates is exact, also where threads do not divide it' json '
		.updates == 1000003 and .threads == 7' \
		"$gups" 1M --threads 7 --updates 1000003 --json
	ok '--seconds lasts as long as it says' json '.secs >= 0.5 and .secs < 10' \
		"$gups" 1M --seconds 0.5 --json
	ok '--seconds takes 500ms as well' json '.secs >= 0.5 and .secs < 10' \
		"$gups" 1M --seconds 500ms --json
	ok 'options may stand before the size' json '.updates == 5' "$gups" --updates 5 --json 1M
	ok '--verify restores the table with one thread' json '
		.verify.ok and .verify.wrong_words == 0' \
		"$gups" 4M --threads 1 --updates 3000000 --verify --json
	ok '--verify is exact with several threads on few words' json '
		.verify.ok and .verify.wrong_words == 0' \
		"$gups" 1K --threads 4 --seconds 300ms --verify --json
else
	skip 'JSON and the results in it' 'no jq on this host'
fi

# The table's checksum after the updates, for a seed.
checksum() {
	"$gups" 2M --threads "$2" --updates 500000 --verify --seed "$1" |
		sed -n 's/^verify: ok.*checksum //p'
}

same_seed_same_table() {
	one=$(checksum 7 1) two=$(checksum 7 1) many=$(checksum 7 3) again=$(checksum 7 3)
	echo "$one $two, $many $again"
	[ -n "$one" ] && [ "$one" = "$two" ] && [ -n "$many" ] && [ "$many" = "$again" ]
}

other_seed_other_table() {
	one=$(checksum 7 1) two=$(checksum 8 1)
	echo "$one $two"
	[ -n "$one" ] && [ -n "$two" ] && [ "$one" != "$two" ]
}

ok 'the same seed makes the same updates' same_seed_same_table
ok 'another seed makes others' other_seed_other_table

# -- gups: bad input --

ok 'gups without a size is refused' refuses 2 'no size given' "$gups"
ok 'two sizes are refused' refuses 2 'one argument too many' "$gups" 1M 2M
ok 'a bare number is no size' refuses 2 'no unit' "$gups" 12
ok 'an unknown unit is refused' refuses 2 'unknown unit' "$gups" 12X
ok 'MB, which may mean either, is refused' refuses 2 'unknown unit' "$gups" 12MB
ok 'a unit without a number is refused' refuses 2 'not a size' "$gups" M
ok 'an empty size is refused' refuses 2 'not a size' "$gups" ''
ok 'a negative size is refused' refuses 2 "'-5M' is not a size" "$gups" -5M
ok 'a size of 0 without a unit is refused' refuses 2 'no unit' "$gups" 0
ok 'a size of 0 is refused' refuses 2 'nothing' "$gups" 0M
ok 'a size beyond 64 bits is refused' refuses 2 'more than a machine' \
	"$gups" 99999999999999999999999G
ok 'a size whose bytes overflow is refused' refuses 2 'more than a machine' "$gups" 16777216T
ok 'a table larger than memory is refused before it is touched' refuses 1 'asked, but' \
	"$gups" 900T --updates 1
ok '--threads 0 is refused' refuses 2 'out of range' "$gups" 1M --threads 0
ok '--threads abc is refused' refuses 2 'not a number' "$gups" 1M --threads abc
ok '--threads -1 is refused' refuses 2 'not a number' "$gups" 1M --threads -1
ok '--threads 2x is refused' refuses 2 'not a number' "$gups" 1M --threads 2x
ok 'a million threads are refused' refuses 2 'out of range' "$gups" 1M --threads 1000000
ok '--updates 0 is refused' refuses 2 'out of range' "$gups" 1M --updates 0
ok '--seconds 0 is refused' refuses 2 'more than 0' "$gups" 1M --seconds 0
ok '--seconds inf is refused' refuses 2 'not a time' "$gups" 1M --seconds inf
ok '--seconds with a unit it does not know is refused' refuses 2 'not a time' \
	"$gups" 1M --seconds 5h
ok '--updates together with --seconds is refused' refuses 2 'exclude each other' \
	"$gups" 1M --updates 5 --seconds 5
ok 'an unknown option is named' refuses 2 "'--frobnicate'" "$gups" 1M --frobnicate
ok 'an option without its value is named' refuses 2 "'--seed' needs a value" "$gups" 1M --seed
ok 'a flag with a value is refused' refuses 2 "'--json=1'" "$gups" 1M --json=1
ok 'a node number that is none is refused' refuses 2 'not a number' "$gups" 1M --node one
ok 'memeater without a size is refused' refuses 2 'no size given' "$memeater" --node 0
ok 'memeater without a node is refused' refuses 2 'no node given' "$memeater" 1M
ok 'memeater refuses a bare number' refuses 2 'no unit' "$memeater" 12 --node 0
ok 'memeater refuses a hold that is no time' refuses 2 'not a time' \
	"$memeater" 1M --node 0 --hold soon

ok 'memeater refuses a size and a ratio' refuses 2 'exclude each other' \
	"$memeater" 1M --node 0 --ratio 1:1 --resident 1G
ok 'memeater refuses a ratio of nothing known' refuses 2 'belong together' "$memeater" --node 0 --ratio 1:1
ok 'memeater refuses a memory that is to be shared out in no ratio' refuses 2 'belong together' \
	"$memeater" --node 0 --resident 1G
ok 'memeater refuses a ratio that is none' refuses 2 "'0:1' is none" \
	"$memeater" --node 0 --ratio 0:1 --resident 1G
ok 'memeater --ratio needs a node' refuses 2 'no node given' "$memeater" --ratio 1:1 --resident 1G

# -- Nodes --

# eater_start ARGS...: starts memeater and returns when it has said that the memory is taken.
eater_start() {
	rm -f "$tmp/eater.out"
	"$memeater" "$@" >"$tmp/eater.out" 2>"$tmp/eater.err" &
	eater=$!
	for _ in $(seq 100); do
		[ -s "$tmp/eater.out" ] && return 0
		kill -0 "$eater" 2>/dev/null || break
		sleep 0.1
	done
	cat "$tmp/eater.err"
	return 1
}

# eater_stop SIGNAL: its exit status
eater_stop() {
	kill -"$1" "$eater"
	wait "$eater"
	code=$?
	eater=
	return "$code"
}

held_until() {
	eater_start 64M --node 0 || return 1
	grep -qx 'memeater: 64.0 MiB on node 0, 16384 of 16384 pages there' "$tmp/eater.out" ||
		{ cat "$tmp/eater.out"; eater_stop TERM; return 1; }
	sleep 0.3
	kill -0 "$eater" || return 1
	locked=$(awk '/^VmLck:/ { print $2 }' "/proc/$eater/status")
	pages=$(sed -n 's/.*bind:0.* N0=\([0-9]*\).*/\1/p' "/proc/$eater/numa_maps")
	eater_stop "$1"
	code=$?
	echo "locked $locked kB, pages bound to node 0: $pages, status $code"
	cat "$tmp/eater.out" "$tmp/eater.err"
	[ "$code" -eq 0 ] && [ "$locked" -eq 65536 ] && [ "$pages" -eq 16384 ] &&
		grep -q '^memeater: released 64.0 MiB of node 0 .* all of it was there$' \
			"$tmp/eater.out"
}

never_more_than_the_node_has() {
	total=$(sed -n 's/^Node 0 MemTotal: *\([0-9]*\) kB$/\1/p' \
		/sys/devices/system/node/node0/meminfo)
	refuses 1 'node 0 has .* to give' "$memeater" "${total}K" --node 0
}

# Without privileges the limit on locked memory is what stops it.
lock_limit_is_explained() {
	cp "$memeater" "$tmp/memeater" && chmod 755 "$tmp" "$tmp/memeater" || return 1
	run prlimit --memlock=65536:65536 setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$tmp/memeater" 64M --node 0
	cat "$tmp/err"
	[ "$status" -eq 1 ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] &&
		grep -q 'the limit is 64.0 KiB' "$tmp/err"
}

no_huge_page_fits() {
	refuses 1 'got no huge page' "$gups" 1M --updates 1 --hugepage
}

huge_pages_are_huge() {
	json '.hugepage and .huge_bytes >= 2097152' "$gups" 16M --updates 1 --hugepage --json
}

# Asks for what can't be, and then for 1 GiB less than what it says would fit: eats half of that at 1:1.
# Others on this host take memory too, and may have taken that much meanwhile.
leaves_the_fast_part() {
	for _ in 1 2 3; do
		refuses 1 'would fit' "$memeater" --node 0 --ratio 1:1 --resident 900T || return 1
		fits=$(sed -n 's/.*--resident \([0-9]*\)MiB would fit.*/\1/p' "$tmp/err")
		[ "$fits" -gt 1200 ] || return 0	# so small a host has no room for this
		json ".ratio == \"1:1\" and .resident_bytes == ($fits - 1024) * 1048576
			and .keep_bytes == .resident_bytes / 2 and .pages_there == .pages
			and .size_bytes == .pages * 4096
			and .size_bytes <= .available_bytes - .keep_bytes
			and .size_bytes > (.available_bytes - .keep_bytes) * 0.99
			and .left_bytes < .available_bytes and .left_bytes > .keep_bytes * 0.9" \
			"$memeater" --node 0 --ratio 1:1 --resident "$((fits - 1024))MiB" --hold 0 --json && return 0
		sleep 1
	done
	return 1
}

why=
if [ ! -d /sys/devices/system/node/node0 ]; then
	why='this kernel shows no NUMA nodes'
else
	run "$gups" 1M --updates 1 --node 0
	if grep -Eq 'NUMA calls are not allowed|mbind' "$tmp/err"; then
		why='NUMA system calls are not allowed here'
	fi
fi

absent=1023	# more than any machine has, and not more than the kernel's limit
if [ -n "$why" ]; then
	skip 'memory on a node' "$why"
else
	if command -v jq >/dev/null; then
		ok 'gups --node 0 has every page of the table there' json '
			.node == 0 and .pages_per_node == {"0": 4096}' \
			"$gups" 16M --node 0 --updates 1000 --json
		ok 'gups without --node counts every page of the table' json '
			.node == null and ([.pages_per_node[]] | add) == 4096' \
			"$gups" 16M --updates 1000 --json
		ok 'memeater --json is one object with every field' json '
			.name == "memeater" and .size_bytes == 33554432 and .node == 0
			and .pages == 8192 and .pages_there == 8192 and .alloc_secs > 0
			and .pages_per_node == {"0": 8192}' \
			"$memeater" 32M --node 0 --hold 0 --json
		ok 'memeater --ratio leaves the fast part, and takes all else' leaves_the_fast_part
	else
		skip 'pages per node' 'no jq on this host'
	fi
	ok 'gups says that a node does not exist' refuses 1 "node $absent does not exist" \
		"$gups" 1M --node "$absent"
	ok 'a node beyond what kernels have is refused' refuses 2 'out of range' \
		"$gups" 1M --node 1024
	ok 'memeater says that a node does not exist' refuses 1 "node $absent does not exist" \
		"$memeater" 1M --node "$absent"
	ok 'memeater holds locked memory on the node until SIGTERM' held_until TERM
	ok 'memeater lets go on SIGINT too' held_until INT
	ok 'memeater --hold ends by itself' timeout 10 "$memeater" 8M --node 0 --hold 0.2
	ok 'and --warm is no obstacle to that' timeout 10 "$memeater" 9M --node 0 --hold 0.3 --warm
	ok 'memeater refuses what the node cannot give' never_more_than_the_node_has
	if [ "$(id -u)" -eq 0 ] && command -v setpriv prlimit >/dev/null; then
		ok 'memeater explains the limit on locked memory' lock_limit_is_explained
	else
		skip 'memeater explains the limit on locked memory' 'needs root and setpriv'
	fi
fi

if grep -Eq '\[(always|madvise)\]' /sys/kernel/mm/transparent_hugepage/enabled 2>/dev/null; then
	ok 'a table too small for a huge page is refused with --hugepage' no_huge_page_fits
	if command -v jq >/dev/null; then
		ok '--hugepage gives huge pages' huge_pages_are_huge
	else
		skip '--hugepage gives huge pages' 'no jq on this host'
	fi
else
	skip 'huge pages' 'this kernel gives none'
fi

finish

#!/bin/sh
# chase and stream as a user meets them: output, what the figures have to do with each other, bad input.
# Takes them from $BUILD/bench; prints TAP.

# shellcheck source=tests/cli/bench-lib.sh
. "$(dirname "$0")/bench-lib.sh"
are_built chase stream

# What every workload's JSON has.
common='["name", "size_bytes", "threads", "seed", "node", "hugepage", "huge_bytes", "secs", "work", "work_type", "rate",
	"alloc_secs", "interval_secs", "began_at", "intervals", "pages_per_node", "pages_begin", "pages_end"]'

has_the_common_keys() { # OWN_KEYS PROGRAM OPTION...
	own=$1
	shift
	json "(keys | sort) == ($common + $own | sort) and .name == \"${1##*/}\" and .secs > 0 and .alloc_secs > 0
		and .work > 0 and (.rate * .secs / .work - 1 | fabs) < 1e-6" "$@" --json
}

prints_the_block() {
	run "$@"
	cat "$tmp/out" "$tmp/err"
	[ "$status" -eq 0 ] && grep -qx '== mbench-start ==' "$tmp/out" &&
		tail -1 "$tmp/out" | grep -qx '== mbench-end =='
}

# Not by how much: only that memory is not as near as the first cache.
memory_is_further_than_the_first_cache() {
	json '.sets[0].bytes == 4096 and .sets[-1].bytes == 268435456
		and .sets[-1].ns_per_load > 2 * .sets[0].ns_per_load' "$chase" --seconds 3 --json
}

ok 'chase --help names every option' help_names_every_option "$chase" from threads seconds interval \
	hugepage node seed json help
ok 'stream --help names every option' help_names_every_option "$stream" repetitions threads seconds \
	interval hugepage node seed json help
ok 'chase prints the mbench block' prints_the_block "$chase" 64K --seconds 100ms
ok 'stream prints the mbench block' prints_the_block "$stream" 1M --repetitions 3

if ! command -v jq >/dev/null; then
	skip 'JSON and the results in it' 'no jq on this host'
else
	ok 'chase --json has the keys of all workloads' has_the_common_keys '["line_bytes", "sets"]' \
		"$chase" 64K --seconds 100ms
	ok 'working sets double from --from up to SIZE, which is the last' json '
		[.sets[].bytes] == [8192, 16384, 32768, 65536, 102400]' \
		"$chase" 100K --from 8KiB --seconds 100ms --json
	ok 'a load takes the time over the loads, and the sets add up to the whole' json '
		def near(a; b): (a - b | fabs) <= b * 1e-3; .threads == 1
		and ([.sets[] | near(.ns_per_load; .secs * 1e9 / .loads)] | all)
		and ([.sets[].loads] | add) == .work and near([.sets[].secs] | add; .secs)
		and ([.sets[].at] | . == sort and .[0] == 0)' "$chase" 64K --seconds 500ms --json
	ok 'with two threads a load takes the time of each of them' json '.threads == 2
		and ([.sets[] | (.ns_per_load / (.secs * 2e9 / .loads) - 1 | fabs) < 1e-3] | all)' \
		"$chase" 64K --threads 2 --seconds 500ms --json
	ok 'memory is further away than the first cache' memory_is_further_than_the_first_cache

	ok 'stream --json has the keys of all workloads' has_the_common_keys \
		'["array_bytes", "repetitions", "kernels"]' "$stream" 3M --repetitions 5
	ok 'bytes are counted as STREAM does' json '.array_bytes == 1048576 and .repetitions == 5
		and ([.kernels[] | [.name, .bytes / 1048576]]
			== [["copy", 2], ["scale", 2], ["add", 3], ["triad", 3]])
		and .work == 5 * 10 * 1048576' "$stream" 3M --repetitions 5 --json
	ok 'the best is not below the average, nor that below the least' json '
		[.kernels[] | .best_gb_per_sec >= .avg_gb_per_sec and .avg_gb_per_sec >= .min_gb_per_sec
			and .min_gb_per_sec > 0] | all' "$stream" 12M --repetitions 20 --json
	ok 'no kernel is faster than the whole run says' json '
		(.work / .secs / 1e9) as $all | [.kernels[].best_gb_per_sec] | max >= $all' \
		"$stream" 12M --seconds 500ms --json
	ok 'more threads than elements are fine' json '.threads == 64 and .repetitions == 3' \
		"$stream" 1K --threads 64 --repetitions 3 --json
	ok 'stream runs for its time, and its intervals add up' json '
		.secs > 0.8 and ([.intervals[].work] | add) == .work and (.intervals | length) >= 3' \
		"$stream" 3M --seconds 900ms --interval 300ms --json
	if [ -r /proc/self/numa_maps ]; then
		ok 'chase --node 0 has all pages there' json '.node == 0 and .pages_end == {"0": 2048}' \
			"$chase" 8M --node 0 --seconds 200ms --json
		ok 'stream --node 0 has all pages there' json '.node == 0 and .pages_end == {"0": 3072}' \
			"$stream" 12M --node 0 --repetitions 2 --json
	else
		skip 'memory on a node' 'this kernel shows no NUMA nodes'
	fi
fi

ok 'stream without a size is refused' refuses 2 'no size given' "$stream"
ok 'chase with a bare number is refused' refuses 2 'no unit' "$chase" 12
ok '--from beyond the whole is refused' refuses 2 'more than the whole' "$chase" 1M --from 2M
ok '--from that is no size is refused' refuses 2 "'small' is not a size" "$chase" 1M --from small
ok 'chase has no count of work' refuses 2 "'--updates'" "$chase" 1M --updates 5
ok '--repetitions 0 is refused' refuses 2 'out of range' "$stream" 1M --repetitions 0
ok 'millions of repetitions are refused' refuses 2 'out of range' "$stream" 1M --repetitions 1000001
ok '--repetitions together with --seconds is refused' refuses 2 'exclude each other' \
	"$stream" 1M --repetitions 5 --seconds 5
ok 'arrays larger than memory are refused before they are touched' refuses 1 'asked, but' "$stream" 900T
ok 'a node that does not exist is named' refuses 1 'node 1023 does not exist\|shows no NUMA' \
	"$chase" 1M --node 1023

finish

#!/bin/sh
# btree as a user meets it: output, how keys are chosen, what it needs, bad input. Takes it from $BUILD/bench; prints TAP.

# shellcheck source=tests/cli/bench-lib.sh
. "$(dirname "$0")/bench-lib.sh"
btree="$bench/btree"
are_built btree

prints_the_block() {
	run "$btree" 1M --lookups 1000 --threads 2
	cat "$tmp/out" "$tmp/err"
	[ "$status" -eq 0 ] && grep -qx 'lookups: 1000, 1000 of them only read, 0 wrong' "$tmp/out" &&
		grep -qx 'work_type: lookups' "$tmp/out" && tail -1 "$tmp/out" | grep -qx '== mbench-end =='
}

# footprint_is_what_it_maps ARG...: and first touch leaves no page of it out.
footprint_is_what_it_maps() {
	need=$("$btree" "$@" --footprint) || return 1
	json ".size_bytes == $need and .nodes * .node_bytes == $need" "$btree" "$@" --lookups 10 --json ||
		return 1
	[ ! -r /proc/self/numa_maps ] ||
		jq -e "([.pages_end[]] | add) == (($need + 4095) / 4096 | floor)" "$tmp/out"
}

ok 'btree --help names every option' help_names_every_option "$btree" keys node-bytes skew clustered \
	read-ratio lookups threads seconds interval hugepage node seed json footprint help
ok 'it prints the mbench block' prints_the_block

if ! command -v jq >/dev/null; then
	skip 'JSON and the results in it' 'no jq on this host'
else
	ok '--json is one object with every field' json '
		(keys | sort) == (["name", "size_bytes", "threads", "seed", "node", "hugepage",
			"huge_bytes", "secs", "work", "work_type", "rate", "alloc_secs", "interval_secs",
			"began_at", "intervals", "pages_per_node", "pages_begin", "pages_end", "keys",
			"height", "nodes", "node_bytes", "skew", "clustered", "read_ratio", "reads",
			"wrong"] | sort) and .name == "btree" and .wrong == 0 and .alloc_secs > 0' \
		"$btree" 1M --lookups 1000 --json
	ok 'a size holds as many keys as fit, and no more' json '
		.size_bytes <= 16777216 and .size_bytes > 16777216 - 3 * 4096 and .keys > 1000000
		and .height == 3' "$btree" 16M --lookups 1000 --json
	ok '--keys says how many' json '.keys == 65026 and .height == 3 and .nodes == 259' \
		"$btree" --keys 65026 --lookups 1000 --json
	ok 'small nodes make a higher tree' json '.node_bytes == 256 and .keys == 65026 and .height == 5' \
		"$btree" --keys 65026 --node-bytes 256 --lookups 1000 --json
	ok '--footprint of a size is what is mapped' footprint_is_what_it_maps 5M
	ok '--footprint of a count of keys is what is mapped' footprint_is_what_it_maps --keys 100000
	ok '--footprint knows the size of a node' footprint_is_what_it_maps --keys 777 --node-bytes 128
	ok '--lookups is exact, also where threads do not divide it' json '
		.work == 100003 and .reads == 100003 and .wrong == 0' \
		"$btree" 2M --threads 7 --lookups 100003 --json
	ok 'threads that write the same few values leave each one whole' json '
		.wrong == 0 and .reads > 0.4 * .work and .reads < 0.6 * .work' \
		"$btree" --keys 4 --threads 4 --read-ratio 0.5 --seconds 500ms --json
	ok '--read-ratio 0 writes with each lookup' json '.reads == 0 and .wrong == 0' \
		"$btree" 1M --read-ratio 0 --lookups 100000 --json
	ok 'every skew finds its keys, scattered' json '.wrong == 0 and .skew == "zipf:0.99"' \
		"$btree" 8M --skew zipf:0.99 --lookups 200000 --json
	ok 'every skew finds its keys, side by side' json '.wrong == 0 and .clustered' \
		"$btree" 8M --skew selfsimilar:0.2 --clustered --lookups 200000 --json
	ok 'it runs for its time, and its intervals add up' json '
		.secs > 0.8 and ([.intervals[].work] | add) == .work and (.intervals | length) >= 3' \
		"$btree" 3M --seconds 900ms --interval 300ms --json
	if [ -r /proc/self/numa_maps ]; then
		ok '--node 0 has all nodes of the tree there' json '
			.node == 0 and .pages_end == {"0": .nodes}' "$btree" 8M --node 0 --lookups 10 --json
	else
		skip 'memory on a node' 'this kernel shows no NUMA nodes'
	fi
fi

ok 'neither size nor keys is refused' refuses 2 'no size given' "$btree"
ok 'a size and a count of keys are refused' refuses 2 'exclude each other' "$btree" 1M --keys 5
ok 'a size below one node is refused' refuses 2 'less than one node' "$btree" 3K
ok 'a bare number is no size' refuses 2 'no unit' "$btree" 12
ok '--keys 0 is refused' refuses 2 'out of range' "$btree" --keys 0
ok 'more keys than any machine holds are refused' refuses 2 'out of range' "$btree" --keys 9999999999999
ok 'a node size that is no power of 2 is refused' refuses 2 'no power of 2' "$btree" 1M --node-bytes 3000
ok 'a node of a few bytes is refused' refuses 2 'no power of 2' "$btree" 1M --node-bytes 64
ok 'an unknown skew is refused' refuses 2 "'gauss' is unknown" "$btree" 1M --skew gauss
ok 'a read ratio above 1 is refused' refuses 2 'out of range' "$btree" 1M --read-ratio 2
ok '--lookups together with --seconds is refused' refuses 2 'exclude each other' \
	"$btree" 1M --lookups 5 --seconds 5
ok 'a tree larger than memory is refused before it is touched' refuses 1 'asked, but' "$btree" 9T

finish

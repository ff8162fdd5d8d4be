#!/bin/sh
# phases as a user meets it: files in masim's format, what is run for how long, bad files. Takes it from $BUILD/bench;
# prints TAP.

# shellcheck source=tests/cli/bench-lib.sh
. "$(dirname "$0")/bench-lib.sh"
phases="$bench/phases"
are_built phases
experiments="$(dirname "$0")/../../recipes/experiments"

cat >"$tmp/two.cfg" <<'END'
# two phases, 0.9 s
a, 1048576
b, 2000000, none

first
300
a, 0, 64, 90, rw
b, 1, 64, 10, ro

# a comment
the "second" one
600
b, 0, 4096, 1
END

# file_says NAME TEXT: writes a file that is to be refused.
file_says() {
	printf '%b' "$2" >"$tmp/$1"
}

prints_each_phase() {
	run "$phases" "$tmp/two.cfg" --interval 200ms
	cat "$tmp/out" "$tmp/err"
	[ "$status" -eq 0 ] && grep -q "^phase 'first': 0\\.[34]" "$tmp/out" &&
		grep -q "^phase 'the \"second\" one': " "$tmp/out" &&
		grep -q "^at 0\\.2 s: [0-9]* a second, phase 'first'" "$tmp/out" &&
		grep -qx 'work_type: accesses' "$tmp/out" && tail -1 "$tmp/out" | grep -qx '== mbench-end =='
}

# footprint_of BYTES FILE
footprint_of() {
	run "$phases" "$2" --footprint
	cat "$tmp/out" "$tmp/err"
	[ "$(cat "$tmp/out")" = "$1" ]
}

# Under 10 GiB of sparse zeros: neither read whole nor taken.
a_large_file_is_refused() {
	truncate -s 10M "$tmp/large.cfg" && refuses 2 'more than 1024 KiB' "$phases" "$tmp/large.cfg"
}

data_file_is_read_into_its_region() {
	printf 'xyz' >"$tmp/data"
	printf 'a, 5000, %s\n\np\n50\na, 0, 1, 1, ro\n' "$tmp/data" >"$tmp/with.cfg"
	printf 'a, 5000, %s\n\np\n50\na, 0, 1, 1, ro\n' "$tmp/absent" >"$tmp/without.cfg"
	"$phases" "$tmp/with.cfg" || return 1
	refuses 1 "without.cfg:1: data file '$tmp/absent': No such file" "$phases" "$tmp/without.cfg"
}

# -- What it does --

ok 'phases --help names every option' help_names_every_option "$phases" repeat threads seconds interval \
	hugepage node seed json footprint help
ok 'each phase and each interval say their phase' prints_each_phase
ok '--footprint is the sum of the regions in whole pages' footprint_of 3051520 "$tmp/two.cfg"
ok 'the experiment has 4 GiB' footprint_of 4294967296 "$experiments/tiering.masim"
ok 'the small experiment has 256 MiB' footprint_of 268435456 "$experiments/tiering-small.masim"
ok 'a data file is read, or named when it cannot be' data_file_is_read_into_its_region

if ! command -v jq >/dev/null; then
	skip 'JSON and the results in it' 'no jq on this host'
else
	ok '--json is one object with every field' json '
		(keys | sort) == (["name", "size_bytes", "threads", "seed", "node", "hugepage",
			"huge_bytes", "secs", "work", "work_type", "rate", "alloc_secs", "interval_secs",
			"began_at", "intervals", "pages_per_node", "pages_begin", "pages_end", "file",
			"repeat", "regions", "phases"] | sort) and .name == "phases" and .threads == 1
		and .regions == [{"name": "a", "bytes": 1048576}, {"name": "b", "bytes": 2000000}]' \
		"$phases" "$tmp/two.cfg" --json
	ok 'phases follow each other, last as long as they shall, and add up' json '
		[.phases[].name] == ["first", "the \"second\" one"] and .secs >= 0.8 and .secs < 5
		and .phases[0].at == 0 and .phases[0].secs >= 0.3 and .phases[1].secs >= 0.2
		and (.phases[1].at - .phases[0].secs | fabs) < 1e-3
		and ([.phases[].work] | add) == .work and ([.phases[].work > 0] | all)
		and [.phases[].hot] == ["a", "b"]' "$phases" "$tmp/two.cfg" --json
	ok 'each interval has the name of its phase' json '
		.intervals[0].phase == "first" and .intervals[-1].phase == "the \"second\" one"
		and ([.intervals[].work] | add) == .work' "$phases" "$tmp/two.cfg" --interval 250ms --json
	ok '--repeat runs all phases over again' json '.repeat == 3 and .secs >= 2.6
		and [.phases[].hot] == ["a", "b", "a", "b", "a", "b"]' \
		"$phases" "$tmp/two.cfg" --repeat 3 --json
	ok '--seconds cuts it short' json '.secs > 0.02 and .secs < 0.9 and (.phases | length) == 1' \
		"$phases" "$tmp/two.cfg" --seconds 100ms --json
	ok '--seconds beyond the phases adds nothing' json '.secs >= 0.8 and .secs < 10' \
		"$phases" "$tmp/two.cfg" --seconds 100 --json
	ok 'the small experiment is 12 s and moves' json '.secs >= 11.9 and .secs < 20
		and [.phases[].hot] == ["a", "d", "a"]' "$phases" "$experiments/tiering-small.masim" --json
	if [ -r /proc/self/numa_maps ]; then
		ok '--node 0 has all regions there' json '.node == 0 and .pages_end == {"0": 745}
			and .phases[0].hot_pages_per_node == {"0": 256}' \
			"$phases" "$tmp/two.cfg" --node 0 --seconds 400ms --json
	else
		skip 'memory on a node' 'this kernel shows no NUMA nodes'
	fi
fi

# -- Bad input --

file_says unknown.cfg 'a, 5\n\np\n9\n# here\nb, 0, 1, 1\n'
file_says zero.cfg 'a, 0\n\np\n9\na, 0, 1, 1\n'
file_says never.cfg 'a, 5\n\np\n9\na, 0, 1, 0\n'
file_says garbage.cfg 'a, 5\n\np\n9\na, 0, 1, 1\nwhatever\n'
file_says binary.cfg '\0177ELF\0001\n'
file_says vast.cfg 'a, 900000000000000\n\np\n9\na, 0, 1, 1\n'
: >"$tmp/empty.cfg"
ok 'phases without a file is refused' refuses 2 'no FILE given' "$phases"
ok 'two files are refused' refuses 2 'one argument too many' "$phases" "$tmp/two.cfg" "$tmp/two.cfg"
ok 'a file that is not there is named' refuses 1 'absent.cfg: No such file' "$phases" "$tmp/absent.cfg"
ok 'a folder is no file' refuses 1 'Is a directory' "$phases" "$tmp"
ok 'an unknown region is named with file and line' refuses 2 "unknown.cfg:6: there is no region 'b'" \
	"$phases" "$tmp/unknown.cfg"
ok 'a region of no bytes is refused' refuses 2 "zero.cfg:1: .* '0' is out of range" "$phases" "$tmp/zero.cfg"
ok 'a phase whose probabilities are all 0 is refused' refuses 2 'never.cfg:3: all probabilities' \
	"$phases" "$tmp/never.cfg"
ok 'a line of garbage is refused' refuses 2 'garbage.cfg:6: a pattern has 4 or 5 fields' \
	"$phases" "$tmp/garbage.cfg"
ok 'a program is no pattern' refuses 2 'binary.cfg:1: byte 0x7f' "$phases" "$tmp/binary.cfg"
ok 'an empty file is refused' refuses 2 'empty.cfg:1: there are no regions' "$phases" "$tmp/empty.cfg"
ok 'a file of 10 MiB is refused' a_large_file_is_refused
ok 'an endless file is refused' refuses 2 'more than 1024 KiB' "$phases" /dev/zero
ok 'regions larger than memory are refused before they are touched' refuses 1 'asked, but' \
	"$phases" "$tmp/vast.cfg"
ok 'several threads are refused' refuses 2 "one thread's" "$phases" "$tmp/two.cfg" --threads 2
ok '--repeat 0 is refused' refuses 2 'out of range' "$phases" "$tmp/two.cfg" --repeat 0

finish

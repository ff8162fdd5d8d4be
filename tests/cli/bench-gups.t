#!/bin/sh
# gups over time and with a hot set: what each interval says, where the hot set is, skew, reads, bad input.
# Takes it from $BUILD/bench; prints TAP.

# shellcheck source=tests/cli/bench-lib.sh
. "$(dirname "$0")/bench-lib.sh"
are_built gups

# -- Intervals --

each_interval_adds_to_the_whole() {
	json 'def near(a; b): (a - b | fabs) <= 1e-4;
		(.intervals | length) >= 3 and (.intervals | length) <= 5 and .interval_secs == 0.3
		and ([.intervals[].work] | add) == .work and .work == .updates
		and near([.intervals[].secs] | add; .secs) and near(.intervals[-1].at; .secs)
		and ([.intervals[] | select(.secs <= 0 or .work <= 0)] == [])
		and ([.intervals[] | (.rate * .secs / .work - 1 | fabs) < 1e-3] | all)
		and ([.intervals[].at] | . == sort)' \
		"$gups" 4M --threads 2 --seconds 1.2 --interval 300ms --json
}

# Another process's clock says when it was, to put both on one time line.
monotonic() {
	perl -MTime::HiRes=clock_gettime,CLOCK_MONOTONIC -e 'printf "%.6f\n", clock_gettime(CLOCK_MONOTONIC)'
}

began_between_these_two_looks_at_the_clock() {
	before=$(monotonic)
	run "$gups" 1M --seconds 200ms --json
	after=$(monotonic)
	cat "$tmp/out"
	echo "between $before and $after"
	jq -e --argjson before "$before" --argjson after "$after" \
		'.began_at > $before and .began_at + .secs < $after' "$tmp/out"
}

# A walk of 131072 pages takes milliseconds: in intervals of 20 ms few can have one. The last is the look at the end.
few_looks_at_many_pages() {
	json '(.intervals | length) > 20
		and ([.intervals[:-1][] | select(.pages_per_node)] | length) * 2 < (.intervals | length)
		and .intervals[-1].pages_per_node == .pages_end' \
		"$gups" 512M --seconds 1 --interval 20ms --threads 1 --json
}

a_line_for_each_interval() {
	run "$gups" 1M --seconds 500ms --interval 200ms
	cat "$tmp/out"
	[ "$(grep -Ec '^at 0\.[0-9] s: [0-9]+ a second' "$tmp/out")" -eq 3 ] &&
		tail -1 "$tmp/out" | grep -qx '== mbench-end =='
}

# A thread that does its work sooner than the interval ends is not waited for.
a_count_of_work_ends_when_it_is_done() {
	json '.work == 1000 and .secs < 1 and (.intervals | length) == 1' \
		timeout 20 "$gups" 1M --updates 1000 --interval 60s --json
}

# -- The hot set --

# pages_of_hot_set OPTION...: its own pages are noted at the begin, in each interval and at the end, and are all there.
pages_of_hot_set() {
	json '(.hot_bytes / 4096) as $all | def sum: [.[]] | add;
		(.hot_pages_begin | sum) == $all and (.hot_pages_end | sum) == $all
		and (.intervals | length) >= 2
		and ([.intervals[].hot_pages_per_node | select(.) | sum == $all] | length > 0 and all)
		and .hot_pages_per_node == .hot_pages_end' \
		"$gups" "$@" --seconds 1 --interval 400ms --json
}

# More pages than can be asked for within a hundredth of an interval: some stand for all.
some_pages_stand_for_all() {
	json '[.intervals[] | select(.hot_pages_one_in)] | length > 0
		and all(([.hot_pages_per_node[]] | add) == 65536 and .hot_pages_one_in > 1)' \
		"$gups" 512M --hot-frac 0.5 --seconds 1 --interval 250ms --threads 1 --json
}

moves_once_to_the_other_end() {
	json '.hot_offset == 0 and (.moves | length) == 1 and .moves[0].offset == 50331648
		and .moves[0].at >= 0.5 and .moves[0].at < 1.2
		and .intervals[0].hot_offset == 0 and .intervals[-1].hot_offset == 50331648' \
		"$gups" 64M --hot-frac 0.25 --hot-at first --move-at 500ms --seconds 1.2 \
		--interval 300ms --json
}

is_at() { # OFFSET OPTION...
	offset=$1
	shift
	json ".hot_bytes == 16777216 and .hot_offset == $offset and .moves == []" \
		"$gups" 64M --hot-frac 0.25 --updates 1000 --json "$@"
}

verifies() {
	json '.verify.ok and .verify.wrong_words == 0 and .work > 0' "$gups" "$@" --verify --json
}

verifies_when_moved() {
	verifies 16M --hot-frac 0.25 --move-at 200ms --seconds 500ms "$@" &&
		jq -e '(.moves | length) == 1' "$tmp/out"
}

# checksum OPTION...: of the table after the updates.
checksum() {
	"$gups" 2M --updates 500000 --verify "$@" | sed -n 's/^verify: ok.*checksum //p'
}

the_seed_decides() {
	one=$(checksum --threads 1 --seed 7 "$@") two=$(checksum --threads 1 --seed 7 "$@")
	other=$(checksum --threads 1 --seed 8 "$@") many=$(checksum --threads 3 --seed 7 "$@")
	again=$(checksum --threads 3 --seed 7 "$@")
	echo "$one $two, not $other; $many $again"
	[ -n "$one" ] && [ "$one" = "$two" ] && [ "$one" != "$other" ] && [ "$many" = "$again" ]
}

ok 'gups --help names every option of hot sets and intervals' help_names_every_option "$gups" \
	interval hot-frac hot-prob hot-at move-at skew read-ratio
ok 'a line for each interval, and the block stays the end' a_line_for_each_interval
ok 'with a hot set the table is whole again after --verify, by several threads' "$gups" 16M \
	--hot-frac 0.1 --updates 2000000 --threads 3 --verify
for skew in zipf:0.99 selfsimilar:0.2; do
	ok "the seed decides what --skew $skew draws" the_seed_decides --skew "$skew" --hot-frac 0.5
done

if ! command -v jq >/dev/null; then
	skip 'JSON and the results in it' 'no jq on this host'
	finish
fi

ok 'work and time of the intervals add up to those of the run' each_interval_adds_to_the_whole
ok '--interval 0 notes nothing meanwhile' json '.intervals == [] and .interval_secs == 0' \
	"$gups" 1M --seconds 200ms --interval 0 --json
ok 'a count of work ends when it is done, however long the interval' a_count_of_work_ends_when_it_is_done
if command -v perl >/dev/null; then
	ok 'began_at is on the clock of all processes' began_between_these_two_looks_at_the_clock
else
	skip 'began_at is on the clock of all processes' 'no perl on this host'
fi
ok 'the shares of hot set and reads are those asked for' json '
	def near(a; b): (a - b | fabs) < 0.01;
	near(.hot_work / .work; 0.8) and near(.reads / .work; 0.3) and .hot_prob == 0.8
	and .read_ratio == 0.3 and .skew == "zipf:1"' \
	"$gups" 16M --hot-frac 0.25 --hot-prob 0.8 --read-ratio 0.3 --skew zipf:1 --updates 500000 --json
ok 'the hot set has nine tenths of the accesses when nothing is said' json '
	.hot_prob == 0.9 and (.hot_work / .work - 0.9 | fabs) < 0.01' \
	"$gups" 16M --hot-frac 0.1 --updates 500000 --json
ok '--hot-at first, and without it' is_at 0 --hot-at first
ok 'the hot set is first when nothing is said' is_at 0
ok '--hot-at last' is_at 50331648 --hot-at last
ok '--hot-at an offset' is_at 20971520 --hot-at 20MiB
ok '--hot-at the last offset that fits' is_at 50331648 --hot-at 48MiB
ok '--move-at moves it once, and the intervals say where it is' moves_once_to_the_other_end
ok '--verify restores the table with a hot set and one thread' verifies 16M --hot-frac 0.1 \
	--threads 1 --updates 3000000
ok '--verify restores the table with skew, reads and several threads' verifies 4M --hot-frac 0.5 \
	--skew zipf:1.2 --read-ratio 0.5 --threads 4 --seconds 300ms
ok '--verify restores the table when the hot set moved, one thread' verifies_when_moved --threads 1
ok '--verify restores the table when the hot set moved, several threads' verifies_when_moved --threads 3
ok 'reads alone change nothing' json '.verify.ok and .reads == .work and .work == 100000' \
	"$gups" 1M --read-ratio 1 --updates 100000 --verify --json

if [ -r /proc/self/numa_maps ]; then
	ok 'pages of each interval are those of the table' json '
		[.intervals[].pages_per_node | select(.) | [.[]] | add == 1024] | length >= 2 and all' \
		"$gups" 4M --seconds 900ms --interval 300ms --json
	ok 'pages at begin and end are those of the table' json '
		([.pages_begin[]] | add) == 1024 and ([.pages_end[]] | add) == 1024
		and .pages_per_node == .pages_end' "$gups" 4M --updates 1000 --json
	ok 'looking where pages are is not done in each interval where it is dear' few_looks_at_many_pages
	ok 'the hot set has its own pages per node' pages_of_hot_set 64M --hot-frac 0.1
	ok 'the hot set has its own pages per node when it moves' pages_of_hot_set 64M --hot-frac 0.1 \
		--move-at 500ms
	ok 'of a large hot set some pages stand for all, and it is said' some_pages_stand_for_all
else
	skip 'pages per node' 'this kernel shows no NUMA nodes'
fi

# -- Bad input --

bad() { # PATTERN OPTION...
	pattern=$1
	shift
	ok "gups 64M $* is refused" refuses 2 "$pattern" "$gups" 64M "$@"
}

bad "'abc' is not a fraction" --hot-frac abc
bad 'hot-frac.*out of range' --hot-frac 1.1
bad 'hot-frac.*out of range' --hot-frac 0
bad 'hot-frac.*out of range' --hot-frac 1
bad 'hot-frac.*not a fraction' --hot-frac -0.5
bad 'hot-frac.*not a fraction' --hot-frac 10%
bad 'hot-frac.*not a fraction' --hot-frac nan
bad 'no whole page' --hot-frac 0.000001
bad 'none beside it' --hot-frac 0.9999999
bad 'hot-prob.*out of range' --hot-frac 0.1 --hot-prob 1.5
bad 'hot-prob.*not a fraction' --hot-frac 0.1 --hot-prob x
bad '--hot-prob without a hot set' --hot-prob 0.9
bad '--hot-at without a hot set' --hot-at last
bad '--move-at without a hot set' --move-at 1
bad "hot-at 'middle' is no place" --hot-frac 0.1 --hot-at middle
bad "hot-at '' is no place" --hot-frac 0.1 --hot-at ''
bad 'no unit' --hot-frac 0.1 --hot-at 12
bad 'within a page' --hot-frac 0.1 --hot-at 5KiB
bad 'beyond the table' --hot-frac 0.25 --hot-at 49MiB
bad 'beyond the table' --hot-frac 0.25 --hot-at 1TiB
bad '--move-at 3 is not before the end' --hot-frac 0.1 --seconds 3 --move-at 3
bad 'not before the end' --hot-frac 0.1 --move-at 30s
bad 'more than 0' --hot-frac 0.1 --move-at 0
bad "skew 'pareto:1' is unknown" --skew pareto:1
bad 'has no number: write it as zipf:0.99' --skew zipf
bad 'out of range' --skew zipf:6
bad 'out of range' --skew selfsimilar:0.6
bad 'takes no number' --skew uniform:1
bad 'read-ratio.*out of range' --read-ratio 2
bad 'read-ratio.*not a fraction' --read-ratio half
bad 'interval.*too short' --interval 1ms
bad 'interval.*not a time' --interval soon

finish

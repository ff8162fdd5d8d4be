#!/bin/bash
# The tiering lab: an experiment at full size, what schemes do with a hot set on the slow node, and what the sampling costs. Some 25
# minutes when the image is built; it takes 16 GiB of the host for the first part.
#
#   PAIRS    pairs of 10 s with and without sampling (5)
#   PARTS    of it: "full hot sampler"
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
pairs=${PAIRS:-5} parts=${PARTS:-full hot sampler}
big=bench-cxl-$$ small=bench-hmat-$$ counted=bench-counted-$$
at_exit='for m in "$big" "$small" "$counted"; do "$build/vmctl" delete --force "$m" >/dev/null 2>&1 || :; done'

host
"$build/vmbuild" -q cxl-tcg >/dev/null
cp vmctl/machines/cxl.yaml "$work/$big.yaml"
cp vmctl/machines/numa-hmat-small.yaml "$work/$small.yaml"
# of FILTER RESULT...: a figure of each result
of() { jq -r "$@"; }
grew='def grew(n): [.guest.counters.end | to_entries[] | select(.key | test(n)) | .value] as $e | [.guest.counters.begin | to_entries[] | select(.key | test(n)) | .value] as $b | ($e | add // 0) - ($b | add // 0);'

full() {
	seconds "$build/vmctl" bench -r "$work/full" "$work/$big.yaml" gups-cxl | awk '{ print $1 / 60 }' > "$work/minutes"
	report 'gups-cxl at full size, all of its cases, with the start' min 'at most 20' "$work/minutes"
	of "$grew"'[.run.case, "promoted", grew("^pgpromote_success$"), "demoted", grew("^pgdemote_"), "migrated", grew("^pgmigrate_success$"), "pages on node 1 at the end", .guest.workload.pages_end["1"] // 0] | map(tostring) | join(" ")' "$work"/full/*/*.json
	echo "migrated at least what was promoted and demoted (wanted: true): $(of -s "$grew"'map(grew("^pgmigrate_success$") >= grew("^pgpromote_success$") + grew("^pgdemote_")) | all' "$work"/full/*/*.json)"
	echo "1G and 5G: nothing on node 1, nothing promoted (wanted: true): $(of -s "$grew"'map(select(.run.case == "1G" or .run.case == "5G")) | all(grew("^pgpromote_success$") == 0 and .guest.workload.pages_end["1"] == null)' "$work"/full/*/*.json)"
	echo "1G beside 7000M, and 7G beside 1000M: promoted and demoted (wanted: true): $(of -s "$grew"'map(select(.run.case | test("7000M|1000M"))) | all(grew("^pgpromote_success$") > 0 and grew("^pgdemote_") > 0)' "$work"/full/*/*.json)"
}

# Wanted: with DAMON and with NUMA balancing at least 80 % of the hot set on node 0 at the end, with neither none.
# When four fifths of the hot set were on the fast node for the first time; and how much at the end.
hot() {
	quietly "$build/vmctl" bench -r "$work/hot" "$work/$small.yaml" hmsdk-numa-small
	of '.guest.workload as $w | (($w.hot_pages_begin | add) as $all | [.run.case, .run.scope // "", "of the hot set on node 0 at the end:", (($w.hot_pages_end["0"] // 0) / $all * 100 | round | tostring) + " %;", "four fifths after", ([$w.intervals[] | select(.hot_pages_per_node != null and (.hot_pages_per_node["0"] // 0) >= 0.8 * $all) | .at | round | tostring + " s"][0] // "-"), "of", ($w.secs | round | tostring) + " s"] | join(" "))' "$work"/hot/*/*.json
}

# In a guest of one processor whose clock goes by the instructions that it executes (QEMU's -icount: 4 ns each), so that what the host does
# beside is in no figure. By the host's time pairs of 20 s scattered from 0.35 to 1.59.
sampler() {
	local uri=qemu:///session
	[ "$(id -u)" != 0 ] || uri=qemu:///system
	uri=${TIERLAB_LIBVIRT_URI:-$uri}
	sed '1i cpus: 1' "$work/$small.yaml" > "$work/$counted.yaml"
	quietly "$build/vmctl" start --wait none "$work/$counted.yaml"
	quietly "$build/vmctl" stop --force "$counted"
	"$build/vmctl" xml "$counted" | sed 's|<qemu:commandline>|&<qemu:arg value="-icount"/><qemu:arg value="shift=2"/>|' > "$work/counted.xml"
	grep -q icount "$work/counted.xml"
	quietly virsh -c "$uri" create "$work/counted.xml"
	quietly "$build/vmctl" wait "$counted"
	# what the start leaves to do is over after a while
	"$build/vmctl" exec "$counted" -- sh -c "echo 0 > /proc/sys/kernel/numa_balancing; gups 64M --seconds 15 > /tmp/warm
		for _ in \$(seq $pairs); do
			gups 64M --seconds 10 --json
			tierrun -o - --interval 1 -- gups 64M --seconds 10
		done" < /dev/null 2>/dev/null > "$work/both"
	jq -s '[.[] | if .guest then .guest.workload.rate else .rate end] | range(0; length; 2) as $i | (1 - .[$i + 1] / .[$i]) * 100' "$work/both" > "$work/lost"
	jq -s '.[].guest | select(.) | .sampler_cpu_secs / (.samples | length) * 1000' "$work/both" > "$work/ms"
	[ "$(wc -l < "$work/lost")" = "$pairs" ]
	report 'updates/s lost to sampling each second' % 'under 1' "$work/lost"
	report 'processor time of a sample' ms 'under 10' "$work/ms"
}

for part in $parts; do
	$part
done

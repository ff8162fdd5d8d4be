#!/bin/bash
# The tiering lab: an experiment at full size, what schemes do with a hot set on the slow node, and what the sampling costs. Some 25
# minutes when the image is built; it takes 16 GiB of the host for the first part.
#
#   PAIRS    pairs of 20 s with and without sampling (12)
#   PARTS    of it: "full hot sampler"
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
pairs=${PAIRS:-12} parts=${PARTS:-full hot sampler}
big=bench-cxl-$$ small=bench-hmat-$$
at_exit='for m in "$big" "$small"; do "$build/vmctl" delete --force "$m" >/dev/null 2>&1 || :; done'

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

# The rate of one long run, second by second, while tierrun comes and goes beside it: a window of 20 s in which it samples, one without.
# Neighbours have the same hour of the host. The window is what tierrun runs: its start and end are in neither.
sampler() {
	quietly "$build/vmctl" start "$work/$small.yaml"
	cat > "$work/windows.sh" <<-'END'
		now() { cut -d' ' -f1 /proc/uptime; }
		echo 0 > /proc/sys/kernel/numa_balancing # as it is while tierrun is there
		gups 64M --seconds $((pairs * 44 + 5)) --interval 1 --json > /tmp/gups.json &
		sleep 3
		for _ in $(seq "$pairs"); do
			tierrun -o /tmp/one.json --interval 1 -- sh -c 'cut -d" " -f1 /proc/uptime > /tmp/from; sleep 20; cut -d" " -f1 /proc/uptime > /tmp/to; echo "{\"rate\": 1}"' > /dev/null
			from=$(now)
			sleep 20
			echo "[$(cat /tmp/from), $(cat /tmp/to), $from, $(now)]"
		done > /tmp/windows
		wait
		cat /tmp/windows /tmp/gups.json
	END
	"$build/vmctl" exec "$small" -- sh -c "pairs=$pairs; $(cat "$work/windows.sh")" < /dev/null 2>/dev/null > "$work/both"
	jq -s '(map(select(type == "object"))[0]) as $g |
		def rate($a; $b): [$g.intervals[] | select(.at - .secs + $g.began_at >= $a and .at + $g.began_at <= $b)] | (map(.work) | add) / (map(.secs) | add);
		.[] | select(type == "array") | rate(.[0]; .[1]) / rate(.[2]; .[3])' "$work/both" > "$work/ratio"
	report 'updates/s while sampled each second, over those beside' '' 'at least 0.99' "$work/ratio"
}

for part in $parts; do
	$part
done

#!/bin/sh
# The small forms of the experiments that come with tierlab, whole, with what they are to show.
# Runs alone: beside other guests it would be no measurement: DAMON took twice as long to move the hot set.
. "$(dirname "$0")/lib.sh"

"$vmbuild" -q cxl-tcg >/dev/null 2>&1 || "$vmbuild" cxl-tcg 2>&1 | sed 's/^/# /'
cp "$top/vmctl/machines/cxl-small.yaml" "$work/t-lab-cxl.yaml"
cp "$top/vmctl/machines/numa-hmat-small.yaml" "$work/t-lab-numa.yaml"
sed 's/^memory:.*/memory: 2GiB/' "$top/vmctl/machines/cxl-x2.yaml" > "$work/t-lab-x2.yaml"
cleanup_machines='t-lab-cxl t-lab-x2 t-lab-numa'
for m in $cleanup_machines; do "$vmctl" delete --force $m >/dev/null 2>&1; done
cd "$work" || exit 1
made() { "$vmctl" bench "$work/$1.yaml" "$2"; }
all() { jq -s "$2" results/"$1"/*/*.json | jq -e .; } # EXPERIMENT FILTER
grew='def grew(n): ([.guest.counters.end | to_entries[] | select(.key | test(n)) | .value] | add // 0) - ([.guest.counters.begin | to_entries[] | select(.key | test(n)) | .value] | add // 0);'
in_order() { all "$1" "$grew"'map(grew("^pgmigrate_success$") >= grew("^pgpromote_success$") + grew("^pgdemote_")) | all'; }

"$vmctl" start "$work/t-lab-cxl.yaml" > "$work/started" 2>&1
ok 'gups-cxl-small: all runs are made' made t-lab-cxl gups-cxl-small
ok 'more was migrated than promoted and demoted' in_order gups-cxl-small
ok 'what fits into DRAM stays there, and nothing is promoted' all gups-cxl-small "$grew"'map(select(.run.case == "128M" or .run.case == "640M")) | length == 2 and all(grew("^pgpromote_success$") == 0 and .guest.workload.pages_end["1"] == null)'
ok 'what does not fit is promoted and demoted' all gups-cxl-small "$grew"'map(select(.run.case == "1900M")) | all(grew("^pgpromote_success$") > 0 and grew("^pgdemote_") > 0)'
ok 'all knobs of the experiment were set, and put back' all gups-cxl-small 'map((.guest.knobs | length == 10 and all(.after == .before)) and (.run.knobs | split(" ") | length == 10)) | all'
ok 'latency-small: all runs are made' made t-lab-cxl latency-small
ok 'chase has a curve on each node, of which the first loads are the quickest' all latency-small 'map(select(.run.workload == "chase").guest.workload.sets) | length == 2 and all(length >= 10)'
"$vmctl" stop t-lab-cxl >/dev/null 2>&1
"$vmctl" start "$work/t-lab-x2.yaml" > "$work/started" 2>&1
ok 'latency-small: all runs are made where each access is emulated, too' made t-lab-x2 latency-small
"$vmctl" stop t-lab-x2 >/dev/null 2>&1
slow() { jq -s --arg m "$1" '[.[] | select(.run.machine == $m and .run.workload == "chase") | {(.run.ratio): .guest.workload.sets[-1].ns_per_load}] | add | .["membind:1"] / .["membind:0"]' results/latency-small/*/*.json; }
path() { emulated=$(slow t-lab-x2) mapped=$(slow t-lab-cxl) && echo "a load from node 1 over one from node 0: emulated $emulated, mapped $mapped" && jq -en "$emulated > 2 * $mapped"; }
ok 'and a load from its CXL memory takes many times as long' path

"$vmctl" start "$work/t-lab-numa.yaml" > "$work/started" 2>&1
ok 'hmsdk-numa-small: all runs are made' made t-lab-numa hmsdk-numa-small
hot() { all hmsdk-numa-small "map(select(.run.case == \"$1\").guest.workload) | length > 0 and all((.hot_pages_begin | add) as \$all | $2)"; }
ok 'without a scheme the hot set stays on the slow node' hot neither '(.hot_pages_end["0"] // 0) == 0'
ok 'DAMON moves it to the fast one, at least four fifths of it' hot 'damon only' '.hot_pages_end["0"] >= 0.8 * $all'
ok 'so does NUMA balancing' hot 'autonuma only' '.hot_pages_end["0"] >= 0.8 * $all'
ok 'both together move pages, also beside what is eaten' all hmsdk-numa-small "$grew"'map(select(.run.scheme == "autonuma+hmsdk")) | length == 3 and all(grew("^pgmigrate_success$") > 0)'
ok 'DAMON says what it moved' all hmsdk-numa-small 'map(select(.run.scheme == "hmsdk").guest.damon) | all(map(select(.action == "migrate_hot").sz_applied)[0] > 0)'
ok 'tiering-matrix-small: all runs are made' made t-lab-numa tiering-matrix-small
ok 'a ratio of 1:1 puts half of the memory on each node' all tiering-matrix-small 'map(select(.run.scheme == "none").guest.workload.pages_begin | (.["1"] // 0) / (add) | . > 0.3 and . < 0.7) | all'
page() { "$vmctl" report results/* -o lab.html && [ "$(grep -c '<svg' lab.html)" -ge 8 ]; }
ok 'vmctl report makes a page of all of them' page

done_testing

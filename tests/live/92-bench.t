#!/bin/sh
# Experiments in real guests: runs and their results, what moves, and what is left when a run is interrupted, killed, or its guest dies.
. "$(dirname "$0")/lib.sh"

"$vmbuild" -q cxl-tcg >/dev/null 2>&1 || "$vmbuild" cxl-tcg 2>&1 | sed 's/^/# /'
m=t-bench
cp "$top/vmctl/machines/numa-hmat-small.yaml" "$work/$m.yaml"
cleanup_machines=$m
"$vmctl" delete --force $m >/dev/null 2>&1
file=$work/$m.yaml
cd "$work" || exit 1
x() { "$vmctl" exec $m -- "$@" < /dev/null; }
# the guest's knobs, and what a run may leave
knobs() { x sh -c 'cat /proc/sys/kernel/numa_balancing /sys/kernel/mm/numa/demotion_enabled /sys/kernel/debug/sched/numa_balancing/hot_threshold_ms; ls /sys/kernel/mm/damon/admin/kdamonds /run/tierrun /sys/fs/cgroup | grep -E "^(0|journal|hmsdk)$"; pgrep -x "gups|memeater|tierrun"'; }
as_before() { knobs > "$work/now"; cmp "$work/before" "$work/now"; }
result() { jq -s "$1" "$work/results/$2/$m"/*.json; } # FILTER EXPERIMENT
holds() { result "$1" "$2" | jq -e 'all' ; }

"$vmctl" start "$file" > "$work/started" 2>&1
ok 'the machine is there' "$vmctl" status $m
knobs > "$work/before"

cat > quick.yaml <<'E'
workloads: [gups 64M --seconds 3]
schemes: [none, autonuma]
ratios: ["all", "membind:1", "eat:100MiB"]
knobs: {hot_threshold_ms: 321}
E
ok 'six runs' "$vmctl" bench $m quick.yaml
six() { [ "$(ls results/quick/$m/*.json | wc -l)" = 6 ] && result 'map(.status == "done" and .guest.workload.rate > 0 and (.guest.samples | length) >= 2)' quick | jq -e all; }
ok 'each has a result, with samples' six
ok 'knobs were set, and put back' holds 'map([.guest.knobs[] | select(.name == "hot_threshold_ms")][0] | .during == "321" and .after == .before)' quick
ok 'the guest is as before' as_before
ok 'what is bound to node 1 is there' holds 'map(select(.run.ratio == "membind:1") | .guest.workload.pages_end == {"1": 16384})' quick
ok 'what was eaten is said' holds 'map(select(.run.ratio == "eat:100MiB") | .guest.eater == {node: 0, bytes: 104857600})' quick
ok 'where it was run is said' holds 'map(.provenance | .image.name == "cxl-tcg" and (.image.sha256 | length) == 64 and .qemu.accelerator == "tcg" and (.topology | length) > 50)' quick
no_more() { before=$(stat -c %Y results/quick/$m/* | sort) && "$vmctl" bench $m quick.yaml && [ "$before" = "$(stat -c %Y results/quick/$m/* | sort)" ]; }
ok 'the same again makes nothing' no_more

tunes() { x tierrun -o - --scheme damon -- gups 64M --seconds 2 > "$work/r.json" && jq -e '.status == "done" and (.guest.damon | length) == 2 and .guest.cgroup == "/hmsdk" and (.guest.notes[0] | test("does not tune"))' "$work/r.json" && as_before; }
ok 'DAMON in a cgroup; where the kernel does not tune it, with fixed values, which is said' tunes

# A hot set on the slow node; the rest of the memory is hardly touched.
cat > hot.yaml <<'E'
workloads: [gups 1000M --hot-frac 0.05 --hot-prob 0.999 --hot-at last --seconds 40]
cases:
  - {name: stays, schemes: none, workloads: [gups 1000M --hot-frac 0.05 --hot-prob 0.999 --hot-at last --seconds 5]}
  - {name: moves, schemes: autonuma}
E
hot() { result "map(select(.run.case == \"$1\").guest.workload)[0] | $2" hot | jq -e .; }
# kswapd gives a node up where nothing can be demoted; after that nothing is promoted there, and no run says why
gives_up() { x sh -c "sync; echo 3 > /proc/sys/vm/drop_caches"; x tierrun --scheme autonuma --knob demotion_enabled=0 -- gups 1000M --hot-frac 0.05 --hot-prob 0.999 --hot-at last --seconds 15; x grep -q 'node_unreclaimable: *1' /proc/zoneinfo; }
ok 'a full node that nothing leaves is given up by kswapd' gives_up
ok 'a hot set under no scheme, and under NUMA balancing' "$vmctl" bench $m hot.yaml
ok 'without a scheme it stays on the slow node' hot stays '.hot_pages_begin["1"] == .hot_pages_end["1"] and .hot_pages_end["0"] == null'
ok 'kswapd was woken, which the result says' eval "result 'map(.guest.notes[]) | map(select(test(\"it was woken\"))) | length > 0' hot | jq -e ."
ok 'NUMA balancing brings four fifths of it to the fast node' hot moves '.hot_pages_end["0"] >= 0.8 * (.hot_pages_begin["1"] + (.hot_pages_begin["0"] // 0))'
counted() { result 'map(.guest.counters) | map((.end.pgmigrate_success - .begin.pgmigrate_success) >= (.end.pgpromote_success - .begin.pgpromote_success) + (.end.pgdemote_kswapd - .begin.pgdemote_kswapd) + (.end.pgdemote_direct - .begin.pgdemote_direct))' hot | jq -e all; }
ok 'more was migrated than promoted and demoted' counted
moved() { result 'map(select(.run.case == "moves").guest.counters)[0] | .end.pgpromote_success > .begin.pgpromote_success and .end.pgdemote_kswapd + .end.pgdemote_direct > .begin.pgdemote_kswapd + .begin.pgdemote_direct' hot | jq -e .; }
ok 'it promoted and demoted' moved
report() { "$vmctl" report results/hot results/quick -o r.html && "$vmctl" report results/hot --md | grep 'The kernel promoted' && [ "$(grep -c '<svg' r.html)" -ge 3 ]; }
ok 'vmctl report makes a page of them' report

# Interrupted, killed, and the guest gone.
cat > long.yaml <<'E'
workloads: [gups 64M --seconds 30, gups 32M --seconds 2]
schemes: [autonuma]
E
begun() { within 300 x pgrep -x gups; }
cut() { # SIGNAL
	"$vmctl" bench $m long.yaml > "$work/said" 2>&1 &
	pid=$!
	begun || return 1
	kill -"$1" $pid
	wait $pid
	status=$?
	within 100 as_before
}
interrupted() { cut TERM; [ "$status" = 130 ] && grep 'the same command goes on from there' "$work/said" && [ -z "$(ls results/long/$m 2>/dev/null)" ] && as_before; }
ok 'ended in a run: settings are put back, and it says how to go on' interrupted
killed() { cut KILL; [ "$status" = 137 ] && as_before; }
ok 'killed in a run: settings are put back' killed
two() { "$vmctl" bench $m long.yaml > "$work/said" 2>&1 & pid=$!; begun; ! "$vmctl" bench $m quick.yaml --force 2> "$work/e" && grep 'another `vmctl bench` is at work on t-bench' "$work/e"; }
ok 'two on one machine: the second is refused' two
dies() { kill -9 "$(qemu_pid $m)"; wait $pid; status=$?; [ "$status" = 9 ] && result 'map(.status) | sort == ["done", "failed"]' long | jq -e . && result 'map(select(.status == "failed").error)' long | jq -e '.[0] | test("QEMU")'; }
ok 'the guest dies in a run: that has failed with why, and the next is made' dies
again() { "$vmctl" bench $m long.yaml && holds 'map(.status == "done")' long; }
ok 'what failed is made again' again

# The host asleep: the guest stands still, and its clock goes on.
asleep() { "$vmctl" bench --force $m long.yaml > "$work/said" 2>&1 & pid=$!; begun; sleep 3; kill -STOP "$(qemu_pid $m)"; sleep 12; kill -CONT "$(qemu_pid $m)"; wait $pid && result 'map(.guest.notes[]) | map(select(test("stood still"))) | length > 0' long | jq -e .; }
ok 'the host asleep for a while: the run goes on, and says so' asleep

done_testing

#!/bin/sh
# Experiments in real guests: runs and their results, what moves, and what is left when a run is interrupted, killed, or its guest dies.
# Runs alone: two benches one after the other, a host asleep: it goes by the time that things take.
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
workloads: [gups 64M --seconds 2]
cases:
  - {name: plain, schemes: [none, autonuma]}
  - {name: node 1, ratios: "membind:1"}
  - {name: eaten, ratios: "eat:100MiB"}
  - {name: ratios, workloads: gups 256M --seconds 1, ratios: ["2:1", "1:4"]}
knobs: {hot_threshold_ms: 321}
E
ok 'six runs' "$vmctl" bench $m quick.yaml
six() { [ "$(ls results/quick/$m/*.json | wc -l)" = 6 ] && result 'map(.status == "done" and .guest.workload.rate > 0 and (.guest.samples | length) >= 2)' quick | jq -e all; }
ok 'each has a result, with samples' six
ok 'knobs were set, and put back' holds 'map([.guest.knobs[] | select(.name == "hot_threshold_ms")][0] | .during == "321" and .after == .before)' quick
ok 'the guest is as before' as_before
ok 'what is bound to node 1 is there' holds 'map(select(.run.ratio == "membind:1") | .guest.workload.pages_end == {"1": 16384})' quick
slow_part='(.guest.workload.pages_begin | (.["1"] // 0) / add) as $part |'
ok 'of 2:1 a third of the memory is on node 1' holds "map(select(.run.ratio == \"2:1\") | $slow_part \$part > 0.23 and \$part < 0.43)" quick
ok 'of 1:4 four fifths are' holds "map(select(.run.ratio == \"1:4\") | $slow_part \$part > 0.7 and \$part < 0.9)" quick
ok 'what was eaten is said' holds 'map(select(.run.ratio == "eat:100MiB") | .guest.eater == {node: 0, bytes: 104857600})' quick
ok 'what was asked for, and the files, are said' holds 'map((.run.seed == 1 and .run.repetition == 1) and (.provenance | (.machine_file.sha256 | length) == 64 and (.machine_file.text | test("memory:")) and (.experiment_file.text | test("workloads:")) and (.experiment_file.sha256 | length) == 64 and .host.cpus > 0 and (.host.cpu_model | length) > 0) and (.guest.kernel | test("^6")) and (.guest.command[0] == "gups"))' quick
ok 'where it was run is said' holds 'map(.provenance | .image.name == "cxl-tcg" and (.image.sha256 | length) == 64 and .qemu.accelerator == "tcg" and (.topology | length) > 50)' quick
no_more() { before=$(stat -c %Y results/quick/$m/* | sort) && "$vmctl" bench $m quick.yaml && [ "$before" = "$(stat -c %Y results/quick/$m/* | sort)" ]; }
ok 'the same again makes nothing' no_more

tunes() { x tierrun -o - --scheme damon -- gups 64M --seconds 2 > "$work/r.json" && jq -e '.status == "done" and (.guest.damon | length) == 2 and .guest.cgroup == "/hmsdk" and (.guest.notes[0] | test("does not tune"))' "$work/r.json" && as_before; }
ok 'DAMON in a cgroup; where the kernel does not tune it, with fixed values, which is said' tunes

refused() { echo "workloads: gups 64M
$1" > wrong.yaml; ! "$vmctl" bench $m wrong.yaml 2> "$work/e" && grep -F "$2" "$work/e"; }
ok 'an unknown knob' refused 'knobs: {hot: 1}' "wrong.yaml:2:9: 'hot' is not a knob"
ok 'a counter that the kernel lacks: the run has failed with that' refused 'counters: [pgmagic]' "failed: the kernel has no counter 'pgmagic'"
ok 'more memory than there is' refused 'ratios: ["eat:7GiB"]' "7.0 GiB can't be eaten of node 0, which has"

# Pages that others had before are theirs: here a shell's libraries.
outside() { x tierrun -o - --scheme hmsdk --interval 200ms -- bash -c 'sleep 2; echo "{\"rate\": 1}"' > "$work/r.json" && jq -e '.guest.notes | any(test("pages of the workload were not in its cgroup"))' "$work/r.json"; }
ok 'pages outside of the cgroup are noted' outside
damon_held() { # as damo would: nobody's record says that tiermig started it
	x sh -c 'tiermig -m 0 1 -g --apply && rm /run/tiermig'
	refused 'schemes: hmsdk' "$1" && x grep -qx on /sys/kernel/mm/damon/admin/kdamonds/0/state
	held=$?
	x sh -c 'cd /sys/kernel/mm/damon/admin/kdamonds && echo off > 0/state && echo off > 1/state && echo 0 > nr_kdamonds'
	return $held
}
ok "DAMON is in another program's hands: the run has failed with that, and it keeps it" damon_held "is on and not tiermig's: stop it by what started it"
ok 'the guest is as before, after all of them' as_before

# A hot set on the slow node; the rest of the memory is hardly touched. kswapd gives a node up where nothing can be demoted; after that nothing
# is promoted there, and no run would say why.
hot='gups 1000M --hot-frac 0.03 --hot-prob 0.999 --hot-at last'
printf 'workloads: %s --seconds 10\nschemes: autonuma\n' "$hot" > hot.yaml
# as long as there are files' pages, kswapd finds those
gives_up() { for i in 1 2 3; do x sh -c "sync; echo 3 > /proc/sys/vm/drop_caches"; x tierrun --scheme autonuma --knob demotion_enabled=0 -- $hot --seconds 12; x grep -q 'node_unreclaimable: *1' /proc/zoneinfo && return; done; return 1; }
gives_up > "$work/gave" 2>&1 && gave_up=true || gave_up=false # where the kernel finds some file's page after all, it does not
ok 'NUMA balancing after that' "$vmctl" bench $m hot.yaml
ok 'where kswapd had given the node up it was woken, which the result says' holds "map((.guest.notes | map(select(test(\"it was woken\"))) | length > 0) == $gave_up)" hot
ok 'and pages are promoted' holds 'map(.guest.counters | .end.pgpromote_success - .begin.pgpromote_success > 1000)' hot

# Interrupted, killed, and the guest gone.
cat > long.yaml <<'E'
workloads: [gups 32M --seconds 2, gups 64M --seconds 21, gups 16M --seconds 1]
schemes: [autonuma]
E
begun() { within 300 x pgrep -f 'gups 64M --seconds 21'; }
cut() { # SIGNAL
	"$vmctl" bench $m long.yaml > "$work/said" 2>&1 &
	pid=$!
	begun || return 1
	kill -"$1" $pid
	wait $pid
	status=$?
	within 100 as_before
}
interrupted() { cut INT; [ "$status" = 130 ] && grep '1 runs are in results/long, and the same command goes on from there' "$work/said" && [ "$(ls results/long/$m | wc -l)" = 1 ] && as_before; }
ok 'Ctrl-C in the second run: settings are put back, the first is kept, and it says how to go on' interrupted
# All of the terminal's processes hear it, ssh too.
at_a_terminal() { { begun; printf '\003'; sleep 8; } | TERM=dumb script -qec "'$vmctl' bench $m long.yaml" /dev/null > "$work/said" 2>&1; status=$?; [ "$status" = 130 ] && grep 'the same command goes on from there' "$work/said" && within 100 as_before; }
ok 'the same at a terminal' at_a_terminal
killed() { cut KILL; [ "$status" = 137 ] && as_before; }
ok 'killed in a run: settings are put back' killed
kept() { first=$(ls results/long/$m/gups-32M*) && [ "$(stat -c %Y "$first")" -lt "$(($(date +%s) - 5))" ]; }
two() { "$vmctl" bench $m long.yaml > "$work/said" 2>&1 & pid=$!; begun; ! "$vmctl" bench $m quick.yaml --force 2> "$work/e" && grep 'another `vmctl bench` is at work on t-bench' "$work/e"; }
ok 'two on one machine: the second is refused' two
dies() { x sh -c 'echo c > /proc/sysrq-trigger' & within 1200 eval '! kill -0 $pid 2>/dev/null'; wait $pid; status=$?; [ "$status" = 9 ] && kept && result 'map(.status) | sort == ["done", "done", "failed"]' long | jq -e . && result 'map(select(.status == "failed").error)' long | jq -e '.[0] | test("panic")'; }
ok "the guest panics in a run: that has failed with the console's cause, what was made is kept, and the next is made in a guest that is started again" dies
again() { "$vmctl" bench $m long.yaml && holds 'map(.status == "done")' long; }
ok 'what failed is made again' again

# The host asleep: the guest stands still, and its clock goes on.
asleep() { "$vmctl" bench --force $m long.yaml > "$work/said" 2>&1 & pid=$!; begun; sleep 3; kill -STOP "$(qemu_pid $m)"; sleep 12; kill -CONT "$(qemu_pid $m)"; wait $pid && result 'map(.guest.notes[]) | map(select(test("stood still"))) | length > 0' long | jq -e .; }
ok 'the host asleep for a while: the run goes on, and says so' asleep

done_testing

#!/bin/sh
# tiermig on a tree of files that stands for /sys, /proc and /run: what it programs into which file and takes back, and what it
# says of a kernel that lacks it and of others that use DAMON.
# Takes it from $BUILD/bench; prints TAP. Real kernels are for tests/live/90-tiermig.t.
# shellcheck source=tests/cli/bench-lib.sh disable=SC2015,SC2086,SC2119 # lists of conditions; paths without blanks; machine has a default
. "$(dirname "$0")/bench-lib.sh"
# shellcheck source=tests/cli/tiermig-lib.sh
. "$(dirname "$0")/tiermig-lib.sh"

running=
trap 'test -z "$running" || kill -9 "$running" 2>/dev/null; rm -rf "$tmp"' EXIT
context=contexts/0
scheme=$context/schemes/0

# has FILE VALUE
has() {
	[ "$(cat "$kdamonds/$1")" = "$2" ] || { echo "$1 has $(cat "$kdamonds/$1"), not $2"; return 1; }
}

# As it was before --apply: nothing on, nothing noted.
undone() {
	has nr_kdamonds 0 && has 0/state off && has 1/state off && [ ! -e "$root/run/tiermig" ]
}

# -- Programming the kernel -------------------------------------------------------------------

applied() { machine && does '2 kdamonds on' -m 0 1 --apply && has nr_kdamonds 2 && has 0/state on && has 1/state on; }
cold_knobs() {
	has 0/$context/operations paddr && has 0/$context/monitoring_attrs/intervals/sample_us 100000 &&
		has 0/$context/monitoring_attrs/intervals/aggr_us 2000000 && has 0/$context/monitoring_attrs/intervals/update_us 20000000 &&
		has 0/$context/monitoring_attrs/nr_regions/min 100 && has 0/$context/monitoring_attrs/nr_regions/max 10000 &&
		has 0/$context/targets/0/regions/nr_regions 2 && has 0/$context/targets/0/regions/1/end 268431360 &&
		has 0/$scheme/action migrate_cold && has 0/$scheme/target_nid 1 && has 0/$scheme/access_pattern/nr_accesses/max 0 &&
		has 0/$scheme/access_pattern/age/min 15 && has 0/$scheme/quotas/ms 1000 && has 0/$scheme/quotas/bytes 53687091200 &&
		has 0/$scheme/quotas/reset_interval_ms 20000 && has 0/$scheme/quotas/weights/age_permil 10 &&
		has 0/$scheme/filters/0/type memcg && has 0/$scheme/filters/0/memcg_path /hmsdk && has 0/$scheme/filters/0/matching N &&
		has 0/$scheme/filters/1/type young && has 0/$scheme/filters/1/matching Y
}
hot_knobs() {
	has 1/$context/targets/0/regions/0/start 4294967296 && has 1/$scheme/action migrate_hot && has 1/$scheme/target_nid 0 &&
		has 1/$scheme/access_pattern/nr_accesses/min 1 && has 1/$scheme/access_pattern/nr_accesses/max 20 &&
		has 1/$scheme/access_pattern/age/min 0 && has 1/$scheme/quotas/ms 2000 && has 1/$scheme/filters/1/matching N
}
twice() { refuses 1 "tiermig's schemes run already (kdamond 0, pid 100): tiermig --stop first" -m 0 1 --apply && has 0/state on; }
stopped() { does '2 kdamonds stopped' --stop && undone && does 'nothing runs' --stop; }
ok '--apply turns two kdamonds on' applied
ok 'with the values for cold pages' cold_knobs
ok 'and those for hot ones' hot_knobs
ok 'a second --apply leaves them alone' twice
ok '--stop leaves nothing behind, and a second one is no error' stopped

with_stats() { machine && "$tiermig" -m 0 1 --apply && mkdir "$kdamonds/1/$scheme/stats" && for s in nr_tried:12 sz_tried:4096 nr_applied:3 sz_applied:2048 qt_exceeds:1; do echo "${s#*:}" >"$kdamonds/1/$scheme/stats/${s%:*}"; done; }
json() { with_stats && run "$tiermig" --status --json && [ "$(wc -l <"$tmp/out")" = 1 ] && jq -e '.running and .tiermig and .pgmigrate_success == 4711 and (.kdamonds | length == 2) and (.kdamonds[1] | .running and .pid == 101 and .sample_us == 100000 and .aggr_us == 2000000) and (.kdamonds[1].schemes[0] | .action == "migrate_hot" and .source_nid == 1 and .target_nid == 0 and .nr_tried == 12 and .sz_tried == 4096 and .nr_applied == 3 and .sz_applied == 2048 and .qt_exceeds == 1)' "$tmp/out"; }
refreshed() { has 0/state update_schemes_stats && has 1/state update_schemes_stats; }
text() { with_stats && does 'kdamond 1: on, migrate_hot from node 1 to node 0: tried 12 regions (4.0 KiB), applied to 3 (2.0 KiB), quota exceeded 1 times' --status; }
idle() { machine && does '"kdamonds":\[\],"running":false,"tiermig":false' --status --json && does 'DAMON is not running' --status; }
ok '--status --json has what every scheme did' json
ok 'after it had the kernel count' refreshed
ok '--status says it to people' text
ok 'and that nothing runs' idle

# -- What can be wrong with the kernel ----------------------------------------------------------

no_damon() { machine && rm -r "$root/sys/kernel/mm/damon" && refuses 1 'nr_kdamonds: is not there: .*CONFIG_DAMON_SYSFS' -m 0 1 --apply && refuses 1 CONFIG_DAMON_SYSFS --stop && refuses 1 CONFIG_DAMON_SYSFS --status; }
# lacks FILE PATTERN ARGUMENT...: it names the file and what brings it, and undoes what it did.
lacks() { file=$1 pattern=$2; shift 2; rm -r "$kdamonds/1/$file"; refuses 1 "kdamonds/1/$file.*: the kernel has no such file: .*$pattern" "$@" --apply && undone; }
no_migrate() { machine && lacks $scheme/target_nid 'from 6.11' -m 0 1; }
no_goal() { machine --tune && lacks $context/monitoring_attrs/intervals/intervals_goal 'from 6.15 on: leave out --tune' --tune 0 1; }
no_node_goal() { machine --tune && lacks $scheme/quotas/goals/0/nid 'from 6.16 on: leave out --tune' --tune 0 1; }
tuned_knobs() { machine --tune && does '2 kdamonds on' --tune 0 1 --apply && has 1/$context/monitoring_attrs/intervals/intervals_goal/access_bp 400 && has 0/$scheme/quotas/goals/0/target_metric node_mem_free_bp && has 0/$scheme/quotas/goals/0/nid 0 && has 1/$scheme/quotas/goals/0/target_metric node_mem_used_bp && has 1/$scheme/quotas/goals/0/target_value 9970 && has 1/$scheme/quotas/goals/0/nid 0; }
# This file takes numbers alone, and says EINVAL to a word as the kernel does to an action that it lacks.
einval() { machine && ln -sf /proc/self/oom_score_adj "$kdamonds/1/$scheme/action" && refuses 1 "kdamonds/1/$scheme/action: the kernel refuses migrate_hot (EINVAL): .*6.11" -m 0 1 --apply && undone; }
other_errno() { machine && ln -sf /dev/full "$kdamonds/1/$scheme/quotas/ms" && refuses 1 "kdamonds/1/$scheme/quotas/ms: can't write 2000: No space left on device (ENOSPC)" -m 0 1 --apply && undone; }
differs() { machine && ln -sf /dev/null "$kdamonds/1/$scheme/quotas/bytes" && refuses 1 "kdamonds/1/$scheme/quotas/bytes: has '' and not the '53687091200' that was written" -m 0 1 --apply && undone; }
not_on() { machine && rm "$kdamonds/1/state" && ln -s /dev/null "$kdamonds/1/state" && refuses 1 'kdamonds/1/state: is off right after it was turned on' -m 0 1 --apply && has 0/state off && has nr_kdamonds 0 && [ ! -e "$root/run/tiermig" ]; }
ok 'a kernel without DAMON, and the options that bring it' no_damon
ok 'a kernel without migration, and the version that brings it' no_migrate
ok 'one that does not tune intervals' no_goal
ok "one that does not tune for a node's memory" no_node_goal
ok 'one that does both' tuned_knobs
no_tuner() { machine --tune && rm "$kdamonds"/*/$scheme/quotas/goal_tuner && does '2 kdamonds on' --tune 0 1 --apply; }
ok 'one that does both in the older way alone' no_tuner
# A GiB, of which kswapd keeps 5 %: half a percent would always be free.
small_node() {
	machine --tune && printf 'Node 0, zone    DMA32\n  pages free     236576\n        low      10266\n        high     12319\n        managed  248301\n  pagesets\n    cpu: 0\n              high:  52\nNode 1, zone  Normal\n        high     7\n        managed  248301\n' >"$root/proc/zoneinfo" &&
		does '2 kdamonds on' --tune 0 1 --apply && has 0/$scheme/quotas/goals/0/target_value 545 && has 1/$scheme/quotas/goals/0/target_value 9475 && has 1/$scheme/quotas/goal_tuner temporal
}
ok 'a small node has goals above what kswapd keeps free' small_node
ok 'a value that the kernel refuses: which, where, why' einval
ok 'another errno, by its name' other_errno
ok 'a value that reads back different' differs
ok 'a kdamond that does not stay on takes the other with it' not_on

# -- Who else has DAMON ------------------------------------------------------------------------

foreign() { machine && echo 1 >"$kdamonds/nr_kdamonds" && echo on >"$kdamonds/0/state" && refuses 1 "kdamond 0 (pid 100) is on and not tiermig's: .*damo stop" -m 0 1 --apply && refuses 1 "not tiermig's" --stop && has 0/state on && has nr_kdamonds 1 && does 'kdamond 0 was not started by tiermig' --status; }
replaced() { machine && "$tiermig" -m 0 1 --apply && echo 4242 >"$kdamonds/0/pid" && refuses 1 'kdamond 0 (pid 4242)' --stop && has 0/state on; }
ended() { machine && "$tiermig" -m 0 1 --apply && echo off >"$kdamonds/0/state" && echo off >"$kdamonds/1/state" && does '2 kdamonds on' -m 0 1 --apply && has 1/state on; }
leftover() { machine && echo 2 >"$kdamonds/nr_kdamonds" && does '2 kdamonds on' -m 0 1 --apply && does stopped --stop && undone; }
stat_held() { machine && echo Y >"$stat/enabled" && does 'DAMON_STAT off until --stop' -m 0 1 --apply && [ "$(cat "$stat/enabled")" = N ] && does 'DAMON_STAT is off until --stop' --status; }
stat_back() { echo on | tee "$kdamonds/0/state" >"$kdamonds/1/state"; does 'DAMON_STAT on again' --stop && undone && [ "$(cat "$stat/enabled")" = Y ]; }
stat_failed() { machine && echo Y >"$stat/enabled" && rm "$kdamonds/1/$scheme/action" && refuses 1 'no such file' -m 0 1 --apply && undone && [ "$(cat "$stat/enabled")" = Y ]; }
reclaim() { machine && mkdir -p "$root/sys/module/damon_reclaim/parameters" && echo Y >"$root/sys/module/damon_reclaim/parameters/enabled" && refuses 1 'damon_reclaim runs and has DAMON for itself: write N to /sys/module/damon_reclaim/parameters/enabled' -m 0 1 --apply && has nr_kdamonds 0; }
no_cgroup() { machine && rm -r "$root/sys/fs/cgroup/hmsdk" && refuses 1 '/sys/fs/cgroup/hmsdk: there is no such cgroup' -m 0 1 --apply && has nr_kdamonds 0 && does '2 kdamonds on' -m 0 1 -g --apply && has 0/$scheme/filters/nr_filters 1 && has 0/$scheme/filters/0/type young; }
no_controller() { machine && rm "$root/sys/fs/cgroup/hmsdk/memory.current" && refuses 1 'cgroup /hmsdk has no memory controller' -m 0 1 --apply; }
locked() { machine && flock -s "$root/run/tiermig.lock" "$tiermig" -m 0 1 --apply 2>"$tmp/err"; [ $? = 1 ] && grep 'another tiermig is programming DAMON' "$tmp/err" && has nr_kdamonds 0; }
no_run() { machine && rm -r "$root/run" && refuses 1 '/run/tiermig.lock: No such' -m 0 1 --apply && has nr_kdamonds 0; }
nobody() { machine && cp "$tiermig" "$tmp/copy" && chmod 755 "$tmp" && chmod 600 "$kdamonds/nr_kdamonds" && run setpriv --reuid 65534 --regid 65534 --clear-groups "$tmp/copy" --status; [ "$status" = 1 ] && grep 'nr_kdamonds: Permission denied: run it as root' "$tmp/err"; }
if [ "$(id -u)" = 0 ]; then
	ok 'who may not look is told so, and not that nothing runs' nobody
else
	skip 'who may not look' 'this takes root'
fi
ok "somebody else's kdamond is left alone" foreign
ok "so is one that took ours' place" replaced
ok 'schemes that ended by themselves are started anew' ended
ok 'what damo left after it stopped is no hindrance' leftover
ok 'DAMON_STAT is turned off first' stat_held
ok 'and on again by --stop' stat_back
ok 'and when --apply fails' stat_failed
ok 'DAMON_RECLAIM, which somebody chose, is not' reclaim
ok 'a cgroup that is not there, which -g does not need' no_cgroup
ok 'a cgroup without memory controller' no_controller
ok 'two at the same time' locked
ok 'no place to note what was there before' no_run

# held_up: --apply stands still at a pipe that nobody reads.
held_up() {
	machine && echo Y >"$stat/enabled" && rm "$kdamonds/1/$scheme/action" && mkfifo "$kdamonds/1/$scheme/action" || return 1
	"$tiermig" -m 0 1 --apply >"$tmp/out" 2>"$tmp/err" &
	running=$!
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(cat "$kdamonds/1/$context/schemes/nr_schemes")" = 1 ] && break
		sleep 0.1
	done
	sleep 0.1
	[ "$(cat "$kdamonds/nr_kdamonds")" = 2 ] && [ "$(cat "$stat/enabled")" = N ]
}
# ended_by SIGNAL: leaves its status.
ended_by() { kill "-$1" "$running" && { wait "$running"; status=$?; running=; }; }
interrupted() { held_up && ended_by "$1"; cat "$tmp/err"; [ "$status" = 1 ] && grep "interrupted at .*$scheme/action" "$tmp/err" && undone && [ "$(cat "$stat/enabled")" = Y ]; }
killed() { held_up && ended_by KILL; [ "$status" = 137 ] && has nr_kdamonds 2 && [ "$(cat "$stat/enabled")" = N ] && does stopped --stop && undone && [ "$(cat "$stat/enabled")" = Y ]; }
ok '--apply that is interrupted undoes what it did' interrupted INT
ok 'so does one that is to end' interrupted TERM
ok '--stop undoes one that was killed' killed

finish

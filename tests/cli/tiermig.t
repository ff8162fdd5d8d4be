#!/bin/sh
# tiermig on a tree of files that stands for /sys, /proc and /run: what it writes where, and what it says of each fault.
# Takes it from $BUILD/bench; prints TAP. Real kernels are for tests/live/90-tiermig.t.
# shellcheck source=tests/cli/bench-lib.sh disable=SC2015,SC2086 # lists of conditions; paths without blanks
. "$(dirname "$0")/bench-lib.sh"

tiermig="$(cd "$bench" && pwd)/tiermig"
running=
trap 'test -z "$running" || kill -9 "$running" 2>/dev/null; rm -rf "$tmp"' EXIT
root=$tmp/root
export TIERMIG_ROOT="$root"
kdamonds=$root/sys/kernel/mm/damon/admin/kdamonds
stat=$root/sys/module/damon_stat/parameters
context=contexts/0
scheme=$context/schemes/0

# As the library's, and says what came of it.
run() {
	"$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	echo "$* -> status $status; out: $(cat "$tmp/out"); err: $(cat "$tmp/err")"
}

# refuses STATUS PATTERN ARGUMENT...: tiermig fails with that status and one line that has the pattern.
refuses() {
	want=$1 pattern=$2
	shift 2
	run "$tiermig" "$@"
	[ "$status" -eq "$want" ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] && [ ! -s "$tmp/out" ] &&
		grep -q '^tiermig: ' "$tmp/err" && grep -q -e "$pattern" "$tmp/err"
}

# does PATTERN ARGUMENT...: succeeds, and the pattern in what it says.
does() {
	pattern=$1
	shift
	run "$tiermig" "$@"
	[ "$status" -eq 0 ] && cat "$tmp/out" "$tmp/err" | grep -q -e "$pattern"
}

# block NODE NUMBER: a memory block of 128 MiB, online.
block() {
	dir=$root/sys/devices/system/node/node$1/memory$2
	mkdir -p "$dir"
	printf '%08x\n' "$2" >"$dir/phys_index"
	echo online >"$dir/state"
}

# Two nodes of 256 MiB, the second behind CXL; a kernel with DAMON, whose folders are there before they are asked for.
# Not a kernel: a file keeps what is written into it.
machine() {
	rm -rf "$root"
	mkdir -p "$root/sys/devices/system/memory" "$root/proc" "$root/run" "$kdamonds" "$stat" "$root/sys/fs/cgroup/hmsdk" \
		"$root/sys/devices/system/node/node2"
	echo 8000000 >"$root/sys/devices/system/memory/block_size_bytes"
	block 0 0; block 0 1; block 1 32; block 1 33
	cat >"$root/proc/iomem" <<-END
		00000000-00000bff : Reserved
		00000c00-0009fbff : System RAM
		000f0000-000fffff : System ROM
		00100000-0fffefff : System RAM
		  01000000-01bfffff : Kernel code
		0ffff000-0fffffff : Reserved
		100000000-1ffffffff : CXL Window 0
		  100000000-10fffffff : region0
		    100000000-10fffffff : dax0.0
		      100000000-10fffffff : System RAM (kmem)
	END
	echo 'pgmigrate_success 4711' >"$root/proc/vmstat"
	: >"$root/sys/fs/cgroup/hmsdk/memory.current"
	echo N >"$stat/enabled"
	"$tiermig" "${1:--m}" 0 1 --dry-run | while read -r file _; do
		mkdir -p "$root${file%/*}"
		: >"$root$file"
	done
	echo 0 >"$kdamonds/nr_kdamonds"
	for k in 0 1; do
		echo off >"$kdamonds/$k/state"
		echo 10$k >"$kdamonds/$k/pid"
	done
}

# has FILE VALUE
has() {
	[ "$(cat "$kdamonds/$1")" = "$2" ] || { echo "$1 has $(cat "$kdamonds/$1"), not $2"; return 1; }
}

# As it was before --apply: nothing on, nothing noted.
undone() {
	has nr_kdamonds 0 && has 0/state off && has 1/state off && [ ! -e "$root/run/tiermig" ]
}

# -- The YAML ---------------------------------------------------------------------------------

machine
cat >"$tmp/cold.yaml" <<'END'
kdamonds:
- contexts:
  - ops: paddr
    targets:
    - pid: null
      regions:
      - start: '4,096'
        end: '651,264'
      - start: '1,048,576'
        end: '268,431,360'
    intervals:
      sample_us: 100 ms
      aggr_us: 2 s
      ops_update_us: 20 s
    nr_regions:
      min: '100'
      max: '10,000'
    schemes:
    - action: migrate_cold
      target_nid: 1
      access_pattern:
        sz_bytes:
          min: 4096 B
          max: max
        nr_accesses:
          min: 0 %
          max: 0 %
        age:
          min: 30 s
          max: max
      apply_interval_us: 0 s
      quotas:
        time_ms: 1 s
        sz_bytes: 51200 MiB
        reset_interval_ms: 20 s
        goals: []
        effective_sz_bytes: 0 B
        weights:
          sz_permil: 0 %
          nr_accesses_permil: 0 %
          age_permil: 1 %
      watermarks:
        metric: none
        interval_us: 0 s
        high_permil: 0 %
        mid_permil: 0 %
        low_permil: 0 %
      filters:
      - filter_type: memcg
        matching: false
        allow: false
        memcg_path: '/hmsdk'
        address_range: null
        damon_target_idx: null
      - filter_type: young
        matching: true
        allow: false
        memcg_path: ''
        address_range: null
        damon_target_idx: null
END
cold() { run "$tiermig" -d 0 1 --damo 3.4.1 && diff "$tmp/cold.yaml" "$tmp/out"; }
old() { run "$tiermig" -d 0 1 --damo 2.4.7 && grep -v allow: "$tmp/cold.yaml" | diff - "$tmp/out"; }
# part PATTERN... -- ARGUMENT...: the YAML has all these lines.
part() {
	lines=
	while [ "$1" != -- ]; do lines="$lines$1
"; shift; done
	shift
	run "$tiermig" "$@" --damo 3.4.1
	[ "$status" = 0 ] || return 1
	printf %s "$lines" | while IFS= read -r line; do grep -qxF -e "$line" "$tmp/out" || { echo "no: $line"; exit 1; }; done
}
hot() { part "      - start: '4,294,967,296'" "        end: '4,563,402,752'" '    - action: migrate_hot' '      target_nid: 0' '          min: 5 %' '          max: 100 %' '          min: 0 s' '        time_ms: 2 s' '        matching: false' -- -p 1 0 -g && [ "$(grep -c filter_type "$tmp/out")" = 1 ]; }
order() { run "$tiermig" -p 1 0 -d 0 1 --damo 3.4.1 && cp "$tmp/out" "$tmp/both" && run "$tiermig" -m 0 1 --damo 3.4.1 && cmp "$tmp/both" "$tmp/out" && [ "$(sed -n 's/.*action: //p' "$tmp/out" | tr '\n' ' ')" = 'migrate_cold migrate_hot ' ]; }
tuned() { part '      intervals_goal:' '        access_bp: 4 %' "        aggrs: '3'" '        min_sample_us: 5 ms' '        max_sample_us: 10 s' '        - metric: node_mem_free_bp' '          target_value: 0.5 %' '        - metric: node_mem_used_bp' '          target_value: 99.7 %' -- --tune 0 1 -g && [ "$(grep -c "nid: '0'" "$tmp/out")" = 2 ]; }
split() { run "$tiermig" -d 0 1 -s 128M --damo 3.4.1 && [ "$(grep -c '^- contexts' "$tmp/out")" = 3 ] && [ "$(grep -A 9 '^- contexts' "$tmp/out" | grep -c start)" = 3 ] && grep -q "'135,266,304'" "$tmp/out"; }
to_file() { run "$tiermig" -d 0 1 -o "$tmp/o.yaml" --damo 3.4.1; [ "$status" = 0 ] && [ ! -s "$tmp/out" ] && [ ! -s "$tmp/err" ] && cmp "$tmp/cold.yaml" "$tmp/o.yaml"; }
full() { ! "$tiermig" -d 0 1 --damo 3.4.1 >/dev/full 2>"$tmp/err" && grep 'No space left' "$tmp/err"; }
cgroup() { part "        memcg_path: '/it''s'" -- -d 0 1 --cgroup "/it's"; }
ok "cold pages go as HMSDK has them go, in damo 3.4.1's words" cold
ok 'damo 2.4.7 gets no key that it did not have' old
ok 'hot pages are those of the other node that were accessed; -g knows no cgroup' hot
ok '-m is -d and -p, and cold comes first' order
ok '--tune has intervals and quotas tuned, for the fast node in both directions' tuned
ok '-s splits a range into kdamonds, and leaves small ones together' split
ok '-o writes a file' to_file
ok 'a file that is not named .yaml is warned about' does 'damo start would take it for JSON' -d 0 1 -o "$tmp/o" --damo 3.4.1
ok 'a full disk is an error' full
ok 'a file that can not be made is named' refuses 1 "$tmp/no/x.yaml: No such" -d 0 1 -o "$tmp/no/x.yaml" --damo 3.4.1
ok '--cgroup names another, with any name' cgroup

# damo SAYING: is the damo that is installed.
damo() {
	mkdir -p "$tmp/bin"
	printf '#!/bin/sh\n[ "$*" = version ] && echo "%s"\n' "$1" >"$tmp/bin/damo"
	chmod +x "$tmp/bin/damo"
}
PATH=$tmp/bin:/usr/bin:/bin
installed() { damo 2.5.9 && run "$tiermig" -d 0 1 && [ ! -s "$tmp/err" ] && ! grep allow: "$tmp/out" && damo v3.2.4-15-gdeadbeef && run "$tiermig" -d 0 1 && cmp "$tmp/cold.yaml" "$tmp/out"; }
newer() { damo 3.9.0 && does 'damo 3.9.0 is newer than those that are known (2.4.7 to 3.4.1)' -d 0 1 && cmp "$tmp/cold.yaml" "$tmp/out"; }
older() { damo 2.4.6 && refuses 1 'damo 2.4.6 is installed, and 2.4.7 to 3.4.1 are known' -d 0 1; }
babble() { damo 'command not found' && refuses 1 "'damo version' says 'command not found'" -d 0 1; }
none() { PATH=$tmp/nothing run "$tiermig" -d 0 1 && grep -q 'damo is not installed: the YAML is for damo 3.4.1' "$tmp/err" && cmp "$tmp/cold.yaml" "$tmp/out"; }
ok 'the installed damo says which format' installed
ok 'a damo that is newer gets the newest format, and a word about it' newer
ok 'one that is older is refused' older
ok 'so is one that says no version' babble
ok 'without damo, the newest format is written and that is said' none
damo 3.4.1
ok '--damo with a version that is not known' refuses 2 'the YAML of damo 2.4.7 to 3.4.1 is known' -d 0 1 --damo 9.9.9
ok '--damo with something else' refuses 2 'is known' -d 0 1 --damo 3.4
ok '--tune wants a damo that has goals' refuses 1 'damo 2.8.2 has no quota goals' --tune 0 1 --damo 2.8.2

# -- Nodes ------------------------------------------------------------------------------------

offline() { machine && echo offline >"$root/sys/devices/system/node/node1/memory33/state" && part "        end: '4,429,185,024'" -- -p 1 0; }
hidden() { machine && sed -i 's/[0-9a-f]*-[0-9a-f]*/00000000-00000000/' "$root/proc/iomem" && part "      - start: '0'" "        end: '268,435,456'" -- -d 0 1; }
all_off() { machine && for b in "$root"/sys/devices/system/node/node1/memory*; do echo offline >"$b/state"; done; refuses 1 'node 1 has no memory online' -p 1 0; }
no_target() { refuses 1 'node 2 has no memory online' -d 0 2; }
no_node() { refuses 1 'node7: No such' -d 0 7; }
no_hotplug() { machine && rm "$root/sys/devices/system/memory/block_size_bytes" && refuses 1 CONFIG_MEMORY_HOTPLUG -d 0 1; }
ok 'a block that is offline is left out' offline
ok 'where iomem hides its addresses, blocks are taken whole' hidden
ok 'a source without memory is refused' all_off
machine
ok 'so is a target without, which the kernel would take' no_target
ok 'so is a node that is not there' no_node
ok 'a kernel that does not say where memory is' no_hotplug
machine

# -- Wrong usage ------------------------------------------------------------------------------

ok 'source and target the same' refuses 2 'node 0 is both source and target' -d 0 0
ok 'a source of two schemes' refuses 2 'node 0 is the source of two' -d 0 1 -p 0 1
ok 'a second node that is missing' refuses 2 '--demote 0 lacks the second node' -d 0
ok 'a node that is none' refuses 2 "--promote 'x' is not a node" -p x 1
ok 'no flow at all' refuses 2 'no flow given' -g
ok 'a size without unit' refuses 2 "'4096' is not a size" -d 0 1 -s 4096
ok 'a size that is not whole pages' refuses 2 'whole pages' -d 0 1 -s 1K
ok 'a size that would need a thousand threads' refuses 2 'more than 256 kdamonds' -d 0 1 -s 64K
ok 'a cgroup that is not a path' refuses 2 "--cgroup 'hmsdk' is not a cgroup" -d 0 1 --cgroup hmsdk
ok 'a cgroup with a slash too many' refuses 2 "--cgroup '/hmsdk/' is not a cgroup" -d 0 1 --cgroup /hmsdk/
ok '--cgroup and -g' refuses 2 'exclude each other' -d 0 1 -g --cgroup /x
ok 'two things to do' refuses 2 'exclude each other' -d 0 1 --apply --dry-run
ok '--stop with schemes' refuses 2 'take no schemes' -d 0 1 --stop
ok '--json without --status' refuses 2 'goes with --status' -d 0 1 --json
ok '--damo with --apply' refuses 2 'are for the YAML' -d 0 1 --apply --damo 3.4.1
ok 'an option that is unknown' refuses 2 "'--no-such' is unknown" --no-such
ok 'an argument too many' refuses 2 "'x' is one argument too many" -d 0 1 x
every_option() { "$tiermig" --help >"$tmp/out" && for o in -d -p -m -g -s -o --tune --cgroup --damo --apply --dry-run --stop --status --json --root; do grep -q -e " $o " -e "${o}[,:]" "$tmp/out" || { echo "$o"; return 1; }; done; }
ok 'each option is in --help' every_option

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
	count=$((count + 1))
	echo "ok $count - who may not look # SKIP this takes root"
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

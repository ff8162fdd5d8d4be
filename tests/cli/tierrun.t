#!/bin/sh
# tierrun on a tree of files that stands for /proc, /sys and /run: what it sets, reads back and puts back, and what it says of each
# fault. The workloads are real. Real kernels are for tests/live/92-bench.t.
# shellcheck source=tests/cli/bench-lib.sh disable=SC2015
. "$(dirname "$0")/bench-lib.sh"
# shellcheck source=tests/wait-lib.sh
. "$(dirname "$0")/../wait-lib.sh"

tierrun=$bench/tierrun
root=$tmp/root
export TIERRUN_ROOT="$root"
sched=$root/sys/kernel/debug/sched/numa_balancing
balancing=$root/proc/sys/kernel/numa_balancing
demotion=$root/sys/kernel/mm/numa/demotion_enabled

put() { mkdir -p "$(dirname "$root$1")" && printf '%s\n' "$2" > "$root$1"; }
tree() {
	rm -rf "$root"
	put /proc/sys/kernel/numa_balancing 1
	put /proc/sys/vm/zone_reclaim_mode 3
	put /sys/kernel/mm/numa/demotion_enabled false
	put /sys/kernel/mm/lru_gen/enabled 0x0007
	put /sys/kernel/mm/transparent_hugepage/enabled 'always [madvise] never'
	put /sys/kernel/debug/sched/numa_balancing/hot_threshold_ms 1000
	put /proc/sys/kernel/random/boot_id 5b1d-this
	put /sys/devices/system/node/online 0
	put /sys/devices/system/node/has_memory 0
	put /sys/devices/system/node/node0/cpulist 0-1
	cp /sys/devices/system/node/node0/meminfo "$root/sys/devices/system/node/node0/"
	printf 'pgfault 5\npgmigrate_success 7\noom_kill 0\nnuma_hit 1\n' > "$root/proc/vmstat"
	mkdir -p "$root/run"
}
# as it was before
untouched() { [ "$(cat "$balancing")" = 1 ] && [ "$(cat "$demotion")" = false ] && [ "$(cat "$sched/hot_threshold_ms")" = 1000 ] && [ ! -e "$root/run/tierrun/journal" ]; }
says() { [ "$status" = "$1" ] && [ "$(wc -l < "$tmp/err")" = 1 ] && grep -F "$2" "$tmp/err" && untouched; }
fault() { # NAME STATUS MESSAGE ARGS...
	what=$1 want=$2 message=$3
	shift 3
	tree
	run "$tierrun" "$@"
	ok "$what" says "$want" "$message"
}

tree
run "$tierrun" -o - --scheme autonuma --knob hot_threshold_ms=250 --counter pgfault -- gups 8M --seconds 0.5 --interval 0.1
ok 'a run is done' test "$status" = 0
ok 'its result is one JSON object with the workload in it' jq -e '.format == 1 and .status == "done" and .guest.workload.name == "gups" and .guest.workload.rate > 0' "$tmp/out"
ok 'knobs were read before, during and after' jq -e '[.guest.knobs[] | select(.name == "hot_threshold_ms")][0] | .before == "1000" and .asked == "250" and .during == "250" and .after == "1000"' "$tmp/out"
ok 'autonuma turns balancing to 2 and demotion on' jq -e '[.guest.knobs[] | {(.name): .during}] | add | .numa_balancing == "2" and .demotion_enabled == "1"' "$tmp/out"
ok 'all is as it was' untouched
ok 'a counter that the kernel lacks is absent' jq -e '.guest.counters.end | .pgfault == 5 and .numa_hit == 1 and (has("pgpromote_success") | not)' "$tmp/out"
ok 'the command that was run is there' jq -e '.guest.command[0:2] == ["gups", "8M"] and .guest.tierrun[1] == "-o"' "$tmp/out"

tree
run "$tierrun" -o "$tmp/r.json" --interval 100ms -- gups 8M --seconds 1
samples() { jq -e '.guest.samples | length >= 4 and (map(.at) | . == sort) and (.[-1].nodes["0"].free > 0)' "$tmp/r.json"; }
ok 'samples every interval, on the workload'\''s time line' samples
ok 'the scheme none turns both off' jq -e '[.guest.knobs[] | {(.name): .during}] | add | .numa_balancing == "0" and .demotion_enabled == "0"' "$tmp/r.json"
ok 'a file is written whole, and beside it nothing' eval '[ "$(ls "$tmp"/r.json*)" = "$tmp/r.json" ] && untouched'

tree
run "$tierrun" --eat fast:16M -- gups 8M --seconds 0.3
ok 'without -o a few lines for people' eval 'grep "^gups: done, .* a second$" "$tmp/out" && grep "pgmigrate_success  *0$" "$tmp/out"'
tree
run "$tierrun" -o - --eat 0:16M -- gups 8M --seconds 0.3
ok 'memory is eaten, and given back' eval 'jq -e ".guest.eater == {node: 0, bytes: 16777216}" "$tmp/out" && ! pgrep -f "memeater 16384K"'
tree
run "$tierrun" -o - --knob lru_gen_enabled=0 --knob thp_enabled=never --knob zone_reclaim_mode=0 -- gups 8M --seconds 0.3
thp() { jq -e '[.guest.knobs[] | select(.name == "thp_enabled")][0].before == "always [madvise] never"' "$tmp/out" && [ "$(cat "$root/sys/kernel/mm/lru_gen/enabled")" = 0x0007 ] && [ "$(cat "$root/proc/sys/vm/zone_reclaim_mode")" = 3 ]; }
ok 'a knob with brackets, one in hexadecimal' thp

fault 'an unknown knob' 2 "'hot' is no knob that tierrun knows" --knob hot=1 -- gups 8M
fault 'a knob without a value' 2 'give a value, as numa_balancing=1' --knob numa_balancing= -- gups 8M
fault 'a knob that the kernel lacks, with what brings it' 1 'the kernel has no scan_size_mb (/sys/kernel/debug/sched/numa_balancing/scan_size_mb is not there): it needs CONFIG_NUMA_BALANCING=y' --knob scan_size_mb=1 -- gups 8M
fault 'a knob that would panic the kernel' 2 'the kernel divides by it, and panics' --knob scan_size_mb=0 -- gups 8M
fault 'a cgroup that no scheme would look at' 2 'only hmsdk and damon look at a cgroup' --cgroup mine -- gups 8M
fault 'nor a global one' 2 'only hmsdk and damon look at a cgroup' --scheme hmsdk --scope global --cgroup mine -- gups 8M
fault 'an unknown scheme' 2 "'hmdsk' is neither none nor one of" --scheme hmdsk -- gups 8M
fault 'a scheme that is none and another' 2 "'none+autonuma' is neither" --scheme none+autonuma -- gups 8M
fault 'a scheme twice' 2 "'autonuma+autonuma' has autonuma twice" --scheme autonuma+autonuma -- gups 8M
fault 'a command without a name' 2 'no workload: say which' -- ''
fault 'an output without a name' 2 "is no file's name" -o '' -- gups 8M
fault 'half a scheme' 2 "'autonuma+' is neither" --scheme autonuma+ -- gups 8M
fault 'and what is no number is left to the kernel' 1 'the kernel has no scan_size_mb' --knob scan_size_mb=abc -- gups 8M
fault '--restore with other words' 2 'restore stands alone, without other words' --restore --check
fault '--list-knobs with other words' 2 'list-knobs stands alone' --list-knobs gups
fault 'an option cut short: results have the words as they stand' 2 "'--sch' is no option: --scheme is, in full" --sch none -- gups 8M
fault 'the same with its value behind =' 2 "'--rat=1:2' is no option: --ratio is, in full" --rat=1:2 -- gups 8M
fault 'an unknown option' 2 "'--sheme' is no option: see tierrun --help" --sheme none -- gups 8M
fault 'an option without its value' 2 "'--scheme' needs a value" --scheme
fault 'a folder as output, before the run' 1 "can't write $tmp: Is a directory" -o "$tmp" -- gups 8M --seconds 60
fault 'a scope' 2 "'all' is neither cgroup nor global" --scope all -- gups 8M
fault 'no workload' 2 'no workload: say which' --scheme none
fault 'a program that is not there' 1 'there is no program gupps' -- gupps
fault 'more memory than there is' 1 'gups needs 64.0 TiB, and all nodes have' -- gups 64T
fault 'more memory than a node has' 1 'and node 0 has' --membind 0 -- gups 64T
fault 'a node that is not there' 1 'there is no node 7 with memory' --membind 7 -- gups 8M
fault 'a ratio without a slow node' 1 'ratio: there is no slow node for the rest' --ratio 1:2 -- gups 8M
tree
put /sys/devices/system/node/online 0-1
put /sys/devices/system/node/has_memory 0-1
put /sys/devices/system/node/node1/cpulist ''
cp /sys/devices/system/node/node0/meminfo "$root/sys/devices/system/node/node1/"
run "$tierrun" --ratio 1:2 -- gups 8M
ok 'a ratio that can not be met says what would fit' says 1 'a workload of at most'
fault 'more eaten than there is' 1 "can't be eaten of node 0, which has" --eat 0:64T -- gups 8M
fault 'ratios that are none' 2 "'0:1' is none: give FAST:SLOW" --ratio 0:1 -- gups 8M
fault 'two ways to share memory' 2 'exclude each other' --ratio 1:1 --membind 0 -- gups 8M
fault 'an interval that would be measured itself' 2 'give --interval 100ms or more' --interval 1ms -- gups 8M
fault 'a counter that can not be one' 2 "can't be a counter of /proc/vmstat" --counter 'a b' -- gups 8M
fault 'a counter that the kernel lacks' 1 "the kernel has no counter 'pgmagic'" --counter pgmagic -- gups 8M
fault 'one node as both' 1 'is both fast and slow' --fast 0 --slow 0 -- gups 8M
fault 'two schemes of DAMON' 2 'one of the two' --scheme hmsdk+damon -- gups 8M
fault 'migration without a slow node' 1 'there is no slow node to migrate to' --scheme hmsdk --scope global -- gups 8M
fault 'a workload that fails gives its own reason' 1 'hot-frac' -- gups 8M --hot-frac 2

# Two nodes, and cgroups as they can be.
two_nodes() { tree; put /sys/devices/system/node/online 0-1; put /sys/devices/system/node/has_memory 0-1; put /sys/devices/system/node/node1/cpulist ''; cp "$root/sys/devices/system/node/node0/meminfo" "$root/sys/devices/system/node/node1/"; }
cgroup_fault() { # NAME MESSAGE
	run "$tierrun" --scheme hmsdk -- gups 8M
	ok "$1" says 1 "$2"
}
two_nodes
cgroup_fault 'no DAMON' 'the kernel has no DAMON'
mkdir -p "$root/sys/kernel/mm/damon/admin"
cgroup_fault 'no cgroup v2' 'it takes cgroup v2, mounted at /sys/fs/cgroup'
put /sys/fs/cgroup/cgroup.controllers 'cpu io pids'
cgroup_fault 'no memory controller' 'cgroups have no memory controller: the kernel needs CONFIG_MEMCG=y'
put /sys/fs/cgroup/cgroup.controllers 'cpu io memory pids'
mkdir "$root/sys/fs/cgroup/hmsdk"
cgroup_fault 'a cgroup of that name' 'is there already: remove it'
rmdir "$root/sys/fs/cgroup/hmsdk"
echo 'nr 1' > "$root/run/tiermig"
cgroup_fault "the user's own schemes of tiermig, which stay" 'tiermig --stop ends what it started'
ok 'as they were' grep -x 'nr 1' "$root/run/tiermig"
rm "$root/run/tiermig"
put /sys/kernel/mm/damon/admin/kdamonds/0/state on
run "$tierrun" -o - -- gups 8M --seconds 0.3
ok "DAMON at somebody else's work is noted" jq -e '(.guest.notes | any(test("^DAMON is at work, and not for this run"))) and (.guest | has("damon") | not)' "$tmp/out"

tree
run "$tierrun" -o - --knob numa_balancing=2 -- gups 8M --seconds 0.3
ok 'a knob that the scheme overrides is noted' jq -e '(.guest.notes | any(test("^numa_balancing=2 was asked for, and is 0"))) and .guest.knobs[0].during == "0"' "$tmp/out"

# The older places of knobs.
tree
for knob in scan_delay_ms scan_period_min_ms scan_period_max_ms scan_size_mb promote_rate_limit_MBps; do put "/proc/sys/kernel/numa_balancing_$knob" 5; done
run "$tierrun" -o - --scheme autonuma --knob scan_delay_ms=11 --knob scan_period_min_ms=12 --knob scan_period_max_ms=13 --knob scan_size_mb=14 --knob promote_rate_limit_MBps=15 -- gups 8M --seconds 0.3
ok 'knobs where older kernels have them' eval 'jq -e "[.guest.knobs[] | select(.file | startswith(\"/proc/sys/kernel/numa_balancing_\")) | .during] == [\"11\", \"12\", \"13\", \"14\", \"15\"] and all(.guest.knobs[]; .after == .before)" "$tmp/out"'

# A program of the user's: it is run once, and may print its object in several lines, and its reason without a newline.
cat > "$tmp/own" <<'E'
#!/bin/sh
echo run >> "$0.runs"
[ "$1" != bad ] || { printf 'no luck' >&2; exit 1; }
printf '{\n  "name": "own",\n  "rate": 7\n}\n'
E
chmod +x "$tmp/own"
tree
run "$tierrun" -o - -- "$tmp/own" good
ok "a program of the user's is run once, and its object taken" eval 'jq -e ".guest.workload == {name: \"own\", rate: 7}" "$tmp/out" && [ "$(wc -l < "$tmp/own.runs")" = 1 ]'
run "$tierrun" -o - -- "$tmp/own" bad
ok 'and so is its last word' jq -e '.error == "no luck"' "$tmp/out"

# What is no workload of the suite behaves as it likes.
cat > "$tmp/odd" <<'E'
#!/bin/sh
case $1 in
left) setsid sleep 61 & ;; # with this output
closed) echo '{ "rate": 1 }'; exec >&- 2>&-; sleep 1; exit ;;
pipe) grep SigIgn /proc/self/status >&2; exit 1 ;;
words) echo "{ \"rate\": $# }"; exit ;;
esac
echo '{ "rate": 2 }'
E
chmod +x "$tmp/odd"
tree
run timeout 20 "$tierrun" -o - -- "$tmp/odd" left
ok 'a program that leaves a child with its output open has ended nevertheless' eval '[ "$status" = 0 ] && jq -e ".guest.workload.rate == 2" "$tmp/out"'
pkill -f '^sleep 61$'
run "$tierrun" -o - -- "$tmp/odd" words --interval=200ms
ok 'its own interval is left alone' jq -e '.guest.command[-2:] == ["--interval=200ms", "--json"]' "$tmp/out"
run "$tierrun" -o - --interval 200ms -- "$tmp/odd" closed
ok 'one that closes its output is sampled to its end' jq -e '.status == "done" and (.guest.samples | length >= 4)' "$tmp/out"
run "$tierrun" -o - -- "$tmp/odd" pipe
ok 'SIGPIPE is not ignored in it' jq -e '.error | test("[02468ace]...$")' "$tmp/out"
# shellcheck disable=SC2046
run "$tierrun" -o - -- "$tmp/odd" words $(seq 300)
ok 'all of its words reach it' jq -e '.guest.workload.rate >= 301 and (.guest.command | index("300") == 301)' "$tmp/out"

tree
run "$tierrun" -o - --warm-up 200ms --membind 0 --resident 8M --fast 0 -- gups 8M --seconds 0.5
ok 'warm-up and a bound process' eval 'jq -e ".guest.warm_up_secs == 0.2 and .guest.workload.pages_end == {\"0\": 2048} and (.provenance.host.cpu_model | type) == \"string\"" "$tmp/out"'

# A kernel that takes another value: here a file that can't be written.
tree
rm "$sched/hot_threshold_ms"
ln -s /proc/sys/kernel/ostype "$sched/hot_threshold_ms"
run "$tierrun" --scheme autonuma --knob hot_threshold_ms=1 -- gups 8M
refused() { [ "$status" = 1 ] && grep "hot_threshold_ms: " "$tmp/err" && [ "$(cat "$balancing")" = 1 ] && [ "$(cat "$demotion")" = false ] && [ ! -e "$root/run/tierrun/journal" ]; }
ok 'a value that the kernel refuses: which file, which errno, and what was set before is put back' refused

tree
run "$tierrun" -o - --timeout 500ms -- gups 8M --seconds 60
ok 'a run that takes too long is ended, and has failed' eval '[ "$status" = 1 ] && jq -e ".status == \"failed\" and (.error | test(\"took longer than 0.5 s\"))" "$tmp/out" && untouched'

tree
"$tierrun" --scheme autonuma -o "$tmp/i.json" -- gups 8M --seconds 60 > "$tmp/out" 2> "$tmp/err" &
pid=$!
within 50 grep -qx 2 "$balancing"
run "$tierrun" -- gups 8M
ok 'two runs at once: the second is refused, and nothing is touched' eval '[ "$status" = 3 ] && grep "another tierrun (process $pid) is at work here" "$tmp/err" && grep -qx 2 "$balancing"'
kill -TERM "$pid"
wait "$pid"
status=$?
ok 'ended by a signal: all is put back, and the result says so' eval '[ "$status" = 143 ] && untouched && jq -e ".status == \"interrupted\"" "$tmp/i.json"'

tree
mkfifo "$tmp/life"
"$tierrun" --until-eof --scheme autonuma -- gups 8M --seconds 60 < "$tmp/life" > "$tmp/out" 2> "$tmp/err" &
pid=$!
exec 9> "$tmp/life"
within 50 grep -qx 2 "$balancing"
exec 9>&-
wait "$pid"
ok 'who started it is gone: all is put back' untouched

killed() {
	tree
	"$tierrun" --scheme autonuma -- gups 8M --seconds 61 > /dev/null 2>&1 &
	pid=$!
	within 50 grep -qx 2 "$balancing"
	kill -9 "$pid"
	wait "$pid"
	within 50 eval '! pgrep -f "^gups 8M --seconds 61"'
}
killed
run "$tierrun" --check -- gups 8M
ok '--check says that something is left' eval '[ "$status" = 1 ] && grep "tierrun --restore puts back what it left" "$tmp/err"'
ok 'killed: the workload goes with it' eval '! pgrep -f "^gups 8M --seconds 61"'
run "$tierrun" --restore
ok '--restore puts back what it left' eval 'grep "is put back" "$tmp/out" && untouched'
run "$tierrun" --restore
ok 'and then there is nothing' grep 'nothing is left' "$tmp/out"
killed
sed -i 's/^boot .*/boot another/' "$root/run/tierrun/journal"
echo 7 > "$balancing"
run "$tierrun" --restore
ok 'what was left before a reboot is nothing any more' eval 'grep "nothing is left" "$tmp/out" && grep -x 7 "$balancing" && [ ! -e "$root/run/tierrun/journal" ]'
killed
run "$tierrun" -o - -- gups 8M --seconds 0.3
ok 'the next run puts it back first, and says so' eval 'jq -e ".guest.notes[0] | test(\"did not come to its end\")" "$tmp/out" && untouched'

tree
run "$tierrun" --check --scheme autonuma -- gups 8M
ok '--check touches nothing' eval '[ "$status" = 0 ] && untouched'
run "$tierrun" --list-knobs
ok '--list-knobs shows what is set' grep '^numa_balancing  *1  */proc/sys/kernel/numa_balancing$' "$tmp/out"
run "$tierrun" --list-counters
ok '--list-counters has the 25' eval '[ "$(wc -l < "$tmp/out")" = 25 ] && grep -x pgmigrate_fail "$tmp/out"'

finish

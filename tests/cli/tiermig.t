#!/bin/sh
# tiermig on a tree of files that stands for /sys, /proc and /run: the YAML that it writes, for which damo, of which memory, and
# which words it takes. tiermig-kernel.t has what it programs.
# Takes it from $BUILD/bench; prints TAP. Real kernels are for tests/live/90-tiermig.t.
# shellcheck source=tests/cli/bench-lib.sh disable=SC2015,SC2086,SC2119 # lists of conditions; paths without blanks; machine has a default
. "$(dirname "$0")/bench-lib.sh"
# shellcheck source=tests/cli/tiermig-lib.sh
. "$(dirname "$0")/tiermig-lib.sh"

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
ok 'a file that can not be made is named' refuses 1 "$tmp/no/x.yaml.part: No such" -d 0 1 -o "$tmp/no/x.yaml" --damo 3.4.1
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

finish

#!/bin/sh
# tiermig in a guest: DAMON moves hot pages to node 0 and cold ones to node 1, those of a cgroup alone, and damo does the
# same with its YAML.
# shellcheck disable=SC2016 # for the shell in the guest
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

"$vmbuild" -q cxl-tcg >/dev/null 2>&1 || "$vmbuild" cxl-tcg 2>&1 | sed 's/^/# /'
machine t-tiermig
x() { "$vmctl" exec t-tiermig -- "$@" < /dev/null; }

start() { "$vmctl" start "$file" && x tiermig --help; }
ok 'the guest is there' start || { done_testing; exit 1; }

# Two tables of 100 MiB on node 1 that are updated all the time: one in the cgroup of HMSDK and one outside of it.
workloads() {
	x sh -c 'mkdir /sys/fs/cgroup/hmsdk
		for where in hmsdk .; do
			sh -c "echo \$\$ > /sys/fs/cgroup/$where/cgroup.procs
				exec numactl --membind=1 gups 100M --threads 1 --seconds 600" > /dev/null 2>&1 &
			echo $! >> /run/gups
		done
		sleep 4'
	on 1 1 && on 2 1
}
# pages PROCESS NODE: how many pages that one of them has there.
pages() { x sh -c 'sed "s/ /\n/g" "/proc/$(sed -n "$1p" /run/gups)/numa_maps" | sed -n "s/^N$2=//p" | { n=0; while read -r p; do n=$((n + p)); done; echo $n; }' - "$1" "$2"; }
vmstat() { x sed -n "s/^$1 //p" /proc/vmstat; }
# soon SECONDS COMMAND...: holds within that time.
soon() { left=$1; shift; until "$@"; do left=$((left - 3)); [ $left -gt 0 ] || return 1; sleep 3; done; }
# on PROCESS NODE [PAGES]: it has so many there, or all of its table.
on() { n_on=$(pages "$1" "$2"); echo "process $1 has $n_on pages on node $2"; [ "$n_on" -ge "${3:-25600}" ]; }
kdamonds() { x cat /sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds; }
status() { x tiermig --status --json > "$work/status"; cat "$work/status"; }
ok 'two workloads have their pages on node 1' workloads

hot() { before=$(vmstat pgmigrate_success); x tiermig -p 1 0 --apply | grep '1 kdamond on' && soon 30 on 1 0; }
outside() { on 2 1; }
counted() { status && after=$(vmstat pgmigrate_success) && echo "$before, $after" && [ $((after - before)) -ge 25600 ] && jq -e '.running and .tiermig and (.kdamonds[0].schemes[0] | .action == "migrate_hot" and .source_nid == 1 and .target_nid == 0 and .nr_applied >= 1 and .sz_applied >= 104857600)' "$work/status"; }
not_pgpromote() { [ "$(vmstat pgpromote_success)" = 0 ]; }
stop() { x tiermig --stop | grep '1 kdamond stopped' && [ "$(kdamonds)" = 0 ] && ! x pgrep kdamond && [ "$(x tiermig --stop)" = 'tiermig: nothing runs' ]; }
ok 'the hot pages of the cgroup go to node 0' hot
ok 'those outside of it stay' outside
ok "the scheme's count and pgmigrate_success have them" counted
ok 'pgpromote_success does not' not_pgpromote
ok '--stop leaves no kdamond' stop

# Pages of a process that stands still are cold after 30 s. Not all of them at once: where others use memory of the same
# region, only when DAMON has split it. Whoever looks uses memory too.
cold() { x sh -c 'kill -STOP $(cat /run/gups)' && [ "$(pages 1 1)" -lt 1000 ] && x tiermig -d 0 1 --apply && sleep 36 && soon 90 on 1 1 4000; }
cold_counted() { status && jq -e '.kdamonds[0].schemes[0] | .action == "migrate_cold" and .source_nid == 0 and .target_nid == 1 and .sz_applied >= 12288000' "$work/status" && stop; }
ok 'its pages go to node 1 when it stands still' cold
ok 'and are counted' cold_counted

global() { x sh -c 'kill -CONT $(sed -n 2p /run/gups); tiermig -p 1 0 -g --apply' && soon 30 on 2 0 && stop; }
ok 'with -g, those of the other workload move as well' global
x sh -c 'kill -KILL $(cat /run/gups)'

# What tiermig programs, and what damo makes of its YAML: all files of the kernel the same, but for "any age", which damo
# writes as a number that the kernel cuts off.
same() { x sh -c 'tiermig -m 0 1 --dry-run | while read -r f v; do read -r g < $f; [ "$g" = "$v" ] || echo "$f $g $v"; done' | grep -v age/max > "$work/different"; cat "$work/different"; [ ! -s "$work/different" ]; }
damo() { x sh -c 'tiermig -m 0 1 -o /root/t.yaml && damo start /root/t.yaml' && status && jq -e '.running and (.tiermig | not) and (.kdamonds | length == 2)' "$work/status" && same; }
foreign() { ! x tiermig -m 0 1 --apply 2> "$work/e" && grep "is on and not tiermig's" "$work/e" && ! x tiermig --stop && status && jq -e .running "$work/status"; }
after_damo() { x damo stop && x tiermig -m 0 1 --apply && same && x tiermig --stop && [ "$(kdamonds)" = 0 ]; }
ok 'the installed damo takes the YAML, and the kernel has the same of it' damo
ok 'its kdamonds are left alone' foreign
ok 'when they are stopped, --apply programs the same' after_damo

tune() { ! x tiermig --tune 0 1 -g --apply 2> "$work/e" && grep 'intervals_goal/access_bp: the kernel has no such file: .*from 6.15' "$work/e" && [ "$(kdamonds)" = 0 ]; }
reclaim() { x sh -c 'echo Y > /sys/module/damon_reclaim/parameters/enabled; tiermig -m 0 1 -g --apply; s=$?; echo N > /sys/module/damon_reclaim/parameters/enabled; exit $s' 2> "$work/e"; [ $? = 1 ] && grep 'damon_reclaim runs' "$work/e"; }
# The folder is there, and no cgroup has that name: nobody but the kernel can tell.
refused() { ! x tiermig -m 0 1 --cgroup /hmsdk/. --apply 2> "$work/e" && grep 'kdamonds/0/state: the kernel refuses to start it: .* (E[A-Z]*): is the cgroup' "$work/e" && [ "$(kdamonds)" = 0 ]; }
ok 'a kernel that tunes nothing: what is missing, and nothing is left' tune
ok 'DAMON_RECLAIM has DAMON for itself' reclaim
ok 'a kdamond that the kernel does not start is undone' refused

done_testing

#!/bin/bash
# GUPS on each CXL node over node 0 for each shipped machine with CXL memory, the whole process bound to the node, with small
# memories. A machine that does not start is said, and the others are measured. Some seven minutes when the image is built.
#
#   MACHINES   names of machines (all that have CXL memory)
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
runs=${RUNS:-5}
machine=bench-$$
at_exit='"$build/vmctl" delete --force "$machine" >/dev/null 2>&1 || :'

host
"$build/vmbuild" -q cxl-tcg >/dev/null
# Both nodes at the same time, a thread on a processor each: what else the host does slows both down. Then the other way round;
# the geometric mean of the two ratios.
both='a() { numactl -C $1 --membind $2 gups $3 --threads 1 --seconds 1 --json; }; a 0 $1 $3 > /tmp/0 & a 1 $2 $3 > /tmp/1; wait; cat /tmp/0 /tmp/1'
ratio() { # NODE SIZE
	{
		"$build/vmctl" exec "$machine" -- sh -c "$both" - "$1" 0 "$2" </dev/null
		"$build/vmctl" exec "$machine" -- sh -c "$both" - 0 "$1" "$2" </dev/null
	} | jq -s 'map(.updates / .secs) | .[0] / .[1] * .[3] / .[2] | sqrt'
}

# measure NAME SIZE WANTED
measure() {
	local nodes
	sed -E 's/(memory|volatile|persistent): [248]GiB/\1: 1GiB/' "vmctl/machines/$1.yaml" > "$work/$machine.yaml"
	quietly "$build/vmctl" start "$work/$machine.yaml" || return
	nodes=$("$build/vmctl" exec "$machine" -- sh -c 'cd /sys/devices/system/node && for n in node*; do
		[ -s $n/cpulist ] && grep -q [0-9] $n/cpulist || echo ${n#node}; done' </dev/null) || return
	[ -n "$nodes" ] || echo "$1: persistent memory, no node of its own"
	for n in $nodes; do
		for _ in $(seq "$runs"); do ratio "$n" "$2" || return; done > "$work/ratio"
		report "$1: node $n over node 0" '' "$3" "$work/ratio"
	done
}

failed=
for name in ${MACHINES:-$(grep -l '^cxl:' vmctl/machines/*.yaml | xargs -n1 basename -s .yaml)}; do
	# Interleaved: QEMU makes no alias of RAM for them, every access is emulated (MMIO).
	grep -qE '^ *- devices: \[[^]]*,' "vmctl/machines/$name.yaml" && what=(4M 'published: emulated') || what=(64M 'at least 0.9')
	measure "$name" "${what[@]}" || failed="$failed $name"
	"$build/vmctl" delete --force "$machine" >/dev/null 2>&1 || :
done
[ -z "$failed" ] || { echo "not measured:$failed" >&2; exit 1; }

#!/bin/bash
# GUPS on each CXL node over node 0 for each shipped machine with CXL memory, the whole process bound to the node, with small
# memories. A machine that does not start is said, and the others are measured. Some eight minutes when the image is built.
#
#   MACHINES   names of machines (all that have CXL memory)
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
runs=${RUNS:-4}
machine=bench-$$
at_exit='"$build/vmctl" delete --force "$machine" >/dev/null 2>&1 || :'

host
"$build/vmbuild" -q cxl-tcg >/dev/null
gups() { "$build/vmctl" exec "$machine" -- numactl --membind "$1" gups "$2" --seconds 1 --json </dev/null | jq '.updates / .secs'; }

# Each CXL node in turn with node 0, which goes first as often as last.
pairs() { # NODE SIZE
	local order="0 $1"
	for _ in $(seq "$runs"); do
		for node in $order; do gups "$node" "$2" >> "$work/n$node" || return; done
		[ "$order" = "0 $1" ] && order="$1 0" || order="0 $1"
	done
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
		rm -f "$work"/n[0-9]* "$work/ratio"
		pairs "$n" "$2" || return
		ratios "$work/n$n" "$work/n0" > "$work/ratio"
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

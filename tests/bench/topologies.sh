#!/bin/bash
# GUPS on the CXL node over node 0 for each shipped machine that has one, the whole process bound to the node, with small memories.
# Some five minutes when the image is built.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
runs=${RUNS:-3}
machine=bench-$$
at_exit='"$build/vmctl" delete --force "$machine" >/dev/null 2>&1 || :'
fast='cxl-ahci cxl-e1000 tiers3 cxl-2dev cxl-switch cxl-2hb cxl-mixed cxl-hotplug'
slow='cxl-x2 cxl-x4' # interleaved: QEMU makes no alias of RAM for them, every access is emulated (MMIO)

host
"$build/vmbuild" -q cxl-tcg >/dev/null
gups() { "$build/vmctl" exec "$machine" -- numactl --membind "$1" gups "$2" --seconds 2 --json | jq '.updates / .secs'; }

# measure NAME SIZE WANTED
measure() {
	local last order
	sed -E 's/(memory|volatile|persistent): [248]GiB/\1: 1GiB/' "vmctl/machines/$1.yaml" > "$work/$machine.yaml"
	"$build/vmctl" delete --force "$machine" >/dev/null 2>&1 || :
	"$build/vmctl" start "$work/$machine.yaml" >/dev/null 2>&1
	last=$("$build/vmctl" exec "$machine" -- cat /sys/devices/system/node/has_memory | sed 's/.*[-,]//')
	order="0 $last"
	rm -f "$work"/n* "$work/ratio"
	for _ in $(seq "$runs"); do
		for node in $order; do gups "$node" "$2" >> "$work/n$node"; done
		[ "$order" = "0 $last" ] && order="$last 0" || order="0 $last"
	done
	ratios "$work/n$last" "$work/n0" > "$work/ratio"
	report "$1: node $last over node 0" '' "$3" "$work/ratio"
}

for m in $fast; do measure "$m" 64M 'at least 0.9'; done
for m in $slow; do measure "$m" 4M 'published: emulated'; done

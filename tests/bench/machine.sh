#!/bin/bash
# A machine: how long it takes to start, and what its memory does. Some five minutes when the image is built.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
runs=${RUNS:-5}
machine=bench-$$
at_exit='"$build/vmctl" delete --force "$machine" >/dev/null 2>&1 || :'

host
"$build/vmbuild" -q cxl-tcg >/dev/null

cp vmctl/machines/cxl-small.yaml "$work/$machine.yaml"
for _ in $(seq "$runs"); do
	seconds "$build/vmctl" start "$work/$machine.yaml"
	"$build/vmctl" stop "$machine" >/dev/null 2>&1
done > "$work/start"
report 'vmctl start cxl-small to all checks passed' s 'at most 10' "$work/start"

quietly "$build/vmctl" start "$work/$machine.yaml"
x() { "$build/vmctl" exec "$machine" -- "$@"; }
order='0 1'
for _ in $(seq "$runs"); do
	for node in $order; do
		x numactl --membind $node gups 256M --seconds 5 --json > "$work/g$node"
	done
	jq -s '(.[1].updates / .[1].secs) / (.[0].updates / .[0].secs)' "$work/g0" "$work/g1" >> "$work/updates"
	jq -s '.[1].alloc_secs / .[0].alloc_secs' "$work/g0" "$work/g1" >> "$work/fill"
	jq '.updates / .secs / 1e6' "$work/g0" >> "$work/rate"
	[ "$order" = '0 1' ] && order='1 0' || order='0 1' # which goes first counts too
done
report 'node 0: updates/s under numactl --membind 0, 256 MiB' M/s - "$work/rate"
report 'CXL node over node 0: updates/s, whole process bound' '' 'at least 0.9' "$work/updates"
report 'CXL node over node 0: time to fill 256 MiB' '' 'at most 1.2' "$work/fill"

x dd if=/dev/zero of=/root/f bs=1M count=256 conv=fsync 2>/dev/null
for _ in $(seq "$runs"); do
	for node in 0 1; do
		x sh -c "echo 3 > /proc/sys/vm/drop_caches; LC_ALL=C numactl --membind $node dd if=/root/f of=/dev/null bs=1M" 2>&1 |
			awk '/copied/ { print $1 / 1e6 / $8 }' >> "$work/disk$node"
	done
done
report 'reading 256 MiB from the virtio disk into node 0' MB/s - "$work/disk0"
report 'reading 256 MiB from the virtio disk into the CXL node' MB/s 'it works' "$work/disk1"

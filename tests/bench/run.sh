#!/bin/bash
# The figures of the README, measured on this host: whole processes, several runs, medians; what is compared is run in
# turn. Machines are shared and noisy: the ratios hold, single times are of the day. Takes about ten minutes when the
# image is built.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
export TIERLAB_STATE=${TIERLAB_BENCH_STATE:-/var/tmp/tierlab-bench-$(id -u)}
runs=${RUNS:-5}
work=$(mktemp -d)
machine=bench-$$
trap 'build/vmctl delete --force "$machine" >/dev/null 2>&1 || :; rm -rf "$work"' EXIT

median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
spread() { sort -g | awk '{ v[NR] = $1 } END { printf "%s to %s", v[1], v[NR] }'; }
# name, unit, bound, file of figures
report() { printf '%-58s %10.2f %-5s (%s; wanted: %s)\n' "$1" "$(median < "$4")" "$2" "$(spread < "$4")" "$3"; }
seconds() { local t0 t1; t0=$(date +%s.%N); "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; exit 1; }; t1=$(date +%s.%N); echo "$t1 - $t0" | bc; }

echo "host: $(nproc) CPUs, $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), load $(cut -d' ' -f1 /proc/loadavg)"
$build/vmbuild cxl-tcg >/dev/null

mkdir -p "$work/overlay/etc"
printf 'extends: cxl-tcg\nname: bench\noverlay: %s\n' "$work/overlay" > "$work/bench.yaml"
bench() { $build/vmbuild "$@" "$work/bench.yaml" -o "$work/image"; }

# A disk of another size is laid out from base and kernel as they are in the cache.
for i in $(seq 3); do
	seconds bench --set disk=$((9216 + RANDOM % 4096))MiB
	rm -rf "$(jq -r '.steps[] | select(.step == "disk") | .digest[:24]' "$work/image/bench.json" |
		sed "s|^|${TIERLAB_CACHE:-/var/cache/tierlab}/steps/disk-|")"
done > "$work/assembly"
report 'image assembly, without kernel build and downloads' s 'at most 60' "$work/assembly"

# An overlay that differs makes the last step again, and nothing else.
seconds bench > /dev/null
for i in $(seq "$runs"); do
	echo "$i $RANDOM" > "$work/overlay/etc/bench-run"
	seconds bench
done > "$work/overlaid"
report 'vmbuild, the overlay changed' s 'at most 15' "$work/overlaid"
for _ in $(seq "$runs"); do seconds $build/vmbuild cxl-tcg; done > "$work/same"
report 'vmbuild, nothing changed' s 'under 1' "$work/same"

cp vmctl/machines/cxl-small.yaml "$work/$machine.yaml"
for _ in $(seq "$runs"); do
	seconds $build/vmctl start "$work/$machine.yaml"
	$build/vmctl stop "$machine" >/dev/null 2>&1
done > "$work/start"
report 'vmctl start cxl-small to all checks passed' s 'at most 15' "$work/start"

$build/vmctl start "$work/$machine.yaml" >/dev/null 2>&1
x() { $build/vmctl exec "$machine" -- "$@"; }
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

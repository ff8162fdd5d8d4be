#!/bin/bash
# Building: from the cache, after a change, and how much memory vmbuild takes. Some ten minutes when cxl-tcg is built;
# else its kernel comes first.
#
#   BENCH_OBJECTS  the image in whose kernel object tree an option is changed (cxl-tcg): of one that never was built, the
#                  whole kernel is compiled first
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
runs=${RUNS:-5}
objects=${BENCH_OBJECTS:-cxl-tcg}

host
"$build/vmbuild" -q cxl-tcg >/dev/null

mkdir -p "$work/overlay/etc"
printf 'extends: cxl-tcg\nname: bench\noverlay: %s\n' "$work/overlay" > "$work/bench.yaml"
bench() { "$build/vmbuild" "$@" "$work/bench.yaml" -o "$work/image"; }

# A disk of another size is laid out from base and kernel as they are in the cache.
for _ in $(seq 3); do
	seconds bench --set disk=$((9216 + RANDOM % 4096))MiB
	forget "$work/image/bench.json" disk
done > "$work/assembly"
report 'image assembly, without kernel build and downloads' s 'at most 60' "$work/assembly"

# An overlay that differs makes the last step again, and nothing else.
seconds bench > /dev/null
for i in $(seq "$runs"); do
	echo "$i $RANDOM" > "$work/overlay/etc/bench-run"
	seconds bench
done > "$work/overlaid"
report 'vmbuild, the overlay changed' s 'at most 15' "$work/overlaid"
for _ in $(seq "$runs"); do seconds "$build/vmbuild" cxl-tcg; done > "$work/same"
report 'vmbuild, nothing changed' s 'under 0.3' "$work/same"

# An option in turn a module and built in: either way the kernel is linked again, for it carries its configuration.
option() {
	printf 'extends: cxl-tcg\nname: %s\nkernel:\n  options: [CONFIG_DUMMY=%s]\n' "$objects" "$1" > "$work/option.yaml"
	"$build/vmbuild" "$work/option.yaml" -o "$work/option"
}
changed() { seconds option "$1" && forget "$work/option/$objects.json" config kernel; }
changed y > /dev/null # may be in the cache,
changed y > /dev/null # and the object tree cold
for i in $(seq 3); do
	changed "$( ((i % 2)) && echo m || echo y)"
done > "$work/changed"
report 'vmbuild, one kernel option changed' s 'at most 90' "$work/changed"
rm -rf "$work/option"

# peak NAME COMMAND...: the most memory that the process itself had, in MiB, looked at every tenth of a second.
peak() {
	local pid most=0 now
	"$@" >"$work/said" 2>&1 &
	pid=$!
	while now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null) && [ -n "$now" ]; do
		most=$now
		sleep 0.1
	done
	wait "$pid" || { cat "$work/said" >&2; exit 1; }
	awk -v kib="$most" 'BEGIN { print kib / 1024 }'
}

for size in 8 64; do
	peak "$build/vmbuild" "$work/bench.yaml" -o "$work/image" --set disk=$((size * 1024 + 8))MiB > "$work/peak$size"
	forget "$work/image/bench.json" disk
	report "peak memory of vmbuild, a disk of $size GiB" MiB 'under 64' "$work/peak$size"
done

# A base image of 2 GiB: zeros written out, which is as long to read and to copy as anything else.
printf 'extends: cxl-tcg\nname: small\ndisk: 2GiB\noverlay: %s\n' "$work/overlay" > "$work/small.yaml"
"$build/vmbuild" -q "$work/small.yaml" -o "$work/small"
forget "$work/small/small.json" disk
qemu-img convert -S 0 -O raw "$work/small/small.qcow2" "$work/base.raw"
rm -rf "$work/small"
digest=sha256:$(sha256sum < "$work/base.raw" | cut -d' ' -f1)
cat > "$work/of-image.yaml" <<R
base: {image: "file://$work/base.raw", digest: "$digest"}
kernel: stock
disk: 8GiB
overlay: $work/overlay
R
peak "$build/vmbuild" "$work/of-image.yaml" -o "$work/image" > "$work/peakbase"
forget "$work/image/of-image.json" disk base
report 'peak memory of vmbuild, a base image of 2 GiB' MiB 'under 64' "$work/peakbase"

#!/bin/bash
# The same customisation by vmbuild and by virt-customize, in turn, on the same base image: 20 files, 5 packages from the
# network, a command, a setting of GRUB's. Both have the base at hand and leave it as it is, start the same appliance under the
# same QEMU, with 2 CPUs and 1 GiB. Some ten minutes when cxl-stock is built.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
runs=${RUNS:-3}
packages=(tree jq htop lsof patch)
command -v virt-customize >/dev/null || { echo 'virt-customize is not installed (package guestfs-tools)' >&2; exit 1; }

# What vmbuild sets for itself. TCG for both: what one would find out about KVM the other would not.
export LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg LIBGUESTFS_CACHEDIR=$cache
qemu=${TIERLAB_QEMU_DIR:-$cache/qemu}/qemu-system-x86_64
[ ! -x "$qemu" ] || export LIBGUESTFS_HV=$qemu

host
printf 'extends: cxl-stock\nname: plain\ndisk: 3GiB\nbench: false\n' > "$work/plain.yaml"
"$build/vmbuild" -q "$work/plain.yaml" -o "$work/base"
forget "$work/base/plain.json" disk
base=$work/base/plain.qcow2

mkdir "$work/files"
for i in $(seq 20); do head -c 20000 /dev/urandom > "$work/files/file-$i"; done
cat > "$work/mine.yaml" <<R
base: {image: "file://$base", digest: "sha256:$(sha256sum < "$base" | cut -d' ' -f1)"}
kernel: stock
disk: 3GiB
bench: false
packages: [$(IFS=,; echo "${packages[*]}")]
copy: [{from: "$work/files", to: /opt/files}]
run: ["ls /opt/files > /opt/list"]
grub: {timeout: 3s}
R
by_vmbuild() { "$build/vmbuild" "$work/mine.yaml" -o "$work/image"; }
by_virt_customize() {
	cp "$base" "$work/other.qcow2"
	virt-customize -q --format qcow2 -a "$work/other.qcow2" --smp 2 --memsize 1024 \
		--install "$(IFS=,; echo "${packages[*]}")" --copy-in "$work/files:/opt" \
		--run-command 'ls /opt/files > /opt/list' \
		--run-command 'echo GRUB_TIMEOUT=3 > /etc/default/grub.d/mine.cfg && update-grub'
}

seconds by_vmbuild >/dev/null # the base comes into the cache
forget "$work/image/mine.json" disk
for i in $(seq "$runs"); do
	echo "$i $RANDOM" > "$work/files/file-1"
	seconds by_vmbuild >> "$work/vmbuild"
	[ "$(jq -r '[.steps[] | select(.cached) | .step] | join(" ")' "$work/image/mine.json")" = base ]
	forget "$work/image/mine.json" disk
	seconds by_virt_customize >> "$work/virt-customize"
done
forget "$work/image/mine.json" base
ratios "$work/vmbuild" "$work/virt-customize" > "$work/ratio"
report 'customisation of an image by vmbuild' s - "$work/vmbuild"
report 'the same by virt-customize' s - "$work/virt-customize"
report 'vmbuild over virt-customize' '' 'at most 0.8' "$work/ratio"

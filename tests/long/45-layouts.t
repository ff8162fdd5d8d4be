#!/bin/sh
# Base images of other layouts than the clouds' (40-cloud-image.t): an MBR, a /boot of its own, btrfs subvolumes; and those that are refused.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/../live/lib.sh"
# shellcheck source=tests/live/cloud-lib.sh
. "$top/tests/live/cloud-lib.sh"

for program in sfdisk guestfish mmdebstrap; do
	command -v $program >/dev/null || skip_all "$program is not installed"
done
ok 'images are made to test with' cloud_images || { done_testing; exit 1; }

# A cache of their own, of which only the appliance stays.
TIERLAB_CACHE=$cloud/cache
export TIERLAB_CACHE
rm -rf "$TIERLAB_CACHE/steps" "$TIERLAB_STATE"/images/t-cloud*

# build NAME...: from those images, with no packages, for that takes the network and a minute
build() {
	for name; do
		cat >"$work/t-cloud-$name.yaml" <<-Y
		base:
		  image: file://$cloud/$name.qcow2
		  digest: sha256:$(sha256sum <"$cloud/$name.qcow2" | cut -d' ' -f1)
		kernel: stock
		overlay: lab
		disk: 6GiB
		Y
		"$vmbuild" "$work/t-cloud-$name.yaml" >"$work/$name.said" 2>&1
		echo $? >"$work/$name.status"
	done
}
build mbr logical middle two &
lane=$!
build btrfs fedora lvm
wait $lane
made() {
	[ "$(cat "$work/$1.status")" = 0 ] || { cat "$work/$1.said"; return 1; }
}
refused() {
	[ "$(cat "$work/$1.status")" = 1 ] && grep -E "$2" "$work/$1.said" && return
	cat "$work/$1.said"
	return 1
}
manifest_has() { [ "$(field "$TIERLAB_STATE/images/t-cloud-$1.json" "$2")" = "$3" ]; }
disk_step='.steps[] | select(.step == "disk") |'
# bytes of the root's file system
xfs_bytes() {
	LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg guestfish --ro --format=qcow2 \
		-a "$TIERLAB_STATE/images/t-cloud-mbr.qcow2" run : mount-ro /dev/sda1 / : statvfs / |
		awk '$1 == "bsize:" { size = $2 } $1 == "blocks:" { blocks = $2 } END { printf "%d", size * blocks }'
}
xfs_grown() { [ "$(xfs_bytes)" -gt 6000000000 ]; }
ok 'an MBR with an xfs root' made mbr
ok 'whose kernel finds it by the signature of the disk' manifest_has mbr .root PARTUUID=1a2b3c4d-01
ok 'and whose root has grown' xfs_grown
ok 'GPT with a /boot of its own and btrfs subvolumes' made btrfs
btrfs_mounts='btrfsvol:/dev/sda3/@:/ /dev/sda2:/boot btrfsvol:/dev/sda3/@home:/home'
ok 'all of which are mounted' manifest_has btrfs "$disk_step .mounts" "$btrfs_mounts"
subvolume() { field "$TIERLAB_STATE/images/t-cloud-btrfs.json" .root | grep -E '^PARTUUID=[0-9a-f-]{36} rootflags=subvol=@$'; }
ok 'and whose kernel is told of the subvolume' subvolume

machine t-cloud-btrfs 's/^image:.*/image: t-cloud-btrfs/' '/^cxl:/,$d'
y() { "$vmctl" exec t-cloud-btrfs -- "$@"; }
booted() { y findmnt -n -o FSROOT / | grep -x /@ && y findmnt -n -o FSROOT /home | grep -x /@home && y findmnt -n -t ext4 /boot; }
btrfs_grown() { [ "$(y df -B1 --output=size / | tail -n 1)" -gt 5500000000 ]; }
ok 'it is booted directly' "$vmctl" start "$file"
ok 'with its subvolumes and /boot' booted
ok 'and its root has grown' btrfs_grown

# ---- what is refused ----

ok 'another distribution is refused by its name' refused fedora "of the distribution 'fedora': only debian and ubuntu are known"
ok 'a root on a logical partition is refused' refused logical 'root is /dev/sda5, a logical partition: known are'
ok 'a root that something stands after can'"'"'t grow' refused middle "t-cloud-middle.yaml:.*partition 2 stands after it"
ok 'two systems on one disk are refused' refused two 'the base image holds several systems: one is expected'
ok 'a root in LVM is refused' refused lvm 'root is on a logical volume of LVM: known are'
rm -rf "$TIERLAB_CACHE/steps" "$TIERLAB_CACHE/fetch" "$TIERLAB_STATE"/images/t-cloud*
done_testing

#!/bin/sh
# Boots that come to nothing: each with one cause, what to do, and an exit status of its own. vmctl gives up as soon as it is
# clear, and not when the time is over.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

for image in cxl-tcg cxl-stock; do
	"$vmbuild" -q $image >/dev/null 2>&1 || "$vmbuild" $image 2>&1 | sed 's/^/# /'
done

# fails STATUS PATTERN [OPTION]...: start ends with that status, and its last line says so; the machine is gone afterwards.
fails() {
	want=$1 pattern=$2
	shift 2
	"$vmctl" start "$@" "$file" >"$work/said" 2>&1
	status=$?
	tail -n 3 "$work/said"
	[ $status = "$want" ] && tail -n 1 "$work/said" | grep -E "$pattern" && "$vmctl" delete --force "$(basename "$file" .yaml)"
}
# The same, and the machine stays, stopped.
fails_again() {
	"$vmctl" start "$file" >"$work/said" 2>&1
	status=$?
	tail -n 3 "$work/said"
	[ $status = "$1" ] && tail -n 1 "$work/said" | grep -E "$2" && "$vmctl" stop --force t-fails
}
# with ARGUMENTS [SED-EXPRESSION]...: the machine, without CXL, with more words on its kernel's command line.
with() {
	words=$1
	shift
	machine t-fails "1i kernel-args: \"$words\"" '/^cxl:/,$d' 's/^memory:.*/memory: 1GiB/' "$@"
}
# at_once NAME: starts the machine t-fails under that name, while other tests go on; what it says is in NAME.said, how it ended in
# NAME.status. For what is a long wait.
at_once() {
	mv "$file" "$work/$1.yaml"
	cleanup_machines="$cleanup_machines $1"
	"$vmctl" delete --force "$1" >/dev/null 2>&1
	{
		"$vmctl" start "$work/$1.yaml" >"$work/$1.said" 2>&1
		echo $? >"$work/$1.status"
	} &
}
# failed_at_once NAME STATUS PATTERN
failed_at_once() {
	while [ ! -s "$work/$1.status" ]; do sleep 0.5; done
	cat "$work/$1.said"
	[ "$(cat "$work/$1.status")" = "$2" ] && tail -n 1 "$work/$1.said" | grep -E "$3" && "$vmctl" delete --force "$1"
}
with 'loglevel=7 init=/bin/cat'
at_once t-silent
with 'root=/dev/nosuch' 's/^image:.*/image: cxl-stock/'
at_once t-initrd

with 'root=/dev/nosuch'
ok 'no root file system' fails 6 'vmctl: the kernel has no root file system \(.*VFS: Unable to mount root fs.*\): its disk'
with 'initcall_blacklist=virtio_blk_init'
ok 'no driver for the disk' fails 6 'vmctl: the kernel has no root file system \(.*VFS: Unable to mount root fs.*\): its disk.s .*driver is missing'
with 'init=/usr/bin/tail -- /dev/zero' 's/^memory:.*/memory: 512MiB/' # tail keeps what is no whole line
ok 'a guest that runs out of memory' fails 7 'vmctl: the guest ran out of memory \(.*System is deadlocked on memory.*\): give it more'
with 'init=/bin/false'
ok 'a kernel panic, with its line' fails 7 "vmctl: the guest's kernel panicked \(.*Attempted to kill init.*\): "
with 'init=/nosuch'
ok 'an init that is not there is found out, or another is' fails 7 'vmctl: (the root file system holds no init|.*panicked) \('

# As if it were a kernel with CXL_REGION_INVALIDATION_TEST: then the hypervisor bit stays on.
jq '.kernel.stock = false' "$TIERLAB_STATE/images/cxl-stock.json" >"$TIERLAB_STATE/images/t-refuses.json"
machine t-fails 's/^image:.*/image: t-refuses/'
at_once t-refuses

# What is broken on a disk, by a guest that is all right.
with quiet
broken_disk() {
	"$vmctl" start --wait boot "$file" && "$vmctl" exec t-fails -- sh -c \
		'echo "nothing /srv nosuchfs defaults 0 0" >> /etc/fstab; rm /boot/grub/grub.cfg; sync' && "$vmctl" stop t-fails
}
ok 'a disk is broken: its fstab, and the menu of GRUB' broken_disk
ok 'emergency mode, with the unit that failed' fails_again 6 'vmctl: the guest is in emergency mode \(\[FAILED\] Failed to mount .*srv.mount.*\): .*vmctl console'
sed -i '1i boot: disk' "$file"
ok 'GRUB without its menu' fails_again 6 'vmctl: GRUB has no menu and waits at its prompt.*vmctl console'
blank() { qemu-img create -q -f qcow2 "$TIERLAB_STATE/machines/t-fails/disk.qcow2" 64M; }
ok 'the disk is emptied' blank
ok 'nothing to boot from' fails 6 "vmctl: the firmware finds nothing to boot on the disk: .*--fresh" --keep

with quiet
killed() {
	"$vmctl" start "$file" >"$work/said" 2>&1 &
	pid=$!
	until grep -q booting "$work/said"; do
		kill -0 $pid 2>/dev/null || return
		sleep 0.1
	done
	pkill -9 -f 'guest=t-fails,'
	wait $pid
	status=$?
	cat "$work/said"
	[ $status = 6 ] && tail -n 1 "$work/said" | grep 'vmctl: QEMU ended while the guest booted'
}
ok 'QEMU that is killed' killed
"$vmctl" delete --force t-fails >/dev/null 2>&1

none() { "$vmctl" start --wait none "$file" | grep 't-fails was started: .vmctl wait t-fails'; }
late() {
	"$vmctl" wait t-fails --timeout 1s >"$work/said" 2>&1
	[ $? = 8 ] && grep 'does not answer on 127.0.0.1:[0-9]* after 1 s' "$work/said"
}
log() { "$vmctl" logs t-fails | grep -a 'Linux version\|tierlab'; }
ok 'start --wait none returns while it boots' none
ok 'a guest that was not heard of in time' late
ok 'wait returns when it is ready' "$vmctl" wait t-fails
ok 'and logs has what it said' log
"$vmctl" delete --force t-fails >/dev/null 2>&1
boots() { "$vmctl" start --wait boot "$file" | grep 't-fails answers: '; }
ok 'start --wait boot returns when SSH answers' boots

"$vmctl" delete --force t-fails >/dev/null 2>&1

# ---- what has to do with CXL ----

machine t-fails '1i kernel-args: "systemd.unit=reboot.target"'
ok 'a guest that reboots itself, which has CXL devices' fails 6 'vmctl: .*t-fails. is not running any more: its guest rebooted itself, .*vmctl start t-fails'

# Interleaved memory stays emulated, and virtio reaches into it by bounce buffers, which are taken from the disk here.
machine t-fails
cp "$top/vmctl/machines/cxl-x2.yaml" "$file"
sed -i 's/^memory:.*/memory: 1GiB/' "$file"
no_bounce() {
	"$vmctl" start --wait none "$file" && "$vmctl" stop --force t-fails && "$vmctl" xml t-fails | sed 's/ iommu="on"//' >"$work/t-fails.xml" &&
		virsh -q -c "$uri" create "$work/t-fails.xml" && "$vmctl" wait t-fails
}
reads() {
	timeout 15 "$vmctl" exec t-fails -- sh -c 'echo 3 > /proc/sys/vm/drop_caches; numactl --membind 1 dd if=/dev/vda of=/dev/null bs=1M count=8'
	"$vmctl" wait t-fails --timeout 5s >"$work/said" 2>&1
	[ $? = 8 ] && tail -n 1 "$work/said" | grep 'a virtio device was to read or write CXL memory.*(.*bogus descriptor.*)'
}
ok 'a disk that can not reach into emulated memory' no_bounce
check_says() {
	"$vmctl" check t-fails 2>"$work/said"
	[ $? = 255 ] && cat "$work/said" && grep "can't ask the guest.*a virtio device was to read or write CXL memory.*(.*bogus descriptor.*)" "$work/said"
}
ok 'is named when the guest hangs after it was read there' reads
ok 'by check too, which it does not answer' check_says
"$vmctl" delete --force t-fails >/dev/null 2>&1

# A promise that the guest does not keep: its memory is there, and half of it offline.
machine t-fails
broken() {
	"$vmctl" start "$file" && "$vmctl" exec t-fails -- sh -c 'for m in /sys/devices/system/node/node1/memory*; do echo offline > $m/state; done'
	"$vmctl" check t-fails
	[ $? = 9 ]
}
"$vmctl" delete --force t-fails >/dev/null 2>&1
ok 'an expectation that is not met' broken
ok 'an initrd that finds no root file system' failed_at_once t-initrd 6 'vmctl: the initrd finds no root file system \(ALERT!.*does not exist.*\): '
# Alone: its set-up looks for the device two hundred times, which beside other guests takes longer than vmctl waits for it.
machine t-fails '1i kernel-args: "initcall_blacklist=cxl_pci_driver_init"'
at_once t-no-driver
ok 'a CXL device without its driver' failed_at_once t-no-driver 9 \
	'vmctl: [0-9]+ of [0-9]+ checks .* failed \(above\): the guest has not found the device: a driver is missing'
ok 'a kernel that refuses the region' failed_at_once t-refuses 9 \
	'vmctl: .* failed \(above\): the kernel refuses regions in a guest: .*CXL_REGION_INVALIDATION_TEST'
ok 'with its own words' grep 'Failed to synchronize CPU cache state' "$work/t-refuses.said"
rm "$TIERLAB_STATE/images/t-refuses.json"
ok 'a guest that falls silent' failed_at_once t-silent 6 'vmctl: no life on the guest.s console for 120 s: .*vmctl console t-silent'
done_testing

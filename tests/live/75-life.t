#!/bin/sh
# A machine's life: copies, resets, snapshots; and what is killed under it: QEMU, libvirt's daemon.
# Runs alone: libvirt's daemon is restarted, under other machines too.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

"$vmbuild" -q cxl-tcg >/dev/null 2>&1 || "$vmbuild" cxl-tcg 2>&1 | sed 's/^/# /'

# shellcheck source=tests/live/life-lib.sh
. "$(dirname "$0")/life-lib.sh"

machine t-life '/^cxl:/,$d' 's/^memory:.*/memory: 1GiB/'
plain=$file
also t-copy t-clone
x() { "$vmctl" exec "$@"; }
ok 'a machine starts' "$vmctl" start "$plain" || { done_testing; exit 1; }
mark() { x t-life -- sh -c 'echo kept > /root/mark; echo lost > /run/mark; sync'; }
ok 'a file is written in it' mark

# ---- libvirt's daemon is killed ----

daemon=$(cat /run/libvirtd.pid 2>/dev/null)
restarted() {
	kill -9 "$daemon"
	"$top/common/setup/libvirtd.sh"
	within 50 says t-life running && [ "$(x t-life -- cat /root/mark)" = kept ] && "$vmctl" start "$plain" | grep 'already running'
}
if [ "$(id -u)" = 0 ] && [ ! -d /run/systemd/system ] && [ -n "$daemon" ] && grep -qx libvirtd "/proc/$daemon/comm"; then
	ok 'a machine outlives its libvirt daemon, and vmctl finds it again' restarted
else
	n=$((n + 1))
	echo "ok $n - a machine outlives its libvirt daemon, and vmctl finds it again # SKIP the daemon here is not ours to kill"
fi

# ---- another of the same file ----

copy() { "$vmctl" start --wait none --as t-copy "$plain"; }
apart() { says t-life running && says t-copy running && [ "$(port t-life)" != "$(port t-copy)" ]; }
again() { "$vmctl" start --as t-copy "$plain" | grep 'already running'; }
args() { "$vmctl" qemu-args t-copy > "$work/args" && sh -n "$work/args" && grep -F "$machines/t-copy/disk.qcow2" "$work/args" && grep -F "tcp:127.0.0.1:$(port t-copy)-:22" "$work/args" && ! grep -F -e ' -S' "$work/args"; }
ok 'another machine is started from the same file' copy
ok 'both run, with a port each' apart
ok 'started again, it says that it runs' again
ok 'qemu-args has its disk and port' args
killed_qemu() {
	kill -9 "$(qemu_pid t-copy)"
	within 50 says t-copy stopped && ! "$vmctl" status t-copy && says t-life running
}
ok 'a machine whose QEMU was killed is stopped' killed_qemu
by_hand() {
	timeout 5 sh "$work/args" > "$work/qemu" 2>&1
	[ $? = 124 ] || { cat "$work/qemu"; return 1; }
}
ok 'its command line runs by itself' by_hand

two_at_once() {
	"$vmctl" start --wait none t-copy > "$work/a" 2>&1 & a=$!
	"$vmctl" start --wait none t-copy > "$work/b" 2>&1 & b=$!
	wait $a && wait $b && cat "$work/a" "$work/b"
	[ "$(cat "$work/a" "$work/b" | grep -c 'already running')" = 1 ]
}
ok 'of two starts at once one waits, and says that it runs' two_at_once
"$vmctl" stop --force t-copy > "$work/out" 2>&1

# A start that is at work holds the lock; delete asks before and after it has waited for it.
delete_late() {
	"$vmctl" xml t-copy > "$work/t-copy.xml"
	exec 9>> "$TIERLAB_STATE/locks/t-copy"
	flock 9
	"$vmctl" delete t-copy > "$work/said" 2>&1 9>&- & deleting=$!
	within 50 grep -q 'another vmctl' "$work/said" && virsh -q -c "$uri" create "$work/t-copy.xml" 9>&-
	exec 9>&-
	! wait $deleting && grep 'is running' "$work/said" && [ -e "$machines/t-copy/disk.qcow2" ] && says t-copy running
}
ok 'delete leaves a machine alone that was started while it waited' delete_late
"$vmctl" stop --force t-copy > "$work/out" 2>&1

hidden() {
	mkdir "$work/images" && mv "$TIERLAB_STATE"/images/cxl-tcg.* "$work/images"
	"$vmctl" start --wait none t-copy 2> "$work/said"
	status=$?
	mv "$work"/images/cxl-tcg.* "$TIERLAB_STATE/images"
	cat "$work/said"
	[ $status = 0 ] && grep -q 'its own copy' "$work/said" && within 200 test -s "$machines/t-copy/console.log"
}
ok 'a machine starts when its image is gone' hidden
"$vmctl" stop --force t-copy > "$work/out" 2>&1
corrupt() {
	dd if=/dev/urandom of="$machines/t-copy/disk.qcow2" bs=64k count=1 conv=notrunc 2> /dev/null
	! "$vmctl" start --wait none t-copy 2> "$work/said" && cat "$work/said" && grep -q 'start --fresh t-copy' "$work/said" && says t-copy stopped
}
ok 'a disk that is no disk any more is said so, with the cure' corrupt
ok 'which cures it' "$vmctl" start --wait none --fresh t-copy
p=$(port t-copy)
ok 'delete --force takes it away' "$vmctl" delete --force t-copy
ok 'with process, domain, files and port' nothing_left t-copy "$p"

# ---- reset ----

reset() { "$vmctl" reset t-life && [ "$(x t-life -- cat /root/mark)" = kept ] && ! x t-life -- test -e /run/mark; }
one_boot() { "$vmctl" logs t-life > "$work/log" && [ "$(grep -c 'automatic login' "$work/log")" = 1 ] || { cat "$work/log"; false; }; }
ok 'reset boots the guest again, with its disk' reset
ok 'and the log of its console is that of this boot' one_boot
machine t-region
regions() { "$vmctl" start -q "$file" && ! "$vmctl" reset t-region 2> "$work/said" && grep 'wrong data.*vmctl restart t-region' "$work/said" && says t-region running; }
ok 'a machine with CXL devices is not reset' regions
rebooted() {
	x t-region -- systemctl reboot
	within 300 says t-region stopped && ! "$vmctl" wait t-region 2> "$work/said" && cat "$work/said" &&
		grep 'is not running: its guest rebooted itself.*vmctl start t-region' "$work/said"
}
ok 'it ends when its guest reboots itself, and that is said' rebooted
ok 'started again it has its region, as all checks say' "$vmctl" start t-region
"$vmctl" delete --force t-region > "$work/out" 2>&1

# ---- stopped: snapshot, clone ----

killed_stop() {
	"$vmctl" stop t-life > "$work/said" 2>&1 & stop=$!
	sleep 0.3
	kill -9 $stop
	wait $stop 2> /dev/null
	within 300 says t-life stopped
}
ok 'a stop that was killed has been heard' killed_stop
stop_again() { "$vmctl" stop t-life 2>&1 | grep 'is not running'; }
ok 'and stop says so' stop_again
ok 'a snapshot is taken' "$vmctl" snapshot t-life before
ok 'a copy is made' "$vmctl" clone t-life t-clone
ok 'the copy boots' "$vmctl" start --wait boot t-clone
is_copy() { [ "$(x t-clone -- cat /root/mark)" = kept ] && [ "$(x t-clone -- cat /proc/sys/kernel/hostname)" = t-clone ]; }
ok 'with what was on the disk, under its own name' is_copy
ok 'something is changed on it' x t-clone -- sh -c 'echo changed > /root/mark; sync'
"$vmctl" stop --force t-clone > "$work/out" 2>&1
back() { "$vmctl" snapshot --revert t-clone before && "$vmctl" start --wait boot t-clone && [ "$(x t-clone -- cat /root/mark)" = kept ]; }
ok 'the snapshot, which it has too, takes that back' back
ok 'the first is as it was' says t-life stopped
ok 'delete takes the copy away' "$vmctl" delete --force t-clone
ok 'with all that there is of it' nothing_left t-clone

cp "$top/vmctl/machines/cxl-pmem.yaml" "$work/t-pmem.yaml"
also t-pmem t-pmem2
persistent() {
	"$vmctl" start -q --wait none "$work/t-pmem.yaml" && "$vmctl" stop --force t-pmem &&
		echo precious | dd of="$machines/t-pmem/mem0.pmem" bs=1M seek=700 conv=notrunc && "$vmctl" clone t-pmem t-pmem2 &&
		cmp "$machines/t-pmem/mem0.pmem" "$machines/t-pmem2/mem0.pmem" && [ "$(stat -c %b "$machines/t-pmem2/mem0.pmem")" -lt 100000 ] &&
		"$vmctl" start -q --wait none t-pmem2 && says t-pmem2 running
}
ok 'a copy has persistent memory of its own, which QEMU can write to' persistent

done_testing

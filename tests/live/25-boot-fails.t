#!/bin/sh
# Boots that come to nothing: each with one cause, what to do, and an exit status of its own. vmctl gives up as soon as it is
# clear, and not when the time is over.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

"$vmbuild" -q cxl-tcg >/dev/null 2>&1 || "$vmbuild" cxl-tcg 2>&1 | sed 's/^/# /'

# fails STATUS PATTERN [OPTION]...: start ends with that status, and its last line says so; the machine is gone afterwards.
fails() {
	want=$1 pattern=$2
	shift 2
	"$vmctl" start "$@" "$file" >"$work/said" 2>&1
	status=$?
	tail -n 3 "$work/said"
	[ $status = "$want" ] && tail -n 1 "$work/said" | grep -E "$pattern" && "$vmctl" delete --force t-fails
}
# with ARGUMENTS: the machine with more words on its kernel's command line.
with() {
	machine t-fails "1i kernel-args: \"$1\"" '/^cxl:/,$d' 's/^memory:.*/memory: 1GiB/'
}
with 'root=/dev/nosuch'
ok 'no root file system' fails 6 'vmctl: the kernel has no root file system \(.*VFS: Unable to mount root fs.*\): its disk'
with 'init=/bin/false'
ok 'a kernel panic, with its line' fails 7 "vmctl: the guest's kernel panicked \(.*Attempted to kill init.*\): "
with 'init=/nosuch'
ok 'an init that is not there is found out, or another is' fails 7 'vmctl: (the root file system holds no init|.*panicked) \('
with 'systemd.unit=emergency.target'
ok 'emergency mode' fails 6 'vmctl: the guest is in emergency mode.*vmctl console'

# A disk with nothing on it, under a machine that boots from it.
machine t-fails '1i boot: disk' '/^cxl:/,$d' 's/^memory:.*/memory: 1GiB/'
blank() {
	"$vmctl" start --wait none "$file" && "$vmctl" stop --force t-fails &&
		qemu-img create -q -f qcow2 "$TIERLAB_STATE/machines/t-fails/disk.qcow2" 64M
}
ok 'a disk is emptied' blank
ok 'nothing to boot from' fails 6 "vmctl: nothing on the guest's console .*the firmware finds nothing to boot" --keep

with quiet
killed() {
	"$vmctl" start "$file" >"$work/said" 2>&1 &
	pid=$!
	until grep -q booting "$work/said"; do
		kill -0 $pid 2>/dev/null || return
		sleep 0.1
	done
	pkill -9 -f 'guest=t-fails'
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
boots() { "$vmctl" start --wait boot "$file" | grep 't-fails answers by SSH'; }
ok 'start --wait boot returns when SSH answers' boots

# A promise that the guest does not keep: its memory is there, and half of it offline.
machine t-fails
broken() {
	"$vmctl" start "$file" && "$vmctl" exec t-fails -- sh -c 'for m in /sys/devices/system/node/node1/memory*; do echo offline > $m/state; done'
	"$vmctl" check t-fails
	[ $? = 9 ]
}
"$vmctl" delete --force t-fails >/dev/null 2>&1
ok 'an expectation that is not met' broken
done_testing

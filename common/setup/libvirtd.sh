#!/bin/bash
# libvirtd.sh: have the system's libvirt answer, when run as root.
#
#   libvirtd.sh           start it where it does not answer
#   libvirtd.sh --check   exit status 0 if there is nothing to do; else what is missing, in a line
#
# With systemd running, systemd starts it; else (a container, a chroot) the two daemons are started here. An ordinary user
# needs nothing: libvirt starts a daemon of that user's by itself.
set -euo pipefail
# shellcheck source=common/setup/lib.sh
. "$(dirname "$0")/lib.sh"

log=/var/log/libvirt/libvirtd.log
answers() { timeout 5 virsh -q -c qemu:///system uri >/dev/null 2>&1; }
kvm_reachable() { [ ! -c /dev/kvm ] || runuser -u libvirt-qemu -- test -r /dev/kvm -a -w /dev/kvm; }
nothing_to_do() { [ "$(id -u)" != 0 ] || [ -n "${TIERLAB_FOR_USER:-}" ] || { answers && kvm_reachable; }; }

# libvirt asks a QEMU that may open /dev/kvm what it can do, then finds that QEMU's user may not, and so throws the answer
# away and asks again, a dozen times at each start of a machine: a minute. Where udev runs that user is in the device's
# group; where it does not, the user is let in here. Nobody loses anything by it.
open_kvm() {
	kvm_reachable || setfacl -m u:libvirt-qemu:rw /dev/kvm 2>/dev/null ||
		say "user libvirt-qemu can't open /dev/kvm, and could not be let in: starting a machine takes a minute longer"
}

# A daemon takes nothing along from here: no descriptor (a pipe, a lock, make's job server), no variable, no folder.
daemon() {
	(
		cd /
		for fd in "/proc/$BASHPID/fd"/*; do
			fd=${fd##*/}
			[ "$fd" -le 2 ] || eval "exec $fd>&-"
		done
		exec setsid env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@" -d </dev/null >>"$said" 2>&1
	)
}

start_by_systemd() {
	local unit
	for unit in libvirtd.service virtqemud.socket; do
		systemctl cat "$unit" >/dev/null 2>&1 || continue
		[ $unit = libvirtd.service ] || systemctl start virtlogd.socket >"$said" 2>&1 || :
		systemctl start "$unit" >"$said" 2>&1 || die "systemctl start $unit failed (journalctl -u $unit)" "$said"
		return
	done
	die "no unit of libvirt's is installed: run setup.sh --for run"
}

start_by_hand() {
	command -v libvirtd >/dev/null || die "libvirtd is not installed: run setup.sh --for run"
	# One that runs already says so and fails; what counts is whether libvirt answers.
	daemon virtlogd || :
	daemon libvirtd || :
}

case ${1:-} in
--check)
	nothing_to_do && exit
	if answers; then echo "user libvirt-qemu can't open /dev/kvm"; else echo "libvirt does not answer at qemu:///system"; fi
	exit 1
	;;
'') ;;
*) sed -n '2,8s/^# \{0,1\}//p' "$0" && exit 2 ;;
esac

nothing_to_do && exit 0
open_kvm
! answers || exit 0
start=$SECONDS
said=$(mktemp)
trap 'rm -f "$said"' EXIT
if [ -d /run/systemd/system ]; then start_by_systemd; else start_by_hand; fi
until answers; do
	if [ $((SECONDS - start)) -ge 15 ]; then
		virsh -c qemu:///system uri >>"$said" 2>&1 || :
		[ ! -s "$log" ] || tail -n 6 "$log" >>"$said"
		die "libvirt was started and does not answer" "$said"
	fi
	sleep 0.1
done
say "libvirt answers at qemu:///system ($(elapsed $start))"

# What there is of a machine, for tests of its life. Sourced, after lib.sh.
# shellcheck shell=sh disable=SC2154 # variables of lib.sh

machines=$TIERLAB_STATE/machines

# also NAME...: machines that are to be gone before and after.
also() {
	for name; do
		cleanup_machines="$cleanup_machines $name"
		"$vmctl" delete --force "$name" >/dev/null 2>&1
	done
}
state() { "$vmctl" list --json | jq -r --arg name "$1" '.[] | select(.name == $name) | .state'; }
says() { [ "$(state "$1")" = "$2" ]; }
port() { cat "$machines/$1/ssh-port"; }
nothing_left() {
	[ ! -e "$machines/$1" ] && [ ! -e "$TIERLAB_STATE/locks/$1" ] && ! qemu_pid "$1" && ! virsh -c "$uri" domid "$1" 2>/dev/null &&
		[ -z "$(find /run/libvirt/qemu -name "$1*" 2>/dev/null)" ] && { [ -z "$2" ] || ! grep -E ":$(printf %04X "$2") 0{8}:0000 0A" /proc/net/tcp; }
}

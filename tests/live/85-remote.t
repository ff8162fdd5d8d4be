#!/bin/sh
# Machines on another host, through nothing but its libvirt: qemu+ssh to a libvirt that sees none of our files. Real guests.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip_all "needs root: another libvirt is started in a mount namespace"
. "$(dirname "$0")/remote-lib.sh"
trap 'finish; far_end' EXIT

"$vmbuild" -q cxl-tcg >/dev/null || exit
far_begin || exit
pool=/var/lib/libvirt/tierlab
image=$TIERLAB_STATE/images/cxl-tcg
there() { far ls "$pool"; }
volume() { there | grep "^image-.*$1\$"; }

machine t-far 's/: 2GiB/: 1GiB/'
far_machine=$file

# ---- before there is a machine ----

host_is_told() { "$vmctl" -c "$far" doctor >"$work/doctor"; grep -q "^QEMU .*CXL memory at the speed of DRAM" "$work/doctor" && grep -q '^storage ok' "$work/doctor"; }
ok 'doctor tells of the other host' host_is_told
kvm_is_probed() { "$vmctl" doctor | grep -q '^KVM .* works' || grep -q '^KVM .*lacks not usable' "$work/doctor"; }
ok 'a /dev/kvm that is good for nothing does not count there either' kvm_is_probed
validated() { "$vmctl" -c "$far" validate "$far_machine" | grep -q good; }
ok 'validate holds a file against the other host' validated
too_large() {
	sed 's/^memory: .*/memory: 900GiB/' "$far_machine" >"$work/t-large.yaml"
	"$vmctl" -c "$far" start "$work/t-large.yaml" 2>"$work/err"
	[ $? = 5 ] && grep -q 'free' "$work/err" && [ ! -e "$TIERLAB_STATE/machines/t-large" ]
}
ok 'a machine that does not fit there is refused, and leaves nothing' too_large
unreachable() {
	"$vmctl" -c qemu+ssh://root@127.0.0.1:1/system start "$far_machine" 2>"$work/err"
	[ $? = 5 ] && [ "$(wc -l <"$work/err")" = 1 ] && grep -q "virsh -c 'qemu+ssh" "$work/err" && [ ! -e "$TIERLAB_STATE/machines/t-far" ]
}
ok 'a host that does not answer: one line, with what to try' unreachable

# ---- the image goes there once ----

# As a vmctl leaves it that was killed while it sent: the first part of the file, without its mark.
half_sent() {
	"$vmctl" -c "$far" start "$far_machine" -w none || return
	"$vmctl" delete --force t-far || return
	q=$(volume .qcow2)
	virsh -q -c "$far" vol-delete --pool tierlab "$q.ok" && far truncate -s 50000000 "$pool/$q" &&
		before=$(far stat -c %i "$pool/$q")
}
goes_on() {
	"$vmctl" -c "$far" start "$far_machine" || return
	[ "$(far sha256sum "$pool/$q" | cut -c1-64)" = "$(jq -r .files.image.sha256 "$image.json")" ] &&
		[ "$(far stat -c %i "$pool/$q")" = "$before" ]
}
ok 'an image that was sent in part' half_sent
ok '... is sent whole, and the machine has all that its file says' goes_on
named_by_digest() { [ "$q" = "image-$(jq -r '.files.image.sha256[:24]' "$image.json").qcow2" ]; }
ok 'the image there is named by its digest' named_by_digest
not_sent_again() {
	before=$(far stat -c '%i %y' "$pool/$q")
	cleanup_machines="$cleanup_machines t-far2"
	"$vmctl" -c "$far" start "$far_machine" --as t-far2 -w none && [ "$(far stat -c '%i %y' "$pool/$q")" = "$before" ] &&
		"$vmctl" delete --force t-far2
}
ok 'a second machine takes the one that is there' not_sent_again

# ---- by the guest's agent, where no network leads ----

no_port() { [ ! -e "$TIERLAB_STATE/machines/t-far/ssh-port" ]; }
ok 'no port of this host leads to it' no_port
status_of() { "$vmctl" status t-far --json | jq -e --arg far "$far" '.running and .connect == $far and .ssh_port == null'; }
ok 'status asks the host that it is on, without being told' status_of
listed() { "$vmctl" list --json | jq -e '.[] | select(.name == "t-far") | .state == "remote"'; }
ok 'list does not wait for other hosts' listed
listed_there() { "$vmctl" -c "$far" list --json | jq -e 'length == 1 and .[0].name == "t-far" and .[0].running'; }
ok 'list --connect shows what is there, and nothing else' listed_there
runs() { [ "$("$vmctl" exec t-far -- sh -c 'cat; echo "$1" >&2; exit 7' sh said <"$far_machine" 2>"$work/err" | cksum)" = "$(cksum <"$far_machine")" ] && grep -qx said "$work/err"; }
ok 'exec: input, both outputs' runs
status_passed() { "$vmctl" exec t-far -- sh -c 'exit 7'; [ $? = 7 ]; }
ok '... and the exit status' status_passed
copied() {
	head -c 300000 /dev/urandom >"$work/data"
	"$vmctl" copy "$work/data" t-far:/root/data && "$vmctl" copy t-far:/root/data "$work/back" && cmp "$work/data" "$work/back" &&
		"$vmctl" exec t-far -- sync
}
ok 'copy, both ways' copied
printf 'workloads: gups 16M --seconds 2\nschemes: [none, autonuma]\n' >"$work/far.yaml"
benched() {
	"$vmctl" bench -r "$work/results" t-far "$work/far.yaml" && jq -es 'length == 2 and all(.status == "done" and .guest.workload.rate > 0)' "$work"/results/t-far/*.json
}
ok 'bench makes its runs there' benched
no_ssh() { "$vmctl" ssh t-far 2>"$work/err" </dev/null || grep -q 'vmctl console t-far' "$work/err"; }
ok 'ssh says what to take instead' no_ssh
console() {
	{ sleep 1; printf '\r'; sleep 1; printf '\035'; } | timeout 20 "$vmctl" console t-far >"$work/console" 2>&1
	grep -aq 't-far' "$work/console"
}
ok 'console joins it' console
logs() { "$vmctl" logs t-far | grep -q 'Linux\|Debian\|login'; }
ok 'logs brings what the guest said' logs
refused() { ! "$vmctl" "$@" 2>"$work/err" && grep -q "another host" "$work/err" && grep -q "$hint" "$work/err"; }
hint='start --as' && ok 'clone is refused, with a way' refused clone t-far t-far3
hint='vmctl copy' && ok 'snapshot is refused, with a way' refused snapshot t-far s1
hint='vmctl restart' && ok 'reset is refused, with a way' refused reset t-far
elsewhere() { ! "$vmctl" -c qemu:///system status t-far 2>"$work/err" && grep -q 'leave --connect' "$work/err"; }
ok 'another address than its own is an error' elsewhere

# ---- two that call theirs the same ----

theirs() {
	mkdir -p "$work/other"
	ln -s "$TIERLAB_STATE/images" "$work/other/images"
	! TIERLAB_STATE=$work/other "$vmctl" -c "$far" start "$far_machine" 2>"$work/err" && grep -q 'left alone' "$work/err" &&
		"$vmctl" exec t-far -- test -e /root/data
}
ok 'a machine of that name of another state folder is left alone' theirs

# ---- its life ----

restarted() { "$vmctl" restart t-far && "$vmctl" copy t-far:/root/data "$work/back2" && cmp "$work/data" "$work/back2"; }
ok 'restart: all checks hold, and the disk is the same' restarted
panics() {
	"$vmctl" stop -f t-far || return
	sed 's|^memory: .*|&\nkernel-args: init=/usr/bin/false|' "$far_machine" >"$work/t-panic.yaml"
	cleanup_machines="$cleanup_machines t-panic"
	"$vmctl" -c "$far" start "$work/t-panic.yaml" 2>"$work/err"
	status=$?
	cat "$work/err"
	[ $status = 7 ] && grep -q "kernel panicked (.*Attempted to kill init" "$work/err" && grep -q 'end of the guest' "$work/err"
}
ok 'a panic there is told with its line' panics
"$vmctl" delete --force t-panic >/dev/null 2>&1

pmem() {
	sed 's/: [24]GiB/: 1GiB/' "$top/vmctl/machines/cxl-pmem.yaml" >"$work/t-pmem.yaml"
	sed -i 's/^memory: .*/&\nfirmware: uefi/' "$work/t-pmem.yaml"
	cleanup_machines="$cleanup_machines t-pmem"
	"$vmctl" -c "$far" start "$work/t-pmem.yaml" && "$vmctl" exec t-pmem -- sh -c 'echo kept > /dev/pmem0; sync' &&
		"$vmctl" restart t-pmem && [ "$("$vmctl" exec t-pmem -- head -c 4 /dev/pmem0)" = kept ]
}
ok 'persistent memory and UEFI variables are kept there' pmem
"$vmctl" delete --force t-pmem >/dev/null 2>&1

crashed() {
	"$vmctl" start t-far -w none || return
	far_kill libvirtd
	! "$vmctl" status t-far 2>"$work/err" && grep -q "can't reach libvirt" "$work/err" || return
	far libvirtd -d
	for _ in $(seq 50); do "$vmctl" status t-far >"$work/status" 2>&1 && break; sleep 0.2; done
	"$vmctl" wait t-far
}
ok 'its libvirt is killed, and comes back: the machine is found as it was' crashed

# ---- what goes wrong ----

# Ctrl-C at a terminal: the ssh that libvirt goes by hears it too.
on_a_terminal() { { sleep "$1"; printf '\003'; sleep 4; } | TERM=dumb script -qec "'$vmctl' -c '$far' start '$work/t-int.yaml'" /dev/null >"$work/said" 2>&1; }
interrupted() {
	cp "$far_machine" "$work/t-int.yaml"
	cleanup_machines="$cleanup_machines t-int"
	on_a_terminal 5
	grep -q "interrupted: the machine 't-int' was ended" "$work/said" && ! virsh -q -c "$far" list --name | grep -x t-int
}
ok 'Ctrl-C ends the machine that was being started there' interrupted
"$vmctl" delete --force t-int >/dev/null 2>&1
damaged() {
	cp "$TIERLAB_STATE/machines/t-far/connect" "$work/connect"
	head -n 1 "$work/connect" >"$TIERLAB_STATE/machines/t-far/connect"
	before=$(there)
	! "$vmctl" delete --force t-far 2>"$work/err" && grep -q 'connect is damaged' "$work/err" && [ "$(there)" = "$before" ]
	rc=$?
	cp "$work/connect" "$TIERLAB_STATE/machines/t-far/connect"
	return $rc
}
ok 'a machine of which it is not known what is its own takes nothing with it' damaged
queued() {
	"$vmctl" delete --force t-far || return
	exec 5>"$TIERLAB_STATE/locks/t-far"
	flock 5
	"$vmctl" -c "$far" start "$far_machine" -w none >"$work/one" 2>&1 5>&- &
	one=$!
	"$vmctl" -c "$far" start "$far_machine" -w none >"$work/two" 2>&1 5>&- &
	two=$!
	sleep 2
	exec 5>&-
	wait $one && wait $two && grep -q 'already running' "$work/one" "$work/two" && "$vmctl" status t-far
}
ok 'two starts of one name at once: the second finds the first' queued
full() {
	size=$(stat -c %s "$image.qcow2")
	for v in $(there | grep '^image-.*\.ok$'); do virsh -q -c "$far" vol-delete --pool tierlab "$v"; done
	far mount -t tmpfs -o size=1200m none "$pool" && virsh -q -c "$far" pool-refresh tierlab
	"$vmctl" -c "$far" start "$far_machine" --as t-far4 -w none 2>"$work/err"
	status=$?
	far umount "$pool"
	virsh -q -c "$far" pool-refresh tierlab
	[ $status = 5 ] && grep -q 'make room' "$work/err" && [ ! -e "$TIERLAB_STATE/machines/t-far4" ]
}
ok 'too little room there is said before anything is sent' full
lost() {
	"$vmctl" logs t-far >/dev/null || return
	cp -r "$TIERLAB_STATE/machines/t-far" "$work/kept"
	sed -i "1s/.*/qemu+ssh:\/\/root@127.0.0.1:1\/system/" "$TIERLAB_STATE/machines/t-far/connect"
	"$vmctl" delete t-far 2>"$work/err"
	[ $? = 5 ] && grep -q 'delete --force' "$work/err" && "$vmctl" logs t-far >/dev/null 2>&1 && "$vmctl" delete --force t-far &&
		[ ! -e "$TIERLAB_STATE/machines/t-far" ]
	rc=$?
	rm -rf "$TIERLAB_STATE/machines/t-far"
	cp -r "$work/kept" "$TIERLAB_STATE/machines/t-far"
	return $rc
}
ok 'a machine whose host is gone can be forgotten' lost

# ---- nothing is left ----

deleted() {
	"$vmctl" delete --force t-far || return
	[ ! -e "$TIERLAB_STATE/machines/t-far" ] && [ -z "$(there | grep -v '^image-')" ] && [ -z "$(virsh -q -c "$far" list --all)" ]
}
ok 'delete leaves nothing there but the image' deleted

done_testing

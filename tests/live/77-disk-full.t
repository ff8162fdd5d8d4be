#!/bin/sh
# The host's disk fills up under a machine that runs: the guest stands still, that is said, and goes on when there is room.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"

"$vmbuild" -q cxl-tcg >/dev/null 2>&1 || "$vmbuild" cxl-tcg 2>&1 | sed 's/^/# /'
image=$TIERLAB_STATE/images/cxl-tcg.json

# A state folder on a file system of its own, with the room that a machine's disk needs, and then all but 96 MiB of it taken.
mkdir "$work/small"
mount -t tmpfs -o size=1600m,mode=755 none "$work/small" 2>/dev/null || skip_all 'no small file system can be mounted here'
export TIERLAB_STATE="$work/small/state"
trap '"$vmctl" delete --force t-full >/dev/null 2>&1; umount "$work/small"; finish' EXIT
machine t-full '/^cxl:/,$d' 's/^memory:.*/memory: 1GiB/'

x() { "$vmctl" exec t-full -- "$@"; }
room() { df --output=avail -B 1M "$work/small" | tail -n 1; }
fill() { fallocate -l "$(($(room) - 96))M" "$work/small/filler"; }
state() { "$vmctl" status --json t-full | jq -r .state; }
says() { [ "$(state)" = "$1" ]; }

start() { "$vmctl" start --wait boot --image "$image" "$file" && fill; }
ok 'a machine runs, and its host has 96 MiB left' start || { done_testing; exit 1; }
writing() {
	x sh -c 'dd if=/dev/urandom bs=1M count=160 of=/root/big conv=fsync && sha256sum /root/big' >"$work/written" 2>&1 &
	writer=$!
	within 600 says paused
}
ok 'a guest that writes more than that is paused' writing
told() {
	"$vmctl" status t-full >"$work/said" 2>&1
	[ $? = 3 ] && grep '^t-full *paused' "$work/said" && grep 'the disk of the host is full (.* free in .*small.*): make room, then .vmctl start t-full' "$work/said"
}
ok 'status says so, why, and what to do' told
# refused COMMAND...: with the same words, status 5, at once.
refused() {
	"$vmctl" "$@" 2>"$work/said"
	[ $? = 5 ] || return
	cat "$work/said"
	[ "$(wc -l <"$work/said")" = 1 ] && grep -q '^vmctl: .*is paused: the disk of the host is full' "$work/said"
}
ok 'exec too' refused exec t-full -- true
ok 'check too' refused check t-full
ok 'wait too' refused wait t-full
ok 'stop too, which the guest would not hear' refused stop t-full
ok 'start too, while there is no room' refused start --image "$image" t-full
no_restart() { refused restart --image "$image" t-full && says paused; }
ok 'restart does not end what was not written yet' no_restart
rm "$work/small/filler"
goes_on() { "$vmctl" start --image "$image" t-full 2>&1 | tee "$work/said" | grep 'was paused, and goes on' && says running; }
ok 'start lets it go on when there is room' goes_on
whole() { wait "$writer" && cat "$work/written" && [ "$(x sha256sum /root/big)" = "$(tail -n 1 "$work/written")" ]; }
ok 'and what was being written comes to its end' whole
ok 'the file system of the guest has taken no harm' eval '! x dmesg | grep -i "i/o error"'

by_hand() {
	virsh -q -c "$uri" suspend t-full && says paused && "$vmctl" exec t-full -- true 2>"$work/said"
	[ $? = 1 ] && grep 'is paused, not by vmctl: .vmctl start t-full. lets it go on' "$work/said" && "$vmctl" start --image "$image" t-full && says running
}
ok 'what was paused by another program goes on too' by_hand
again() {
	fill
	x dd if=/dev/urandom bs=1M count=160 of=/root/more >/dev/null 2>&1 &
	writer=$!
	within 600 says paused && "$vmctl" stop --force t-full && says stopped
}
ok 'stop --force ends it, paused or not' again
ok 'delete makes room' eval '"$vmctl" delete t-full && [ ! -e "$TIERLAB_STATE/machines/t-full" ]'
no_room() {
	"$vmctl" start --image "$image" "$file" 2>"$work/said"
	[ $? = 5 ] && grep "a machine's disk takes up to 1 GiB in .*small.*: make room" "$work/said" && [ ! -e "$TIERLAB_STATE/machines/t-full" ]
}
ok 'no machine begins where there is no room for its disk' no_room
done_testing

#!/bin/sh
# vmctl killed at instants spread over start, delete and stop, as the kernel's out-of-memory killer would: `list` tells what is,
# `start` or `delete --force` puts it right, and nothing is orphaned.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/live/life-lib.sh
. "$(dirname "$0")/life-lib.sh"

"$vmbuild" -q cxl-tcg >/dev/null 2>&1 || "$vmbuild" cxl-tcg 2>&1 | sed 's/^/# /'
machine t-killed '/^cxl:/,$d' 's/^memory:.*/memory: 1GiB/' '1i ssh-port: 2877' # which nobody else takes meanwhile
instants=${KILLED_INSTANTS:-10}

ms() { echo $(($(date +%s%N) / 1000000)); }
started() { "$vmctl" start --wait none "$file" >"$work/said" 2>&1 || { cat "$work/said" && return 1; }; }
deleted() { "$vmctl" delete --force t-killed >"$work/said" 2>&1 || { cat "$work/said" && return 1; }; }
# killed_at I COMMAND...: the command, killed after that part of $took, in $instants; what `list` says then is in $seen.
killed_at() {
	after=$((took * $1 / instants))
	shift
	"$@" >/dev/null 2>&1 &
	victim=$!
	sleep "$((after / 1000)).$(printf %03d $((after % 1000)))"
	kill -9 $victim 2>/dev/null
	wait $victim 2>/dev/null
	seen=$(state t-killed)
	echo "after $after of $took ms: ${seen:-nothing}"
}
# gone: all of it, with the port that it had.
gone() { within 20 nothing_left t-killed "$p" || { ls -a "$machines" "$machines/t-killed"; virsh -c "$uri" list --all; return 1; }; }
note_port() { p=$(port t-killed 2>/dev/null); }

# The first start pays for what later ones find: libvirt's look at QEMU, the key.
undisturbed() {
	started && deleted && begin=$(ms) && started && took=$(($(ms) - begin))
	note_port
	deleted && gone && echo "a start takes $took ms" && [ "$took" -gt 0 ]
}
ok 'a start takes its time' undisturbed || { done_testing; exit 1; }

start_then_start() {
	i=0
	while [ $i -lt "$instants" ]; do
		killed_at $i "$vmctl" start --wait none "$file"
		started && says t-killed running || return
		note_port
		deleted && gone || return
		i=$((i + 1))
	done
}
start_then_delete() {
	i=0
	while [ $i -lt "$instants" ]; do
		killed_at $i "$vmctl" start --wait none "$file"
		note_port
		if [ -e "$machines/t-killed" ]; then
			deleted || return
		elif [ -n "$seen" ]; then
			return 1
		fi
		rm -f "$TIERLAB_STATE/locks/t-killed" # the one thing that may stay where there is no machine
		gone || return
		i=$((i + 1))
	done
}
ok 'start put a killed start right, wherever it was' start_then_start
ok 'delete --force too' start_then_delete

delete_timed() {
	started && begin=$(ms) && deleted && took=$(($(ms) - begin)) && echo "a delete takes $took ms"
}
delete_then_delete() {
	i=0
	while [ $i -lt "$instants" ]; do
		started || return
		note_port
		killed_at $i "$vmctl" delete --force t-killed
		if [ -e "$machines/t-killed" ]; then
			deleted || return
		elif [ -n "$seen" ]; then
			return 1
		fi
		rm -f "$TIERLAB_STATE/locks/t-killed"
		gone || return
		i=$((i + 2))
	done
}
ok 'a delete takes its time' delete_timed
ok 'delete --force puts a killed delete right' delete_then_delete

# ---- while it boots, and while it powers off ----

while_booting() {
	for part in 1 7; do
		took=12000 && killed_at $part "$vmctl" start "$file"
		[ "$seen" = running ] || return
	done
	"$vmctl" wait t-killed && "$vmctl" start "$file" | grep 'already running'
}
ok 'a start that is killed while the guest boots leaves one that boots on' while_booting
while_stopping() {
	took=3000
	for part in 1 3; do
		killed_at $part "$vmctl" stop t-killed
		case $seen in running | stopped) ;; *) return 1 ;; esac
		[ "$seen" = stopped ] || "$vmctl" stop t-killed 2>"$work/said" || grep 'is not running' "$work/said" || return
		says t-killed stopped && [ -z "$(qemu_pid t-killed)" ] || return
		"$vmctl" start --wait boot "$file" || return
	done
}
ok 'a stop that is killed is put right by another, or was heard' while_stopping
forced() {
	note_port
	took=200
	for part in 0 3 8; do
		killed_at $part "$vmctl" stop --force t-killed
		"$vmctl" stop --force t-killed >"$work/said" 2>&1 || grep -q 'is not running' "$work/said" || return
		within 20 says t-killed stopped && [ -z "$(qemu_pid t-killed)" ] && started || return
	done
	deleted && gone
}
ok 'a stop --force too' forced
done_testing

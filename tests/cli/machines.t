#!/bin/sh
# vmctl's commands on machines that run, that were started before, and that are others', without a guest: libvirt's test
# driver says what runs.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/machine-lib.sh
. "$(dirname "$0")/machine-lib.sh"

cd "$tmp" || exit 1

# started NAME: a machine that was started before, from a file that is gone.
started() {
	machine started.yaml
	dir="$TIERLAB_STATE/machines/$1"
	mkdir -p "$dir"
	mv started.yaml "$dir/machine.yaml"
	echo 2222 >"$dir/ssh-port"
	echo the disk >"$dir/disk.qcow2"
	image testing && cp "$TIERLAB_STATE"/images/testing.* "$dir" && mv "$dir/testing.json" "$dir/manifest.json"
}

# json FILTER COMMAND...: one line of JSON for which the filter holds; the status is not looked at.
json() {
	filter=$1
	shift
	run "$@"
	[ "$(wc -l <out)" -eq 1 ] && jq -e "$filter" out
}

# ---- list, status ----

ok "list names the machines that come with tierlab" succeeds '^cxl-small *new' "$vmctl" list
ok "list --json" json 'map(.name) | contains(["cxl", "cxl-small"])' "$vmctl" list --json
new() {
	run "$vmctl" status cxl-small
	[ "$status" -eq 3 ] && grep -q '^cxl-small *new' out
}
ok "status of a machine that does not run is 3" new
if ! started mine; then
	skip "machines with a disk" "no qemu-img"
	finish
fi
ok "list names a machine that was started, with image and kernel" succeeds '^mine *stopped *- *testing *6.12.0-tierlab' "$vmctl" list
running mine cxl-small
ok "status of a machine that runs is 0, with its port" succeeds '^mine *running *127.0.0.1:2222' "$vmctl" status mine
ok "status --json" json '.running and .state == "running" and .ssh_port == 2222 and .image == "testing"' "$vmctl" status --json mine
ok "status -j of one that does not run" json '(.running | not) and .state == "new" and .ssh_port == null' "$vmctl" status -j cxl

# ---- a machine that runs is left running, and left alone ----

ok "start of a machine that runs does nothing, and says so" succeeds 'mine is already running (SSH on 127.0.0.1:2222); nothing' \
	"$vmctl" start mine
ok "delete of a machine that runs is refused" refuses 1 "'mine' is running: .vmctl stop mine. first" "$vmctl" delete mine
ok "its disk is still there" test -e "$TIERLAB_STATE/machines/mine/disk.qcow2"
stays() {
	run "$vmctl" restart "$1"
	[ "$status" -eq "$3" ] && [ "$(grep -c '^vmctl: ' err)" -eq 1 ] && grep -q "^vmctl: .*$2" err && ! grep -qi 'power\|force' err
}
machine mine.yaml 's/512MiB/512/'
ok "restart with a wrong file does not stop what runs" stays mine.yaml "mine.yaml:3:9: 'memory'" 4
machine mine.yaml 's/testing/nosuch/'
ok "restart with an image that is not built does not stop what runs" stays mine.yaml "'nosuch' is not built" 5
foreign cxl-small
ok "a domain that is not vmctl's is not started over" refuses 1 "a domain 'cxl-small' that vmctl did not make" \
	"$vmctl" start -q cxl-small
ok "nor stopped" refuses 1 "that vmctl did not make" "$vmctl" stop cxl-small
ok "nor a hindrance to list" succeeds '^cxl-small *foreign' "$vmctl" list
TIERLAB_LIBVIRT_URI=test:///default

# ---- a machine that does not run ----

for command in stop check summary ssh console; do
	ok "$command of a machine that does not run says how to start it" refuses 1 \
		"'mine' is not running: .vmctl start mine" "$vmctl" $command mine
done
ok "exec too" refuses 1 "'mine' is not running" "$vmctl" exec mine -- true
ok "a machine that was started is found by its name, wherever its file is now" succeeds "<name>mine</name>" "$vmctl" xml mine
ok "xml has the machine's disk, port and devices" eval \
	'grep -q "$TIERLAB_STATE/machines/mine/disk.qcow2" out && grep -q "hostfwd=tcp:127.0.0.1:[0-9]*-:22" out &&
		grep -q "cxl-type3,id=cxl-mem0,bus=rp-rp0" out'
relative() {
	mkdir -p base
	machine base/m.yaml "s,testing,$TIERLAB_STATE/images/testing.json,"
	(cd base && TIERLAB_STATE=new/state "$vmctl" xml m.yaml) >out 2>err
	cat out err
	grep -q "<source file=.$tmp/base/new/state/machines/m/disk.qcow2" out
}
ok "a relative path of a state that is not there yet: libvirt gets absolute ones" relative

# ---- an image that was rebuilt ----

if command -v ssh-keygen >/dev/null; then
	image testing 4567
	machine mine.yaml
	ok "start asks what to do when the image was rebuilt" refuses 1 \
		"testing was rebuilt .*--fresh mine.*--keep" "$vmctl" start -q mine.yaml
	ok "the old disk is as it was" grep -q 'the disk' "$TIERLAB_STATE/machines/mine/disk.qcow2"
else
	skip "start asks what to do when the image was rebuilt" "no ssh-keygen"
fi

# ---- delete ----

ok "delete removes disk and state" succeeds "mine is deleted" "$vmctl" delete mine
ok "nothing of them is left" test ! -e "$TIERLAB_STATE/machines/mine"
ok "the image stays" test -e "$TIERLAB_STATE/images/testing.qcow2"
rm mine.yaml
ok "delete of what was deleted" refuses 1 "no machine 'mine'" "$vmctl" delete mine
ok "delete of a machine that was never started" refuses 1 "nothing that could be deleted" "$vmctl" delete cxl

finish

# For the live tests: TAP, and a state of their own, so that the user's machines are left alone. Sourced.
# shellcheck shell=sh

top=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/wait-lib.sh
. "$top/tests/wait-lib.sh"
bin=${BUILD:-$top/build}
case $bin in /*) ;; *) bin=$top/$bin ;; esac
vmbuild=$bin/vmbuild vmctl=$bin/vmctl

# One state for all live tests of a run: the image is assembled once. The cache is the user's own: it is found by
# digests, and a kernel takes minutes. libvirt runs root's QEMU as a user of its own, who has to reach it.
TIERLAB_STATE=${TIERLAB_LIVE_STATE:-/var/tmp/tierlab-live-$(id -u)}
export TIERLAB_STATE
mkdir -p "$TIERLAB_STATE"
work=$(mktemp -d /var/tmp/tierlab-test.XXXXXX)
chmod 755 "$work"
trap 'finish' EXIT
trap 'exit 1' INT TERM

# The libvirt that vmctl uses, for what it does not do itself.
uri=qemu:///session
[ "$(id -u)" != 0 ] || uri=qemu:///system
uri=${TIERLAB_LIBVIRT_URI:-$uri}

n=0 failed=0
cleanup_machines=

finish() {
	for m in $cleanup_machines; do
		"$vmctl" delete --force "$m" >/dev/null 2>&1
	done
	rm -rf "$work"
	[ -z "${server:-}" ] || kill "$server" 2>/dev/null
}

# ok NAME COMMAND...: a test that passes if the command does. What it said is shown if not, where prove shows it too.
ok() {
	n=$((n + 1))
	what=$1
	shift
	if "$@" >"$work/out" 2>&1; then
		echo "ok $n - $what"
	else
		echo "not ok $n - $what"
		{ echo "# failed in ${0##*/}: $what" && sed 's/^/# /' "$work/out"; } | tee -a "${TIERLAB_FAILED:-/dev/null}" >&2
		failed=$((failed + 1))
		return 1
	fi
}

# A machine of its own, gone at the end: machine NAME [SED-EXPRESSION]...
machine() {
	name=$1
	shift
	cp "$top/vmctl/machines/cxl-small.yaml" "$work/$name.yaml"
	for e; do sed -i "$e" "$work/$name.yaml"; done
	cleanup_machines="$cleanup_machines $name"
	"$vmctl" delete --force "$name" >/dev/null 2>&1
	file=$work/$name.yaml
}

qemu_pid() { pgrep -f "guest=$1,debug-threads"; }

plan() { echo "1..$1"; }

done_testing() {
	echo "1..$n"
	[ "$failed" -eq 0 ]
}

skip_all() {
	echo "1..0 # SKIP $*"
	exit 0
}

# JSON: value of a path in a file
field() { jq -r "$2" "$1"; }

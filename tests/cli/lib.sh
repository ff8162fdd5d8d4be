# What the tests in this folder share: TAP, cache and state folders of their own, a web server on loopback. Sourced, with
# `. "$(dirname "$0")/lib.sh"`; the test ends with `finish`.
# shellcheck shell=sh disable=SC2034 # variables for the tests

build=$(cd "${BUILD:-build}" && pwd) || exit 1
top=$(cd "$(dirname "$0")/../.." && pwd) || exit 1
# shellcheck source=tests/wait-lib.sh
. "$top/tests/wait-lib.sh"
vmbuild="$build/vmbuild"
vmctl="$build/vmctl"
tmp=$(mktemp -d) || exit 1
jobs=	# to end when the test ends
mounts=

# Nothing that a user of this machine has is touched, and libvirt's own test driver stands in for the daemon.
TIERLAB_CACHE="$tmp/cache"
TIERLAB_STATE="$tmp/state"
TIERLAB_LIBVIRT_URI=test:///default
# No appliance: the step that works inside images fails with one line. What comes before it is what is tested here.
LIBGUESTFS_PATH="$tmp/no-appliance"
export TIERLAB_CACHE TIERLAB_STATE TIERLAB_LIBVIRT_URI LIBGUESTFS_PATH
unset TIERLAB_DATA TIERLAB_QEMU TIERLAB_QEMU_DIR MAKEFLAGS MAKELEVEL LIBGUESTFS_HV
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY

clean_up() {
	for job in $jobs; do
		# a number that is still that of a child of ours
		grep -qsx "PPid:[[:space:]]*$$" "/proc/$job/status" && kill -9 "$job"
	done
	for dir in $mounts; do umount "$dir"; done
	rm -rf "$tmp"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

count=0
failed=0

# ok NAME COMMAND...: a test that passes when the command does; what it said is shown otherwise, where prove shows it too.
ok() {
	ok_name=$1
	shift
	count=$((count + 1))
	if "$@" >"$tmp/said" 2>&1; then
		echo "ok $count - $ok_name"
	else
		echo "not ok $count - $ok_name"
		{ echo "# failed: $ok_name" && sed 's/^/# /' "$tmp/said"; } | tee -a "${TIERLAB_FAILED:-/dev/null}" >&2
		failed=1
	fi
}

skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}

finish() {
	echo "1..$count"
	exit $failed
}

# run COMMAND...: leaves stdout in $tmp/out, stderr in $tmp/err, the status in $status.
run() {
	"$@" >"$tmp/out" 2>"$tmp/err" </dev/null
	status=$?
	echo "$* -> status $status; out: $(cat "$tmp/out"); err: $(cat "$tmp/err")"
}

# refuses STATUS PATTERN COMMAND...: fails with that status and one line that begins with the program's name and has the
# pattern; nothing goes to stdout.
refuses() {
	refused_with=$1 refused_words=$2
	shift 2
	run "$@"
	[ "$status" -eq "$refused_with" ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] && [ ! -s "$tmp/out" ] &&
		grep -q '^vm\(build\|ctl\): ' "$tmp/err" && grep -q -e "$refused_words" "$tmp/err"
}

# succeeds PATTERN COMMAND...: status 0, and the pattern in what it says.
succeeds() {
	said_words=$1
	shift
	run "$@"
	[ "$status" -eq 0 ] && cat "$tmp/out" "$tmp/err" | grep -q -e "$said_words"
}

# file NAME: writes stdin to $tmp/NAME, making its folder.
file() {
	mkdir -p "$(dirname "$tmp/$1")"
	cat >"$tmp/$1"
}

# Nothing in the cache that a later run could trust, or trip over.
cache_holds_nothing() {
	find "$TIERLAB_CACHE/steps" "$TIERLAB_CACHE/tmp" -mindepth 1 2>/dev/null >"$tmp/found"
	cat "$tmp/found"
	[ ! -s "$tmp/found" ]
}

# serve: a web server for $tmp/www (programs in www/cgi-bin); leaves its port in $port. 1 without busybox httpd.
serve() {
	busybox httpd --help >/dev/null 2>&1 || return 1
	mkdir -p "$tmp/www/cgi-bin"
	port=$((20000 + $$ % 10000))
	tries=20
	while [ "$tries" -gt 0 ]; do
		busybox httpd -f -p "127.0.0.1:$port" -h "$tmp/www" 2>/dev/null &
		server=$!
		sleep 0.2
		if kill -0 "$server" 2>/dev/null; then
			jobs="$jobs $server"
			return 0
		fi
		port=$((port + 1)) tries=$((tries - 1))
	done
	return 1
}

# The digest of a file, as a recipe has it.
digest() {
	echo "$1:$("$1sum" "$2" | cut -d ' ' -f 1)"
}

# fake NAME: puts a program of that name, from stdin, before all others. $tmp/calls gets a line for each call of it,
# $tmp/NAME.pid its last process.
fake() {
	mkdir -p "$tmp/bin"
	{
		printf '#!/bin/sh\necho "%s $*" >>"%s"\necho $$ >"%s"\n' "$1" "$tmp/calls" "$tmp/$1.pid"
		cat
	} >"$tmp/bin/$1"
	chmod +x "$tmp/bin/$1"
	case $PATH in "$tmp/bin:"*) ;; *) PATH="$tmp/bin:$PATH" ;; esac
}

# called PATTERN: how many times since the last forget_calls.
called() {
	grep -c -e "$1" "$tmp/calls"
}

forget_calls() {
	: >"$tmp/calls"
}

# small_disk NAME SIZE: a file system of that size at $tmp/NAME. 1 where it can't be mounted.
small_disk() {
	mkdir -p "$tmp/$1"
	mount -t tmpfs -o "size=$2" none "$tmp/$1" 2>/dev/null || return 1
	mounts="$mounts $tmp/$1"
}

#!/bin/sh
# The step cache: what is made once is not made again, what a killed run leaves is no harm, and two vmbuilds get along.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/kernel-lib.sh
. "$(dirname "$0")/kernel-lib.sh"

# after COMMAND...: the steps that a run takes after a change, as steps_run has them, are in $1 to $3.
after() {
	want="$1 $2 $3"
	forget_calls
	# shellcheck disable=SC2086 # three words
	all_but_the_image && steps_run $want
}

ok "a first run configures, compiles and bootstraps" after 1 1 1
ok "an unchanged recipe runs none of them again" after 0 0 0
quick() {
	begin=$(date +%s%N)
	run "$vmbuild" -q r.yaml
	[ $((($(date +%s%N) - begin) / 1000000)) -lt 5000 ]
}
ok "and does not take long" quick

echo changed >overlay/hello
ok "a change in the overlay alone rebuilds neither kernel nor base" after 0 0 0
sed -i 's/overlay:.*/&\ndisk: 4GiB\nhostname: other/' r.yaml
ok "disk and host name neither" after 0 0 0
echo '# a comment' >>r.yaml
ok "a comment neither" after 0 0 0
sed -i 's/\[cxl\]/[cxl, numactl]/' r.yaml
ok "another package bootstraps, and does not compile" after 0 0 1
sed -i 's/\[cxl, numactl\]/[numactl, cxl]/' r.yaml
ok "the order of packages does not matter" after 0 0 0
sed -i 's/CONFIG_CXL_BUS=y/CONFIG_CXL_BUS=m/' r.yaml
ok "another option configures and compiles, and does not bootstrap" after 1 1 0
sed -i 's/CONFIG_CXL_BUS=m/CONFIG_CXL_BUS=y/' r.yaml
ok "the earlier option is still in the cache" after 0 0 0
sleep 0.01
echo '# touched' >>linux/Makefile
ok "a change in the source tree configures and compiles" after 1 1 0
anew() {
	forget_calls
	run "$vmbuild" -q --update r.yaml
	steps_run 0 0 1
}
ok "--update bootstraps anew" anew

# ---- the folder's name ----

relative() {
	forget_calls
	rm -rf "$tmp/elsewhere"
	run env TIERLAB_CACHE=elsewhere/cache "$vmbuild" -q r.yaml
	steps_run 1 1 1 && [ -d elsewhere/cache/steps ] && [ ! -e linux/elsewhere ]
}
ok "a relative path of a cache that is not there yet" relative

# ---- killed ----

in_call() {
	[ "$(called "$1")" -gt 0 ]
}

# interrupted SIGNAL CALL: vmbuild gets the signal while that program runs.
interrupted() {
	forget_calls
	rm -rf "$TIERLAB_CACHE"
	FAKE_SLEEP=20 "$vmbuild" r.yaml >out 2>err &
	pid=$!
	jobs="$jobs $pid"
	within 100 in_call "$2" || return 1
	sleep 0.1
	kill "-$1" "$pid"
	wait "$pid"
	status=$?
	echo "status $status; $(cat err)"
}
ctrl_c() {
	interrupted INT "$1"
	[ "$status" -eq 130 ] && [ "$(grep -c '^vmbuild: ' err)" -eq 1 ] && tail -n 1 err | grep -q '^vmbuild: interrupted'
}
goes_on() {
	forget_calls
	all_but_the_image && steps_run "$@"
}
ok "Ctrl-C while it compiles: status 130 and one line" ctrl_c bzImage
no_child() {
	! kill -0 "$(cat make.pid)" 2>/dev/null
}
ok "the compiler is ended too" within 30 no_child
ok "the next run goes on after the last step that was finished" goes_on 0 1 1

# the object tree and the finished steps survive a killed run
killed() {
	interrupted KILL bzImage
	[ "$status" -eq 137 ] && [ -z "$(find "$TIERLAB_CACHE/steps" -name 'kernel-*')" ]
}
ok "what a killed run leaves is not among what is done" killed
ok "the run after it goes on" goes_on 0 1 1
ok "and clears up after it" eval '[ -z "$(ls "$TIERLAB_CACHE/tmp")" ]'

# ---- two at once ----

both() {
	rm -rf "$TIERLAB_CACHE"
	forget_calls
	FAKE_SLEEP=1 "$vmbuild" r.yaml >out1 2>err1 &
	first=$!
	FAKE_SLEEP=1 "$vmbuild" r.yaml >out2 2>err2 &
	second=$!
	wait "$first" && return 1
	wait "$second" && return 1
	cat err1 err2
	steps_run 1 1 1 && grep -q 'another vmbuild .* waiting for it' err1 err2 &&
		tail -n 1 err1 | grep -q appliance && tail -n 1 err2 | grep -q appliance
}
ok "two vmbuilds of one recipe make each step once, and one waits for the other" both
waits_no_longer() {
	rm -rf "$TIERLAB_CACHE"
	forget_calls
	FAKE_SLEEP=20 "$vmbuild" r.yaml >out1 2>err1 &
	first=$!
	jobs="$jobs $first"
	within 100 in_call bzImage || return 1
	"$vmbuild" r.yaml >out2 2>err2 &
	second=$!
	jobs="$jobs $second"
	within 50 grep -q 'waiting for it' err2 || return 1
	kill -INT "$second"
	wait "$second"
	status=$?
	cat err2
	kill -KILL "$first"
	wait "$first"
	[ "$status" -eq 130 ]
}
ok "Ctrl-C ends one that waits" waits_no_longer

# Different inputs, the same image: their files must not get into each other's way. The first one waits for a QEMU that
# does not speak; the disk, which takes an appliance, is there.
apart() {
	digest=$("$vmbuild" plan r.yaml --json | jq -r '.[] | select(.step == "disk") | .digest[:24]')
	disk="$TIERLAB_CACHE/steps/disk-$digest"
	mkdir -p "$disk"
	printf 'id=x\nroot=PARTUUID=1\nrelease=6.1\nmounts=/dev/sda2:/\ninitrd=no\n' >"$disk/result"
	qemu-img create -q -f qcow2 "$disk/disk.qcow2" 1M
	mkdir -p appliance
	touch appliance/kernel appliance/initrd appliance/root appliance/README.fixed
	fake silent-qemu <<'E'
[ "$1" != --version ] || { echo 'QEMU emulator version 11.1.3 (a fake)' && exit; }
touch started
exec sleep 10
E
	sed -i "s,touch started,touch '$tmp/started'," bin/silent-qemu
	LIBGUESTFS_PATH="$tmp/appliance" LIBGUESTFS_HV="$tmp/bin/silent-qemu" TIERLAB_QEMU="$tmp/bin/silent-qemu" \
		"$vmbuild" r.yaml >out1 2>err1 &
	first=$!
	jobs="$jobs $first"
	within 150 [ -e started ] || return 1
	was=$(stat -c %i "$TIERLAB_STATE/images/r.qcow2.part")
	echo other >overlay/hello
	"$vmbuild" r.yaml >out2 2>err2 &
	second=$!
	jobs="$jobs $second"
	within 50 grep -q 'another vmbuild makes the image r' err2
	now=$(stat -c %i "$TIERLAB_STATE/images/r.qcow2.part")
	kill -KILL "$second" "$first" 2>/dev/null
	wait "$second"
	wait "$first"
	cat err1 err2
	[ -n "$was" ] && [ "$was" = "$now" ]
}
rm -rf "$TIERLAB_CACHE"
all_but_the_image >/dev/null
ok "two vmbuilds of one image's name keep out of each other's disk" apart

# ---- room ----

if small_disk small 8m; then
	ok "no room for a kernel build: what it takes, and where" refuses 1 \
		"a kernel build takes up to 4 GiB in $tmp/small.* are free" env TIERLAB_CACHE="$tmp/small" "$vmbuild" -q r.yaml
	ok "no room for an image: what it takes, and where" refuses 1 \
		"an image takes up to 2 GiB in $tmp/small.* are free" "$vmbuild" -q -o "$tmp/small" r.yaml
else
	skip "no room for a kernel build: what it takes, and where" "no small file system can be mounted here"
	skip "no room for an image: what it takes, and where" "no small file system can be mounted here"
fi

finish

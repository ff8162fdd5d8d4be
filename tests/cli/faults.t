#!/bin/sh
# What goes wrong while vmbuild works: it is killed, the disk is full, another build is at work. After each, the next run makes
# what an undisturbed one makes.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/kernel-lib.sh
. "$(dirname "$0")/kernel-lib.sh"

# A source that takes a while to unpack, so that there is something to be killed in each step.
mkdir linux-0.1
cp -r linux/. linux-0.1
for i in 0 1 2 3 4 5 6 7 8 9; do
	mkdir "linux-0.1/d$i"
	for j in 0 1 2 3 4 5 6 7 8 9; do head -c 100000 /dev/urandom >"linux-0.1/d$i/$j.c"; done
done
tar czf linux.tgz linux-0.1
sed "s,tree: linux,url: file://$tmp/linux.tgz\n  digest: $(digest sha256 linux.tgz)," r.yaml >k.yaml

# What all steps but disk and image made.
outcome() {
	(cd "$TIERLAB_CACHE/steps" && find . -type f ! -name result ! -name inputs -exec sha256sum {} + | sort -k 2)
}
build() {
	run "$vmbuild" -q k.yaml
	[ "$status" -eq 1 ] && grep -q appliance err
}

export FAKE_SLEEP=0.3
build || exit 1
outcome >undisturbed
[ -s undisturbed ] || exit 1

killed=0
killed_at() { # MILLISECONDS
	rm -rf "$TIERLAB_CACHE"
	"$vmbuild" -q k.yaml >/dev/null 2>&1 &
	pid=$!
	sleep "$(printf '0.%03d' "$1")"
	kill -9 $pid 2>/dev/null && killed=$((killed + 1))
	wait $pid 2>/dev/null
	build && outcome >now && cmp undisturbed now
}
i=0
while [ $i -lt 30 ]; do
	ok "killed after $((i * 30 + 5)) ms, the next run ends as an undisturbed one" killed_at $((i * 30 + 5))
	i=$((i + 1))
done
ok "most of them were at work when they were killed" [ "$killed" -gt 20 ]

# ---- two at once ----

rm -rf "$TIERLAB_CACHE"
sed 's/\[cxl\]/[cxl, damo]/; s/CONFIG_CXL_BUS=y/CONFIG_CXL_BUS=m/' k.yaml >l.yaml
two() { # RECIPE RECIPE
	forget_calls
	"$vmbuild" -q "$1" >/dev/null 2>err1 &
	first=$!
	"$vmbuild" -q "$2" >/dev/null 2>err2
	wait $first
	cat err1 err2
	[ "$(cat err1 err2 | grep -c appliance)" -eq 2 ] && [ "$(cat err1 err2 | wc -l)" -eq 2 ]
}
ok "two builds of two recipes at once both end" two k.yaml l.yaml
ok "what they share was made once" eval '[ "$(ls -d "$TIERLAB_CACHE"/steps/source-* | wc -l)" -eq 1 ] && steps_run 2 2 2'
rm -rf "$TIERLAB_CACHE"
ok "two builds of one recipe at once both end" two k.yaml k.yaml
ok "and each step was made once" steps_run 1 1 1
ok "as an undisturbed one makes it" eval 'outcome >now; cmp undisturbed now'
unset FAKE_SLEEP

# ---- disk full ----

# full SIZE PATTERN: a cache of that size: one line says so, and with room the next run ends.
full() {
	small_disk "full$1" "$1" || return 1
	big=$TIERLAB_CACHE TIERLAB_CACHE="$tmp/full$1"
	refuses 1 "$2" "$vmbuild" -q k.yaml && [ -z "$(find "$TIERLAB_CACHE/tmp" -mindepth 1 2>/dev/null)" ] &&
		mount -o remount,size=6g "$TIERLAB_CACHE" && build && outcome >now && cmp undisturbed now
	rc=$?
	TIERLAB_CACHE=$big
	return $rc
}
fake make <<'E'
for word; do case $word in O=*) obj=${word#O=} ;; KCONFIG_ALLCONFIG=*) all=${word#*=} ;; INSTALL_MOD_PATH=*) mods=${word#*=} ;; esac; done
case " $* " in
*" allnoconfig "*) cp "$all" "$obj/.config" && echo CONFIG_MODULES=y >>"$obj/.config" && head -c 16000000 /dev/zero >"$obj/junk" || exit 1 ;;
*" bzImage "*) mkdir -p "$obj/arch/x86/boot" "$obj/include/config" && echo a kernel >"$obj/arch/x86/boot/bzImage" &&
	echo 6.12.0-tierlab >"$obj/include/config/kernel.release" ;;
*" modules_install "*) mkdir -p "$mods/lib/modules/6.12.0-tierlab" && echo a module >"$mods/lib/modules/6.12.0-tierlab/x.ko" ;;
esac
E
if small_disk probe 1m; then
	ok "a disk that is full while the source is fetched" full 4m "[Nn]o space left on device"
	ok "while it is unpacked" full 16m "[Nn]o space left on device"
	ok "while the kernel is configured" full 23m "[Nn]o space left on device"
	ok "before the kernel is compiled: what it takes" full 64m "a kernel build takes up to 4 GiB"
else
	skip "a full disk" "no small file system can be mounted here"
fi

# ---- overlays that can't go in ----

echo 'base: {suite: trixie}' >o.yaml
printf 'kernel: stock\npackages: [cxl]\nbench: false\noverlay: ./odd\n' >>o.yaml
odd() { # PATTERN
	refuses 1 "^vmbuild: o.yaml:5:10: .*$1" "$vmbuild" -q o.yaml && [ "$(called mmdebstrap)" -eq 0 ]
}
forget_calls
mkdir -p odd/etc
ln -s ../../outside odd/etc/link
ok "an overlay with a link out of it, before anything is made" odd "odd/etc/link is a link to ../../outside, which leads out"
ln -sfn ../etc/../etc/hostname odd/etc/link
ln -s /dev/null odd/etc/masked
ok "a link within it, and a whole path of the image, are none" eval 'run "$vmbuild" -q o.yaml; ! grep "o.yaml:5" err'
forget_calls
if mknod odd/null c 1 3 2>/dev/null; then
	ok "a device node" odd "odd/null is neither a file, a folder nor a link"
	rm odd/null
else
	skip "a device node" "mknod is not allowed here"
fi
mkfifo odd/pipe
ok "a pipe" odd "odd/pipe is neither a file, a folder nor a link"
finish

#!/bin/sh
# What vmbuild says when the kernel's configuration or build, or the bootstrap, comes to nothing.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/kernel-lib.sh
. "$(dirname "$0")/kernel-lib.sh"

# broken NAME PATTERN ENV...: one line with the pattern.
broken() {
	name=$1 pattern=$2
	shift 2
	ok "$name" refuses 1 "$pattern" env "$@" "$vmbuild" -q r.yaml
}

broken "an option that is not in the result: its name, its value, the dependency and where it is" \
	"^vmbuild: r.yaml:7: CONFIG_CXL_BUS=y was asked for and is n: it depends on PCI (PCI=n) \[drivers/Kconfig:4\]" \
	FAKE_DROP="CONFIG_CXL_BUS CONFIG_PCI"
ok "the build stops before anything is compiled" eval '[ "$(called bzImage)" -eq 0 ]'
ok "a second run does not trust the first one's configuration" refuses 1 "was asked for and is n" \
	env FAKE_DROP="CONFIG_CXL_BUS CONFIG_PCI" "$vmbuild" -q r.yaml
broken "a dependency of the menu around it" "it depends on 64BIT (64BIT=n)" FAKE_DROP="CONFIG_PCI CONFIG_64BIT"
sed -i 's/CONFIG_PCI=y/CONFIG_PCX=y/' r.yaml
broken "an option that this kernel does not have, with the one that is meant" \
	"r.yaml:6: CONFIG_PCX=y .* has no such option (did you mean 'PCI'?)" FAKE_DROP=CONFIG_PCX
sed -i 's/CONFIG_PCX=y/CONFIG_PCI=y/; s/CONFIG_CXL_BUS=y/CONFIG_CXL_PORT=y/' r.yaml
broken "an option without a prompt, with what selects it" "no prompt and is selected by CXL_BUS" FAKE_DROP=CONFIG_CXL_PORT
sed -i 's/CONFIG_CXL_PORT=y/CONFIG_OLD=y | CONFIG_CXL_BUS=y/' r.yaml
broken "one of several spellings is enough" "appliance" FAKE_DROP=CONFIG_OLD
rm -rf "$TIERLAB_CACHE"
broken "none of several spellings: the one that this kernel knows is explained" \
	"CONFIG_OLD=y | CONFIG_CXL_BUS=y was asked for .*its dependencies are met" FAKE_DROP="CONFIG_OLD CONFIG_CXL_BUS"
sed -i 's/CONFIG_OLD=y | //' r.yaml
all_missing() {
	run env FAKE_DROP="CONFIG_CXL_BUS CONFIG_PCI" "$vmbuild" r.yaml
	[ "$status" -eq 1 ] && grep -q '^r.yaml:6: CONFIG_PCI=y was asked for' err &&
		grep -q '^vmbuild: r.yaml:7: CONFIG_CXL_BUS=y .*1 more above' err
}
ok "of several missing options each has its line" all_missing

broken "an error of the compiler: the first one, and the log" \
	"^vmbuild: the kernel does not compile: foo.c:3: error: x .*$TIERLAB_CACHE/logs/r-kernel.log" FAKE_BREAK="foo.c:3: error: x"
ok "the log has the command and all that was said" eval \
	'grep -q "^+ make .*bzImage" "$TIERLAB_CACHE/logs/r-kernel.log" && grep -q __sub-make "$TIERLAB_CACHE/logs/r-kernel.log"'
with_its_lines() {
	run env FAKE_BREAK="$(printf 'foo.c: In function f:\nfoo.c:3: error: x\n    3 | x\n      | ^\nbar.c:1: error: later')" "$vmbuild" r.yaml
	grep -A 1 '^foo.c: In' err | tail -n 1 | grep -qx 'foo.c:3: error: x' && grep -qx '    3 | x' err && ! grep -q bar err
}
ok "an error of the compiler comes with its source line" with_its_lines
compiles_again() {
	forget_calls
	FAKE_BASE="E: no" all_but_the_image
	steps_run 0 1 1
}
ok "the next run goes on there" compiles_again
broken "a bootstrap that fails: its reason, and the log" \
	"^vmbuild: mmdebstrap failed with exit status 1: E: Unable to locate package cxl .*logs/r-base.log" \
	FAKE_BASE="E: Unable to locate package cxl"
ok "the compiled kernel is kept" eval 'forget_calls; all_but_the_image && steps_run 0 0 1'

fake apt-get <<'E'
echo 'E: Unable to locate package linux-source-0.1' >&2
exit 100
E
sed 's/tree: linux/package: linux-source-0.1/' r.yaml >p.yaml
ok "a source package that is not there" refuses 1 \
	"can't get the package linux-source-0.1: .*Unable to locate package linux-source-0.1.*apt-get update" "$vmbuild" -q p.yaml

# a tarball that leads outside, one that is none, and one that is no kernel
mkdir evil
echo 'all:' >evil/Makefile
tar cf evil.tar --transform 's,evil/Makefile,evil/../../escaped,' evil/Makefile 2>/dev/null
echo no tarball >none.tar
mkdir empty
echo x >empty/README
tar cf empty.tar empty
tarball() {
	sed "s,tree: linux,url: file://$tmp/$1.tar\n  digest: $(digest sha256 "$1.tar")," r.yaml >t.yaml
	refuses 1 "$2" "$vmbuild" -q t.yaml && [ -z "$(find "$tmp" -name escaped)" ] &&
		[ -z "$(find "$TIERLAB_CACHE/steps" -name 'source-*')" ]
}
ok "a tarball that leads outside" tarball evil "leads outside"
ok "a tarball that is none" tarball none "can't read"
ok "a tarball that is no kernel source" tarball empty "no kernel source"

# An ordinary user's mmdebstrap works in a user namespace, whose ids may not pass a home that is closed to others.
fake mmdebstrap <<'E'
echo "E: works in $TMPDIR" >&2
exit 1
E
theirs() { # FOLDER [VARIABLE=VALUE]
	want=$1
	shift
	refuses 1 "E: works in $want " setpriv --reuid=65534 --regid=65534 --clear-groups env -u TMPDIR TIERLAB_CACHE="$tmp/theirs" "$@" "$vmbuild" -q r.yaml
}
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
	rm -f "$tmp"/*.pid "$tmp/calls"
	chmod 777 "$tmp"
	ok "an ordinary user's base is bootstrapped outside of that user's home" theirs /var/tmp
	ok "or where TMPDIR says" theirs /dev/shm TMPDIR=/dev/shm
else
	skip "an ordinary user's base is bootstrapped outside of that user's home" "needs root and setpriv"
fi

finish

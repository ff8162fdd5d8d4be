#!/bin/bash
# qemu-bundle.sh: QEMU 11.1 or newer for hosts whose own is older, in a folder of its own.
#
#   qemu-bundle.sh              make it if it is needed and not there
#   qemu-bundle.sh --check      exit status 0 if there is nothing to do
#   qemu-bundle.sh --writable   exit status 0 if this user could make it
#
# From 11.1 on, a CXL region that is not interleaved is as fast as memory and can be the target of virtio. Debian's own
# packages of it are unpacked, not installed, into TIERLAB_QEMU_DIR (default /var/cache/tierlab/qemu):
#   qemu-system-x86_64   starts it with that folder's libraries, firmware and modules: libvirt's <emulator>
#   version              such as 11.1.3; written last
# The mirror is the one that the host has Debian from; on another host, mmdebstrap's own choice; or TIERLAB_DEBIAN_MIRROR.
set -euo pipefail
# shellcheck source=common/setup/lib.sh
. "$(dirname "$0")/lib.sh"

want=11.1
suite=trixie
dir=$TIERLAB_QEMU_DIR
parent=$(dirname "$dir")
work=$dir.new
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# The version that a QEMU says it is: `$1 --version`
qemu_version() { "$1" --version 2>/dev/null | sed -n '1s/^QEMU emulator version \([0-9.]*\).*/\1/p'; }

there() {
	[ -r "$dir/version" ] && [ -x "$dir/qemu-system-x86_64" ] && version_at_least "$(cat "$dir/version")" $want
}

host_is_new_enough() {
	local version
	command -v qemu-system-x86_64 >/dev/null || return 1
	version=$(qemu_version qemu-system-x86_64)
	[ -n "$version" ] && version_at_least "$version" $want
}

writable() {
	local d=$parent
	while [ ! -e "$d" ]; do d=$(dirname "$d"); done
	[ -w "$d" ]
}

# AppArmor lets libvirtd run, and QEMU read, only what Debian knows of: add this folder, where AppArmor is on.
confinement=/etc/apparmor.d/abstractions/libvirt-qemu.d/tierlab
confined() {
	[ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] && [ -e /etc/apparmor.d/usr.sbin.libvirtd ]
}
allowed() { ! confined || grep -qsF "$dir/" "$confinement"; }

allow() {
	local rules=/etc/apparmor.d/local/usr.sbin.libvirtd line
	mkdir -p "${confinement%/*}" "${rules%/*}"
	line="  \"$dir/qemu-system-x86_64\" PUx,  # tierlab"
	grep -qsxF "$line" "$rules" || echo "$line" >>"$rules"
	! command -v apparmor_parser >/dev/null || apparmor_parser -r /etc/apparmor.d/usr.sbin.libvirtd ||
		say "warning: AppArmor did not take the rule in $rules: libvirt may not be able to run this QEMU"
	printf '%s\n' "# Written by tierlab's set-up: its QEMU." '  /{usr/,}bin/{dash,bash,sh} ixr,' "  \"$dir/**\" mrix," >"$confinement"
}

bytes() { du -sm "$work" 2>/dev/null | awk '{ printf "%d MB", $1 }'; }

unpack() {
	local mirror
	mirror=${TIERLAB_DEBIAN_MIRROR:-}
	[ -n "$mirror" ] || [ "$(os ID)" != debian ] || mirror=$(apt_mirror "$(os VERSION_CODENAME)" | cut -d' ' -f1)
	[ -r "$keyring" ] || die "$keyring is missing: install debian-archive-keyring"
	# chrootless and extract: nothing of it is run or configured, so no root is needed.
	mmdebstrap --mode=chrootless --variant=extract --architectures=amd64 --include=qemu-system-x86 \
		--keyring="$keyring" --aptopt="APT::Default-Release \"$suite-backports\"" --aptopt='Acquire::Retries "3"' \
		--setup-hook="sed -i '/ $suite main/{p;s/ $suite / $suite-backports /}' \"\$1\"/etc/apt/sources.list" \
		"$suite" "$work/root" ${mirror:+"$mirror"} >"$work/log" 2>&1 </dev/null || die "unpacking QEMU failed" "$work/log"
}

# Keeps the emulator, its libraries and its firmware. A module that is not in QEMU_MODULE_DIR is looked for in the folder
# that the emulator was built with. That is the host's, whose modules are another version's: QEMU, while libvirt probes it,
# loads all that it finds and gives up. So that folder gets another name in the program, of the same length.
strip_root() {
	local host_modules=/usr/lib/x86_64-linux-gnu/qemu
	mkdir "$work/keep" "$work/keep/bin" "$work/keep/share"
	mv "$work/root/usr/bin/qemu-system-x86_64" "$work/keep/bin/"
	sed -i "s|$host_modules\\x00|${host_modules%qemu}none\\x00|" "$work/keep/bin/qemu-system-x86_64"
	mv "$work/root/usr/lib" "$work/root/usr/lib64" "$work/keep/"
	mv "$work/root/usr/share/qemu" "$work/root/usr/share/seabios" "$work/keep/share/"
	rm -rf "$work/root"
	mv "$work/keep" "$work/usr"
}

wrap() {
	cat >"$work/qemu-system-x86_64" <<-'EOF'
		#!/bin/sh
		# QEMU with the libraries, firmware and modules of this folder. Written by tierlab's set-up.
		d=${0%/*}/usr
		lib=$d/lib/x86_64-linux-gnu
		QEMU_MODULE_DIR=$lib/qemu
		export QEMU_MODULE_DIR
		exec "$lib/ld-linux-x86-64.so.2" --argv0 "$0" --library-path "$lib" "$d/bin/qemu-system-x86_64" \
			-L "$d/share/qemu" -L "$d/share/seabios" -L "$d/lib/ipxe/qemu" "$@"
	EOF
	chmod 0755 "$work/qemu-system-x86_64"
}

# As libvirt would start it: by the user that it runs QEMU as
as_qemu_user() {
	if [ "$(id -u)" = 0 ] && getent passwd libvirt-qemu >/dev/null; then runuser -u libvirt-qemu -- "$@"; else "$@"; fi
}

prove() {
	local version
	chmod -R u=rwX,go=rX "$work"
	cd /
	as_qemu_user test -x "$work/qemu-system-x86_64" || die "user libvirt-qemu can't reach $dir: every folder above it must be 0755"
	version=$(as_qemu_user "$work/qemu-system-x86_64" --version 2>"$work/log" | sed -n '1s/^QEMU emulator version \([0-9.]*\).*/\1/p')
	[ -n "$version" ] || die "the QEMU that was unpacked does not run" "$work/log"
	version_at_least "$version" $want || die "$suite-backports has QEMU $version, older than $want"
	as_qemu_user "$work/qemu-system-x86_64" -machine q35,cxl=on -accel tcg -display none -S -monitor stdio <<<quit >"$work/log" 2>&1 ||
		die "QEMU $version does not start a machine with CXL" "$work/log"
	# What libvirt asks first: it loads every module
	printf '{"execute":"%s"}' qmp_capabilities qom-list-types quit |
		as_qemu_user "$work/qemu-system-x86_64" -S -nodefaults -nographic -machine none,accel=tcg -qmp stdio >"$work/log" 2>&1 ||
		die "QEMU $version can't be probed" "$work/log"
	rm "$work/log"
	echo "$version" >"$work/version"
	chmod 0644 "$work/version"
}

make_bundle() {
	local start=$SECONDS
	rm -rf "$work"
	mkdir "$work"
	tick_start "unpacking QEMU of $suite-backports into $dir" bytes
	unpack
	strip_root
	wrap
	prove
	rm -rf "$dir"
	sync -f "$work"
	mv -T "$work" "$dir"
	tick_stop
	say "QEMU $(cat "$dir/version") bundle, $(du -sm "$dir" | cut -f1) MB, in $dir ($(elapsed $start))"
}

case ${1:-} in
--check) { there && allowed; } || host_is_new_enough; exit ;;
--writable) writable; exit ;;
'') ;;
*) sed -n '2,13s/^# \{0,1\}//p' "$0" && exit 2 ;;
esac

host_is_new_enough && exit 0
if ! there; then
	command -v mmdebstrap >/dev/null || die "needs mmdebstrap to unpack QEMU: run setup.sh --for run"
	writable || die "$parent is not writable: run as root: $0"
	umask 022
	mkdir -p "$parent"
	exec 8>"$dir.lock"
	flock -n 8 || { say "another set-up makes the QEMU bundle: waiting for it" && flock 8; }
	trap 'tick_stop; exit 130' INT TERM
	trap 'tick_stop; rm -rf "$work"' EXIT
	there || make_bundle
fi
if ! allowed && [ "$(id -u)" = 0 ]; then allow; fi

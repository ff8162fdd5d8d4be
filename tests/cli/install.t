#!/bin/sh
# make install: programs, data and manuals get into place, and the installed programs find their data.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/machine-lib.sh
. "$(dirname "$0")/machine-lib.sh"

root="$tmp/root"
share="$root/usr/share/tierlab"
install_it() {
	run make -s -C "$top" install DESTDIR="$root" PREFIX=/usr
	[ "$status" -eq 0 ]
}
ok "make install" install_it
cd "$tmp" || exit 1

# same GLOB FOLDER: all of them are there, with their content.
same() {
	# shellcheck disable=SC2086 # a pattern
	for from in $top/$1; do
		cmp "$from" "$2/${from##*/}" || return 1
	done
}
ok "the programs" test -x "$root/usr/bin/vmbuild" -a -x "$root/usr/bin/vmctl"
ok "recipes" same "recipes/*.yaml" "$share/recipes"
ok "kernel option fragments" same "kconfigs/*" "$share/kconfigs"
ok "machines" same "vmctl/machines/*.yaml" "$share/machines"
bench() {
	for from in "$top"/overlay/bench/*.c; do
		name=${from##*/}
		case $name in bench* | *-*) continue ;; esac
		[ -x "$share/bench/${name%.c}" ] || return 1
	done
}
ok "the bench suite, compiled" bench
ok "overlays, with the modes of their files" eval \
	'diff -r "$top/overlay" "$share/overlay" && test -x "$share/overlay/lab/usr/lib/tierlab/setup"'
manuals() {
	for from in "$top"/man/*.scd; do
		name=${from##*/}
		name=${name%.scd}
		grep -q '^\.TH ' "$root/usr/share/man/man${name##*.}/$name" || return 1
	done
}
ok "manuals" manuals
owned() {
	[ -z "$(find "$root" ! -user "$(id -u)" -o -perm /022 ! -type l)" ]
}
ok "nothing that others may write to" owned
private() {
	# shellcheck disable=SC2251
	! grep -rlaF "$top" "$share" "$root/usr/share/man"
}
ok "no path of the source tree in the data" private

# ---- installed, and away from the source tree ----

mkdir away
mv "$root" away/root
share="$tmp/away/root/usr/share/tierlab"
vmbuild="$tmp/away/root/usr/bin/vmbuild"
vmctl="$tmp/away/root/usr/bin/vmctl"

ok "installed vmctl finds its machines" refuses 5 "^vmctl: $share/machines/cxl-small.yaml:2:8: the image" "$vmctl" xml cxl-small
: >plain
recipes() {
	for given in recipes/cxl-tcg.yaml recipe/cxl-tcg.yaml cxl-tcg; do
		refuses 1 "$tmp/plain" env TIERLAB_CACHE="$tmp/plain" "$vmbuild" -q "$given" || return 1
	done
}
ok "installed vmbuild finds its recipes" recipes
ok "a name that is unknown: the installed ones are listed" refuses 1 "$share/recipes/zzzzzz.yaml; there are.* cxl-tcg" "$vmbuild" zzzzzz

# fragments, overlay and bench suite are looked at on the way to the image
fake mmdebstrap <<'E'
for word; do
	case $word in *.tar) tar cf "$word" -T /dev/null ;; esac
done
E
printf 'base: {suite: trixie}\nkernel: stock\noverlay: lab\nbench: true\n' >r.yaml
ok "installed vmbuild finds its overlay and bench suite" refuses 1 "appliance" "$vmbuild" -q r.yaml
mv "$share/bench" "$share/no-bench"
ok "and says what is missing when they are not there" refuses 1 "$share/bench is not there" "$vmbuild" -q r.yaml
printf 'base: {suite: trixie}\nkernel:\n  tree: nosuch\n  fragments: [guest, cxl, nosuch]\n' >k.yaml
ok "installed vmbuild finds its fragments" refuses 1 "k.yaml:4:27: no fragment 'nosuch': neither $share/kconfigs/nosuch" "$vmbuild" -q k.yaml
mv "$share" "$share.not"
ok "without its data it says what to set" refuses 1 "can't find tierlab's data: .*set TIERLAB_DATA" "$vmbuild" cxl-tcg
ok "TIERLAB_DATA says where it is" refuses 1 "$share.not/recipes/zzz.yaml" env TIERLAB_DATA="$share.not" "$vmbuild" zzz

finish

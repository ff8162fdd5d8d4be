#!/bin/sh
# RECIPE.lock: what was resolved once is what is built from then on.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/kernel-lib.sh
. "$(dirname "$0")/kernel-lib.sh"

# A bootstrap that installs what $tmp/archive lists ("NAME VERSION" lines), or of several versions the one that is preferred.
fake mmdebstrap <<'E'
prefs=/dev/null
for word; do
	case $word in
	*.tar) tar=$word ;;
	--setup-hook=copy-in*) prefs=${word#*copy-in }; prefs=${prefs%% *} ;;
	esac
done
[ "$word" != - ] || cat >"$(dirname "$0")/../sources"
cp "$prefs" "$(dirname "$0")/../prefs"
mkdir -p "$TMPDIR/r/var/lib/dpkg"
sort -u -k 1,1 "$(dirname "$0")/../archive" | while read -r name version; do
	pinned=$(grep -A 1 -x "Package: $name" "$prefs" | sed -n 's/^Pin: version //p')
	grep -qx "$name $pinned" "$(dirname "$0")/../archive" && version=$pinned
	printf 'Package: %s\nStatus: install ok installed\nVersion: %s\n\n' "$name" "$version"
done >"$TMPDIR/r/var/lib/dpkg/status"
tar cf "$tar" -C "$TMPDIR/r" .
rm -rf "$TMPDIR/r"
E
printf 'cxl 81-1\nlibc6 1:2.41\n' >archive

ok "lock writes what is installed" succeeds "r.lock: written" "$vmbuild" lock r.yaml
ok "with its versions" eval 'grep -qx "  cxl: \"81-1\"" r.lock && grep -qx "  libc6: \"1:2.41\"" r.lock'
ok "nothing is compiled for it" eval '[ "$(called bzImage)" -eq 0 ]'

printf 'cxl 82-1\nlibc6 1:2.41\ncxl 81-1\n' >archive
installed() { # WORDS: what is in the newest base
	# shellcheck disable=SC2012
	base=$(ls -td "$TIERLAB_CACHE"/steps/base-*/ | head -n 1)
	have=$(tar xOf "$base/base.tar" ./var/lib/dpkg/status | sed -n 's/^Version: //p' | tr '\n' ' ')
	[ "$have" = "$*" ] || { echo "$have"; return 1; }
}
locked_build() {
	all_but_the_image && installed '81-1 1:2.41 '
}
ok "a build takes the version of the lock, though the archive has a newer one" locked_build
ok "only while packages are installed" eval 'grep -q "customize-hook=rm .*preferences.d/tierlab-lock" calls'
ok "what is not locked is free" eval 'mv r.lock r.kept; rm -rf "$TIERLAB_CACHE/steps"; all_but_the_image; installed "82-1 1:2.41 "; mv r.kept r.lock'

printf 'cxl 82-1\nlibc6 1:2.41\n' >archive
rm -rf "$TIERLAB_CACHE/steps"
ok "a version that is gone ends the build, with what to do" refuses 1 \
	"r.lock:[0-9]*:[0-9]*: cxl 81-1 is not to be had any more: the archive moved on; .vmbuild lock --update" "$vmbuild" -q r.yaml
printf 'cxl 81-1\nlibc6 1:2.41\nextra 1\n' >archive
ok "so does a package that came in on top" refuses 1 "r.lock:[0-9]*:[0-9]*: extra 1 came in on top" "$vmbuild" -q r.yaml
nothing_trusted() { [ -z "$(find "$TIERLAB_CACHE/steps" -name 'base-*' 2>/dev/null)" ]; }
ok "and is not trusted later" nothing_trusted
ok "--update takes what the archive has, whatever is locked" eval 'run "$vmbuild" -q --update r.yaml; installed "81-1 1 1:2.41 "'
printf 'cxl 83-1\nlibc6 1:2.41\n' >archive
ok "lock without --update locks what is in the cache" eval '"$vmbuild" lock r.yaml >/dev/null && grep -q "cxl: \"81-1\"" r.lock'
ok "lock --update fetches first" eval '"$vmbuild" lock --update r.yaml >/dev/null && grep -q "cxl: \"83-1\"" r.lock'

# ---- what CI asks for ----

sed 's/^disk.*//' r.yaml >free.yaml
ok "--locked wants a lock" refuses 1 "free.yaml has no lock: .vmbuild lock free.yaml. writes it" "$vmbuild" -q --locked free.yaml
ok "with one, it builds" eval 'run "$vmbuild" -q --locked r.yaml; grep -q appliance err'
sed 's/^compiler: .*/compiler: "gcc 1.0"/' r.lock >other.lock
cp r.yaml other.yaml
ok "--locked wants the compiler too" refuses 1 "other.lock:[0-9]*:[0-9]*: the lock is of a build by 'gcc 1.0', and this host has 'gcc" \
	"$vmbuild" -q --locked other.yaml
ok "otherwise another compiler is no error" eval 'run "$vmbuild" -q other.yaml; grep -q appliance err'
ok "--locked and --update exclude each other" refuses 1 "they exclude each other" "$vmbuild" --locked --update r.yaml

# ---- a lock of something else ----

sed -i 's/trixie/bookworm/' other.yaml
ok "a lock of another suite" refuses 1 "other.lock:[0-9]*:[0-9]*: the lock is of 'trixie', and the recipe says 'bookworm' now" "$vmbuild" -q other.yaml
sed 's/\[cxl\]/[cxl, numactl]/' r.yaml >more.yaml
cp r.lock more.lock
ok "a package that the lock has not" refuses 1 "more.lock:[0-9]*:[0-9]*: the lock has no package 'numactl'" "$vmbuild" -q more.yaml
sed 's/^lock: 1/lock: 2/' r.lock >more.lock
ok "a lock of a later format" refuses 1 "more.lock:[0-9]*:[0-9]*: " "$vmbuild" -q more.yaml
echo 'pakages: {}' >>more.lock
sed -i 's/^lock: 2/lock: 1/' more.lock
ok "a lock that somebody wrote in" refuses 1 "more.lock:[0-9]*:[0-9]*: unknown key 'pakages'" "$vmbuild" -q more.yaml
: >more.lock
ok "an empty lock" refuses 1 "more.lock" "$vmbuild" -q more.yaml

# ---- sources ----

export GIT_CONFIG_GLOBAL="$tmp/gitconfig" GIT_CONFIG_NOSYSTEM=1
git config --global user.name t
git config --global user.email t@example.org
git init -q -b main repo
cp -r linux/. repo
git -C repo add . && git -C repo commit -qm one
one=$(git -C repo rev-parse HEAD)
sed "s,tree: linux,git: file://$tmp/repo\n  branch: main," r.yaml >g.yaml
ok "a branch is locked to its commit" eval '"$vmbuild" lock g.yaml >/dev/null && grep -q "version: \"$one\"" g.lock'
git -C repo commit -q --allow-empty -m two
two=$(git -C repo rev-parse HEAD)
rm -rf "$TIERLAB_CACHE/steps"
source_id() { grep -h '^id=' "$TIERLAB_CACHE"/steps/source-*/result; }
ok "and is built at that commit when it has moved on" eval 'run "$vmbuild" -q g.yaml; source_id | grep -qx "id=git $one"'
ok "until the lock is renewed" eval '"$vmbuild" lock --update g.yaml >/dev/null && grep -q "version: \"$two\"" g.lock'

mkdir -p deb/usr/src linux-source-0.1
cp -r linux/. linux-source-0.1
tar cJf deb/usr/src/linux-source-0.1.tar.xz linux-source-0.1
mkdir deb/DEBIAN
printf 'Package: linux-source-0.1\nVersion: 0.1-1\nArchitecture: all\nMaintainer: t <t@example.org>\nDescription: t\n' >deb/DEBIAN/control
dpkg-deb -b deb new.deb >/dev/null
fake apt-get <<'E'
case "$*" in
*download*) cp "$(dirname "$0")/../new.deb" linux-source-0.1_1_all.deb ;;
*) exit 1 ;;
esac
E
sed "s,tree: linux,package: linux-source-0.1," r.yaml >p.yaml
ok "a source package is locked to its version and digest" eval '"$vmbuild" lock p.yaml >/dev/null &&
	grep -q "version: \"0.1-1\"" p.lock && grep -q "digest: \"$(digest sha256 new.deb)\"" p.lock'
rm -rf "$TIERLAB_CACHE/steps"
forget_calls
ok "that version is asked for" eval 'run "$vmbuild" -q p.yaml; [ "$(called "apt-get download.*linux-source-0.1=0.1-1")" -eq 1 ]'
echo x >>new.deb
rm -rf "$TIERLAB_CACHE/steps"
ok "and nothing else is taken for it" refuses 1 "p.lock:[0-9]*:[0-9]*: the lock has sha256:.* for linux-source-0.1=0.1-1, and what came has" \
	"$vmbuild" -q p.yaml

# ---- snapshots ----

if serve; then
	mkdir -p "www/debian/20261101T000000Z/dists/trixie" "www/debian-security/20261101T000000Z/dists/trixie-security"
	echo x >www/debian/20261101T000000Z/dists/trixie/InRelease
	sed "s,suite: trixie,suite: trixie\, mirror: 'http://127.0.0.1:$port/debian/'\, snapshot: 20261101T000000Z," r.yaml >s.yaml
	snapshot() {
		run "$vmbuild" -q s.yaml
		cat sources
		grep -qx "deb \[check-valid-until=no\] http://127.0.0.1:$port/debian/20261101T000000Z trixie main" sources &&
			[ "$(grep -c security sources)" = "$1" ]
	}
	ok "a suite as it was at that time" snapshot 0
	echo x >www/debian-security/20261101T000000Z/dists/trixie-security/InRelease
	rm -rf "$TIERLAB_CACHE/steps"
	ok "with its security updates where the mirror has them" snapshot 1
	sed -i s/20261101/20261102/ s.yaml
	ok "a snapshot that the mirror has not" refuses 1 "s.yaml:1:75: the mirror http://127.0.0.1:$port/debian has no snapshot 20261102T000000Z of trixie" \
		"$vmbuild" -q s.yaml
fi
finish

#!/bin/sh
# A kernel's source out of a git repository, and patches on it.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/kernel-lib.sh
. "$(dirname "$0")/kernel-lib.sh"

export GIT_CONFIG_GLOBAL="$tmp/gitconfig" GIT_CONFIG_NOSYSTEM=1
git config --global user.name t
git config --global user.email t@example.org
git config --global init.defaultBranch main
export GIT_COMMITTER_DATE='2025-03-01 12:00:00 +0000' GIT_AUTHOR_DATE='2025-03-01 12:00:00 +0000'

# The kernel of kernel-lib, with a history: a tag, a commit after it, and one that no branch has any more.
git init -q repo
cp -r linux/. repo
printf 'a\nb\nc\nd\ne\nf\ng\nh\n' >repo/lines.c
git -C repo add . && git -C repo commit -qm one && git -C repo tag -a v1 -m v1
echo two >repo/two.c
git -C repo add . && git -C repo commit -qm two
two=$(git -C repo rev-parse HEAD)
echo three >repo/three.c
git -C repo add . && git -C repo commit -qm three
one=$(git -C repo rev-parse 'v1^{commit}')

# from LINES...: the recipe with that source, built until no appliance is there.
from() {
	{
		sed '/tree: linux/,$d' r.yaml
		for line; do echo "  $line"; done
		sed '1,/tree: linux/d' r.yaml
	} >g.yaml
	sed -i 's/^name: .*//' g.yaml
	run "$vmbuild" -q g.yaml
	[ "$status" -eq 1 ] && grep -q "appliance" err
}
src() {
	ls -td "$TIERLAB_CACHE"/steps/source-*/ | head -n 1
}
has() { # file...: these and no others of two.c, three.c are in the source
	[ "$(cd "$(src)src" && ls two.c three.c 2>/dev/null | tr '\n' ' ')" = "$1" ] && [ ! -e "$(src)src/.git" ]
}
id() { grep -q "^id=$1" "$(src)result"; }

ok "a tag" eval 'from "git: file://$tmp/repo" "tag: v1" && has "" && id "git $one"'
ok "a branch" eval 'from "git: file://$tmp/repo" "branch: main" && has "three.c two.c "'
ok "a commit that no branch ends at" eval 'from "git: file://$tmp/repo" "commit: $two" && has "two.c "'
ok "its files have the commit's date" eval 'grep -q "^date=2025-03-01 12:00:00 UTC" "$(src)result"'
shallow() {
	git -C repo config uploadpack.allowAnySHA1InWant true
	rm -rf "$TIERLAB_CACHE"
	from "git: file://$tmp/repo" "commit: $one" && has "" && ! grep -q 'refs/heads/\*' "$TIERLAB_CACHE/logs/g-source.log"
}
ok "where the server lets it, a commit comes without its history" shallow
moved() {
	from "git: file://$tmp/repo" "branch: main"
	echo four >repo/three.c
	git -C repo commit -qam four
	four=$(git -C repo rev-parse HEAD)
	from "git: file://$tmp/repo" "branch: main" && ! id "git $four" || return 1
	run "$vmbuild" -q --update g.yaml
	id "git $four"
}
ok "a branch that moved on is fetched again by --update, and not before" moved
missing() {
	from "git: file://$tmp/repo" "$1"
	grep "$2" err
}
ok "a branch that is not there" missing "branch: nope" "can't fetch refs/heads/nope of file://.*couldn't find remote ref"
ok "a commit that is not there" missing "commit: 0123456789012345678901234567890123456789" "no commit 0123456789"
from "git: file://$tmp/nowhere" "tag: v1"
ok "a repository that is not there" grep "can't fetch refs/tags/v1 of file://.*nowhere.*does not appear to be a git repository" err

# a kernel in a folder, and as a submodule
git init -q super
mkdir super/kernels
cp -r linux super/kernels/mine
git -C super add . && git -C super commit -qm folder
git -C super -c protocol.file.allow=always submodule --quiet add "file://$tmp/repo" linux
git -C super/linux checkout -q "$two"
git -C super add . && git -C super commit -qm submodule
super=$(git -C super rev-parse HEAD)
ok "a folder of the repository" eval 'from "git: file://$tmp/super" "branch: main" "path: kernels/mine" && id "git $super kernels/mine"'
ok "a submodule, at the commit that it names" eval 'from "git: file://$tmp/super" "branch: main" "path: linux" && has "two.c "'
ok "a folder that is not there" eval 'from "git: file://$tmp/super" "branch: main" "path: linus"; grep "neither a folder nor a submodule linus" err'
ok "a repository that holds no kernel at its root" eval 'from "git: file://$tmp/super" "branch: main"; grep "no kernel source.*.path. says where" err'

# ---- patches ----

git -C repo reset -q --hard v1
sed -i 's/^b$/B/' repo/lines.c
git -C repo diff >1.patch
git -C repo checkout -q .
# 1.patch makes b to B, bad.patch wants lines that are not there
sed 's/^ a$/ x/; s/^ c$/ y/; s/^ d$/ z/; s/^-b$/-w/' 1.patch >bad.patch
sed 's/lines\.c/gone.c/' 1.patch >gone.patch
# its outer lines of context fit nothing: patch would take it with fuzz
sed 's/^ d$/ x/' 1.patch >fuzzy.patch
echo 'no patch' >none.patch
printf -- '--- a/lines.c\n+++ b/lines.c\n@@ -1,8 +1,8 @@\n a\n B\n-c\n+C\n d\n e\n f\n g\n h\n' >2.patch

ok "patches are applied in their order" eval \
	'from "git: file://$tmp/repo" "tag: v1" "patches: [1.patch, 2.patch]" && [ "$(sed -n 2,3p "$(src)src/lines.c" | tr -d "\n")" = BC ]'
ok "no rejects or originals are left" eval '[ -z "$(find "$(src)src" -name "*.rej" -o -name "*.orig")" ]'
fails() {
	from "git: file://$tmp/repo" "tag: v1" "patches:" "  - 1.patch" "  - $1"
	grep "^vmbuild: g.yaml:[0-9]*:[0-9]*: .*$1 .*$2" err
}
ok "one that does not fit: file, hunk and line" fails bad.patch "does not apply: hunk 1 does not fit lines.c near line 1"
ok "one that fits only where lines around it are overlooked" eval \
	'from "git: file://$tmp/repo" "tag: v1" "patches: fuzzy.patch"; grep "fuzzy.patch does not apply: hunk 1 does not fit lines.c" err'
ok "one of a file that is not there" fails gone.patch "changes a file that the source has not"
ok "one that is in already" fails 1.patch "lines.c has that change already"
ok "one that is none" eval 'from "git: file://$tmp/repo" "tag: v1" "patches: none.patch"; grep "^vmbuild: .*none.patch" err'
ok "a patch that can't be read" eval 'from "git: file://$tmp/repo" "tag: v1" "patches: nope.patch"; grep "g.yaml:[0-9]*:[0-9]*: the patch .*nope.patch can.t be read" err'
sources() {
	"$vmbuild" plan --json g.yaml | grep -o '"step":"source","cached":[a-z]*'
}
changed() {
	from "git: file://$tmp/repo" "tag: v1" "patches: [1.patch]" && sources | grep true || return 1
	echo >>1.patch
	sources | grep false
}
ok "a patch that changed makes the source anew" changed

finish

#!/bin/sh
# What would be done and why, and what the cache keeps: plan, explain, list, gc.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

cd "$tmp" || exit 1
{ head -c 510 /dev/urandom; printf '\125\252'; head -c 100000 /dev/urandom; } >disk
# base NAME CONTENT-FILE: a recipe on that image, whose base is then in the cache (the image is not: there is no appliance).
base() {
	cat >"$1.yaml" <<-E2
	base:
	  image: file://$tmp/$2
	  digest: $(digest sha256 "$2")
	kernel: stock
	bench: false
	E2
}
made() {
	run "$vmbuild" -q "$1.yaml"
	[ "$status" -eq 1 ] && grep -q appliance err
}
step() { jq -e ".[] | select(.step == \"$1\") | $2" out; }

base one disk
plan_json() { run "$vmbuild" plan one.yaml --json && [ "$status" -eq 0 ]; }
ok "plan shows what is to do" eval 'plan_json && step base ".cached == false and .digest" && step image ".digest == null"'
ok "and makes nothing" eval '[ -z "$(ls "$TIERLAB_CACHE/steps" 2>/dev/null)" ]'
ok "a base is made" made one
ok "then plan has it from the cache" eval 'plan_json && step base ".cached and .folder"'
ok "a table for people" succeeds "base *cached" "$vmbuild" plan one.yaml
ok "explain, where there is no image yet" succeeds "disk: made, for there is no image of that name" "$vmbuild" explain one.yaml
ok "options may follow the recipes of verify" refuses 2 "unknown option --nosuch" "$vmbuild" verify one.yaml two.yaml --nosuch
ok "all recipes of verify are read before one is built" refuses 1 "no recipe 'nosuch'" "$vmbuild" verify one.yaml nosuch
ok "--set counts" succeeds "disk.*: it goes from" sh -c "'$vmbuild' plan one.yaml --set disk=1GiB 2>&1 || :"
ok "an unknown key of --set is a recipe's error" refuses 1 "set dsk: unknown key 'dsk'" "$vmbuild" plan one.yaml --set dsk=1GiB
ok "config of a stock kernel" refuses 1 "keeps the base's own kernel" "$vmbuild" config one.yaml
ok "a command without its recipe is a usage error" refuses 2 "needs RECIPE" "$vmbuild" plan

# What a recipe says is told with its own file, whatever is put over it.
printf 'base: {suite: trixie}\nkernel:\n  package: linux-source-6.12\n  options: [CONFIG_A=y, NONSENSE]\n' >parent.yaml
printf 'extends: parent\nkernel:\n  options: [CONFIG_B=y]\n' >child.yaml
ok "a wrong option is told with the file that it stands in" refuses 1 "[^ ]*parent.yaml:4: " "$vmbuild" plan child.yaml --set disk=9GiB
ok "and a recipe by its own name, not by what --set says" refuses 1 "one.yaml keeps the base's own kernel" "$vmbuild" config one.yaml --set disk=9GiB

# ---- an image: what list shows, and what explain and gc go by ----

images="$TIERLAB_STATE/images"
mkdir -p "$images"
ok "list says that there is none" succeeds "no image in .*vmbuild cxl-tcg" "$vmbuild" list
needed=$(basename "$TIERLAB_CACHE"/steps/base-*)
digest_of() { echo "${1#base-}$(printf %040d 0)"; }
cat >"$images/one.json" <<E
{ "tierlab_image": 1, "name": "one", "created": "2026-01-02T03:04:05Z", "base": "x", "recipe": { "file": "one.yaml" },
  "kernel": { "release": "6.1" }, "steps": [
  { "step": "base", "digest": "$(digest_of "$needed")", "inputs": [ "step=base 1", "image=sha256:old" ] },
  { "step": "disk", "digest": "0", "inputs": [ "step=disk 1", "base=sha256:old", "kernel=stock" ] },
  { "step": "image", "digest": "0", "inputs": [ "step=image 1", "name=one hostname=one" ] } ] }
E
echo x >"$images/one.qcow2"
ok "list has the image" succeeds "one .*2026-01-02.*6.1.*one.yaml" "$vmbuild" list
ok "also for programs" eval 'run "$vmbuild" list --json && jq -e ".[0].name == \"one\" and .[0].bytes > 0" out'
ok "explain: from what to what" succeeds "base: from sha256:old to sha256:" "$vmbuild" explain one.yaml
ok "explain: the base is cached" succeeds "base: cached" "$vmbuild" explain one.yaml
echo '{' >"$images/broken.json"
ok "a manifest that is none is named" refuses 1 "broken.json" "$vmbuild" list
rm "$images/broken.json"

# ---- gc ----

for i in 1 2 3 4; do
	{ head -c 510 /dev/urandom; printf '\125\252'; head -c 100000 /dev/urandom; } >"disk$i"
	base "extra$i" "disk$i"
	made "extra$i" >/dev/null
	dir=$(ls -td "$TIERLAB_CACHE"/steps/base-* | head -n 1)
	eval "dir$i=\$dir"
	touch -d "$((20 - i)) days ago" "$dir/result"
done
touch -d "300 days ago" "$TIERLAB_CACHE/steps/$needed/result"
count() { [ "$(ls "$TIERLAB_CACHE/steps" | wc -l)" -eq "$1" ]; }
mkdir -p "$TIERLAB_CACHE/tmp/left-over"
ok "five bases" count 5
# used 19, 18, 17 and 16 days ago, and the image's 300
ok "gc --dry-run only says it" eval 'run "$vmbuild" gc -n && grep "would remove $dir1 " out && count 5'
ok "gc removes what is old, unneeded, and not among the last three" eval 'run "$vmbuild" gc && count 4 && [ ! -e "$dir1" ]'
ok "and what a killed run left" eval '[ ! -e "$TIERLAB_CACHE/tmp/left-over" ]'
ok "a second gc finds nothing" succeeds "nothing to remove" "$vmbuild" gc
ok "gc --keep and --older-than" eval 'run "$vmbuild" gc --keep 0 --older-than 17d && count 2'
ok "what an image is made of stays whatever its age" eval \
	'run "$vmbuild" gc --keep 0 --older-than 0s && count 1 && [ -e "$TIERLAB_CACHE/steps/$needed" ]'
ok "an age without its unit" refuses 1 "older-than: '14' has no unit" "$vmbuild" gc --older-than 14
ok "a count that is none" refuses 1 "keep takes a number" "$vmbuild" gc --keep some

# A build at work is not disturbed.
busy() {
	(
		flock -s 9
		refuses 1 "another vmbuild is at work" "$vmbuild" gc
	) 9>"$TIERLAB_CACHE/locks/in-use"
}
ok "gc does nothing while a build is at work" busy
exclusive() {
	(
		flock -x 9
		refuses 1 "another vmbuild is at work" "$vmbuild" plan one.yaml
	) 9>"$TIERLAB_CACHE/locks/in-use"
}
ok "and a build does not begin while gc is" exclusive

finish

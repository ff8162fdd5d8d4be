#!/bin/sh
# An image with a compiled kernel, from nothing or from the cache.
# Runs alone: a kernel is compiled with all CPUs, and everything after it needs the image.
. "$(dirname "$0")/lib.sh"

images=$TIERLAB_STATE/images
json=$images/cxl-tcg.json

# Minutes, the first time: what it says goes past the tests' own output.
"$vmbuild" cxl-tcg >&2
status=$?
built() { [ $status = 0 ]; }
whole() { for s in qcow2 vmlinuz config json; do [ -s "$images/cxl-tcg.$s" ] || return 1; done; ! ls "$images"/*.part 2>/dev/null; }
up_to_date() { "$vmbuild" recipe/cxl-tcg.yaml 2>&1 | grep 'up to date'; }
# asked for, and got, each of them; among them the one that is spelled in two ways
contract() {
	[ "$(field "$json" '[.kernel.options[] | select(.got == null)] | length')" = 0 ] &&
	[ "$(field "$json" '[.kernel.options[] | select(.got == "CXL_REGION_INVALIDATION_TEST=y")] | length')" = 1 ] &&
	[ "$(field "$json" '[.kernel.options[] | select(.asked | length > 1)] | length')" -gt 0 ]
}
carries_config() { grep -qx CONFIG_CXL_REGION=y "$images/cxl-tcg.config"; }
compiled() { [ "$(field "$json" .kernel.stock)" = false ] && field "$json" .kernel.release | grep tierlab; }
digests() { [ "$(field "$json" .files.image.sha256)" = "$(sha256sum < "$images/cxl-tcg.qcow2" | cut -d' ' -f1)" ]; }
packages() { field "$json" '.packages["systemd"]' | grep '^[0-9]'; }

ok 'a recipe with a kernel source becomes an image' built || { done_testing; exit 1; }
ok 'image, kernel, configuration and manifest are there, and nothing half-made' whole
ok 'an unchanged recipe is up to date, also by recipe/NAME.yaml' up_to_date
ok 'every option that was asked for is in the kernel' contract
ok 'the image carries the configuration of its kernel' carries_config
ok 'the kernel was compiled' compiled
ok 'the manifest has the digest of the image' digests
ok 'the manifest has the versions of the packages' packages

# A change in the overlay alone.
mkdir -p "$work/extra/etc"
echo hello > "$work/extra/etc/tierlab-extra"
sed -e "s|^overlay:.*|overlay: [lab, $work/extra]|" -e '1i name: overlaid' "$top/recipes/cxl-tcg.yaml" > "$work/overlaid.yaml"
steps() { jq -r '.steps[] | select(.cached) | .step' "$work/out-image/overlaid.json" | tr '\n' ' '; }
overlaid() { "$vmbuild" "$work/overlaid.yaml" -o "$work/out-image"; }
only_image() { [ "$(steps)" = 'source config kernel base disk ' ]; }
# Ctrl-C while libguestfs starts its appliance, and later, while it works in the image: one line, nothing half-made, no
# appliance left, and the next build goes on.
cut() {
	{ cat "$work/overlaid.yaml"; echo 'run: [sleep 100]'; } > "$work/cut.yaml"
	"$vmbuild" "$work/cut.yaml" -o "$work/out-image" > "$work/said" 2>&1 &
	pid=$!
	sleep "$1"
	kill -INT $pid
	wait $pid
	[ $? = 130 ] && [ "$(grep -c interrupted "$work/said")" = 1 ] && [ -z "$(ls "$work/out-image")" ] && ! pgrep -f "/$pid/|guestfs.*$pid"
}
ok 'Ctrl-C while the appliance starts leaves nothing' cut 3
ok 'Ctrl-C while it works in the image leaves nothing' cut 20
ok 'a recipe that differs in its overlay is built' overlaid
ok 'then all before it comes from the cache' only_image

# A contract that can't hold ends the build before it is long.
sed -e 's/^  fragments: .*/  fragments: [guest]\n  options: [CONFIG_CXL_REGION=y, CONFIG_NO_SUCH_THING=y]/' \
	-e '1i name: broken' "$top/recipes/cxl-tcg.yaml" > "$work/broken.yaml"
broken() { "$vmbuild" "$work/broken.yaml" -o "$work/out-broken" > "$work/said" 2>&1; [ $? = 1 ]; }
names_it() { grep -E "broken.yaml:[0-9]+: CONFIG_CXL_REGION=y was asked for and is n: it depends on CXL_BUS" "$work/said"; }
unknown() { grep 'CONFIG_NO_SUCH_THING=y was asked for and is n: this kernel has no such option' "$work/said"; }
nothing() { [ -z "$(ls "$work/out-broken")" ]; }
ok 'a kernel option that is not met stops the build' broken
ok 'the option, its value and the dependency that is not met are named' names_it
ok 'so is an option that the kernel does not have' unknown
ok 'and no image appears' nothing

done_testing

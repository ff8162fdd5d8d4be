#!/bin/sh
# The shipped recipes that are variants of cxl-tcg: the same kernel, compiled once, and what each puts on top.
. "$(dirname "$0")/lib.sh"

images=$TIERLAB_STATE/images
"$vmbuild" cxl-tcg >&2
kernel() { field "$images/$1.json" .files.kernel.sha256; }
same_kernel() { [ "$(kernel "$1")" = "$(kernel cxl-tcg)" ]; }
has_package() { field "$images/$1.json" ".packages[\"$2\"]" | grep '^[0-9]'; }
as_it_says() { "$vmbuild" inspect "$1"; }
files() { "$vmbuild" inspect --files "$1" | grep -P "^$2$"; }

for recipe in numa-kvm hmsdk; do
	ok "$recipe is built" "$vmbuild" "$recipe" || continue
	ok "$recipe has the kernel of cxl-tcg" same_kernel "$recipe"
	ok "$recipe is what its manifest says" as_it_says "$recipe"
done
ok 'numa-kvm has lstopo' has_package numa-kvm hwloc-nox
ok 'hmsdk has cgexec' has_package hmsdk cgroup-tools
ok 'and damo' has_package hmsdk damo
ok 'inspect lists its files, with their modes and digests' files hmsdk '/usr/bin/cgexec\tf 0755 0:0 [0-9a-f]{64}'

# The configuration of the base's own kernel, with what is asked for on top. It is resolved: to compile it takes hours.
printf 'extends: cxl-stock\nname: distro\nkernel: {package: linux-source-6.12, config: image, fragments: [guest, cxl]}\n' > "$work/distro.yaml"
resolved() {
	"$vmbuild" --until config "$work/distro.yaml" || return
	config=$("$vmbuild" plan "$work/distro.yaml" --json | jq -r '.[] | select(.step == "config") | .folder')/config
	[ "$(grep -c '=m$' "$config")" -gt 2000 ] && grep -x CONFIG_CXL_REGION_INVALIDATION_TEST=y "$config" &&
		grep -x 'CONFIG_SYSTEM_TRUSTED_KEYS=""' "$config"
}
ok 'the configuration of Debian'"'"'s kernel is taken, with the options on top and without its keys' resolved

# A manifest that does not fit is seen.
mkdir -p "$work/bent"
for s in vmlinuz config; do ln "$images/hmsdk.$s" "$work/bent" 2>/dev/null || cp "$images/hmsdk.$s" "$work/bent"; done
ln -s "$images/hmsdk.qcow2" "$work/bent/hmsdk.qcow2"
jq '.packages.damo = "0.1" | .files.kernel.sha256 = "0000"' "$images/hmsdk.json" > "$work/bent/hmsdk.json"
bent() {
	"$vmbuild" inspect "$work/bent/hmsdk.qcow2" > "$work/said" 2>&1
	[ $? = 1 ] && cat "$work/said" && grep '^hmsdk.vmlinuz .*! .*not the manifest' "$work/said" &&
		grep '^packages .*! .*damo 0.1 is not in the image' "$work/said"
}
ok 'inspect marks what is not as the manifest says' bent
done_testing

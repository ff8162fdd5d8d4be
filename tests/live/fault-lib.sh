# What goes wrong while a disk and an image are made. Sourced, after lib.sh.
# shellcheck shell=sh

# Base and kernel are those of cxl-tcg, from the cache; disk and image are the test's own.
fault_recipe() {
	"$vmbuild" -q cxl-tcg >/dev/null || return
	mkdir -p "$work/overlay/etc"
	echo 'lab = here' >"$work/overlay/etc/lab.conf"
	cat >"$work/t-fault.yaml" <<-Y
	extends: cxl-tcg
	name: t-fault
	disk: 3GiB
	overlay: [lab, $work/overlay]
	run: ["date +made > /etc/made"]
	Y
}
build() { "$vmbuild" "$work/t-fault.yaml" -o "$work/made"; }

# As if this disk had never been made.
forget_disk() {
	for kind in disk image; do
		folder=$("$vmbuild" plan "$work/t-fault.yaml" -o "$work/made" --json | jq -r ".[] | select(.step == \"$kind\") | .folder // empty")
		[ -z "$folder" ] || rm -rf "$folder"
	done
	rm -rf "$work/made"
}
listed() { "$vmbuild" inspect --files "$work/made/t-fault.qcow2" 2>/dev/null; }

# An image that nothing disturbed, its files in $work/undisturbed. Its time is $took, in seconds.
undisturbed() {
	forget_disk
	begin=$(date +%s)
	build || return
	took=$(($(date +%s) - begin))
	listed >"$work/undisturbed" && [ "$(wc -l <"$work/undisturbed")" -gt 5000 ]
}

as_undisturbed() {
	build || return
	listed >"$work/now"
	diff "$work/undisturbed" "$work/now" | head -n 20
	cmp "$work/undisturbed" "$work/now"
}

# killed_after SECONDS: SIGKILL to vmbuild alone, as the kernel's out-of-memory killer would; then the next run.
killed_after() {
	forget_disk
	"$vmbuild" "$work/t-fault.yaml" -o "$work/made" >"$work/killed" 2>&1 &
	victim=$!
	sleep "$1"
	kill -9 $victim 2>/dev/null && hit=$((${hit:-0} + 1))
	wait $victim 2>/dev/null
	# What is called an image is one.
	[ ! -e "$work/made/t-fault.json" ] || jq -e .files "$work/made/t-fault.json" >/dev/null || return
	as_undisturbed
}

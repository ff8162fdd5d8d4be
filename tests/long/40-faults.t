#!/bin/sh
# vmbuild is killed, or the disk is full, while a disk and an image are made. Ten minutes.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/../live/lib.sh"
# shellcheck source=tests/live/fault-lib.sh
. "$top/tests/live/fault-lib.sh"

ok 'an image, undisturbed' eval 'fault_recipe && undisturbed' || { done_testing; exit 1; }
ok 'killed while the disk is made, the next run makes the same files' killed_after $((took / 4))
ok 'and while the image is' killed_after $((took * 3 / 4))
ok 'it was at work both times' [ "${hit:-0}" -eq 2 ]

# ---- disk full ----

# small SIZE: a cache on a file system of that size, with the steps before the disk.
small() {
	mkdir -p "$work/small"
	mount -t tmpfs -o "size=$1" none "$work/small" || return
	mkdir "$work/small/steps"
	for kind in source config kernel base; do
		ln -s "$("$vmbuild" plan cxl-tcg --json | jq -r ".[] | select(.step == \"$kind\") | .folder")" "$work/small/steps"
	done
}
trap 'mountpoint -q "$work/small" && umount "$work/small"; finish' EXIT

# fills when COMMAND holds: somebody else takes the room, all but 40 MiB.
fills() {
	for _ in $(seq 600); do
		if "$@"; then
			fallocate -l $(($(df --output=avail -B1 "$work/small" | tail -n 1) - 41943040)) "$work/small/filler"
			return
		fi
		sleep 0.1
	done
	return 1
}
full() { # CONDITION...
	TIERLAB_CACHE=$work/small "$vmbuild" "$work/t-fault.yaml" -o "$work/small/made" >"$work/said" 2>&1 &
	builder=$!
	fills "$@"
	filled=$?
	wait $builder
	status=$?
	rm -f "$work/small/filler"
	cat "$work/said"
	[ $filled -eq 0 ] && [ $status -eq 1 ] && grep 'No space left on device' "$work/said" &&
		[ ! -e "$work/small/made/t-fault.json" ] && [ -z "$(find "$work/small" -name '*.part')" ]
}
with_room() {
	TIERLAB_CACHE=$work/small "$vmbuild" "$work/t-fault.yaml" -o "$work/small/made" && "$vmbuild" inspect --files "$work/small/made/t-fault.qcow2" >"$work/now" && cmp "$work/undisturbed" "$work/now"
}
disk_begun() { [ "$(find "$work/small/tmp" -name disk.qcow2 -size +1M 2>/dev/null)" ]; }
image_begun() { [ "$(find "$work/small/made" -name '*.part' 2>/dev/null)" ]; }
if small 3500m 2>/dev/null; then
	ok 'a disk that is full while the disk is made: said, and nothing is left' full disk_begun
	ok 'with the disk in the cache' eval 'TIERLAB_CACHE=$work/small "$vmbuild" --until disk "$work/t-fault.yaml" -o "$work/small/made"'
	ok 'the same while the image is made' full image_begun
	ok 'with room it ends as an undisturbed one' with_room
fi
done_testing

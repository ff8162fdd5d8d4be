#!/bin/sh
# The shipped Debian recipes, each built twice from nothing: the same files, and the same kernel bit for bit. Three have one
# kernel, which is compiled twice: half an hour and more.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/../live/lib.sh"

recipes=${RECIPES:-cxl-stock cxl-tcg numa-kvm hmsdk}
verify() {
	# shellcheck disable=SC2086
	"$vmbuild" verify $recipes >"$work/verified"
	status=$?
	cat "$work/verified"
	return $status
}
same() { grep "^$1: two builds from nothing are the same: [0-9]* files" "$work/verified"; }
ok 'nothing differs between two builds' verify
for recipe in $recipes; do
	ok "$recipe is the same" same "$recipe"
done
done_testing

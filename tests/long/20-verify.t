#!/bin/sh
# The shipped Debian recipes, each built twice from nothing: the same files, and the same kernel bit for bit. cxl-tcg's kernel
# is compiled twice, which is most of an hour.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/../live/lib.sh"

for recipe in ${RECIPES:-cxl-stock cxl-tcg numa-kvm hmsdk}; do
	ok "$recipe, built twice from nothing, is the same" "$vmbuild" verify "$recipe"
done
done_testing

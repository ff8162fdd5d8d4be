#!/bin/sh
# docs/cookbook.md: each section's lines are run as they stand there, one section after the other. The shipped machines are taken
# with small memories and under names of the test's own, so that those of the user are left alone.
. "$(dirname "$0")/lib.sh"

"$vmbuild" -q cxl-tcg >/dev/null 2>&1 || "$vmbuild" cxl-tcg 2>&1 | sed 's/^/# /'
PATH=$bin:$PATH
export PATH
mkdir -p "$work/vmctl/machines"
for f in "$top"/vmctl/machines/*.yaml; do
	sed -E 's/(memory|volatile|persistent|dynamic): [48]GiB/\1: 1GiB/' "$f" > "$work/vmctl/machines/t-cb-$(basename "$f")"
done
shipped=$(cd "$top/vmctl/machines" && ls | sed 's/\.yaml$//' | awk '{ print length, $0 }' | sort -rn | cut -d' ' -f2 | tr '\n' '|' | sed 's/|$//')
for m in a1 a2 my shared $(echo "$shipped" | tr '|' ' ' | sed 's/[^ ]*/t-cb-&/g'); do
	cleanup_machines="$cleanup_machines $m"
done
for m in a1 a2 my shared t-cb-cxl-small t-cb-cxl-hotplug t-cb-tiers3 t-cb-cxl-pmem t-cb-cxl-2hb; do
	"$vmctl" delete --force $m >/dev/null 2>&1
done

# The lines between the fences of section N, for the test's machines.
lines() {
	awk -v n="$1" '/^## / { on = ($2 == n ".") } /^```/ { code = !code; next } on && code' "$top/docs/cookbook.md" |
		sed -E "s/(^|[^a-z0-9\/-]|machines\/)($shipped)([^a-z0-9-]|\$)/\1t-cb-\2\3/g
			s/vmctl (start|show|validate|xml|qemu-args) (t-cb-[a-z0-9-]+)/vmctl \1 .\/vmctl\/machines\/\2.yaml/"
}
title() { sed -n "s/^## $1\. //p" "$top/docs/cookbook.md"; }
run() { (cd "$work" && lines "$1" > "section-$1" && [ -s "section-$1" ] && sh -ex "section-$1" </dev/null); }

i=1
while [ -n "$(title $i)" ]; do
	ok "$(title $i)" run $i
	i=$((i + 1))
done
ok 'there are twelve' test $i = 13

done_testing

#!/bin/bash
# vmctl's commands as whole processes, and a start against that of the same machine with the distribution's kernel and its initrd
# through GRUB. Some four minutes when the images are built.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
runs=${RUNS:-5}
machine=bench-$$ stock=bench-stock-$$
at_exit='"$build/vmctl" delete --force "$machine" >/dev/null 2>&1; "$build/vmctl" delete --force "$stock" >/dev/null 2>&1 || :'

host
"$build/vmbuild" -q cxl-tcg >/dev/null
"$build/vmbuild" -q cxl-stock >/dev/null
cp vmctl/machines/cxl-small.yaml "$work/$machine.yaml"
sed 's/^image: .*/image: cxl-stock\nboot: disk/' vmctl/machines/cxl-small.yaml > "$work/$stock.yaml"

for _ in $(seq "$runs"); do
	seconds "$build/vmctl" start --wait boot "$work/$machine.yaml" >> "$work/quick"
	"$build/vmctl" stop --force "$machine" >/dev/null 2>&1
	seconds "$build/vmctl" start --wait boot "$work/$stock.yaml" >> "$work/stock"
	"$build/vmctl" stop --force "$stock" >/dev/null 2>&1
done
ratios "$work/quick" "$work/stock" > "$work/ratio"
report 'start to SSH: cxl-small' s - "$work/quick"
report 'start to SSH: stock kernel and initrd, through GRUB' s - "$work/stock"
report 'the first over the second' '' 'at most 0.35' "$work/ratio"

quietly "$build/vmctl" start "$work/$machine.yaml"
ms() { # NAME WANTED COMMAND...
	local name=$1 wanted=$2
	shift 2
	for _ in $(seq $((runs * 2))); do seconds "$@"; done | awk '{ print $1 * 1000 }' > "$work/ms"
	report "$name" ms "$wanted" "$work/ms"
}
ms "vmctl status" 'under 100' "$build/vmctl" status "$machine"
ms "vmctl list" 'under 100' "$build/vmctl" list
ms "vmctl show" 'under 100' "$build/vmctl" show "$work/$machine.yaml"
ms "vmctl validate" 'under 100' "$build/vmctl" validate "$work/$machine.yaml"
ms "vmctl exec NAME -- true, by SSH" 'under 300' "$build/vmctl" exec "$machine" -- true
ms "vmctl exec --agent NAME -- true" 'under 300' "$build/vmctl" exec --agent "$machine" -- true

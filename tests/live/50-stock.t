#!/bin/sh
# Debian's own kernel: nothing compiled, and the CPUID hypervisor bit off.
. "$(dirname "$0")/lib.sh"

"$vmbuild" cxl-stock >&2
status=$?
build() { [ $status = 0 ]; }
no_build() { [ "$(field "$TIERLAB_STATE/images/cxl-stock.json" '[.steps[].step] | join(" ")')" = 'base disk image' ]; }
ok 'a recipe with kernel: stock becomes an image' build || { done_testing; exit 1; }
ok 'no kernel was built for it' no_build

machine t-stock 's/^image:.*/image: cxl-stock/'
start() { "$vmctl" start "$file" > "$work/said" 2>&1 || { cat "$work/said"; return 1; }; }
says() { grep 'the CPUID hypervisor bit is off' "$work/said"; }
bit_off() { ! "$vmctl" exec t-stock -- grep -qw hypervisor /proc/cpuinfo; }
node1() { "$vmctl" exec t-stock -- numactl -H | grep 'node 1 size: 1024 MB'; }
ok 'it starts, and its region is committed' start
ok 'start says what it did about the hypervisor bit' says
ok 'the guest does not see the bit' bit_off
ok 'node 1 is there' node1
done_testing

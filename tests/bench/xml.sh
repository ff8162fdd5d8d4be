#!/bin/bash
# The domain XML of a machine with 16 CXL devices and 8 nodes: the function, with the machine file read and checked, and
# `vmctl xml` as a whole process, which asks libvirt and QEMU too. A second; no machine runs.
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
runs=${RUNS:-21}
machine=bench-$$

host
"$build/vmbuild" -q cxl-tcg >/dev/null
# a node of DRAM, and seven of CXL memory: a window and a host bridge each
{
	printf 'image: cxl-tcg\nmemory: 1GiB\ncxl:\n  windows:\n'
	for b in {0..6}; do echo "    - {size: 1GiB, targets: [hb$b]}"; done
	echo '  bridges:'
	for b in {0..6}; do echo "    - {name: hb$b, ports: [p${b}0, p${b}1, p${b}2]}"; done
	echo '  devices:'
	for i in {0..15}; do echo "    - {name: m$i, port: p$((i % 7))$((i / 7)), volatile: 256MiB}"; done
	echo '  regions:'
	for b in {0..6}; do for ((i = b; i < 16; i += 7)); do echo "    - devices: [m$i]"; done; done
} > "$work/$machine.yaml"
"$build/bench-domain-xml" "$work/$machine.yaml" "$runs" > "$work/function"
for _ in $(seq "$runs"); do seconds "$build/vmctl" xml "$work/$machine.yaml"; done | awk '{ print $1 * 1000 }' > "$work/process"
report 'domain XML, 16 devices and 8 nodes' ms 'under 10' "$work/function"
report 'the same by vmctl xml, the whole process' ms - "$work/process"

#!/bin/sh
# Every shipped machine, with small memories: started, each expectation checked, used for what it is there for, stopped.
. "$(dirname "$0")/lib.sh"

"$vmbuild" -q cxl-tcg >/dev/null 2>&1 || "$vmbuild" cxl-tcg 2>&1 | sed 's/^/# /'

# shipped NAME: the machine of that name as t-NAME, with 1 GiB where it has more, and with the image of all these tests
shipped() {
	name=t-$1
	file=$work/$name.yaml
	sed -E 's/(memory|volatile|persistent|dynamic): [248]GiB/\1: 1GiB/; s/^image: .*/image: cxl-tcg/' \
		"$top/vmctl/machines/$1.yaml" > "$file"
	cleanup_machines="$cleanup_machines $name"
	"$vmctl" delete --force "$name" >/dev/null 2>&1
}
x() { "$vmctl" exec "$name" -- "$@"; }
up() { "$vmctl" start "$file" && "$vmctl" check "$name" --json > "$work/check" && jq -e .ok "$work/check"; }
seen() { jq -e --arg n "$1" --arg s "$2" '.checks[] | select(.name == $n) | .ok and (.seen | test($s))' "$work/check"; }
gone() { "$vmctl" delete --force "$name"; }
nodes() { [ "$(x cat /sys/devices/system/node/has_memory)" = "$1" ]; }
# run on a node: gups with all its pages there
runs_on() { x numactl --membind "$1" gups 32M --seconds 0.5 --json | jq -e --arg n "$1" '.pages_per_node[$n] >= 8192 and .gups > 0'; }
tiers() { x sh -c 'cat /sys/devices/virtual/memory_tiering/memory_tier*/nodelist | wc -l' | grep -x "$1"; }
driver() { x sh -c "ls -d /sys/bus/pci/drivers/$1/0000:*"; }

shipped cxl-ahci
ok 'cxl-ahci starts, and all holds' up
efi() { x test -d /sys/firmware/efi; }
sata() { driver ahci && x sh -c 'readlink -f /sys/block/sda' | grep /ata; }
ok 'its firmware is UEFI' efi
ok 'its disk hangs on AHCI, and its network card is an e1000e' eval 'sata && driver e1000e'
ok 'a process bound to its CXL node runs there' runs_on 1
gone >/dev/null 2>&1

shipped cxl-e1000
ok 'cxl-e1000 starts, and all holds' up
ok 'its network card is an e1000' driver e1000
ok 'its disk is one of ATA' eval 'x sh -c "readlink -f /sys/block/sda" | grep /ata'
gone >/dev/null 2>&1

shipped numa
says_tcg() { "$vmctl" start "$file" > "$work/said" 2>&1 && grep -E "t-numa: TCG, because KVM can't be used: " "$work/said"; }
if [ "$("$vmctl" doctor --json | jq -r '.findings[] | select(.what == "KVM") | .health')" = ok ]; then
	ok 'numa starts, and all holds' up
else
	ok 'numa, which may have KVM, says in one line why it has not, and starts' says_tcg
fi
ok 'it has two nodes' nodes 0-1
ok 'the second has no CPU' eval '[ -z "$(x cat /sys/devices/system/node/node1/cpulist)" ]'
ok 'both are in one tier' tiers 1
gone >/dev/null 2>&1

shipped numa-hmat
ok 'numa-hmat starts, and all holds' up
ok 'its second node is a lower tier' seen 'node 1 tier' 'memory_tier[0-9]+, nodes 1'
ok 'the kernel knows its latency' seen 'node 1 latency' '^237 ns$'
ok 'the kernel demotes to it' eval 'x sh -c "echo 1 > /sys/kernel/mm/numa/demotion_enabled && cat /sys/kernel/mm/numa/demotion_enabled" | grep true'
gone >/dev/null 2>&1

shipped tiers3
ok 'tiers3 starts, and all holds' up
ok 'it has three nodes' nodes 0-2
ok 'each is a tier of its own' tiers 3
in_order() { tier() { x sh -c "grep -lx $1 /sys/devices/virtual/memory_tiering/memory_tier*/nodelist" | sed 's/.*memory_tier\([0-9]*\).*/\1/'; }; [ "$(tier 0)" -lt "$(tier 1)" ] && [ "$(tier 1)" -lt "$(tier 2)" ]; }
ok 'DRAM above slower DRAM above CXL' in_order
ok 'a process bound to the third runs there' runs_on 2
gone >/dev/null 2>&1

shipped cxl-2dev
ok 'cxl-2dev starts, and all holds' up
ok 'it has a node for each device' nodes 0-2
ok 'both regions are served as RAM' seen 'fast path' '^2 aliases'
ok 'a process bound to the second runs there' runs_on 2
gone >/dev/null 2>&1

shipped cxl-x2
ok 'cxl-x2 starts, and all holds' up
ok 'its region has two ways' seen 'region 0' '2 ways, committed'
ok 'it has one CXL node' nodes 0-1
reads_into_it() {
	x sh -c 'dd if=/dev/urandom of=/root/f bs=1M count=4 2>/dev/null && sync && echo 3 > /proc/sys/vm/drop_caches &&
		numactl --membind 1 cat /root/f | sha256sum && echo 3 > /proc/sys/vm/drop_caches && sha256sum < /root/f' | uniq | wc -l | grep -x 1
}
ok 'a file that is read into it is the one that was written' reads_into_it
gone >/dev/null 2>&1

shipped cxl-x4
ok 'cxl-x4 starts, and all holds' up
ok 'its region has four ways' seen 'region 0' '4 ways, committed'
turns() { x cat /run/tierlab/status | grep -E '^region .* members=(mem[0-9],){3}mem[0-9] node=1'; }
ok 'over two host bridges' turns
gone >/dev/null 2>&1

shipped cxl-switch
ok 'cxl-switch starts, and all holds' up
below() { x sh -c 'readlink -f /sys/bus/cxl/devices/mem*' | grep -cE '/0000:34:00.0/0000:[0-9a-f:.]+/0000:[0-9a-f:.]+/0000:[0-9a-f:.]+/mem' | grep -x 4; }
ok 'its four devices are below the switch' below
ok 'its four regions are served as RAM' seen 'fast path' '^4 aliases'
ok 'a process bound to its node runs there' runs_on 1
gone >/dev/null 2>&1

shipped cxl-2hb
ok 'cxl-2hb starts, and all holds' up
ok 'it has a node for each host bridge' nodes 0-2
ok 'its four regions are served as RAM' seen 'fast path' '^4 aliases'
gone >/dev/null 2>&1

shipped cxl-pmem
ok 'cxl-pmem starts, and all holds' up
write_it() { x sh -c 'mkfs.ext4 -q /dev/pmem0 && mount -o dax /dev/pmem0 /mnt && echo kept > /mnt/mark && umount /mnt'; }
again() { "$vmctl" stop "$name" && "$vmctl" start "$file" && [ "$(x sh -c 'mount -o dax /dev/pmem0 /mnt && cat /mnt/mark')" = kept ]; }
ok 'its namespace takes a file system' write_it
ok 'which is there after a stop and a start' again
pulled() { x sh -c 'echo too >> /mnt/mark && sync' && "$vmctl" stop --force "$name" && "$vmctl" start "$file" && [ "$(x sh -c 'mount -o dax /dev/pmem0 /mnt && tr "\n" " " < /mnt/mark')" = 'kept too ' ]; }
ok 'and after the plug was pulled' pulled
resized() { sed 's/persistent: 1GiB/persistent: 512MiB/' "$file" > "$work/smaller" && cp "$file" "$work/kept" && cp "$work/smaller" "$file" && "$vmctl" stop "$name" && ! "$vmctl" start "$file" > "$work/said" 2>&1 && cp "$work/kept" "$file" && grep 'mem0.pmem is 1GiB, and the file says 512MiB: go back to that' "$work/said"; }
ok 'a file that makes the device smaller is refused: nothing is cut off' resized
gone >/dev/null 2>&1
ok 'delete takes its memory away too' test ! -e "$TIERLAB_STATE/machines/t-cxl-pmem"

shipped cxl-mixed
ok 'cxl-mixed starts, and all holds' up
ok 'its volatile part is a node' runs_on 1
ok 'its persistent part is a block device' x test -b /dev/pmem1
ok 'both are fast' seen 'fast path' '^2 aliases'
gone >/dev/null 2>&1

shipped cxl-dcd
ok 'cxl-dcd starts, and all holds' up
offered() { "$vmctl" set "$name" add-capacity mem0 256MiB; }
not_taken() { ! "$vmctl" set "$name" release-capacity mem0 256MiB > "$work/said" 2>&1 && grep 'does not know dynamic capacity' "$work/said"; }
too_much() { ! "$vmctl" set "$name" add-capacity mem0 2GiB > "$work/said" 2>&1 && grep "no such dynamic capacity" "$work/said"; }
ok 'an extent of its dynamic capacity can be offered' offered
ok 'its kernel, which does not know of it, never takes it: said when it is asked back' not_taken
ok 'more than there is is refused' too_much
gone >/dev/null 2>&1

shipped cxl-hotplug
sed -i 's/^memory: .*/memory: 1GiB\nmemory-max: 4GiB/' "$file"
ok 'cxl-hotplug starts with the second port empty, and all holds' up
holds() { "$vmctl" check "$name" --json > "$work/check" && jq -e .ok "$work/check"; }
fails_one() { ! "$vmctl" check "$name" --json > "$work/check" && [ "$(jq -r '[.checks[] | select(.ok | not) | .name] | join(",")' "$work/check")" = "$1" ]; }
plug() { "$vmctl" set "$name" plug mem1 && holds && seen 'device mem1' '^1GiB$' && nodes 0-2; }
ok 'a device is plugged in while it runs: its region is made, its node is there, all holds' plug
ok 'its memory is served as RAM' seen 'fast path' '^2 aliases'
ok 'a process bound to it runs there' runs_on 2
again_plug() { ! "$vmctl" set "$name" plug mem1 > "$work/said" 2>&1 && grep "plugged in already" "$work/said"; }
ok 'plugged in twice: refused' again_plug
off() { "$vmctl" set "$name" offline 1 && fails_one 'nodes with memory,node 2 online,node 2 tier'; }
on() { "$vmctl" set "$name" online 1 && holds; }
ok 'its region goes offline' off
ok 'and online again' on
unplug() { "$vmctl" set "$name" unplug mem1 && holds && nodes 0-1 && ! "$vmctl" exec "$name" -- sh -c 'grep -c id=1 /run/tierlab/status'; }
ok 'it is taken out again, and all holds' unplug
replug() { "$vmctl" set "$name" plug mem1 && holds && runs_on 2; }
ok 'and put in once more' replug
stays() { x numactl --membind 1 sh -c 'mkdir /run/many && cd /run/many && i=0; while [ $i -lt 3000 ]; do : > $i; i=$((i + 1)); done' && ! "$vmctl" set "$name" unplug mem0 > "$work/said" 2>&1 && grep "device 'mem0' stays: .*can't be taken offline" "$work/said" && x true; }
ok 'a device whose memory the kernel has something on stays, and says why' stays
grown() { "$vmctl" set "$name" memory 2GiB && x sh -c 'grep MemTotal /sys/devices/system/node/node0/meminfo' | awk '$4 > 1900000 { found = 1 } END { exit !found }'; }
ok 'its DRAM grows' grown
no_such() { ! "$vmctl" set "$name" plug mem7 > "$work/said" 2>&1 && grep "has no device 'mem7'; its devices are mem0, mem1" "$work/said"; }
ok 'a device that the file has not is refused by name' no_such
gone >/dev/null 2>&1

# Other ways of a file than the shipped ones have.
machine t-devdax 's/- devices: \[mem0\]/- {devices: [mem0], online: devdax}/'
name=t-devdax
ok 'a region online as devdax is a dax device, and no memory' up
ok 'which a program can map' x test -c /dev/dax0.0
ok 'and no node has its memory' nodes 0
gone >/dev/null 2>&1

mkdir "$work/shared"
chmod 777 "$work/shared"
echo from-host > "$work/shared/a"
machine t-scsi "s|^accelerator:.*|disk: scsi\ncpus: {sockets: 2, cores: 1}\ncpu: {features: [-avx2]}\nshares: [{name: src, path: $work/shared}]|"
name=t-scsi
ok 'a machine with a SCSI disk, two sockets, a feature off and a shared folder starts' up
ok 'its disk is one of SCSI' eval 'x sh -c "readlink -f /sys/block/sda" | grep /virtio'
ok 'it has two sockets' eval 'x sh -c "sort -u /sys/devices/system/cpu/cpu*/topology/physical_package_id | wc -l" | grep -x 2'
ok 'the feature is off' eval '! x grep -wq avx2 /proc/cpuinfo'
both_ways() { x sh -c 'mount -t 9p -o trans=virtio src /mnt && cat /mnt/a && echo from-guest > /mnt/b' | grep from-host && grep from-guest "$work/shared/b"; }
ok 'the folder is shared both ways' both_ways
gone >/dev/null 2>&1

machine t-bound '/^cxl:/,$d' 's/^memory:.*/huge-pages: 2MiB\nnuma:\n  nodes: [{cpus: all, memory: 1GiB, host-node: 0, host-cpus: "0"}]/'
name=t-bound
had=$(cat /proc/sys/vm/nr_hugepages)
cure() { ! "$vmctl" start "$file" 2> "$work/said" && sed -n 's/.*as root, `\(.*\)`, or.*/\1/p' "$work/said" > "$work/cure" && grep hugepages-2048kB "$work/cure" && sh "$work/cure"; }
huge() { up && grep 'bind:0 .* huge .*kernelpagesize_kB=2048' "/proc/$(qemu_pid t-bound)/numa_maps" > /dev/null; }
pinned() { for t in /proc/"$(qemu_pid t-bound)"/task/*; do grep -q ^CPU "$t/comm" && grep Cpus_allowed_list: "$t/status"; done | awk '$2 != 0 { bad = 1 } END { exit !NR || bad }'; }
if [ "$(id -u)" = 0 ] && [ -e /sys/devices/system/node/node0/hugepages/hugepages-2048kB ]; then
	ok 'a machine of huge pages that the host has not is refused, with what makes them' cure
	ok 'which makes them, and it starts with its memory in them, on the node that the file names' huge
	ok 'and its CPUs run where the file says' pinned
	gone >/dev/null 2>&1
	echo "$had" > /proc/sys/vm/nr_hugepages
else
	n=$((n + 1))
	echo "ok $n - a machine of huge pages # SKIP not root, or no huge pages here"
fi

machine t-quiet 's/^accelerator:.*/nic: none/'
name=t-quiet
ok 'a machine without a network card starts, and all holds' up
ok 'exec goes by its agent' eval '[ "$(x cat /proc/sys/kernel/hostname)" = t-quiet ]'
no_card() { x sh -c 'ls /sys/class/net' | grep -vx lo; [ $? = 1 ]; }
ok 'it has no network card' no_card
no_port() { "$vmctl" status "$name" --json | jq -e '.ssh_port == null or .ssh_port == 0'; }
ok 'and no port of the host' no_port
gone >/dev/null 2>&1

# 16 devices, and 8 nodes.
many() {
	printf 'image: cxl-tcg\nmemory: 1GiB\ncxl:\n  windows:\n'
	for b in 0 1 2 3 4 5 6 7; do printf '    - {size: 512MiB, targets: [hb%d]}\n' $b; done
	echo '  bridges:'
	for b in 0 1 2 3 4 5 6 7; do echo "    - {name: hb$b, ports: [p${b}0, p${b}1]}"; done
	echo '  devices:'
	for b in 0 1 2 3 4 5 6 7; do for p in 0 1; do echo "    - {name: m$b$p, port: p$b$p, volatile: 256MiB}"; done; done
	echo '  regions:'
	for b in 0 1 2 3 4 5 6 7; do for p in 0 1; do echo "    - {devices: [m$b$p], window: $b}"; done; done
}
name=t-16dev
file=$work/$name.yaml
cleanup_machines="$cleanup_machines $name"
"$vmctl" delete --force "$name" >/dev/null 2>&1
many > "$file"
ok 'a machine with 16 devices and as many regions starts, and all holds' up
ok 'it has eight CXL nodes' nodes 0-8
ok 'its 16 regions are served as RAM' seen 'fast path' '^16 aliases'
gone >/dev/null 2>&1

name=t-8nodes
file=$work/$name.yaml
cleanup_machines="$cleanup_machines $name"
"$vmctl" delete --force "$name" >/dev/null 2>&1
{
	printf 'image: cxl-tcg\nnuma:\n  nodes:\n    - {cpus: "0", memory: 512MiB}\n    - {cpus: "1", memory: 256MiB}\n'
	for i in 2 3 4 5 6 7; do echo '    - {memory: 256MiB}'; done
} > "$file"
ok 'a machine with 8 NUMA nodes starts, and all holds' up
ok 'all 8 have memory' nodes 0-7
gone >/dev/null 2>&1

done_testing

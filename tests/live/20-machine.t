#!/bin/sh
# A machine with a CXL memory expander: started, proven, used, stopped.
. "$(dirname "$0")/lib.sh"

"$vmbuild" -q cxl-tcg >/dev/null 2>&1 || "$vmbuild" cxl-tcg 2>&1 | sed 's/^/# /'
machine t-machine
x() { "$vmctl" exec t-machine -- "$@"; }

start() { "$vmctl" start "$file"; }
ok 'start returns when every expectation holds' start || { done_testing; exit 1; }

check_json() { "$vmctl" check t-machine --json > "$work/check" && jq -e '.ok and (.checks | length > 12) and all(.checks[]; .ok)' "$work/check"; }
options_live() { jq -e '.checks[] | select(.name == "kernel options") | .ok and (.seen | test("^[0-9]+ live$"))' "$work/check"; }
fast() { jq -e '.checks[] | select(.name == "fast path") | .seen == "1 alias of RAM"' "$work/check"; }
table() { "$vmctl" check t-machine | grep -E '^region 0 +ok +1GiB ram, 1 way, committed'; }
ok 'check --json says that all holds' check_json
ok 'the running kernel has the options that the recipe asked for' options_live
ok 'QEMU serves the region as RAM' fast
tsc() { [ "$(x cat /sys/devices/system/clocksource/clocksource0/current_clocksource)" = tsc ]; }
whole() { [ "$(x systemctl is-system-running --wait)" = running ]; }
no_modprobe() { x sh -c 'printf "#!/bin/sh\necho \$* >> /run/modprobes\n" > /run/m && chmod +x /run/m && echo /run/m > /proc/sys/kernel/modprobe' && x true && ! x cat /run/modprobes; }
ok 'an emulated guest keeps time by the time stamp counter' tsc
ok 'every unit of the guest came up' whole
ok 'a login over SSH does not start modprobe' no_modprobe
ok 'check prints a table' table

streams() { x sh -c 'echo to-out; echo to-err >&2' > "$work/o" 2> "$work/e" && grep -qx to-out "$work/o" && grep -qx to-err "$work/e"; }
status7() { x sh -c 'exit 7'; [ $? = 7 ]; }
quoting() { [ "$(x printf '%s|' 'a b' "it's" '$HOME' '')" = "a b|it's|\$HOME||" ]; }
input() { [ "$(echo typed | x cat)" = typed ]; }
ok 'exec keeps output and error apart' streams
ok 'exec passes the exit status on' status7
ok 'exec passes arguments as they are' quoting
ok 'exec passes standard input on' input

node1() { [ -z "$(x cat /sys/devices/system/node/node1/cpulist)" ] && x numactl -H | grep 'node 1 size: 1024 MB'; }
region() { x cxl list -R | jq -e '(if type == "array" then .[0] else . end) | .size == 1073741824 and .type == "ram" and .commit == 1 or .decode_state == "commit"'; }
no_password() { x cat /etc/shadow | awk -F: '$2 !~ /^[!*]/ { bad = 1 } END { exit bad }'; }
on_node1() { x numactl --membind 1 gups 64M --seconds 1 --json | jq -e '.pages_per_node["1"] >= 16384 and .gups > 0'; }
eater() { x memeater 128M --node 1 --hold 0.1s | grep -E '32768 of 32768 pages'; }
from_disk() { x sh -c 'dd if=/dev/zero of=/root/f bs=1M count=256 conv=fsync 2>/dev/null; echo 3 > /proc/sys/vm/drop_caches; numactl --membind 1 dd if=/root/f of=/dev/null bs=1M; s=$?; rm /root/f; exit $s'; }
ok 'node 1 has 1 GiB and no CPU' node1
ok 'cxl-cli sees the committed region' region
ok 'no account in the guest has a password' no_password
ok 'a process bound to the CXL node runs there' on_node1
ok 'memeater finds all its pages on the CXL node' eater
ok 'the virtio disk can be read into CXL memory' from_disk

hostname() { [ "$(x hostname 2>/dev/null || x cat /proc/sys/kernel/hostname)" = t-machine ]; }
local_only() { port=$("$vmctl" status t-machine --json | jq .ssh_port); ! grep -E " 0{8}:$(printf %04X "$port") 00000000:0000 0A" /proc/net/tcp; }
ok 'the guest has the name of its machine' hostname
ok 'its port is open on 127.0.0.1 only' local_only

twice() { "$vmctl" start "$file" | grep 'already running'; }
running() { "$vmctl" status t-machine --json | jq -e .running; }
listed() { "$vmctl" list --json | jq -e '.[] | select(.name == "t-machine") | .state == "running" and .image == "cxl-tcg"'; }
valid() { "$vmctl" xml t-machine > "$work/d.xml" && virt-xml-validate "$work/d.xml" domain; }
console() { { sleep 1; printf '\r'; sleep 3; printf '\035'; } | timeout 20 "$vmctl" console t-machine | grep -a root@; }
summary() { "$vmctl" summary t-machine | grep -E 'GUPS +node 0: 0\.[0-9]+, node 1: 0\.[0-9]+; node 1 over node 0: [0-9.]+'; }
ok 'a second start does nothing and says so' twice
ok 'status knows that it runs' running
ok 'list has it' listed
ok 'its domain XML is valid to libvirt' valid
ok 'the serial console answers' console
ok 'summary has GUPS of both nodes' summary

# What is not as the file says is found.
block='$(for d in /sys/devices/system/node/node1/memory[0-9]*; do echo $d; done | tail -n 1)'
offline() { x sh -c "echo offline > $block/state" && ! "$vmctl" check t-machine --json > "$work/check" && jq -e '.ok == false and (.checks[] | select(.name == "node 1 online") | .ok == false)' "$work/check"; }
online() { x sh -c "echo online > $block/state" && "$vmctl" check t-machine > /dev/null; }
ok 'check fails when a memory block is offline' offline
ok 'and holds again when it is back' online

ok_mark() { x sh -c 'echo kept > /root/mark && sync'; }
stop() { "$vmctl" stop t-machine 2>&1 | grep 'powered off'; }
stopped() { "$vmctl" status t-machine; [ $? = 3 ]; }
again() { "$vmctl" start "$file" && [ "$(x cat /root/mark)" = kept ]; }
ok 'a file is written in the guest' ok_mark
ok 'stop lets the guest power off' stop
ok 'status then exits with 3' stopped
ok 'started again, it has its disk' again

clean() { qemu-img check -q "$TIERLAB_STATE/images/cxl-tcg.qcow2" && [ "$(sha256sum < "$TIERLAB_STATE/images/cxl-tcg.qcow2" | cut -d' ' -f1)" = "$(field "$TIERLAB_STATE/images/cxl-tcg.json" .files.image.sha256)" ]; }
delete_running() { ! "$vmctl" delete t-machine && "$vmctl" status t-machine; }
force() { "$vmctl" stop --force t-machine 2>&1 | grep 'by force'; }
delete() { "$vmctl" delete t-machine && [ ! -e "$TIERLAB_STATE/machines/t-machine" ]; }
ok 'the image stays as it was made' clean
ok 'delete leaves a running machine alone' delete_running
ok 'stop --force ends it at once and says so' force
ok 'delete removes what there was of it' delete

# Ctrl-C while it boots: nothing is left running that nobody waits for.
machine t-interrupted
interrupted() {
	"$vmctl" start "$file" > "$work/said" 2>&1 &
	pid=$!
	i=0
	until grep -q booting "$work/said" || [ $i = 300 ]; do sleep 0.1; i=$((i + 1)); done
	sleep 1
	kill -INT $pid
	wait $pid
	[ $? = 130 ] && grep 'interrupted' "$work/said" && ! "$vmctl" status t-interrupted
}
ok 'an interrupted start ends with status 130 and leaves no machine behind' interrupted

done_testing

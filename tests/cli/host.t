#!/bin/sh
# What can be known before anything is started, and after: doctor, validate, logs, wait.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/machine-lib.sh
. "$(dirname "$0")/machine-lib.sh"

cd "$tmp" || exit 1

# ---- doctor ----

chmod 755 "$tmp"
fake qemu <<'E'
[ "$1" != -netdev ] || { printf 'Available netdev backend types:\nsocket\nuser\n'; exit; }
echo 'QEMU emulator version 11.1.3 (a fake)'
E
doctor() { # STATUS WHAT FILTER [VARIABLE=VALUE]...
	want=$1 what=$2 filter=$3
	shift 3
	run env "$@" "$vmctl" doctor --json
	[ "$status" -eq "$want" ] && jq -e --arg what "$what" ".findings[] | select(.what == \$what) | $filter" out
}
ok "a QEMU with the fast path" doctor 0 QEMU '.health == "ok" and (.detail | startswith("11.1.3, "))'
ok "and user networking" doctor 0 network '.health == "ok"'
ok "libvirt says which it is, and where" doctor 0 libvirt '.health == "ok" and (.detail | test("^[0-9]+[.][0-9]+[.][0-9]+ answers at test:"))'
ok "KVM works, or there is what to do" doctor 0 KVM '.health == "ok" or (.health == "lacking" and .remedy != null)'
ok "a QEMU that does not run" doctor 1 QEMU '.health == "ill" and .remedy == "make setup"' TIERLAB_QEMU=/bin/false
ok "a libvirt that was named and does not answer" doctor 1 libvirt \
	'.health == "ill" and .remedy == "unset TIERLAB_LIBVIRT_URI, or have it name a libvirt that answers"' \
	TIERLAB_LIBVIRT_URI="qemu+unix:///system?socket=$tmp/none"
fake old-qemu <<'E'
[ "$1" != -netdev ] || exit
echo 'QEMU emulator version 9.2.0 (a fake)'
E
ok "a QEMU whose CXL memory is slow still starts machines" doctor 1 QEMU '.health == "lacking" and (.detail | test("is slow; in 11.1 it is not"))' \
	TIERLAB_QEMU="$tmp/bin/old-qemu"
old() { sed -i "s/version [0-9.]*/version $1/" "$tmp/bin/old-qemu"; }
old 8.2.0
ok "an older one lets no virtio device reach into it" doctor 1 QEMU '.health == "lacking" and (.detail | test("no virtio device reaches into it"))' \
	TIERLAB_QEMU="$tmp/bin/old-qemu"
old 7.2.22
ok "Debian 12's has no CXL machines" doctor 1 QEMU '.health == "lacking" and (.detail | test("no machine with CXL devices starts"))' \
	TIERLAB_QEMU="$tmp/bin/old-qemu"
ok "but not one without user networking" doctor 1 network '.health == "ill"' TIERLAB_QEMU="$tmp/bin/old-qemu"
if [ "$(id -u)" = 0 ]; then
	mkdir -p closed/state && chmod 700 closed
	ok "a state that libvirt's QEMU can't reach, and what opens it" doctor 1 permissions \
		'.health == "ill" and (.remedy | endswith("/closed"))' TIERLAB_STATE="$tmp/closed/state"
	ok "also where it is not there yet" doctor 1 permissions '.health == "ill" and (.remedy | endswith("/closed"))' \
		TIERLAB_STATE="$tmp/closed/not/yet"
	opened() { sh -c "$(jq -r '.findings[] | select(.what == "permissions") | .remedy' out)" && doctor 0 permissions '.health == "ok"' TIERLAB_STATE="$tmp/closed/state"; }
	ok "what opens it does" opened
	ok "and one that it can" doctor 0 permissions '.health == "ok"' TIERLAB_STATE="$tmp/bin"
else
	skip "a state that libvirt's QEMU can't reach" "not root: QEMU runs as the user"
fi
ok "for people: a table, and the remedies under it" eval 'run env TIERLAB_QEMU=/bin/false "$vmctl" doctor; grep -q "^QEMU  *FAIL " out && grep -qx "  QEMU: make setup" out'


# The rest of the host is as a mount namespace of its own makes it look.
on_host() { # MOUNTS STATUS WHAT FILTER
	host_mounts=$1
	shift
	vmctl_here=$vmctl
	vmctl="$tmp/bin/on-host"
	printf '#!/bin/sh\nexec unshare --mount sh -ec '\''%s; exec "%s" "$@"'\'' sh "$@"\n' "$host_mounts" "$vmctl_here" >"$vmctl"
	chmod +x "$vmctl"
	doctor "$@"
	result=$?
	vmctl=$vmctl_here
	return "$result"
}
mkdir -p empty fake/apparmor/parameters fake/apparmor.d/abstractions/libvirt-qemu.d
echo Y >fake/apparmor/parameters/enabled
touch fake/apparmor.d/usr.sbin.libvirtd
memory() { printf 'MemTotal: 32000000 kB\nMemFree: 9 kB\nMemAvailable: %s kB\n' "$1" >fake/meminfo; }
apparmor="mount --bind $tmp/fake /sys/module; mount --bind $tmp/fake/apparmor.d /etc/apparmor.d"
if unshare --mount true 2>/dev/null; then
	memory 4000000
	ok "memory for a small machine" on_host "mount --bind $tmp/fake/meminfo /proc/meminfo" 0 memory \
		'.health == "lacking" and (.detail | startswith("3.8 GiB free")) and .remedy == "make lab LAB=cxl-small"'
	memory 1000000
	ok "and for none" on_host "mount --bind $tmp/fake/meminfo /proc/meminfo" 1 memory '.health == "ill"'
	ok "a host without OVMF" on_host "for d in /usr/share/OVMF /usr/share/edk2; do [ ! -d \$d ] || mount --bind $tmp/empty \$d; done" 0 firmware \
		'.health == "lacking" and .remedy == "make setup"'
	ok "one without a kernel for the appliance" on_host "mount --bind $tmp/empty /boot" 0 appliance \
		'.health == "lacking" and (.detail | test("no kernel in /boot"))'
	ok "AppArmor that does not know this QEMU" on_host "$apparmor" 0 AppArmor \
		'.health == "lacking" and (.detail | test("does not let it run .*/bin/qemu")) and .remedy == "make setup"'
	echo "  \"$tmp/bin/**\" mrix," >fake/apparmor.d/abstractions/libvirt-qemu.d/tierlab
	ok "and that does" on_host "$apparmor" 0 AppArmor '.health == "ok" and (.detail | startswith("on; "))'
	ok "AppArmor that does not confine libvirt" on_host "mount --bind $tmp/fake /sys/module; mount --bind $tmp/empty /etc/apparmor.d" 0 AppArmor \
		'.health == "ok" and (.detail | startswith("on, "))'
	ok "a libvirt whose socket is gone" on_host "mount --bind $tmp/empty /run; unset TIERLAB_LIBVIRT_URI" 1 libvirt \
		'.health == "ill" and .remedy == "make setup" and (.detail | test("libvirt-sock"))'
	echo nobody:100000:65536 >fake/subuid
	unprivileged() { # STATUS WHAT FILTER
		want="setpriv --reuid=65534 --regid=65534 --clear-groups" here=$vmctl
		fake as-nobody <<-E
			exec unshare --mount sh -ec 'mount --bind $tmp/fake/subuid /etc/subuid; exec $want "$here" "\$@"' sh "\$@"
		E
		vmctl=$tmp/bin/as-nobody
		doctor "$@" TIERLAB_STATE="$tmp/theirs"
		result=$?
		vmctl=$here
		return "$result"
	}
	ok "an ordinary user who has ids for a base system's files" unprivileged 0 'user ids' '.health == "ok"'
	echo somebody:100000:65536 >fake/subuid
	ok "one who has not" unprivileged 0 'user ids' '.health == "lacking" and (.remedy | test("usermod --add-subuids"))'
else
	skip "a host that looks otherwise" "needs root, and mount namespaces"
fi
tool="$tmp/installed/share/tierlab"
mkdir -p "$tool/recipes" "$tool/setup" && touch "$tool/setup/setup.sh"
ok "an installed tierlab names its own set-up" doctor 1 QEMU ".remedy == \"$tool/setup/setup.sh\"" TIERLAB_DATA="$tool" TIERLAB_QEMU=/bin/false

# ---- validate ----

machine good.yaml
machine bad.yaml 's/512MiB/300MiB/'
machine big.yaml 's/512MiB/90TiB/'
ok "a file that is right: what it would be" succeeds "^good.yaml: good: .* behind CXL on 1 device, 1 region; runs under TCG" \
	"$vmctl" validate good.yaml
ok "without libvirt" succeeds "good.yaml: good" env TIERLAB_LIBVIRT_URI=qemu:///nosuch "$vmctl" validate good.yaml
ok "and without an image" eval '[ ! -e "$TIERLAB_STATE/images" ]'
ok "a rule that is broken, with its place" refuses 4 "^vmctl: bad.yaml:3:9: 'memory' is 300MiB" "$vmctl" validate bad.yaml
ok "of several files, those before it are told" eval 'run "$vmctl" validate good.yaml bad.yaml; [ "$status" = 4 ] && grep -q "^good.yaml: good" out'
ok "a host that is too small" refuses 5 "^vmctl: big.yaml:3:9: .*this host has" "$vmctl" validate big.yaml
bound() { # FILE LINES: two nodes, the second with these lines
	machine "$1" "/^memory:/d; /^cxl:/,\$d"
	printf 'numa:\n  nodes:\n    - {cpus: all, memory: 512MiB}\n    - {memory: 512MiB%s}\n%s' "$2" "$3" >>"$1"
}
bound node.yaml ', host-node: 1023'
bound cpus.yaml ', cpus: 1, host-cpus: "0,1000-1023"'
sed -i 's/cpus: all/cpus: 0/' cpus.yaml
machine pages.yaml 's/512MiB/512GiB/; s/^cxl:/huge-pages: 1GiB\n&/'
ok "a node that the host has not" refuses 5 "^vmctl: node.yaml:6:35: 'host-node' is 1023, and this host's nodes with memory are 0.*: name one" \
	"$vmctl" validate node.yaml
ok "CPUs that it has not" refuses 5 "^vmctl: cpus.yaml:6:44: 'host-cpus' has CPU 1000, and this host's are 0.*: name some" "$vmctl" validate cpus.yaml
ok "more huge pages than are free" refuses 5 "^vmctl: pages.yaml:4:13: .*huge pages of 1GiB.*, or leave 'huge-pages' out" "$vmctl" validate pages.yaml
ok "and none of it is started" eval 'image testing && refuses 5 'node.yaml:6:35' "$vmctl" start -q node.yaml && [ ! -e "$TIERLAB_STATE/machines/node" ]'
rm -rf "$TIERLAB_STATE/images"
shipped() {
	for f in "$top"/vmctl/machines/*.yaml; do
		"$vmctl" validate "$f" 2>err || grep 'this host has' err || { cat err && return 1; }
	done
}
ok "all shipped machines are right" shipped

# ---- logs ----

kept=$TIERLAB_STATE/machines/good
mkdir -p "$kept"
ok "no log of what was never started" refuses 1 "has never been started here" "$vmctl" logs good.yaml
cp good.yaml "$kept/machine.yaml"
ok "a machine whose log is gone" refuses 1 "console.log: No such file" "$vmctl" logs good
printf 'one\ntwo\n' >"$kept/console.log"
ok "what there is" eval '[ "$("$vmctl" logs good)" = "$(printf "one\\ntwo")" ]'
follows() {
	"$vmctl" logs -f good >followed 2>&1 &
	pid=$!
	jobs="$jobs $pid"
	within 50 grep -q two followed || return
	echo three >>"$kept/console.log"
	within 50 grep -q three followed || return
	rm "$kept/console.log"
	echo four >"$kept/console.log"
	wait $pid && [ "$(tail -n 1 followed)" = three ]
}
ok "--follow goes on with what comes, to the next start" follows

# ---- wait ----

running good
ok "a state that is none" refuses 1 "'redy' is nothing to wait for (did you mean 'ready'?): none, boot or ready" "$vmctl" wait good --for redy
ok "a time without its unit" refuses 1 "'5' has no unit" "$vmctl" wait good --timeout 5
running other
ok "a machine that does not run" refuses 1 "is not running" "$vmctl" wait good
ok "start has the same states" refuses 1 "'nothing' is nothing to wait for" "$vmctl" start --wait nothing good

finish

#!/bin/sh
# What can be known before anything is started, and after: doctor, validate, logs, wait.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/machine-lib.sh
. "$(dirname "$0")/machine-lib.sh"

cd "$tmp" || exit 1

# ---- doctor ----

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
ok "a libvirt that does not answer" doctor 1 libvirt '.health == "ill" and .remedy == "make setup"' \
	TIERLAB_LIBVIRT_URI="qemu+unix:///system?socket=$tmp/none"
fake old-qemu <<'E'
[ "$1" != -netdev ] || exit
echo 'QEMU emulator version 9.2.0 (a fake)'
E
ok "a QEMU whose CXL memory is slow still starts machines" doctor 1 QEMU '.health == "lacking"' TIERLAB_QEMU="$tmp/bin/old-qemu"
ok "but not one without user networking" doctor 1 network '.health == "ill"' TIERLAB_QEMU="$tmp/bin/old-qemu"
if [ "$(id -u)" = 0 ]; then
	mkdir -p closed/state && chmod 700 closed
	chmod 755 "$tmp"
	ok "a state that libvirt's QEMU can't reach, and what opens it" doctor 1 permissions \
		'.health == "ill" and (.remedy | endswith("/closed"))' TIERLAB_STATE="$tmp/closed/state"
	ok "and one that it can" doctor 0 permissions '.health == "ok"' TIERLAB_STATE="$tmp/bin"
else
	skip "a state that libvirt's QEMU can't reach" "not root: QEMU runs as the user"
fi
ok "for people: a table, and the remedies under it" eval 'run env TIERLAB_QEMU=/bin/false "$vmctl" doctor; grep -q "^QEMU  *FAIL " out && grep -qx "  QEMU: make setup" out'

# ---- validate ----

machine good.yaml
machine bad.yaml 's/512MiB/300MiB/'
machine big.yaml 's/512MiB/90TiB/'
ok "a file that is right: what it would be" succeeds "^good.yaml: good: .* behind CXL on 1 device, 1 region; runs here under TCG" \
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

#!/bin/sh
# What vmctl says of wrong command lines, machine files and hosts: one line, with file and line, before anything is started.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/machine-lib.sh
. "$(dirname "$0")/machine-lib.sh"

cd "$tmp" || exit 1

# bad NAME LINE PATTERN [SED]: the machine of machine-lib.sh, changed by the sed script, is refused at that line.
bad() {
	machine m.yaml "$4"
	ok "$1" refuses 4 "^vmctl: m.yaml:$2: .*$3" "$vmctl" start -q m.yaml
}

# ---- the command line ----

ok "no command is a usage error" refuses 2 "which command?" "$vmctl"
ok "an unknown command is a usage error, with the one that is meant" refuses 2 \
	"unknown command 'strat' (did you mean 'start'?)" "$vmctl" strat cxl
ok "a command without its machine is a usage error" refuses 2 "start needs NAME; see 'vmctl start --help'" "$vmctl" start
ok "two machines are a usage error" refuses 2 "one argument too many" "$vmctl" stop a b
ok "an unknown option is a usage error" refuses 2 "unknown option --nosuch" "$vmctl" check --nosuch cxl
ok "an option of another command is a usage error" refuses 2 "unknown option --fresh" "$vmctl" stop --fresh cxl
ok "exec without a command is a usage error" refuses 2 "exec needs NAME -- CMD" "$vmctl" exec cxl
ok "copy with one path is a usage error" refuses 2 "copy needs FROM TO" "$vmctl" copy cxl:/x
ok "copy with three paths is a usage error" refuses 2 "'c' is one argument too many" "$vmctl" copy cxl:/a b c
ok "copy between two paths of this host" refuses 2 "neither '/x' nor './a:b' is in a guest: .*NAME:PATH" "$vmctl" copy /x ./a:b
ok "copy between two guests" refuses 2 "'a:/x' and 'b:/y' are both in guests" "$vmctl" copy a:/x b:/y
ok "copy of nothing" refuses 2 "One of the paths is empty" "$vmctl" copy cxl: /tmp
ok "options that exclude each other" refuses 1 "exclude each other" "$vmctl" start --fresh --keep cxl-small
ok "--help goes to stdout" succeeds "^usage: vmctl" "$vmctl" --help
ok "--version says program and version" succeeds "^vmctl [0-9]" "$vmctl" --version

# ---- the file ----

for command in start restart stop status check summary xml ssh console delete; do
	ok "$command of a machine that there is no file of" refuses 1 "no machine 'nosuch'" "$vmctl" $command nosuch
done
ok "exec of a machine that there is no file of" refuses 1 "no machine 'nosuch'" "$vmctl" exec nosuch -- true
ok "copy into a machine that there is no file of" refuses 1 "no machine 'nosuch'" "$vmctl" copy lib.sh nosuch:/root
ok "a machine that is almost named right gets a hint" refuses 1 "did you mean 'cxl-small'" "$vmctl" start cxl-smal
ok "a machine's name that leads elsewhere" refuses 1 "." "$vmctl" start ../../etc
machine "A B.yaml"
ok "a file's name that can't be a machine's" refuses 1 "'A B' can't be" "$vmctl" start "A B.yaml"
: >empty.yaml
ok "an empty file" refuses 4 "empty.yaml: the file is empty" "$vmctl" start empty.yaml

bad "an unknown key, with the one that is meant" 2:1 "unknown key 'acelerator'.*did you mean 'accelerator'" 's/^accel/acel/'
bad "an unknown key in a device" 15:7 "unknown key 'volatil' in a device" 's/volatile/volatil/'
bad "a key that stands twice" 4:1 "'memory' stands twice" 's/^memory.*/&\n&/'
bad "a missing key" 13:7 "a device needs the key 'port'" '/port: /d'
bad "a missing image" 1:1 "needs the key 'image'" '/^image/d'
bad "a word where a list is due" 5:12 "'windows' takes a list" '/windows:/,/targets/d; s/^cxl:/cxl:\n  windows: hb0/'
bad "another word for an accelerator" 2:14 "'accelerator'.*xen" 's/tcg/xen/'
bad "a number with a unit where none is due" 3:7 "'count' takes a whole number" 's/^memory.*/cpus: 2GiB/'
bad "a number out of range" 3:7 "'count' is 300: it goes from 1 to 255" 's/^memory/cpus: 300\n&/'
bad "a privileged port" 3:11 "'ssh-port' is 22: it goes from 1024" 's/^memory/ssh-port: 22\n&/'
bad "a size without a unit" 3:9 "'memory': '512' has no unit" 's/512MiB/512/'
bad "a size in a unit that is none" 3:9 "'memory': '512MB' is not a size" 's/512MiB/512MB/'
bad "too little memory" 3:9 "'memory' is 256MiB: it is at least 512MiB" 's/512MiB/256MiB/'

# ---- a file that is too much ----

# enough NAME PATTERN: the file of that name is refused so, in a short line, within 10 s and 256 MiB.
enough() {
	refuses 4 "^vmctl: .*$1.*: $2" sh -c "ulimit -v 262144; ulimit -t 10; exec '$vmctl' start -q $1" && [ "$(wc -c <err)" -lt 600 ]
}
{ cat all.yaml && yes '# and so on' | head -c 10M; } >huge.yaml
{ cat all.yaml && echo 'forwards:' && yes '  - {host: 3000, guest: 80}' | head -n 30000; } >many.yaml
{ cat all.yaml && printf 'kernel-args: ' && head -c 1000000 /dev/zero | tr '\0' '['; } >deep.yaml
{ cat all.yaml && printf 'qemu: ' && head -c 900000 /dev/zero | tr '\0' a; } >long.yaml
{ printf 'forwards: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\nshares: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\n' && cat all.yaml; } >bomb.yaml
image testing
ok "a file of 10 MiB" enough huge.yaml "File too large"
ok "30,000 ports" enough many.yaml "the file holds more than 32768 values"
ok "a million brackets" enough deep.yaml "lists and mappings are nested more than 64 deep"
ok "lists of lists by another name" enough bomb.yaml "."
if [ -e "$TIERLAB_STATE/images/testing.json" ]; then
	long() { run "$vmctl" start -q long.yaml; [ "$status" = 5 ] && [ "$(wc -l <err)" = 1 ] && [ "$(wc -c <err)" -lt 2100 ]; }
	ok "a path of 900,000 letters" long
fi
rm -rf "$TIERLAB_STATE"

# ---- names ----

# no_name NAME: no command takes it, and nothing is made.
no_name() {
	for command in "start" "start --as" "clone m.yaml" "exec" "status" "stop" "delete --force"; do
		after=
		[ "$command" != "start --as" ] || after=m.yaml
		[ "$command" != exec ] || after="-- true"
		# shellcheck disable=SC2086 # words
		refuses 1 "." "$vmctl" $command "$1" $after && [ "$(wc -c <err)" -lt 500 ] || return 1
	done
	[ ! -e "$TIERLAB_STATE" ]
}
machine m.yaml
xs=$(printf 'x%.0s' 1 2 3 4 5 6 7 8 9 10)
xs=$xs$xs$xs
for name in 'a/b' '../m' "it's" '"m"' '<m>' '&amp;' 'a b' '$(id)' '%s%n' 'M' ''; do
	ok "the name $(echo "${name:-of no letter}" | tr '#' -)" no_name "$name"
done
ok "a name of 300 letters, and what is wrong with it" eval 'no_name "$xs$xs$xs$xs$xs$xs$xs$xs$xs$xs" && grep -q "at most 63" err'
new_line() { no_name "$(printf 'a\nb')"; }
ok "a name of two lines" new_line

# ---- what makes no sense ----

bad "a device that is no multiple of 256 MiB, with the next that is" 15:17 \
	"is 300MiB: CXL memory comes in multiples of 256MiB, the next is 512MiB" 's/volatile: .*/volatile: 300MiB/'
bad "a window that is no multiple of 256 MiB" 6:13 "the window is 300MiB: CXL memory comes in multiples" 's/size: .*/size: 300MiB/'
bad "a device of no size" 15:17 "is 0B" 's/volatile: .*/volatile: 0B/'
bad "a window that is smaller than the devices behind it, with both sizes" 6:13 \
	"the window is 256MiB, and the devices behind it have 512MiB together" 's/size: .*/size: 256MiB/; s/volatile: .*/volatile: 512MiB/'
bad "a window on a host bridge that is not there" 7:17 "target 'hb9' is no host bridge" 's/targets: .*/targets: [hb9]/'
bad "a window on three host bridges" 7:16 "3 targets: 1, 2, 4, 8 or 16" 's/targets: .*/targets: [hb0, hb0, hb0]/'
bad "a device in a port that is not there" 14:13 "port 'rp9', which no host bridge and no switch has" 's/port: .*/port: rp9/'
bad "two root ports of one name" 10:20 "port 'rp0' stands twice" 's/ports: .*/ports: [rp0, rp0]/'
bad "a region of a device that is not there" 17:17 "device 'mem9' is not among" 's/devices: .*/devices: [mem9]/'
bad "a region with one device twice" 17:23 "is in a region of type ram already" 's/devices: .*/devices: [mem0, mem0]/'
bad "a region of three" 17:16 "3 devices: 1, 2, 4" 's/devices: .*/devices: [mem0, mem0, mem0]/'
bad "a granularity that there is not" 18:20 "'granularity' is 300B" 's/devices: .*/&\n      granularity: 300B/'
bad "a region that no window reaches" 19:16 "no window reaches" 's/targets: .*/targets: [hb1]/; s/ports: .*/&\n    - name: hb1\n      ports: [rp1]/'
bad "a region of memory that the device has not" 17:17 "device 'mem0' has no persistent memory" 's/devices: .*/devices: [mem0]\n      type: pmem/'
bad "a switch below a switch" 14:14 "sits in a port of another switch" \
	's/^# the expander/  switches:\n    - {name: s0, port: rp0, ports: [d0]}\n    - {name: s1,\n       port: d0, ports: [d1]}/; s/port: rp0$/port: d1/'
bad "nodes that have not the CPUs of the machine" 5:14 "node 0 has CPU 2, and the machine has 2: 0 to 1" \
	's/^memory: .*/numa:\n  nodes:\n    - {cpus: 0-7, memory: 1GiB}\ncpus: 2/'
bad "a share's path that is none from the root" 3:26 "does not begin with '/'" 's/^memory/shares: [{name: s, path: x}]\n&/'
bad "a name that would be more than a word to QEMU" 13:13 "can't be the name of a device" 's/name: mem0/name: mem0,x=y/'

# ---- the host ----

machine m.yaml
ok "an image that is not built, with the command that builds it" refuses 5 \
	"^vmctl: m.yaml:1:8: the image 'testing' is not built: .*run .vmbuild testing" "$vmctl" start -q m.yaml
ok "xml of a machine whose image is not built" refuses 5 "is not built" "$vmctl" xml m.yaml
ok "a manifest that is not there" refuses 5 "is not built: there is no $tmp/nosuch.json" \
	"$vmctl" start -q --image "$tmp/nosuch.json" m.yaml
echo '{"name": ' >broken.json
ok "a manifest that is no JSON" refuses 5 "broken.json: is no JSON" "$vmctl" start -q --image "$tmp/broken.json" m.yaml
echo '{"name": "x"}' >other.json
ok "a manifest of another kind" refuses 5 "other.json: has no 'build'" "$vmctl" start -q --image "$tmp/other.json" m.yaml
ok "nothing of all that is a machine now" eval '[ ! -e "$TIERLAB_STATE/machines" ]'

no_libvirt() {
	for command in "start -q" stop status check xml list; do
		case $command in list) of= ;; *) of=m.yaml ;; esac
		# shellcheck disable=SC2086 # words
		refuses 5 "$1" env TIERLAB_LIBVIRT_URI="$2" "$vmctl" $command $of || return 1
	done
}
ok "libvirt does not answer" no_libvirt "can't reach libvirt: .*no-socket.*make setup" "qemu+unix:///system?socket=$tmp/no-socket"
ok "a libvirt that does not exist" no_libvirt "can't reach libvirt: .*(qemu:///nosuch)" qemu:///nosuch
machine broken.yaml 's/512MiB/512/'
ok "a wrong file is named before a libvirt that does not answer" refuses 4 "^vmctl: broken.yaml:3:9: " \
	env TIERLAB_LIBVIRT_URI=qemu:///nosuch "$vmctl" start -q broken.yaml

if ! image testing; then
	skip "what needs an image" "no qemu-img"
	finish
fi
ok "a QEMU that does not run" refuses 5 "is no QEMU that runs (TIERLAB_QEMU)" env TIERLAB_QEMU=/bin/false "$vmctl" start -q m.yaml
machine q.yaml 's/^memory/qemu: \/nonexistent\n&/'
ok "a QEMU of the file that is not there" refuses 5 "/nonexistent is no QEMU that runs (the machine file's 'qemu')" \
	"$vmctl" start -q q.yaml
ok "no QEMU at all" refuses 5 "qemu-system-x86_64 is not installed: run .make setup" \
	env TIERLAB_QEMU= TIERLAB_QEMU_DIR="$tmp/none" PATH="$tmp/none" "$vmctl" start -q m.yaml
machine big.yaml 's/512MiB/64TiB/'
ok "more memory than the host has" refuses 5 "big.yaml:3:9: .*this host has" "$vmctl" start -q big.yaml
if [ -e /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo; then
	skip "KVM where it can't be used" "KVM can be used here"
else
	machine kvm.yaml 's/tcg/kvm/'
	ok "KVM where it can't be used, with the reason" refuses 5 "kvm.yaml:2:14: .*KVM can't be used here: /dev/kvm" "$vmctl" start -q kvm.yaml
fi

# The test driver takes the domain, and no guest ever answers.
given_up() {
	"$vmctl" start m.yaml >out 2>err &
	pid=$!
	jobs="$jobs $pid"
	within 100 grep -q 'm: booting' err || return 1
	kill -INT "$pid"
	wait "$pid"
	status=$?
	cat err
	[ "$status" -eq 130 ] && [ "$(grep -c '^vmctl: ' err)" -eq 1 ] &&
		tail -n 1 err | grep -q "^vmctl: interrupted: the machine 'm' was ended"
}
if command -v ssh-keygen >/dev/null; then
	ok "Ctrl-C while it boots: status 130 and one line, and the machine is ended" given_up
else
	skip "Ctrl-C while it boots: status 130 and one line, and the machine is ended" "no ssh-keygen"
fi

if serve; then
	machine p.yaml "s/^memory/ssh-port: $port\n&/"
	ok "a port that is taken" refuses 5 "^vmctl: p.yaml:3:11: port $port on 127.0.0.1 is taken" "$vmctl" start -q p.yaml
	ok "it is taken the second time too" refuses 5 "is taken" "$vmctl" start -q p.yaml
else
	skip "a port that is taken" "no busybox httpd"
fi

rm "$TIERLAB_STATE/images/testing.vmlinuz"
machine new.yaml
ok "an image of which a file is missing" refuses 5 "testing.vmlinuz is not there, though .*testing.json names it" "$vmctl" start -q new.yaml
image testing
if small_disk small 2m; then
	full() {
		mkdir -p small/images
		cp "$TIERLAB_STATE"/images/* small/images
		refuses 5 "a machine's disk takes up to 1 GiB in $tmp/small.* are free" env TIERLAB_STATE="$tmp/small" "$vmctl" start -q m.yaml &&
			[ ! -e small/machines/m/disk.qcow2 ] && [ ! -e small/machines/m/manifest.json ]
	}
	ok "no room for the machine's disk: what it takes, and where" full
	# There was room when it began.
	real=$(command -v qemu-img)
	fake qemu-img <<-E
		[ "\$1" != create ] || dd if=/dev/zero of=$tmp/large/filler bs=1M >/dev/null 2>&1
		exec $real "\$@"
	E
	filled() {
		small_disk large 1100m && mkdir -p large/images && cp "$TIERLAB_STATE"/images/* large/images
		refuses 1 "No space left on device" env TIERLAB_STATE="$tmp/large" "$vmctl" start -q m.yaml && [ -e large/filler ] &&
			[ ! -e large/machines/m ] && [ ! -e large/locks/m ]
	}
	ok "the disk fills up while the machine's is made: nothing is left of it" filled
	rm -f "$tmp/bin/qemu-img" large/filler
else
	skip "no room for the machine's disk: what it takes, and where" "no small file system can be mounted here"
fi

finish

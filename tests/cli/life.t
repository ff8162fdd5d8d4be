#!/bin/sh
# Copies of machines, snapshots, resets, and what a killed vmctl leaves, without a guest: libvirt's test driver says what runs.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/machine-lib.sh
. "$(dirname "$0")/machine-lib.sh"

cd "$tmp" || exit 1
machines="$TIERLAB_STATE/machines"

# ---- the command line ----

ok "clone needs a name for the copy" refuses 2 "clone needs NAME NEW" "$vmctl" clone cxl
ok "snapshot needs a machine" refuses 2 "snapshot needs NAME" "$vmctl" snapshot
ok "snapshots of memory are refused, with the reason" refuses 1 "would leave CXL memory out" "$vmctl" snapshot --memory cxl
ok "reverting wants a snapshot" refuses 1 "which snapshot?" "$vmctl" snapshot --revert cxl
ok "reverting and deleting exclude each other" refuses 1 "exclude each other" "$vmctl" snapshot --revert --delete cxl one
ok "a number is no snapshot's name" refuses 1 "'1' can't be a snapshot's name.*letter first" "$vmctl" snapshot cxl 1
ok "reset waits for something that there is" refuses 1 "'redy' is nothing to wait for (did you mean 'ready'" "$vmctl" reset --wait redy cxl
ok "list as JSON and as names exclude each other" refuses 1 "exclude each other" "$vmctl" list --json --names
for command in reset qemu-args snapshot; do
	ok "$command of a machine that there is no file of" refuses 1 "no machine 'nosuch'" "$vmctl" $command nosuch
done
ok "clone too" refuses 1 "no machine 'nosuch'" "$vmctl" clone nosuch new
ok "and nothing of that is left" test ! -e "$TIERLAB_STATE/locks"

# ---- another name ----

machine m.yaml
for bad in A .x x/y ../x x.yaml ""; do
	ok "start --as '$bad' is no name" refuses 1 "'$bad' can't be a machine's name" "$vmctl" start --as "$bad" m.yaml
	ok "clone to '$bad' neither" refuses 1 "'$bad' can't be a machine's name" "$vmctl" clone m.yaml "$bad"
done
ok "start --as the name of a machine that comes with tierlab" refuses 1 "'cxl' is the name of a machine that comes" "$vmctl" start --as cxl m.yaml
ok "clone to such a name" refuses 1 "'cxl' is the name of a machine that comes" "$vmctl" clone m.yaml cxl
ok "start --as of a file that is not there" refuses 1 "no machine 'nosuch'" "$vmctl" start --as one nosuch

if ! image testing; then
	skip "machines with a disk" "no qemu-img"
	finish
fi
machine other.yaml 's/512MiB/1GiB/'

# The test driver starts it, and it is gone when vmctl ends.
start_as() { "$vmctl" start --wait none --as one m.yaml >out 2>err; cat out err; [ -e "$machines/one/disk.qcow2" ] && [ ! -e "$machines/m" ]; }
if command -v ssh-keygen >/dev/null; then
	ok "start --as makes a machine of its own" start_as
	ok "and says what it is known by" grep -q 'one was started: .vmctl wait one' out
	ok "list has it" succeeds '^one *stopped .*testing' "$vmctl" list
	ok "its XML has its name and disk" succeeds "$machines/one/disk.qcow2" "$vmctl" xml one
	ok "its guest has its name" succeeds "hostname one$" "$vmctl" xml one
	ok "it starts by its name, wherever the file is" eval 'mv m.yaml moved.yaml && succeeds "one was started" "$vmctl" start --wait none one; mv moved.yaml m.yaml'
	ok "another file can't have its name and its disk" refuses 1 "machine 'one' already, from $tmp/m.yaml and not from $tmp/other.yaml: .*--as NAME" \
		"$vmctl" start -q --as one other.yaml
	mkdir -p elsewhere && cp other.yaml elsewhere/one.yaml
	ok "also not by being called so" refuses 1 "machine 'one' already" "$vmctl" start -q elsewhere/one.yaml
	edited() { machine m.yaml 's/512MiB/768MiB/' && "$vmctl" start -q --wait none --as one m.yaml && grep -q 768MiB "$machines/one/machine.yaml"; }
	ok "the same file, edited, can" edited
	moved() { mv m.yaml n.yaml && sed -i s/768/640/ n.yaml && "$vmctl" start -q --wait none --as one n.yaml; }
	ok "moved and edited too" moved
	ports() { "$vmctl" start -q --wait none --as two n.yaml && ! cmp "$machines/one/ssh-port" "$machines/two/ssh-port"; }
	ok "two machines of one file have two ports" ports

	# ---- its image goes away ----
	mkdir away && mv "$TIERLAB_STATE"/images/* away
	ok "a machine starts when its image is gone, and says so" succeeds "the image testing is gone.*own copy" "$vmctl" start --wait none two
	ok "not with a new disk" refuses 5 "is not built" "$vmctl" start -q --fresh two
	gone_too() { rm "$machines/two/disk.qcow2" && succeeds "its disk is gone" "$vmctl" start --wait none two && [ -e "$machines/two/disk.qcow2" ]; }
	ok "if its disk is gone too, it gets a new one over its own copy" gone_too
	mv away/* "$TIERLAB_STATE/images"
	rm "$machines/two/testing.qcow2"
	ok "what a machine keeps of its image is gone: --fresh is named" refuses 1 "testing.qcow2 is not there.*--fresh two" "$vmctl" start -q two
	ok "and mends it" succeeds "two was started" "$vmctl" start --wait none --fresh two

	# ---- a port that somebody else has ----
	if serve; then
		echo "$port" >"$machines/two/ssh-port"
		another() { "$vmctl" start -q --wait none two && [ "$(cat "$machines/two/ssh-port")" != "$port" ]; }
		ok "a port that somebody else has now: it takes another" another
		echo 2222 >"$machines/two/ssh-port"
		machine f.yaml "s/^memory/forwards: [{host: $port, guest: 80}]\n&/"
		ok "a forwarded port that somebody else has" refuses 5 "f.yaml:3:.*port $port on 127.0.0.1 is taken" "$vmctl" start -q f.yaml
	else
		skip "a port that somebody else has" "no busybox httpd"
	fi
	own_forward() {
		"$vmctl" start -q --wait none --as first n.yaml && first=$(cat "$machines/first/ssh-port") && "$vmctl" delete first &&
			machine f.yaml "s/^memory/forwards: [{host: $first, guest: 80}]\n&/" &&
			"$vmctl" start -q --wait none f.yaml && [ "$(cat "$machines/f/ssh-port")" -gt "$first" ]
	}
	ok "SSH does not take a port that the file forwards" own_forward
	together() {
		for i in 1 2 3 4 5 6; do "$vmctl" start -q --wait none --as "c$i" n.yaml & started="$started $!"; done
		for i in $started; do wait "$i" || return 1; done
		[ "$(cat "$machines"/c?/ssh-port | sort -u | wc -l)" = 6 ]
	}
	ok "six that start at once have six ports" together

	# ---- killed ----
	mkdir "$machines/k"
	ok "a folder that a killed start left can be deleted" succeeds "k is deleted" "$vmctl" delete k
	cp -r "$machines/one" "$machines/k" && rm "$machines/k/manifest.json"
	ok "a start that was killed before its disk was whole begins anew" succeeds "k was started" "$vmctl" start --wait none k
	rm "$machines/k/disk.qcow2" "$machines/k/manifest.json" "$machines/k"/testing.*
	ok "what a killed delete left is listed" succeeds "^k *stopped" "$vmctl" list
	ok "and can be deleted again" succeeds "k is deleted" "$vmctl" delete k
	ok "nothing of it is left" eval '[ ! -e "$machines/k" ] && [ ! -e "$TIERLAB_STATE/locks/k" ]'
	ok "a machine that could not be started leaves nothing" eval \
		'refuses 5 "." "$vmctl" start -q --image /nonexistent.json n.yaml && [ ! -e "$machines/n" ] && [ ! -e "$TIERLAB_STATE/locks/n" ]'
	lock_waits() {
		(flock 9 && sleep 1 && rm -f "$TIERLAB_STATE/locks/one") 9>>"$TIERLAB_STATE/locks/one" &
		holder=$!
		sleep 0.3
		run "$vmctl" start --wait none one
		wait "$holder"
		[ "$status" = 0 ] && [ -e "$TIERLAB_STATE/locks/one" ] && grep -q 'another vmctl is at work on one' err
	}
	ok "a lock that goes away while it is waited for is taken anew" lock_waits
else
	skip "start --as" "no ssh-keygen"
	finish
fi

# ---- snapshots ----

ok "snapshot takes one" succeeds "one: the disk has the snapshot first" "$vmctl" snapshot one first
ok "and another" succeeds "second" "$vmctl" snapshot one second
ok "not twice" refuses 1 "has a snapshot 'first' already" "$vmctl" snapshot one first
ok "it lists them" succeeds '^second *20..-..-.. ..:' "$vmctl" snapshot one
ok "for programs too" eval 'succeeds . "$vmctl" snapshot --json one && jq -e "map(.name) == [\"first\", \"second\"] and all(.[]; .taken > 1e9)" out'
ok "the disk goes back to one" succeeds "is back at first" "$vmctl" snapshot --revert one first
ok "one is dropped" succeeds "has no more second" "$vmctl" snapshot --delete one second
ok "it is gone then, with what may have been meant" refuses 1 "no snapshot 'firt' (did you mean 'first'" "$vmctl" snapshot -d one firt
ok "of a machine without a disk" refuses 1 "has no disk yet" "$vmctl" snapshot cxl-small a
running one
ok "not of a machine that runs" refuses 1 "is running.*vmctl stop one" "$vmctl" snapshot one third
ok "but they are listed" succeeds "first" "$vmctl" snapshot one
ok "a machine that runs is not copied" refuses 1 "is running: its disk would be torn.*vmctl stop one" "$vmctl" clone one copy
ok "nor over one that runs" refuses 1 "there is a machine 'one' already" "$vmctl" clone two one
TIERLAB_LIBVIRT_URI=test:///default
ok "reset of a machine that does not run" refuses 1 "not running: .vmctl start one" "$vmctl" reset one

# ---- a machine of that name, out of another state folder ----

running one
sed -i "s,</metadata>,&<devices><disk type='file' device='disk'><source file='/elsewhere/machines/one/disk.qcow2'/><target dev='vda' bus='virtio'/></disk></devices>," \
	libvirt.xml
for command in start stop "stop --force" "delete --force" "snapshot"; do
	# shellcheck disable=SC2086 # words
	ok "$command leaves another's machine of that name alone" refuses 1 "belongs to another state folder (/elsewhere/machines/one)" "$vmctl" $command one
done
ok "list shows it as foreign" succeeds '^one *foreign' "$vmctl" list
sed -i "s,/elsewhere/,$TIERLAB_STATE/," libvirt.xml
ok "its own is its own" succeeds '^one *running' "$vmctl" list
TIERLAB_LIBVIRT_URI=test:///default

# ---- clone ----

qemu-io -c 'write -P 7 0 1M' "$machines/one/disk.qcow2" >/dev/null
touch "$machines/one/known_hosts"
ok "clone makes a copy" succeeds "copy is a copy of one" "$vmctl" clone one copy
same() { qemu-io -r -c 'read -P 7 0 1M' "$machines/copy/disk.qcow2" | grep -q 'read 1048576' && qemu-img check -q "$machines/copy/disk.qcow2"; }
ok "with what is on the disk" same
ok "and its snapshots" succeeds "first" "$vmctl" snapshot copy
ok "the image is linked" eval '[ "$machines/copy/testing.qcow2" -ef "$machines/one/testing.qcow2" ]'
ok "host key and port are not copied" eval '[ ! -e "$machines/copy/known_hosts" ] && [ ! -e "$machines/copy/ssh-port" ]'
ok "it starts" succeeds "copy was started" "$vmctl" start --wait none copy
ok "it has a port of its own" eval '! cmp "$machines/copy/ssh-port" "$machines/one/ssh-port"'
ok "a copy is not made over a machine" refuses 1 "there is a machine 'copy' already.*vmctl delete copy" "$vmctl" clone one copy
ok "nor over itself" refuses 1 "there is a machine 'one' already" "$vmctl" clone one one
ok "of a machine that was never started" refuses 1 "never been started.*--as new cxl-small" "$vmctl" clone cxl-small new
foreign new
ok "nor under the name of somebody else's domain" refuses 1 "that vmctl did not make" "$vmctl" clone one new
TIERLAB_LIBVIRT_URI=test:///default
mkdir "$machines/.new.clone" && touch "$machines/.new.clone/disk.qcow2"
ok "what a killed clone left is no machine" eval 'succeeds . "$vmctl" list && ! grep new.clone out'
rm "$machines/one/testing.vmlinuz"
ok "a clone that fails leaves nothing" eval \
	'refuses 1 "testing.vmlinuz is not there" "$vmctl" clone one new && [ ! -e "$machines/new" ] && [ ! -e "$TIERLAB_STATE/locks/new" ]'
ok "a whole one takes away what the killed one left" eval 'succeeds . "$vmctl" clone copy new && [ ! -e "$machines/.new.clone" ]'
if small_disk small 2m; then
	mkdir small/machines && cp -r "$machines/copy" small/machines
	qemu-io -f qcow2 -c 'write 0 1M' small/machines/copy/disk.qcow2 >/dev/null
	ok "no room for a copy: what it takes, and where" refuses 5 "a copy takes .* MiB in $tmp/small, and .* free" \
		env TIERLAB_STATE="$tmp/small" "$vmctl" clone copy more
else
	skip "no room for a copy: what it takes, and where" "no small file system can be mounted here"
fi

finish

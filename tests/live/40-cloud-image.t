#!/bin/sh
# A disk image as the base, fetched from a web server: what a cloud image goes through. The image is one that was made
# here: nothing outside Debian's archive is needed.
. "$(dirname "$0")/lib.sh"

command -v busybox >/dev/null || skip_all 'busybox (a web server for the test) is not installed'
"$vmbuild" -q cxl-tcg >/dev/null 2>&1
mkdir "$work/www"
ln "$TIERLAB_STATE/images/cxl-tcg.qcow2" "$work/www/base.qcow2" 2>/dev/null || cp "$TIERLAB_STATE/images/cxl-tcg.qcow2" "$work/www/base.qcow2"
port=8642
busybox httpd -f -p 127.0.0.1:$port -h "$work/www" &
server=$!
sum=$(sha256sum < "$work/www/base.qcow2" | cut -d' ' -f1)
ssh-keygen -q -t ed25519 -N '' -f "$work/key" -C somebody
recipe() {
	cat <<-E
	name: t-cloud
	base:
	  image: http://127.0.0.1:$port/base.qcow2
	  digest: sha256:$1
	kernel: stock
	overlay: lab
	disk: 10GiB
	hostname: from-cloud
	grub:
	  timeout: 2s
	users:
	  - name: alice
	    sudo: true
	    keys: ["$(cat "$work/key.pub")"]
	E
}
# A cache of its own: what is fetched is 10 GiB's worth of somebody's disk.
TIERLAB_CACHE=$work/cache
export TIERLAB_CACHE

recipe "$(echo x | sha256sum | cut -d' ' -f1)" > "$work/bad.yaml"
wrong() { ! "$vmbuild" "$work/bad.yaml" > "$work/said" 2>&1 && grep "expected sha256:.*got sha256:$sum" "$work/said"; }
nothing() { [ ! -e "$TIERLAB_STATE/images/t-cloud.json" ] && ! find "$work/cache" -name 'base.img*' | grep .; }
recipe "$sum" > "$work/t-cloud.yaml"
build() { "$vmbuild" "$work/t-cloud.yaml"; }
ok 'an image whose digest does not fit is refused, with both digests' wrong
ok 'and nothing of it is kept' nothing
ok 'an image is fetched over http, verified and made into another' build
unset TIERLAB_CACHE

machine t-cloud-vm 's/^image:.*/image: t-cloud/'
x() { "$vmctl" exec t-cloud-vm -- "$@"; }
start() { "$vmctl" start "$file"; }
grown() { [ "$(x df -B1 --output=size / | tail -n 1)" -gt 9500000000 ]; }
user() { x id alice && x grep -q somebody /home/alice/.ssh/authorized_keys && [ "$(x stat -c %U:%a /home/alice/.ssh/authorized_keys)" = alice:600 ]; }
locked() { x awk -F: '$1 == "alice" && $2 !~ /^[!*]/ { bad = 1 } END { exit bad }' /etc/shadow; }
login() { p=$("$vmctl" status t-cloud-vm --json | jq .ssh_port); ssh -F none -i "$work/key" -p "$p" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes alice@127.0.0.1 true; }
hostname_file() { [ "$(x cat /etc/hostname)" = from-cloud ]; }
ok 'it boots, and its region is made' start
ok 'its root has grown to the disk' grown
ok 'the user of the recipe is there with the key' user
ok 'and without a password' locked
ok 'and can log in with the key' login
ok 'the host name of the recipe is in the image' hostname_file
"$vmctl" delete --force t-cloud-vm >/dev/null 2>&1
rm -f "$TIERLAB_STATE"/images/t-cloud.*
done_testing

#!/bin/sh
# Cloud images as the base: one laid out as Debian's and Ubuntu's are, with cloud-init and a menu that is hidden, from a web
# server with a signed list of digests, through the shipped recipe. It is made here; other layouts are in tests/long/45-layouts.t.
. "$(dirname "$0")/lib.sh"
. "$top/tests/live/cloud-lib.sh"

for program in busybox gpg sfdisk guestfish mmdebstrap; do
	command -v $program >/dev/null || skip_all "$program is not installed"
done
ok 'cloud images are made to test with' cloud_images || { done_testing; exit 1; }

# A cache of their own, in which only the appliance stays: the images come from a port that is another one next time.
TIERLAB_CACHE=$cloud/cache
export TIERLAB_CACHE

serve() {
	port=$((20000 + $$ % 10000))
	for _ in 1 2 3 4 5 6 7 8 9; do
		busybox httpd -f -p "127.0.0.1:$port" -h "$work/www" 2>/dev/null &
		server=$!
		sleep 0.3
		kill -0 "$server" 2>/dev/null && return
		port=$((port + 1))
	done
	return 1
}

image=debian-13-genericcloud-amd64.qcow2
mkdir "$work/www"
ln -s "$cloud/gpt.qcow2" "$work/www/$image"
export GNUPGHOME="$work/gnupg"
mkdir -m 700 "$GNUPGHOME"
sign() {
	(cd "$work/www" && sha512sum "$image" >SHA512SUMS) &&
		gpg --batch -q --passphrase '' --quick-generate-key lab@example ed25519 sign never &&
		gpg --batch -q --export lab@example >"$work/keys.gpg" &&
		gpg --batch -q --passphrase '' -o "$work/www/SHA512SUMS.gpg" --detach-sign "$work/www/SHA512SUMS"
	status=$?
	gpgconf --kill all
	return $status
}
ok 'the list of digests is signed' sign
ok 'a web server has them' serve
at=http://127.0.0.1:$port
ssh-keygen -q -t ed25519 -N '' -f "$work/key" -C somebody

cat >"$work/t-cloud.yaml" <<-Y
	extends: debian-cloud
	name: t-cloud
	base:
	  image: $at/$image
	  sums: $at/SHA512SUMS
	  signature: $at/SHA512SUMS.gpg
	  keyring: $work/keys.gpg
	  insecure: false
	hostname: from-cloud
	grub: {timeout: 2s}
	users: [{name: alice, sudo: true, keys: ["$(cat "$work/key.pub")"]}]
	Y
cloud() { "$vmbuild" "$@" "$work/t-cloud.yaml"; }
changed() {
	sed -i.good 's/^./x/' "$work/www/SHA512SUMS"
	! cloud >"$work/said" 2>&1 && grep 'the signature does not fit' "$work/said"
	status=$?
	mv "$work/www/SHA512SUMS.good" "$work/www/SHA512SUMS"
	return $status
}
nothing() { [ ! -e "$manifest" ] && ! find "$TIERLAB_CACHE" -name 'base.img*' | grep .; }
rm -rf "$TIERLAB_CACHE/steps" "$TIERLAB_STATE"/images/t-cloud*
manifest=$TIERLAB_STATE/images/t-cloud.json
vouched() { [ "$(field "$manifest" '.steps[] | select(.step == "base") | .verified_by')" = lock ] && [ "$(field "$manifest" .insecure)" = null ]; }
layout() { [ "$(field "$manifest" '.steps[] | select(.step == "disk") | .mounts')" = '/dev/sda1:/ /dev/sda15:/boot/efi' ]; }
ok 'a list of digests that was changed is refused' changed
ok 'and nothing is kept' nothing
locked() { cloud lock && grep -E '^  cxl: "?[0-9]' "$work/t-cloud.lock"; }
ok 'debian-cloud is fetched, verified and locked' locked
ok 'and made into an image as the lock has it' cloud --locked
ok 'its manifest says that the lock vouches for it, and not that it is insecure' vouched
ok 'the EFI system partition is part of it' layout

# Booted from its disk: by the GRUB that the image brought, and the menu that vmbuild made.
machine t-cloud-vm 's/^image:.*/image: t-cloud/' '1i boot: disk'
log=$TIERLAB_STATE/machines/t-cloud-vm/console.log
x() { "$vmctl" exec t-cloud-vm -- "$@"; }
start() { "$vmctl" start "$file"; }
menu() { tr -d '\000' <"$log" | grep -a -E 'GRUB +version'; }
grown() { [ "$(x df -B1 --output=size / | tail -n 1)" -gt 8000000000 ]; }
efi() { x findmnt -n -t vfat /boot/efi && x test -e /boot/efi/EFI/BOOT/BOOTX64.EFI; }
# It found no cloud, and left the machine alone.
cloud_init() { x cloud-init status | grep 'status: disabled'; }
user() { x id alice && x grep -q somebody /home/alice/.ssh/authorized_keys && [ "$(x stat -c %U:%a /home/alice/.ssh/authorized_keys)" = alice:600 ]; }
no_password() { x awk -F: '$1 == "alice" && $2 !~ /^[!*]/ { bad = 1 } END { exit bad }' /etc/shadow; }
login() { p=$("$vmctl" status t-cloud-vm --json | jq .ssh_port); ssh -F none -i "$work/key" -p "$p" -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes alice@127.0.0.1 true; }
hostname_file() { [ "$(x cat /etc/hostname)" = from-cloud ]; }
ok 'it boots, and its region is made' start
ok 'the hidden menu is on the serial console' menu
ok 'its root has grown to the disk' grown
ok 'the EFI system partition is mounted' efi
ok 'cloud-init is there, and out of the way' cloud_init
ok 'the user of the recipe is there with the key' user
ok 'and without a password' no_password
ok 'and can log in with the key' login
ok 'the host name of the recipe is in the image' hostname_file
noted() { x cxl version && x grep -x 'Package: libcxl[0-9]*' /var/lib/apt/extended_states && ! x grep -x 'Package: cxl' /var/lib/apt/extended_states; }
ok "of the recipe's packages, apt knows which came in by themselves" noted
no_lists() { x true && ! x sh -c 'ls /var/lib/apt/lists /var/cache/apt' | grep -E 'Packages|Release|debs|deb$'; }
ok "and none of this day's lists are in the image" no_lists
"$vmctl" delete --force t-cloud-vm >/dev/null 2>&1
rm -rf "$TIERLAB_CACHE/steps" "$TIERLAB_CACHE/fetch" "$TIERLAB_STATE"/images/t-cloud*
done_testing

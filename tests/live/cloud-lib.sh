# Cloud images for the tests, made of Debian's packages: a system as those of cloud.debian.org and of Ubuntu have it, and
# disks of several layouts. Sourced. Kept in the tests' state, under a digest of this file.
# shellcheck shell=sh

cloud=$TIERLAB_STATE/cloud-$(sha256sum <"$top/tests/live/cloud-lib.sh" | cut -c 1-16)

# The system: with cloud-init, netplan and lists of mirrors as Debian's image has them, and a boot menu that nobody sees. What
# the host's apt is told of it is behind a link, and a setting of its own is not for the host. Of the recipe's packages
# it has numactl alone.
cloud_system() {
	# shellcheck disable=SC2016 # $(REPO_URI) is apt's, $1 mmdebstrap's
	mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 2>/dev/null | head -n 1)
	# shellcheck disable=SC2016,SC2086
	MIRROR=${mirror:-https://deb.debian.org/debian} mmdebstrap --quiet --variant=minbase --format=tar --aptopt='Acquire::Retries "3"' \
		--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--include=systemd,systemd-sysv,systemd-resolved,udev,kmod,dbus,iproute2,openssh-server,cloud-init,netplan.io,sudo,ca-certificates,numactl \
		--include=linux-image-cloud-amd64,initramfs-tools,grub-pc-bin,grub-efi-amd64-bin,grub2-common \
		--customize-hook='mkdir -p "$1/etc/default/grub.d" "$1/boot/efi"
			printf "GRUB_TIMEOUT=0\nGRUB_TIMEOUT_STYLE=hidden\nGRUB_CMDLINE_LINUX=\"console=tty0 console=ttyS0,115200\"\n" >"$1/etc/default/grub.d/15_timeout.cfg"
			printf "network:\n  version: 2\n  ethernets:\n    all-en:\n      match: {name: \"en*\"}\n      dhcp4: true\n" >"$1/etc/netplan/90-default.yaml"
			chmod 600 "$1/etc/netplan/90-default.yaml"
			rm -f "$1/etc/apt/sources.list"
			mkdir -p "$1/etc/apt/mirrors"
			echo "$MIRROR" >"$1/etc/apt/mirrors/debian.list"
			printf "Types: deb deb-src\nURIs: mirror+file:///etc/apt/mirrors/debian.list\nSuites: trixie trixie-updates\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n" >"$1/etc/apt/sources.list.d/debian.sources"
			mv "$1/etc/apt/sources.list.d" "$1/etc/apt/elsewhere"
			ln -s /etc/apt/elsewhere "$1/etc/apt/sources.list.d"
			printf "APT::Default-Release \"trixie\";\nApt::Key::gpgvcommand \"/bin/false\";\n" >"$1/etc/apt/apt.conf.d/99own"' \
		trixie "$1" $mirror
}

# Two that are refused need no more of a system than what it is known by.
small_system() {
	mkdir -p "$1/etc" "$1/bin" "$1/usr" "$1/var/lib/dpkg" "$1/boot"
	printf 'ID=%s\nVERSION_ID=13\nNAME=%s\n' "$2" "$2" >"$1/etc/os-release"
	echo "/dev/sda$3 / ext4 defaults 0 1" >"$1/etc/fstab"
	echo x >"$1/etc/hostname"
	: >"$1/bin/sh"
	: >"$1/var/lib/dpkg/status"
	tar -C "$1" -cf "$1.tar" .
}

BIOS=21686148-6449-6E6F-744E-656564454649
ESP=C12A7328-F81F-11D2-BA4B-00A0C93EC93B

# Debian's and Ubuntu's: the root is partition 1 and stands last.
table_gpt() {
	cat <<-E
	label: gpt
	${1}14: start=2048, size=6144, type=$BIOS
	${1}15: start=8192, size=253952, type=$ESP, uuid=11111111-1111-4111-8111-000000000015
	${1}1: start=262144, uuid=11111111-1111-4111-8111-000000000001
	E
}
table_mbr() {
	printf 'label: dos\nlabel-id: 0x1a2b3c4d\n%s1: start=2048, type=83, bootable\n' "$1"
}
table_btrfs() {
	cat <<-E
	label: gpt
	${1}1: start=2048, size=6144, type=$BIOS
	${1}2: start=8192, size=524288
	${1}3: start=532480, uuid=22222222-2222-4222-8222-000000000003
	E
}
table_fedora() { printf 'label: gpt\n%s1: start=2048\n' "$1"; }
table_logical() { printf 'label: dos\n%s1: start=2048, size=65536, type=83\n%s2: start=67584, type=5\n%s5: start=69632, type=83\n' "$1" "$1" "$1"; }
table_middle() { printf 'label: gpt\n%s1: start=2048, size=131072\n%s2: start=133120\n' "$1" "$1"; }

table_two() { table_middle "$1"; }
table_lvm() { printf 'label: gpt\n%s1: start=2048\n' "$1"; }

# blank NAME SIZE: a raw disk with its partition table
blank() {
	truncate -s "$2" "$1.raw"
	"table_$1" "$1.raw" | sfdisk --quiet "$1.raw"
}

# All in one appliance.
fill_disks() {
	LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg guestfish <<-'E'
	add-drive gpt.raw format:raw cachemode:unsafe label:gpt
	add-drive mbr.raw format:raw cachemode:unsafe label:mbr
	add-drive btrfs.raw format:raw cachemode:unsafe label:btrfs
	add-drive fedora.raw format:raw cachemode:unsafe
	add-drive logical.raw format:raw cachemode:unsafe
	add-drive middle.raw format:raw cachemode:unsafe
	add-drive two.raw format:raw cachemode:unsafe
	add-drive lvm.raw format:raw cachemode:unsafe
	smp 2
	memsize 1024
	run

	mkfs vfat /dev/sda15
	mkfs ext4 /dev/sda1 label:cloudimg-rootfs
	mount /dev/sda1 /
	tar-in system.tar / xattrs:true
	mount /dev/sda15 /boot/efi
	write /etc/fstab "PARTUUID=11111111-1111-4111-8111-000000000001 / ext4 rw,discard,errors=remount-ro,x-systemd.growfs 0 1\nPARTUUID=11111111-1111-4111-8111-000000000015 /boot/efi vfat defaults 0 0\n"
	command "grub-install --target=i386-pc --no-floppy /dev/disk/guestfs/gpt"
	command "grub-install --target=x86_64-efi --removable --no-nvram --efi-directory=/boot/efi"
	command "grub-mkconfig -o /boot/grub/grub.cfg"
	umount-all

	mkfs xfs /dev/sdb1
	mount /dev/sdb1 /
	tar-in system.tar / xattrs:true
	write /etc/fstab "PARTUUID=1a2b3c4d-01 / xfs defaults 0 1\n"
	command "grub-install --target=i386-pc --no-floppy /dev/disk/guestfs/mbr"
	umount-all

	mkfs ext4 /dev/sdc2 label:boot
	mkfs btrfs /dev/sdc3 label:root
	mount /dev/sdc3 /
	btrfs-subvolume-create /@
	btrfs-subvolume-create /@home
	umount-all
	mount btrfsvol:/dev/sdc3/@ /
	mkdir /boot
	mount /dev/sdc2 /boot
	tar-in system.tar / xattrs:true
	write /etc/fstab "LABEL=root / btrfs subvol=@ 0 1\nPARTUUID=22222222-2222-4222-8222-000000000003 /home btrfs rw,subvol=/@home 0 1\nLABEL=boot /boot ext4 defaults 0 2\n/dev/sr0 /media/cdrom iso9660 noauto 0 0\n"
	command "grub-install --target=i386-pc --no-floppy /dev/disk/guestfs/btrfs"
	umount-all

	mkfs ext4 /dev/sdd1
	mount /dev/sdd1 /
	tar-in fedora.tar /
	umount-all
	mkfs ext4 /dev/sde5
	mount /dev/sde5 /
	tar-in logical.tar /
	umount-all
	mkfs ext4 /dev/sdf1
	mount /dev/sdf1 /
	tar-in middle.tar /
	umount-all
	mkfs ext4 /dev/sdg1
	mount /dev/sdg1 /
	tar-in middle.tar /
	umount-all
	mkfs ext4 /dev/sdg2
	mount /dev/sdg2 /
	tar-in middle.tar /
	umount-all
	pvcreate /dev/sdh1
	vgcreate vg /dev/sdh1
	lvcreate root vg 80
	mkfs ext4 /dev/vg/root
	mount /dev/vg/root /
	tar-in middle.tar /
	umount-all
	E
}

make_disks() {
	cloud_system system.tar || return
	small_system fedora fedora 1
	small_system logical debian 5
	small_system middle debian 1
	blank gpt 2G && blank mbr 2G && blank btrfs 2G && blank fedora 128M && blank logical 128M && blank middle 128M &&
		blank two 128M && blank lvm 128M &&
		fill_disks || return
	for disk in *.raw; do
		qemu-img convert -O qcow2 "$disk" "${disk%.raw}.qcow2" || return
	done
	rm -rf ./*.raw ./*.tar fedora logical middle
}

# $cloud/NAME.qcow2 of each layout are there afterwards.
cloud_images() (
	[ ! -e "$cloud" ] || return 0
	rm -rf "$TIERLAB_STATE"/cloud-*
	mkdir "$cloud.part" && cd "$cloud.part" && make_disks >&2 && mv "$cloud.part" "$cloud"
)

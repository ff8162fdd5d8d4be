#!/bin/sh
# A kernel whose root's driver is a module, with headers: it gets an initrd, boots with it, and takes a module that was compiled
# against its headers. The kernel is compiled in cxl-tcg's object tree.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/../live/lib.sh"

export TIERLAB_STATE="$work/state"
cat > "$work/modular.yaml" <<-'E'
	extends: cxl-tcg
	name: cxl-tcg
	packages: [initramfs-tools]
	kernel:
	  headers: true
	  options: [CONFIG_EXT4_FS=m, CONFIG_VIRTIO_BLK=m]
	E
sed '/^packages/d' "$work/modular.yaml" > "$work/without.yaml"
images=$TIERLAB_STATE/images
told() { ! "$vmbuild" "$work/without.yaml" > "$work/said" 2>&1 && cat "$work/said" && grep 'initrd: add CONFIG_[A-Z0-9_]*=y to' "$work/said"; }
initrd() { [ -s "$images/cxl-tcg.initrd" ] && [ "$(field "$images/cxl-tcg.json" .files.initrd.sha256)" = "$(sha256sum < "$images/cxl-tcg.initrd" | cut -d' ' -f1)" ]; }
as_it_says() { "$vmbuild" inspect cxl-tcg; }
ok 'without initramfs-tools the recipe is refused, and both cures are named' told
ok 'a kernel with its root as a module is built' "$vmbuild" "$work/modular.yaml" || { done_testing; exit 1; }
ok 'and has an initrd' initrd
ok 'the image is as its manifest says' as_it_says

# The module is compiled here, for the image has no compiler: with the headers as they are in the kernel's step.
kernel=$("$vmbuild" plan "$work/modular.yaml" --json | jq -r '.[] | select(.step == "kernel") | .folder')
mkdir "$work/root" "$work/module"
tar -C "$work/root" -xf "$kernel/kernel.tar"
headers=$(echo "$work"/root/usr/src/linux-headers-*)
echo 'obj-m := t_lab.o' > "$work/module/Makefile"
cat > "$work/module/t_lab.c" <<-'E'
	#include <linux/init.h>
	#include <linux/module.h>
	static int __init t_lab_init(void) { pr_info("t_lab is in\n"); return 0; }
	static void __exit t_lab_exit(void) { }
	module_init(t_lab_init);
	module_exit(t_lab_exit);
	MODULE_LICENSE("GPL");
	E
ok 'a module is compiled against the headers' make -C "$headers" M="$work/module" modules

machine t-modular
start() { "$vmctl" start "$file"; }
x() { "$vmctl" exec t-modular -- "$@"; }
modules() { x grep -q '^ext4 ' /proc/modules && x grep -q '^virtio_blk ' /proc/modules; }
build_link() { x test -e "/lib/modules/$(x uname -r)/build/Makefile"; }
loads() { x sh -c 'cat > /root/t_lab.ko' < "$work/module/t_lab.ko" && x insmod /root/t_lab.ko && x dmesg | grep 't_lab is in'; }
ok 'it boots by its initrd' start
ok 'the drivers of disk and root are modules' modules
ok 'its headers are where a build looks for them' build_link
ok 'and it takes the module' loads
done_testing

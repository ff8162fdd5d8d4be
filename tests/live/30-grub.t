#!/bin/sh
# The same image, booted from its disk: GRUB's menu is seen, and its default is the kernel that was built.
. "$(dirname "$0")/lib.sh"

"$vmbuild" -q cxl-tcg >/dev/null 2>&1
machine t-grub '1i boot: disk'
log=$TIERLAB_STATE/machines/t-grub/console.log
start() { "$vmctl" start "$file"; }
menu() { tr -d '\000' < "$log" | grep -a -E 'GRUB +version|GNU GRUB'; }
default() { "$vmctl" exec t-grub -- cat /proc/cmdline | grep "BOOT_IMAGE=/boot/vmlinuz-$(field "$TIERLAB_STATE/images/cxl-tcg.json" .kernel.release) "; }
hints() { "$vmctl" exec t-grub -- grep -- --hint /boot/grub/grub.cfg >"$work/hints" && grep -F -- "--hint='hd0,gpt2'" "$work/hints" && ! grep -E -- '--hint-|hd1' "$work/hints"; }
no_map() { ! "$vmctl" exec t-grub -- test -e /boot/grub/device.map; }
ok 'a machine that boots from its disk comes up, with its region' start
ok 'the boot menu is on the serial console' menu
ok 'GRUB started the kernel that was built' default
ok "the menu looks for its root on the first disk, as a machine's only one is" hints
ok 'the map that said so while it was made is gone' no_map
done_testing

# A kernel that is not built: a source tree with a small Kconfig, and a make that does what kbuild would, by these
# variables:
#
#   FAKE_DROP   options (CONFIG_X, with blanks between) that do not come out of the configuration
#   FAKE_BREAK  a line: compiling says it and fails
#   FAKE_SLEEP  seconds that compiling takes
#   FAKE_BASE   a line: bootstrapping says it and fails
#
# and a mmdebstrap of the same kind. Sourced after lib.sh.
# shellcheck shell=sh disable=SC2154 # variables of lib.sh

cd "$tmp" || exit 1
mkdir linux linux/drivers overlay
echo 'all:' >linux/Makefile
echo hello >overlay/hello
file linux/Kconfig <<'E'
mainmenu "A small kernel"

config 64BIT
	bool "64-bit kernel"

menu "Buses"
	depends on 64BIT
source "drivers/Kconfig"
endmenu
E
file linux/drivers/Kconfig <<'E'
config PCI
	bool "PCI"

config CXL_BUS
	tristate "CXL"
	depends on PCI
	select CXL_PORT
	help
	  config NOT_AN_OPTION is words here.

config CXL_PORT
	tristate

config CXL_REGION
	bool "Regions"
	depends on CXL_BUS && SPARSEMEM
E
file r.yaml <<'E'
base: {suite: trixie}
kernel:
  tree: linux
  options:
    - CONFIG_64BIT=y
    - CONFIG_PCI=y
    - CONFIG_CXL_BUS=y
packages: [cxl]
overlay: ./overlay
bench: false
E

fake make <<'E'
for word; do
	case $word in
	O=*) obj=${word#O=} ;;
	KCONFIG_ALLCONFIG=*) all=${word#*=} ;;
	INSTALL_MOD_PATH=*) mods=${word#*=} ;;
	esac
done
case " $* " in
*" allnoconfig "*)
	grep -v "^CONFIG_\($(echo "${FAKE_DROP:-none}" | sed 's/CONFIG_//g; s/ /\\|/g')\)=" "$all" >"$obj/.config"
	echo CONFIG_MODULES=y >>"$obj/.config"
	;;
*" bzImage "*)
	echo '  CC      kernel/fork.o'
	sleep "${FAKE_SLEEP:-0}"
	if [ -n "$FAKE_BREAK" ]; then
		echo "$FAKE_BREAK" >&2
		echo 'make[2]: *** [scripts/Makefile.build:243: foo.o] Error 1' >&2
		echo 'make: *** [Makefile:123: __sub-make] Error 2' >&2
		exit 2
	fi
	mkdir -p "$obj/arch/x86/boot" "$obj/include/config"
	echo a kernel >"$obj/arch/x86/boot/bzImage"
	echo 6.12.0-tierlab >"$obj/include/config/kernel.release"
	;;
*" modules_install "*)
	mkdir -p "$mods/lib/modules/6.12.0-tierlab"
	echo a module >"$mods/lib/modules/6.12.0-tierlab/x.ko"
	;;
esac
E
fake mmdebstrap <<'E'
echo 'I: extracting archives...' >&2
sleep "${FAKE_SLEEP:-0}"
if [ -n "$FAKE_BASE" ]; then
	echo "$FAKE_BASE" >&2
	echo 'E: mmdebstrap failed to run' >&2
	exit 1
fi
for word; do
	case $word in *.tar) tar cf "$word" -T /dev/null ;; esac
done
E
forget_calls

# Everything but the image gets done: there is no appliance.
all_but_the_image() {
	run "$vmbuild" -q r.yaml
	[ "$status" -eq 1 ] && [ "$(wc -l <err)" -eq 1 ] && grep -q appliance err
}

# steps_run CONFIG KERNEL BASE: how many times each was run since the last forget_calls.
steps_run() {
	have="$(called '^make.* allnoconfig') $(called '^make.* bzImage') $(called '^mmdebstrap')"
	echo "configured, compiled, bootstrapped: $have"
	[ "$have" = "$*" ]
}

#!/bin/sh
# The shipped option fragments, each alone and all together, on every kernel from 6.6 that Debian's suites offer to this
# machine. Options are resolved, nothing is compiled: 10 s for each line; again, as long as nothing changed, none.
# Of each package that a suite has in several versions, the newest. KERNELS=all takes the others too, and
# KERNELS='7.2.6 6.12.107' only these.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/../live/lib.sh"
# shellcheck source=tests/long/sources.sh
. "$(dirname "$0")/sources.sh"

fragments=$(cd "$top/kconfigs" && ls)
# guest first: it asks for no debug information, which debug takes back.
together=guest,$(echo "$fragments" | grep -vx guest | paste -sd,)

# recipe TREE CONFIG FRAGMENTS [OPTION]
recipe() {
	cat > "$work/r.yaml" <<-EOF
		name: fragments
		base: {suite: trixie}
		kernel:
		  tree: $1
		  config: $2
		  fragments: [$3]
		  options: [${4:-}]
	EOF
}
resolves() { recipe "$@" && "$vmbuild" config "$work/r.yaml"; }

# CXL memory as a dax device without what it stands on: the miss is told, with what is missing.
told() {
	recipe "$1" tiny guest CONFIG_DEV_DAX_CXL=y
	! "$vmbuild" config "$work/r.yaml" > "$work/said" 2>&1 && cat "$work/said" &&
		grep 'r.yaml:7: CONFIG_DEV_DAX_CXL=y was asked for and is n: it depends on .*CXL_BUS (CXL_BUS=n)' "$work/said"
}
# And what is named as the cure is one.
cured() {
	cure=$(sed -n 's/.*; add \(CONFIG_.*=y\)$/\1/p' "$work/said")
	[ -n "$cure" ] && resolves "$1" tiny guest "CONFIG_DEV_DAX_CXL=y, $cure"
}

# kernel NAME TREE
kernel() {
	for f in $fragments; do
		ok "$1: $f alone, on tiny" resolves "$2" tiny "$f"
	done
	ok "$1: all fragments, on tiny" resolves "$2" tiny "$together"
	ok "$1: all fragments, on defconfig" resolves "$2" defconfig "$together"
	ok "$1: an option without what it depends on is refused, and that is named" told "$2"
	ok "$1: with what it was told to add, it is met" cured "$2"
}

command -v apt-get > /dev/null || skip_all 'this host has no apt to take kernel sources from'
update_lists || skip_all "no Debian suite is in reach of this host's apt"
for suite in $more_suites; do
	has_suite "$suite" && continue
	n=$((n + 1))
	echo "ok $n - kernels of $suite # SKIP the mirror that this host has Debian from does not offer it"
done

if [ -n "${KERNELS:-}" ]; then offers; else offers | newest; fi > "$work/offers"
[ "${KERNELS:-}" != all ] || KERNELS=
# One upstream version counts once, whichever suite has it.
done_versions=
while read -r package version upstream suite; do
	case " $done_versions " in *" $upstream "*) continue ;; esac
	done_versions="$done_versions $upstream"
	if dpkg --compare-versions "$upstream" lt "$oldest"; then
		echo "# $package $version ($suite): left out, for fragments are written for $oldest and later"
		continue
	fi
	case " ${KERNELS:-$upstream} " in *" $upstream "*) ;; *) continue ;; esac
	got=$(tree "$package" "$version")
	ok "$upstream: $package $version of $suite is fetched" test -n "$got" || continue
	kernel "$upstream" "$got"
done < "$work/offers"
some() { [ "$n" -gt "$(echo "$fragments" | wc -l)" ]; }
ok "there are kernels from $oldest up" some
done_testing

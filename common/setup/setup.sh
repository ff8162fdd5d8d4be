#!/bin/bash
# setup.sh: make this host ready for tierlab.
#
#   setup.sh [--for PURPOSE[,PURPOSE...]]   install what is missing (default: build,image,kernel,run,man)
#   setup.sh --check [--for ...]            only say what is missing; exit status 1 if anything is
#
# PURPOSE is build, image, kernel, run, man or test; the file `packages` beside this one says what each needs and why.
# With `run`, also QEMU 11.1 or newer (qemu-bundle.sh) and a libvirt that answers (libvirtd.sh). What is there is skipped.
# Asks nothing. Needs root where something is to be installed, and takes sudo to get it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=common/setup/lib.sh
. "$here/lib.sh"

umask 022
state=/var/cache/tierlab
log=/var/log/tierlab-setup.log
backports=/etc/apt/sources.list.d/tierlab-backports.sources

usage() {
	sed -n '2,11s/^# \{0,1\}//p' "$0"
	exit "$1"
}

purposes=build,image,kernel,run,man check=
while [ $# -gt 0 ]; do
	case $1 in
	--for) purposes=${2:?--for wants a list of purposes} && shift ;;
	--for=*) purposes=${1#*=} ;;
	--check) check=1 ;;
	-h | --help) usage 0 ;;
	*) usage 2 >&2 ;;
	esac
	shift
done
for p in ${purposes//,/ }; do
	case $p in
	build | image | kernel | run | man | test) ;;
	*) die "--for: unknown purpose '$p' (build, image, kernel, run, man, test)" ;;
	esac
done
wants() { [[ ,$purposes, == *,$1,* ]]; }

id=$(os ID) version=$(os VERSION_ID) codename=$(os VERSION_CODENAME)

# ---- what is missing ----------------------------------------------------------------------------------------------

has_kernel() {
	local k
	for k in /boot/vmlinuz-*; do
		[ ! -d "/lib/modules/${k#/boot/vmlinuz-}" ] || return 0
	done
	return 1
}

# Does this host meet all the words of a `where` column?
applies() {
	local word
	set -f
	for word in $1; do
		case $word in
		'*' | "$id" | "$id-$version") ;;
		no-kernel) ! has_kernel || return 1 ;;
		*) return 1 ;;
		esac
	done
}

# Fills `missing` (packages, as apt takes them: name or name/suite) and `report` (for each row that lacks some: purpose, text).
missing=() report=()
find_missing() {
	local purpose where from names reason name lacking status version_of
	declare -A installed=() seen=()
	if command -v dpkg-query >/dev/null; then
		while read -r status name version_of; do
			[[ $status != ?i ]] || installed[$name]=$version_of
		done < <(dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\n')
	fi
	while IFS='|' read -r purpose where from names reason; do
		read -r purpose <<<"$purpose"
		if [[ -z $purpose || $purpose == \#* ]] || ! wants "$purpose" || ! (applies "$where"); then continue; fi
		read -r from <<<"$from"
		[[ -n $codename && $from == "$codename"-* ]] || from=
		lacking=
		for name in $names; do
			# From backports means this version or a later one of the same: an older one was not tried.
			if [ -n "${installed[$name]:-}" ] && [[ -z $from || ${installed[$name]} == *~bpo* ]]; then continue; fi
			lacking+=" $name"
			[ -n "${seen[$name]:-}" ] || missing+=("$name${from:+/$from}")
			seen[$name]=1
		done
		[ -z "$lacking" ] || report+=("$purpose" "${reason# }:$lacking")
	done <"$here/packages"
}

find_missing
bundle='' daemon=''
if wants run; then
	"$here/qemu-bundle.sh" --check || bundle=1
	daemon=$("$here/libvirtd.sh" --check) || :
fi
if [ ${#missing[@]} = 0 ] && [ -z "$bundle$daemon" ]; then
	[ -z "$check" ] || say "everything is there for $purposes"
	exit 0
fi

supported() {
	command -v apt-get >/dev/null || return 1
	case $id in
	debian) [ -z "$version" ] || version_at_least "$version" 12 ;;
	ubuntu) version_at_least "$version" 24.04 ;;
	*) false ;;
	esac
}

# TIERLAB_FOR_USER is set where this ran as that user, said what follows and took sudo.
if [ -z "${TIERLAB_FOR_USER:-}" ]; then
	if [ ${#missing[@]} != 0 ]; then
		say "missing packages, and what they are for:"
		for ((i = 0; i < ${#report[@]}; i += 2)); do say_row "${report[i]}" "${report[i + 1]}"; done
	fi
	[ -z "$bundle" ] || say "missing: QEMU 11.1 or newer, whose CXL memory is as fast as DRAM"
	[ -z "$daemon" ] || say "missing: $daemon"
fi
[ -z "$check" ] || exit 1
supported || die "this host ($(os PRETTY_NAME)) is not one that set-up knows how to install on (Debian 12 and later, Ubuntu 24.04 and later): install the above, then go on"

# ---- as root from here --------------------------------------------------------------------------------------------

if [ "$(id -u)" != 0 ] && { [ ${#missing[@]} != 0 ] || ! "$here/qemu-bundle.sh" --writable; }; then
	again=("$here/setup.sh" --for "$purposes")
	command -v sudo >/dev/null || die "needs root: run as root: ${again[*]}"
	sudo=(sudo)
	[ -t 0 ] || sudo=(sudo -n)
	say "needs root: ${sudo[*]} ${again[*]}"
	exec "${sudo[@]}" env "TIERLAB_QEMU_DIR=$TIERLAB_QEMU_DIR" TIERLAB_FOR_USER="$(id -un)" "${again[@]}"
fi

if [ "$(id -u)" = 0 ]; then
	mkdir -p "$state"
	exec 9>"$state/setup.lock"
	if ! flock -n 9; then
		say "another set-up is running: waiting for it"
		flock 9
		# It may have done all of this.
		exec "$here/setup.sh" --for "$purposes" 9>&-
	fi
fi

# ---- the steps ----------------------------------------------------------------------------------------------------

# Package lists that were fetched by this script in the last six hours, after the last change of the configuration
lists_fresh() {
	local stamp=$state/lists-fetched lists=(/var/lib/apt/lists/*_Packages*)
	[ -e "${lists[0]}" ] && [ -n "$(find "$stamp" -mmin -360 2>/dev/null)" ] &&
		[ -z "$(find /etc/apt/sources.list /etc/apt/sources.list.d -newer "$stamp" 2>/dev/null)" ]
}

from_backports() { [[ "${missing[*]}" == */* ]]; }
# shellcheck disable=SC2016
has_backports() { apt-get indextargets --format '$(CODENAME)' 'Created-By: Packages' | grep -qx "$codename-backports"; }

step=0 steps=0
[ ${#missing[@]} = 0 ] || steps=$((steps + 2))
[ -z "$bundle" ] || steps=$((steps + 1))
[ -z "$daemon" ] || steps=$((steps + 1))
next() { step=$((step + 1)) && export TIERLAB_STEP="[$step/$steps] "; }

run_apt() {
	DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes APT_LISTCHANGES_FRONTEND=none NEEDRESTART_MODE=l \
		UCF_FORCE_CONFFOLD=1 LC_ALL=C.UTF-8 apt-get -y -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
		-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o APT::Get::Show-Versions=0 \
		-o Acquire::Retries=3 "$@" >>"$log" 2>&1 9>&- </dev/null
}

# apt waits for another's lock on packages by itself, not for one on the lists.
apt_update() {
	local try
	for try in {1..60}; do
		: >"$log"
		if run_apt update -o APT::Update::Error-Mode=any "$@"; then return; fi
		grep -q 'Could not get lock' "$log" || return 1
		[ "$try" != 1 ] || say "another apt is at work: waiting for it"
		sleep 5
	done
	return 1
}

# Writes the backports source after the model of the entry that this host's own release comes from.
add_backports() {
	local uri place file keys
	read -r uri place < <(apt_mirror "$codename") || die "no configured source is Debian's own $codename: add $codename-backports to apt's sources by hand"
	file=${place%:*} place=${place##*:}
	if [[ $file == *.sources ]]; then
		# place counts stanzas; the key may be written out on lines of its own.
		keys=$(grep -v '^#' "$file" | awk -v RS= -v n="$place" 'NR == n' |
			awk '/^[^ \t]/ { on = tolower($0) ~ /^signed-by:/ } on')
	else
		keys=$(sed -n "${place}s/.*[[ ]signed-by=\([^] ]*\).*/Signed-By: \1/p" "$file" | tr , ' ')
	fi
	{
		echo "# Written by tierlab's set-up, which takes libvirt from here. Delete it to take that back."
		echo "# Mirror and key are those of $codename in $file."
		printf '%s\n' 'Types: deb' "URIs: $uri" "Suites: $codename-backports" 'Components: main'
		[ -z "$keys" ] || printf '%s\n' "$keys"
	} >"$backports.new"
	mv "$backports.new" "$backports"
	say "added $backports"
}

update_lists() {
	local start=$SECONDS
	if ! lists_fresh; then
		tick_start "fetching package lists" :
		apt_update || die "apt-get update failed: is the network there?" "$log"
		tick_stop
	fi
	if from_backports && ! has_backports; then
		add_backports
		apt_update -o Dir::Etc::sourcelist="$backports" -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 || {
			rm -f "$backports"
			die "the mirror of $codename has no $codename-backports for libvirt" "$log"
		}
	fi
	touch "$state/lists-fetched"
	say "package lists are there ($(elapsed "$start"))"
}

# The last thing apt said on its status channel: dlstatus:3:1.0:Retrieving file 3 of 282 (...), pmstatus:pkg:45.2:Unpacking pkg
apt_figure() { tail -n 1 "$status" | awk -F: 'NF > 3 { sub(/ \(.*/, "", $4); printf "%d%% %s", $3, $4 }'; }

log_figure() { tail -n 1 "$log" | cut -c-60; }

# A dpkg that was killed leaves packages unpacked and not configured.
mend_dpkg() {
	if ls /var/lib/dpkg/updates/[0-9]* >/dev/null 2>&1 ||
		dpkg-query -W -f '${db:Status-Abbrev}\n' | grep -qE '^.[UFHWt]|^..R'; then
		tick_start "an earlier install was interrupted: putting that right" log_figure
		DEBIAN_FRONTEND=noninteractive dpkg --configure -a --force-confdef --force-confold >>"$log" 2>&1 </dev/null 9>&- || :
		run_apt install --no-install-recommends -f || :
		tick_stop
		missing=() report=()
		find_missing
	fi
}

# Parts of an older libvirt that are there move together with what is installed: they want each other's exact version.
add_older_libvirt() {
	local name
	while read -r name; do
		missing+=("$name/$codename-backports")
	done < <(dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${source:Package} ${Version}\n' |
		awk '$1 ~ /^.i/ && $3 == "libvirt" && $4 !~ /~bpo/ { print $2 }')
}

install_packages() {
	local start=$SECONDS count quick=()
	: >"$log"
	mend_dpkg
	[ ${#missing[@]} != 0 ] || return 0
	if from_backports; then add_older_libvirt; fi
	status=$(mktemp)
	tick_start "installing ${#missing[@]} packages (log: $log)" apt_figure
	# A host without a kernel is a container: a kernel that only the appliance boots needs no initrd of this host, and there
	# is no power cut to sync for.
	if ! has_kernel; then
		export INITRD=No
		quick=(-o Dpkg::Options::=--force-unsafe-io)
	fi
	run_apt install --no-install-recommends -o APT::Status-Fd=3 "${quick[@]}" -f "${missing[@]}" 3>"$status" ||
		die "apt-get install failed" "$log"
	tick_stop
	rm -f "$status"
	count=$(sed -n 's/.* \([0-9]*\) newly installed.*/\1/p' "$log" | tail -n 1)
	say "installed $count packages, $(sed -n 's/^Need to get \([^/]*\)\(\/.*\)\{0,1\} of archives.*/\1/p' "$log" | tail -n 1) fetched ($(elapsed "$start"))"
}

trap 'tick_stop; say "interrupted: run it again to go on"; exit 130' INT TERM
trap 'tick_stop; rm -f "${status:-}"' EXIT

if [ ${#missing[@]} != 0 ]; then
	next && update_lists
	next && install_packages
	missing=() report=()
	find_missing
	[ ${#missing[@]} = 0 ] || die "still missing after the install: ${missing[*]}" "$log"
fi
if [ -n "$bundle" ]; then next && "$here/qemu-bundle.sh" 9>&-; fi
if [ -n "$daemon" ]; then next && "$here/libvirtd.sh" 9>&-; fi
TIERLAB_STEP='' && say "done ($(elapsed 0))"

# The kernel sources that Debian's suites offer to this machine. Sourced by tests of kernels, after tests/live/lib.sh.
# shellcheck shell=sh disable=SC2034,SC2154

# Debian's suites whose kernels are tried: those that this host takes packages from, and these.
more_suites='bookworm bookworm-backports trixie trixie-backports'
# What a kernel source needs to have to count
oldest=6.6

# The trees stay: they are fetched once for each version.
trees=${TIERLAB_CACHE:-$([ "$(id -u)" = 0 ] && echo /var/cache || echo "${XDG_CACHE_HOME:-$HOME/.cache}")/tierlab}/long
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

# apt with lists and sources of its own: the host's are left as they are.
own_apt() {
	APT_CONFIG=$trees/apt/apt.conf "$@"
}

# One line for each suite, "URI SUITE", from the host's apt where it has the suite, else from the mirror that the host has
# its own release from; TIERLAB_DEBIAN_MIRROR instead, as for the QEMU bundle.
suites() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(ORIGIN)|$(COMPONENT)|$(REPO_URI) $(CODENAME)' 'Created-By: Packages' 2> /dev/null |
		sed -n 's/^Debian\( Backports\)\{0,1\}|main|//p' > "$work/suites"
	release=$(. /etc/os-release; echo "${VERSION_CODENAME:-}")
	mirror=${TIERLAB_DEBIAN_MIRROR:-$(sed -n "s/ $release\$//p" "$work/suites" | head -n 1)}
	for suite in $more_suites; do
		[ -z "$mirror" ] || grep -q " $suite\$" "$work/suites" || echo "$mirror $suite" >> "$work/suites"
	done
	cat "$work/suites"
}

# Fetches the lists of the suites. Fails if there are none, neither new nor from before.
update_lists() {
	mkdir -p "$trees/apt/lists/partial" "$trees/apt/archives/partial"
	# what a run that was killed left
	find "$trees" -maxdepth 1 -name 'new.*' -mmin +60 -exec rm -rf {} +
	suites | sed "s|^|deb [signed-by=$keyring] |; s|\$| main|" > "$trees/apt/sources.list"
	cat > "$trees/apt/apt.conf" <<-EOF
		Dir::Etc::sourcelist "$trees/apt/sources.list";
		Dir::Etc::sourceparts "-";
		Dir::State::lists "$trees/apt/lists";
		Dir::Cache "$trees/apt";
		Acquire::Languages "none";
		Acquire::Retries "3";
		APT::Sandbox::User "";
	EOF
	own_apt apt-get -q update > "$work/apt" 2>&1 || sed 's/^/# /' "$work/apt"
	[ -n "$(offers | head -n 1)" ]
}

# All that the suites offer, a line each: "PACKAGE VERSION UPSTREAM SUITE", oldest first.
# A mirror may keep in a suite's list what a later version took the place of: see newest().
offers() {
	for package in $(own_apt apt-cache pkgnames linux-source- | grep -xE 'linux-source-[0-9.]+'); do
		own_apt apt-cache madison "$package"
	done | awk -F ' *[|] *' '$3 ~ / Packages$/ {
		split($3, from, "[ /]")
		suite = $3; sub(/\/main .*/, "", suite); sub(/.* /, "", suite)
		package = $1; sub(/^ */, "", package)
		upstream = $2; sub(/-[^-]*$/, "", upstream)
		print package, $2, upstream, suite
	}' | sort -t ' ' -k 3,3V -k 2,2V
}

# Of standard input, the newest version of each package in each suite: what apt takes from there.
newest() {
	awk '{ last[$1, $4] = NR; line[NR] = $0 } END { for (i in last) print last[i], line[last[i]] }' | sort -n | cut -d' ' -f2-
}

# Does a suite's list come from the mirror?
has_suite() {
	own_apt apt-cache policy | grep -q "[=,]n=$1[,\$]"
}

# The part of a kernel's tree that its configuration is resolved with: Kconfig files, Makefiles and scripts. It takes 12 s
# and 45 MB where the whole takes a minute and 1.7 GB. tree PACKAGE VERSION prints its folder, fetching it first if need be.
tree() {
	dir=$trees/$1-$2
	[ ! -d "$dir" ] || { echo "$dir"; return; }
	new=$(mktemp -d "$trees/new.XXXXXX") || return 1
	echo "# $1 $2: fetching" >&2
	if (cd "$new" && own_apt apt-get -q download "$1=$2" > "$work/apt" 2>&1) &&
		dpkg-deb -x "$new"/*.deb "$new/deb" && mkdir "$new/tree" &&
		tar -x -f "$new"/deb/usr/src/linux-source-*.tar.* -C "$new/tree" --strip-components=1 --wildcards \
			'*/Kconfig*' '*/Makefile' '*/Makefile.*' 'linux-source-*/scripts/*' 'linux-source-*/arch/x86/configs/*'; then
		[ -d "$dir" ] || mv -T "$new/tree" "$dir"
	else
		sed 's/^/# /' "$work/apt" >&2
	fi
	rm -rf "$new"
	[ -d "$dir" ] && echo "$dir"
}

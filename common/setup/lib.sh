# shellcheck shell=bash
# lib.sh: what the set-up scripts share. Sourced by bash with `set -euo pipefail`, not run.

TIERLAB_QEMU_DIR=${TIERLAB_QEMU_DIR:-/var/cache/tierlab/qemu}
export TIERLAB_QEMU_DIR

# TIERLAB_STEP is "[3/4] " where setup.sh runs a script as one of its steps.
say() { printf 'set-up: %s%s\n' "${TIERLAB_STEP:-}" "$*"; }

# One line, then the end of a log if one is given: die MESSAGE [LOGFILE]
die() {
	tick_stop
	printf 'set-up: error: %s\n' "$1" >&2
	if [ -s "${2:-}" ]; then
		printf 'set-up: the end of %s:\n' "$2" >&2
		grep -v '^$' "$2" | tail -n 12 | sed 's/^/    /' >&2
	fi
	exit 1
}

# Seconds since `$1` (a value of SECONDS) as "7 s" or "2:04 min".
elapsed() {
	local s=$((SECONDS - $1))
	if [ $s -lt 60 ]; then echo "$s s"; else printf '%d:%02d min\n' $((s / 60)) $((s % 60)); fi
}

# say_row WORD TEXT: TEXT in lines that a terminal of 80 columns does not break, beside WORD.
say_row() {
	local word=$1 line
	while read -r line; do
		printf 'set-up:   %-6s %s\n' "$word" "$line"
		word=
	done < <(fold -s -w 62 <<<"$2")
}

# tick_start TEXT FUNCTION shows TEXT, what FUNCTION prints and the elapsed time while other commands run: a moving line
# on a terminal, a line every 15 s in a log. The command itself stays in the foreground, where Ctrl-C finds it. A line on
# descriptor 7 ends it, not a signal: bash runs no trap in the middle of $() without a word on standard error.
tick_pid=
tick_start() {
	local text=$1 figure=$2 start=$SECONDS line pause=15 form='%s\n'
	say "$text"
	if [ -t 1 ]; then pause=0.5 form='\r\033[K%s'; fi
	exec 7> >(
		set +e # a figure that can't be had is left out
		trap - EXIT
		trap '' INT TERM
		exec 8>&- 9>&-
		while
			read -r -t $pause
			[ $? -gt 128 ]
		do
			line="set-up: ${TIERLAB_STEP:-}... $(elapsed "$start") $($figure)"
			# shellcheck disable=SC2059
			printf "$form" "${line:0:79}"
		done
	)
	tick_pid=$!
}

tick_stop() {
	[ -n "$tick_pid" ] || return 0
	trap '' PIPE # it may have been killed
	echo >&7 2>/dev/null || :
	trap - PIPE
	wait "$tick_pid" 2>/dev/null || :
	exec 7>&-
	tick_pid=
	if [ -t 1 ]; then printf '\r\033[K'; fi
}

# version_at_least HAVE WANT, both dotted numbers
version_at_least() { [ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

# os ID prints what os-release says: os ID, os VERSION_ID, os VERSION_CODENAME
os() {
	# shellcheck source=/dev/null
	(. /etc/os-release 2>/dev/null && eval "echo \"\${$1:-}\"")
}

# The mirror that this host takes Debian's release `$1` from, and where its configuration says so (file:place); nothing
# if it takes it from nowhere. apt says which archive is Debian's own once it has fetched the lists.
apt_mirror() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI) $(SOURCESENTRY)' 'Created-By: Packages' "Codename: $1" 'Origin: Debian' \
		'Component: main' 2>/dev/null | grep -m 1 -E '^(http|https|ftp|file|copy|mirror[+a-z]*|tor[+a-z]*):' || :
}

# What tests of commands and of guests share. Sourced by the lib.sh of both.
# shellcheck shell=sh

# within TENTHS COMMAND...: waits until the command succeeds, at most so many tenths of a second.
within() {
	tries=$1
	shift
	until "$@"; do
		[ "$tries" -gt 0 ] || return 1
		tries=$((tries - 1))
		sleep 0.1
	done
}

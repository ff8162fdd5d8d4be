#!/bin/bash
# What shells complete: commands and options, out of the programs' own tables.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

# completes PROGRAM WORD... : leaves in $tmp/got what bash offers for the last word.
completes() {
	(
		# shellcheck disable=SC1090
		. <("$build/$1" completion bash)
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		"_$1"
		printf '%s\n' "${COMPREPLY[@]}"
	) >"$tmp/got"
	cat "$tmp/got"
}
offers() { grep -qx -e "$1" "$tmp/got"; }

ok "a command" eval 'completes vmbuild ex && offers explain'
ok "an option of a command" eval 'completes vmctl start --fr && offers --fresh'
ok "of that command alone" eval 'completes vmctl stop --fr && ! offers --fresh'
ok "an option where no command is needed" eval 'completes vmbuild --up && offers --update'
ok "a file name is left to the shell" eval 'completes vmbuild plan reci && ! offers "."'
# The names of machines: those that come with tierlab, those that were started, files beside.
named() { (PATH="$build:$PATH" && cd "$tmp" && completes "$@"); }
mkdir -p "$TIERLAB_STATE/machines/mine" && : >"$TIERLAB_STATE/machines/mine/machine.yaml" && : >"$tmp/cxl-own.yaml"
ok "a machine that comes with tierlab" eval 'named vmctl start cxl-sm && offers cxl-small'
ok "a machine that was started" eval 'named vmctl exec mi && offers mine'
ok "a machine file" eval 'named vmctl start cxl- && offers cxl-small && offers cxl-own.yaml'
ok "no machine for the second argument" eval 'named vmctl snapshot mine cxl && ! offers cxl'
ok "but where machines may follow" eval 'named vmctl validate mine cxl-sm && offers cxl-small'
ok "no machine where none is asked for" eval 'named vmctl list mi && ! offers mine'
ok "names without libvirt" eval 'TIERLAB_LIBVIRT_URI=qemu:///nosuch succeeds "^mine$" "$vmctl" list --names'
fish_names() { "$vmctl" completion fish | grep -q "seen_subcommand_from stop. -a .(vmctl list --names"; }
zsh_names() { "$vmctl" completion zsh | grep -q "stop) _arguments .2:machine:_vmctl_names"; }
ok "fish and zsh have the same" eval 'fish_names && zsh_names'

# Every command of --help is offered, by every shell's script.
all() {
	for program in vmbuild vmctl; do
		"$build/$program" --help | sed -n '/^commands:/,/^$/s/^  \([a-z-]*\) .*/\1/p' >"$tmp/commands"
		[ -s "$tmp/commands" ] || return 1
		for shell in bash zsh fish; do
			"$build/$program" completion $shell >"$tmp/script" || return 1
			while read -r c; do grep -qw -e "$c" "$tmp/script" || { echo "$program $shell: no $c"; return 1; }; done <"$tmp/commands"
			! command -v $shell >/dev/null || $shell -n "$tmp/script" || return 1
		done
	done
}
ok "all commands are in all scripts, which are well formed" all
ok "an unknown shell is a usage error" refuses 2 "bash, zsh or fish, not for 'tcsh'" "$vmbuild" completion tcsh
ok "so is none" refuses 2 "completion needs a shell" "$vmctl" completion

narrow() { # nothing that a terminal of 80 columns breaks
	"$1" --help >"$tmp/help" && sed -n '/^commands:/,/^$/s/^  \([a-z-][a-z-]*\) .*/\1/p' "$tmp/help" >"$tmp/names" && [ -s "$tmp/names" ] || return 1
	while read -r name; do "$1" "$name" --help >>"$tmp/help" || return 1; done <"$tmp/names"
	awk 'length > 79 { print; bad = 1 } END { exit bad }' "$tmp/help"
}
ok "--help of every command fits a terminal" eval 'narrow "$vmbuild" && narrow "$vmctl"'

finish

#!/bin/sh
# vmbuild --json: what happens in a build, for programs; and --until.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/kernel-lib.sh
. "$(dirname "$0")/kernel-lib.sh"

events() { # FILTER: of all lines, each of which must be an object
	jq -r -s "[.[] | select((.event | type) == \"string\" and (.time | test(\"^20.*Z$\")))] as \$all |
		if (\$all | length) == length then \$all[] | $1 else error(\"odd line\") end" out
}
is() {
	[ "$1" = "$2" ] || { echo "'$1' and not '$2'"; return 1; }
}

run env FAKE_SLEEP=2 "$vmbuild" --json --until base r.yaml
ok "a build until its base ends well" [ "$status" -eq 0 ]
ok "each step that it needs begins and ends; no other" is \
	"$(events 'select(.event == "begin" or .event == "end") | "\(.event) \(.step) \(.number)/\(.total)"' | tr '\n' ' ')" \
	"begin base 3/5 end base 3/5 "
ok "the last line says what was made" is "$(events 'select(.event == "done") | "\(.made) \(.folder)"' | sed 's/base-.*/base-X/')" \
	"true $TIERLAB_CACHE/steps/base-X"
ok "how far a long step is" eval 'events "select(.event == \"progress\") | .figure" | grep -q "extracting archives"'
ok "nothing is said to people" [ ! -s err ]

run "$vmbuild" --json --until base r.yaml
ok "a step that is cached is told, and nothing else is" is "$(events '"\(.event) \(.step) \(.made)"' | tr '\n' ' ')" \
	"cached base null done null false "

run env FAKE_BREAK="$(printf 'foo.c:3: error: x\n    3 | x')" "$vmbuild" --json r.yaml
ok "a build that fails ends with an error" is "$status $(events .event | tail -n 1)" "1 error"
ok "its message is also on standard error" is "vmbuild: $(events 'select(.event == "error") | .message')" "$(cat err)"
ok "the compiler's lines are notes" is "$(events 'select(.event == "note") | .message')" "$(printf 'foo.c:3: error: x\n    3 | x')"
ok "the step that failed has no end" is "$(events 'select(.step == "kernel") | .event' | tr '\n' ' ')" "begin note note abort "

run "$vmbuild" --json nope.yaml
ok "also where there is no recipe" is "$(events .event)" error
run "$vmbuild" --until kernel r.yaml
ok "--until prints where the step's outcome is" eval '[ -s "$(sed "s/: made in.*//" out)/vmlinuz" ]'
ok "a step that the recipe has not" refuses 1 "has no step 'kernl' (did you mean 'kernel'?)" "$vmbuild" --until kernl r.yaml
finish

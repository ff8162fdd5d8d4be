# Results for tests of vmctl report, made up. Sourced after lib.sh.
# shellcheck shell=sh

tab=$(printf '\t')

# samples FOLDER [FACTOR]: writes them.
samples() {
	mkdir -p "$1/deeper"
	jq -n -r --argjson factor "${2:-1}" -f "$top/tests/cli/report-samples.jq" | while IFS="$tab" read -r path result; do
		printf '%s\n' "$result" >"$1/$path"
	done
}

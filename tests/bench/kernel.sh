#!/bin/bash
# The processor time of the lab's kernel, made of tiny (allnoconfig and what the fragments ask for), over that of the same
# fragments on defconfig: both compiled from nothing, without ccache. More than half an hour on two processors.
#
#   RUNS           (1)
#   BENCH_RECIPE   another recipe whose kernel is built (cxl-tcg); a name or an absolute path
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
runs=${RUNS:-1}
recipe=${BENCH_RECIPE:-cxl-tcg}
export CCACHE_DISABLE=1

host
for config in tiny defconfig; do
	printf 'extends: %s\nname: bench-%s\nkernel:\n  config: %s\n' "$recipe" "$config" "$config" > "$work/$config.yaml"
done
# The source is fetched once, by the ordinary cache; a local tree has none.
"$build/vmbuild" -q --until config "$work/tiny.yaml" >/dev/null
source=$("$build/vmbuild" plan "$work/tiny.yaml" --json | jq -r '.[] | select(.step == "source") | .folder')

# processor CONFIG: user and system time of all that its kernel takes, in a cache of its own.
processor() {
	export TIERLAB_CACHE=$work/cache-$1
	rm -rf "$TIERLAB_CACHE"
	mkdir -p "$TIERLAB_CACHE/steps"
	[ -z "$source" ] || ln -s "$source" "$TIERLAB_CACHE/steps/"
	TIMEFORMAT='%U %S'
	{ time "$build/vmbuild" -q --until kernel "$work/$1.yaml" >"$work/said" 2>&1; } 2>"$work/times" ||
		{ cat "$work/said" >&2; exit 1; }
	awk 'END { print ($1 + $2) / 60 }' "$work/times"
}

# contract CONFIG: the options that were asked for; it fails where one did not come out.
contract() { TIERLAB_CACHE=$work/cache-$1 "$build/vmbuild" config "$work/$1.yaml" | grep -c '^CONFIG_'; }

for _ in $(seq "$runs"); do
	for config in tiny defconfig; do
		(processor "$config") >> "$work/$config"
		contract "$config" > "$work/asked-$config"
		cp "$work/cache-$config"/steps/config-*/config "$work/config-$config"
		rm -rf "$work/cache-$config/objects"
	done
done
cmp "$work/asked-tiny" "$work/asked-defconfig"
echo "options asked for, and in both: $(cat "$work/asked-tiny"); on: tiny $(grep -c '=[ym]$' "$work/config-tiny")," \
	"defconfig $(grep -c '=[ym]$' "$work/config-defconfig")"
ratios "$work/tiny" "$work/defconfig" > "$work/ratio"
report 'processor time of the kernel on tiny' min - "$work/tiny"
report 'processor time of the kernel on defconfig' min - "$work/defconfig"
report 'tiny over defconfig, processor time' '' 'at most 0.6' "$work/ratio"

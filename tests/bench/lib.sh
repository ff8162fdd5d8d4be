# What the benchmarks share. Whole processes, several runs, medians; what is compared is run in turn. Machines are shared
# and noisy: the ratios hold, single times are of the day. Sourced.
#
#   RUNS                 runs of each (the scripts have their own defaults)
#   TIERLAB_BENCH_STATE  where images and machines go
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
cache=${TIERLAB_CACHE:-$([ "$(id -u)" = 0 ] && echo /var/cache/tierlab || echo "${XDG_CACHE_HOME:-$HOME/.cache}/tierlab")}
export TIERLAB_STATE=${TIERLAB_BENCH_STATE:-/var/tmp/tierlab-bench-$(id -u)}
mkdir -p "$TIERLAB_STATE"
work=$(mktemp -d "$TIERLAB_STATE/bench.XXXXXX")
chmod 755 "$work"
at_exit=:
trap 'eval "$at_exit"; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

median() { sort -g | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
spread() { sort -g | awk '{ v[NR] = $1 } END { printf "%.2f to %.2f", v[1], v[NR] }'; }

# report NAME UNIT WANTED FILE: the median of the figures in the file, a line each.
report() {
	printf '%-58s %10.2f %-5s (%s, %d runs; wanted: %s)\n' "$1" "$(median < "$4")" "$2" "$(spread < "$4")" \
		"$(wc -l < "$4")" "$3"
}

# quietly COMMAND...: what it says is shown only if it fails.
quietly() {
	local status=0
	"$@" >"$work/said" 2>&1 </dev/null || status=$?
	[ $status = 0 ] || { cat "$work/said" && echo "failed with status $status: $*"; } >&2
	return $status
}

# seconds COMMAND...: how long it takes. One that fails ends the benchmark.
seconds() {
	local t0 t1
	t0=$(date +%s.%N)
	quietly "$@" || exit 1
	t1=$(date +%s.%N)
	echo "$t1 - $t0" | bc
}

# ratios A B: each line of file A over the same line of B.
ratios() { paste "$1" "$2" | awk '{ print $1 / $2 }'; }

# forget MANIFEST STEP...: takes the steps that the image was made by out of the cache, so that they are made again. Only for
# steps that are the benchmark's own.
forget() {
	local manifest=$1 kind digest
	shift
	for kind; do
		digest=$(jq -er --arg kind "$kind" '.steps[] | select(.step == $kind) | .digest[:24]' "$manifest")
		rm -rf "$cache/steps/$kind-$digest"
	done
}

host() {
	common/setup/libvirtd.sh --check || echo 'libvirt is not as it has to be, and starting a machine may take minutes: make setup' >&2
	echo "host: $(nproc) CPUs, $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), load $(cut -d' ' -f1 /proc/loadavg)"
}

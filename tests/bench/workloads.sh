#!/bin/bash
# gups against the same updates in a plain loop: what its stop flag, counters and notes cost. Natively, on this host; each is
# run in turn with the other, and each time first in every second round. Two minutes.
#
#   RUNS     pairs of runs (20)
#   UPDATES  of each run (20 million)
# shellcheck source=tests/bench/lib.sh
. "$(dirname "$0")/lib.sh"
runs=${RUNS:-20} updates=${UPDATES:-20000000}

gups() { "$build/bench/gups" "$1M" --threads "$2" --updates "$updates" --interval 200ms --json | jq .rate; }
plain() { "$build/bench-plain-loop" "$1" "$2" "$updates"; }

echo "host: $(nproc) CPUs, $(awk -F': ' '/model name/ { print $2; exit }' /proc/cpuinfo), load $(cut -d' ' -f1 /proc/loadavg)"
for mib in 256 16; do
	for threads in 1 2; do
		rm -f "$work"/*
		for round in $(seq "$runs"); do
			if [ $((round % 2)) = 0 ]; then
				gups $mib $threads >> "$work/gups"
				plain $mib $threads >> "$work/plain"
			else
				plain $mib $threads >> "$work/plain"
				gups $mib $threads >> "$work/gups"
			fi
		done
		ratios "$work/gups" "$work/plain" > "$work/ratio"
		awk '{ print $1 / 1e6 }' "$work/gups" > "$work/millions"
		report "gups $mib MiB, $threads thread(s), millions of updates a second" M/s - "$work/millions"
		report "  over the plain loop" '' 'at least 0.95' "$work/ratio"
		# What else the host does makes a figure smaller, never larger.
		best=$(paste <(sort -g "$work/gups" | tail -1) <(sort -g "$work/plain" | tail -1) | awk '{ printf "%.2f", $1 / $2 }')
		echo "  best run over best run: $best"
	done
done

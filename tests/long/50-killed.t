#!/bin/sh
# SIGKILL at 30 instants spread over the making of a disk and an image; after each the next run makes what an undisturbed one
# makes, file by file. Source, configuration, kernel and base: tests/cli/faults.t. About an hour.
# shellcheck source=tests/live/lib.sh
. "$(dirname "$0")/../live/lib.sh"
# shellcheck source=tests/live/fault-lib.sh
. "$top/tests/live/fault-lib.sh"

ok 'an image, undisturbed' eval 'fault_recipe && undisturbed' || { done_testing; exit 1; }
instants=${INSTANTS:-30}
i=0
while [ $i -lt "$instants" ]; do
	at=$((took * 1000 * (2 * i + 1) / (2 * instants)))
	ok "killed after $at ms, the next run makes the same files" killed_after "$((at / 1000)).$(printf '%03d' $((at % 1000)))"
	i=$((i + 1))
done
ok 'most of them were at work when they were killed' [ "${hit:-0}" -gt $((instants * 2 / 3)) ]
done_testing

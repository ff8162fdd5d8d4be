#!/bin/sh
# The layers of HACKING.md: includes point down, each outside library is known to one module, one module forks.
top=$(cd "$(dirname "$0")/../.." && pwd)
echo 1..1
if said=$("$top/tests/check-layers.sh" 2>&1); then
	echo 'ok 1 - the layers hold'
else
	echo 'not ok 1 - the layers hold'
	printf '%s\n' "$said" | sed 's/^/# /'
	exit 1
fi

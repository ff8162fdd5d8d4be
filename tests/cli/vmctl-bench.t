#!/bin/sh
# `vmctl bench` up to the machine: which runs there are, where their results go, and what it says of files that are wrong. Runs
# in guests are for tests/live/92-bench.t.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/machine-lib.sh
. "$(dirname "$0")/machine-lib.sh"

cd "$tmp" || exit 1
machine m.yaml ''
image testing || { echo "1..0 # SKIP no qemu-img"; exit; }
file x.yaml <<'E'
about: two schemes
machines: [m.yaml]
workloads: [gups 64M --seconds 5]
schemes: [none, autonuma]
repetitions: 2
E

list() { run "$vmctl" bench --json "$@" && [ "$status" = 0 ]; }
ok "four runs, by name, with nothing made" eval 'list m.yaml x.yaml && jq -e "(.runs | length) == 4 and all(.runs[]; .state == \"missing\") and .machine == \"m\" and .experiment == \"x\"" out'
ok "each has its own id, and its file is named after it" jq -e '([.runs[].id] | unique | length) == 4 and all(.runs[]; .id as $i | .result | (startswith("results/x/m/gups-64M-seconds-5-") and endswith("-" + $i + ".json")))' out
ok "the machines that the file names" eval 'list x.yaml && jq -e ".machine == \"m\"" out'
ids() { jq -r '.runs[].id' out | sort; }
ids > before
ok "the same again: the same ids" eval 'list m.yaml x.yaml && ids | cmp - before'
changed() { list m.yaml x.yaml && [ "$(ids | comm -12 - before | wc -l)" = "$1" ]; }
sed -i 's/schemes: .*/schemes: [none, autonuma, hmsdk]/' x.yaml
ok "what is added leaves the others as they are" changed 4
image testing 4567 && sed -i 's/"file": "testing.qcow2"/&, "sha256": "'"$(printf '%064d' 1)"'"/' "$TIERLAB_STATE/images/testing.json"
ok "another image makes other runs" changed 0
image testing
cp m.yaml kept && sed -i 's/memory: 512MiB/memory: 768MiB/' m.yaml
ok "another machine file too" changed 0
mv kept m.yaml

# Results: done, failed, not of this run, broken.
put() { # STATUS INDEX
	path=$(jq -r ".runs[$2].result" out) id=$(jq -r ".runs[$2].id" out)
	mkdir -p "$(dirname "$path")" && printf '{"format":1,"status":"%s","run":{"id":"%s"},"provenance":{"took_secs":77}}' "$1" "$id" > "$path"
}
list m.yaml x.yaml
put 'done' 0
put failed 1
cp "$(jq -r '.runs[0].result' out)" "$(jq -r '.runs[2].result' out)"
echo '{"format":' > "$(jq -r '.runs[3].result' out)"
ok "made is only what is done, and of this run" eval 'list m.yaml x.yaml && jq -e "[.runs[].state] == [\"done\", \"missing\", \"missing\", \"missing\", \"missing\", \"missing\"]" out'
ok "a list for people has how long each takes: as the one that is made" eval 'run "$vmctl" bench -n m.yaml x.yaml && [ "$status" = 0 ] && grep -E "^gups-64M-seconds-5-autonuma-r1 +missing +1:17 min$" out'
printf 'a, 536870912\n\nlong\n600000\na, 1, 4096, 1\n' > long.masim
sed 's/gups 64M --seconds 5/phases long.masim/; s/autonuma, //' x.yaml > pattern.yaml
ok "of a pattern in a file, what its phases and regions take" eval 'run "$vmctl" bench -n m.yaml pattern.yaml && [ "$status" = 0 ] && grep -E "^phases-long.masim-none-r1 +missing +10:10 min$" out'
ok "results elsewhere" eval 'list -r "$tmp/else" m.yaml x.yaml && jq -e --arg d "$tmp/else/m/" "all(.runs[]; .state == \"missing\" and (.result | startswith(\$d)))" out'
ok "nothing is written or started by that" eval '[ ! -e "$tmp/else" ] && [ ! -e "$TIERLAB_STATE/machines/m" ]'

refused() { # STATUS MESSAGE ARGS...
	want=$1 message=$2
	shift 2
	run "$vmctl" bench "$@"
	[ "$status" = "$want" ] && [ "$(wc -l < err)" = 1 ] && grep -F -- "$message" err
}
ok "an experiment that is not there, and those that are" refused 1 "no experiment 'gups-cxxl'" m.yaml gups-cxxl
ok "one with a wrong key" eval 'sed "s/schemes/scheme/" x.yaml > wrong.yaml && refused 4 "wrong.yaml:4:1: unknown key" m.yaml wrong.yaml'
ok "one with an unknown workload" eval 'sed "s/gups 64M/gupps 64M/" x.yaml > wrong.yaml && refused 4 "not a workload (did you mean" m.yaml wrong.yaml'
ok "one that names no machine" eval 'sed /machines/d x.yaml > none.yaml && refused 1 "names no machines: say which" none.yaml'
ok "a machine that is not there" refused 1 "no machine 'nosuch'" nosuch x.yaml
two_machines() { sed 's/machines: .*/machines: [nosuch, m.yaml]/' x.yaml > two.yaml; run "$vmctl" bench --json two.yaml; [ "$status" != 0 ] && jq -e '.machine == "m"' out && grep "no machine 'nosuch'" err; }
ok "one machine that is not there does not keep the other from its runs" two_machines
ok "a file that a workload needs, and that is not there" eval 'sed "s/gups 64M --seconds 5/phases nosuch.masim/" x.yaml > wrong.yaml && refused 4 nosuch.masim m.yaml wrong.yaml'
head -c 10485760 /dev/zero | tr '\0' 'a' > big.yaml
ok "a file of 10 MB" refused 4 big.yaml m.yaml big.yaml
shipped() { for f in "$top"/recipes/experiments/*.yaml; do name=$(basename "$f" .yaml); run "$vmctl" bench --json m.yaml "$name"; [ "$status" = 0 ] && jq -e '.runs | length > 0' out || return 1; done; }
ok "each experiment that comes with tierlab is found by its name" shipped

finish

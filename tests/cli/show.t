#!/bin/sh
# vmctl show: machines as a tree, a picture and JSON, from their files alone.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

cd "$tmp" || exit 1
# Whoever asks libvirt, fails.
TIERLAB_LIBVIRT_URI=nowhere:///

# draws LOCALE NAME: the tree is at most 80 columns wide.
draws() {
	LC_ALL=$1 run "$vmctl" show "$2"
	[ "$status" -eq 0 ] && [ ! -s err ] && grep -q 'node 0 (DRAM)' out && [ "$(LC_ALL=C.UTF-8 wc -L <out)" -le 80 ]
}
in_ascii() {
	draws C "$1" && ! LC_ALL=C grep -q '[^ -~]' out
}
in_boxes() {
	draws C.UTF-8 "$1" && grep -q '└─' out
}
picture() {
	run "$vmctl" show --svg "$1"
	[ "$status" -eq 0 ] && [ ! -s err ] && xmllint --noout out
}
json() {
	run "$vmctl" show --json "$1"
	[ "$status" -eq 0 ] && [ "$(wc -l <out)" -eq 1 ] && jq -e "$2" out
}

for file in "$top"/vmctl/machines/*.yaml; do
	name=$(basename "$file" .yaml)
	ok "$name in box characters" in_boxes "$name"
	ok "$name in ASCII" in_ascii "$name"
	if command -v xmllint >/dev/null; then
		ok "$name as a picture" picture "$name"
	else
		skip "$name as a picture" "no xmllint"
	fi
	ok "$name as JSON" json "$name" ".name == \"$name\" and (.nodes | length) > 0"
done

# ---- a machine of the user's ----

file my.yaml <<'E'
image: not-built
memory: 1GiB
shares: [{name: s, path: "/srv/\u202e<&>"}]
cxl:
  windows: [{size: 1GiB, targets: [hb0, hb1]}]
  bridges: [{name: hb0, ports: [rp0, rp2]}, {name: hb1, ports: [rp1]}]
  devices: [{name: a, port: rp0, volatile: 256MiB}, {name: b, port: rp1, volatile: 256MiB}]
  regions: [{devices: [a, b]}]
E
ok "a file by its path, whose image is not built" succeeds 'region 0: 512MiB of ram, on a b, 2 ways by 256B' "$vmctl" show my.yaml
ok "an empty port" succeeds 'root port rp2: empty' "$vmctl" show my.yaml
ok "a path that would turn the direction of writing" succeeds 'share s: /srv/.u202e<&>' "$vmctl" show my.yaml
if command -v xmllint >/dev/null; then
	ok "a path with what XML escapes" picture my.yaml
else
	skip "a path with what XML escapes" "no xmllint"
fi
ok "what the file leaves to be worked out is in JSON" json my.yaml \
	'.regions[0] | .size == 536870912 and .node == 1 and .window == 0 and (.fast | not)'
ok "nothing was written" test ! -e "$TIERLAB_STATE"

# ---- what is wrong ----

ok "no such machine" refuses 1 "no machine 'cxl-smal'.*did you mean" "$vmctl" show cxl-smal
sed 's/volatile: 256MiB/volatile: 1MiB/' my.yaml >bad.yaml
ok "a wrong file is told by its line" refuses 4 'bad.yaml:7:' "$vmctl" show bad.yaml
ok "no name" refuses 2 'needs NAME' "$vmctl" show
ok "two names" refuses 2 "'cxl' is one argument too many" "$vmctl" show cxl cxl
ok "a picture or JSON, not both" refuses 1 'exclude each other' "$vmctl" show --svg --json cxl

finish

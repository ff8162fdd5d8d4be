#!/bin/sh
# How recipes and machines are found: by path, by name, and by a path of which only the last part is right.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/cli/machine-lib.sh
. "$(dirname "$0")/machine-lib.sh"

cd "$tmp" || exit 1

# A source tree of its own, whose recipe has a mistake by which it is known.
mkdir -p tree/recipes tree/kconfigs tree/overlay tree/vmctl/machines
for name in cxl-tcg other; do
	printf 'base: {suite: trixie}\nkernel: stock\nmistake-in-%s: 1\n' $name >tree/recipes/$name.yaml
done
printf 'image: x\nmistake-in-cxl: 1\n' >tree/vmctl/machines/cxl.yaml
export TIERLAB_DATA="$tmp/tree"

# finds FILE GIVEN...: each of them leads vmbuild to that recipe.
finds() {
	want=$1
	shift
	for given; do
		refuses 1 "^vmbuild: $want:3:1: unknown key 'mistake-" "$vmbuild" -q "$given" || return 1
	done
}
ok "recipes/NAME.yaml, recipe/NAME.yaml and NAME find the same recipe" finds "$tmp/tree/recipes/cxl-tcg.yaml" \
	recipes/cxl-tcg.yaml recipe/cxl-tcg.yaml cxl-tcg cxl-tcg.yaml ./nowhere/cxl-tcg
mkdir recipes
printf 'base: {suite: trixie}\nkernel: stock\nmistake-here: 1\n' >recipes/cxl-tcg.yaml
ok "a path that is there comes before a name" finds recipes/cxl-tcg.yaml recipes/cxl-tcg.yaml
ok "a name comes before a path that was not given" finds "$tmp/tree/recipes/cxl-tcg.yaml" cxl-tcg
cp recipes/cxl-tcg.yaml without-ending
ok "a path needs no ending" finds ./without-ending ./without-ending
ln -s recipes/cxl-tcg.yaml link.yaml
ok "a link is followed" finds link.yaml link.yaml
mkdir cxl-tcg
ok "a folder of that name does not hide it" finds "$tmp/tree/recipes/cxl-tcg.yaml" cxl-tcg ./cxl-tcg
ok "a name that is unknown: what there is" refuses 1 "no recipe 'zzzzzz': .*there are .*cxl-tcg" "$vmbuild" zzzzzz
ok "an empty name" refuses 1 "no recipe ''" "$vmbuild" ""
ok "a folder" refuses 1 "no recipe 'recipes/'" "$vmbuild" recipes/

machines() {
	for given in cxl cxl.yaml machines/cxl.yaml vmctl/machines/cxl.yaml; do
		refuses 4 "^vmctl: $tmp/tree/vmctl/machines/cxl.yaml:2:1: unknown key 'mistake-in" "$vmctl" start -q "$given" || return 1
	done
}
ok "machines are found in the same way" machines

# the recipes and machines of the project itself
unset TIERLAB_DATA
shipped() {
	for recipe in "$top"/recipes/*.yaml; do
		name=${recipe##*/}
		name=${name%.yaml}
		# it is read and checked as a whole, up to the first thing that the host would be asked for
		for given in "$name" "$recipe" "recipe/$name.yaml"; do
			refuses 1 "plain" env TIERLAB_CACHE="$tmp/plain" "$vmbuild" -q "$given" || return 1
		done
	done
}
: >plain
ok "every recipe of the project is found by its name, and is right" shipped
shipped_machines() {
	for machine in "$top"/vmctl/machines/*.yaml; do
		name=${machine##*/}
		refuses 5 "^vmctl: $machine:.*the image '[a-z-]*' is not built" "$vmctl" xml "${name%.yaml}" || return 1
	done
}
ok "every machine of the project is found by its name, and is right" shipped_machines
images() {
	for machine in "$top"/vmctl/machines/*.yaml; do
		[ -e "$top/recipes/$(sed -n 's/^image: *//p' "$machine").yaml" ] || return 1
	done
}
ok "and has a recipe for its image" images

finish

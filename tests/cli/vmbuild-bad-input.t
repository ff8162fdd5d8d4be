#!/bin/sh
# What vmbuild says of wrong command lines and recipes: one line, with file and line, before anything is fetched or built.
# shellcheck source=tests/cli/lib.sh
. "$(dirname "$0")/lib.sh"

cd "$tmp" || exit 1

# bad NAME LINE PATTERN: the recipe on stdin is refused, at that line.
bad() {
	cat >r.yaml
	ok "$1" refuses 1 "^vmbuild: r.yaml:$2: .*$3" "$vmbuild" r.yaml
}

# ---- the command line ----

ok "no recipe is a usage error" refuses 2 "needs RECIPE; see 'vmbuild --help'" "$vmbuild"
ok "two recipes are a usage error" refuses 2 "'b' is one argument too many" "$vmbuild" a b
ok "an unknown option is a usage error" refuses 2 "unknown option --nosuch" "$vmbuild" --nosuch a
ok "an unknown short option is a usage error" refuses 2 "unknown option -z" "$vmbuild" -z a
ok "an option without its argument is a usage error" refuses 2 "needs an argument" "$vmbuild" a -o
ok "an argument for an option that takes none is a usage error" refuses 2 "." "$vmbuild" --quiet=yes a
ok "--help goes to stdout" succeeds "^usage: vmbuild" "$vmbuild" --help
ok "--version says program and version" succeeds "^vmbuild [0-9]" "$vmbuild" --version

# ---- the file ----

ok "a missing recipe file" refuses 1 "no recipe 'nosuch.yaml'" "$vmbuild" nosuch.yaml
ok "a recipe that is almost named right gets a hint" refuses 1 "did you mean 'cxl-tcg'" "$vmbuild" cxl-tgc
mkdir folder.yaml
ok "a folder instead of a recipe" refuses 1 "folder.yaml" "$vmbuild" ./folder.yaml
: >empty.yaml
ok "an empty recipe" refuses 1 "^vmbuild: empty.yaml: the file is empty" "$vmbuild" empty.yaml
printf 'base: {suite: trixie}\nkernel: stock\nname: a\0b\n' >nul.yaml
ok "a NUL character in a recipe" refuses 1 "nul.yaml:3" "$vmbuild" nul.yaml
head -c 2000000 /dev/zero | tr '\0' '#' >huge.yaml
ok "a recipe of two megabytes" refuses 1 "huge.yaml: File too large" "$vmbuild" huge.yaml
bad "what is not YAML" 2:7 "" <<'E'
base: {suite: trixie
kernel: stock
E
bad "two documents in one file" "*[0-9]*" "more than one YAML document" <<'E'
base: {suite: trixie}
kernel: stock
---
base: {suite: trixie}
E
bad "a list instead of a recipe" 1:1 "is a mapping" <<'E'
- base
E
bad "a tab as indentation" 2:1 "cannot start any token" <<'E'
base:
	suite: trixie
E

# ---- keys, types, units ----

bad "an unknown key, with the one that is meant" 3:1 "unknown key 'pakages' in the recipe (did you mean 'packages'?)" <<'E'
base: {suite: trixie}
kernel: stock
pakages: [cxl]
E
bad "an unknown key in a mapping, with those that are known" 2:3 "unknown key 'colour' in base; it knows suite, mirror, snapshot, image" <<'E'
base:
  colour: red
kernel: stock
E
bad "a key that stands twice" 3:1 "'kernel' stands twice: it is also on line 2" <<'E'
base: {suite: trixie}
kernel: stock
kernel: stock
E
bad "a missing key" 1:1 "needs the key 'kernel'" <<'E'
base: {suite: trixie}
E
bad "a mapping where a word is due" 3:11 "'hostname' takes a plain value, not a mapping" <<'E'
base: {suite: trixie}
kernel: stock
hostname: {a: b}
E
bad "a word where a mapping is due" 1:7 "base is a mapping" <<'E'
base: trixie
kernel: stock
E
bad "a word where a list of mappings is due" 3:8 "'users' takes a list" <<'E'
base: {suite: trixie}
kernel: stock
users: ada
E
bad "a mapping in a list of words" 3:12 "'packages' takes a plain value" <<'E'
base: {suite: trixie}
kernel: stock
packages: [{a: b}]
E
bad "another word for true" 3:8 "'bench' is true or false, not 'yes'" <<'E'
base: {suite: trixie}
kernel: stock
bench: yes
E
bad "an unknown kernel mode" 2:9 "stok" <<'E'
base: {suite: trixie}
kernel: stok
E
bad "a size without a unit" 3:7 "'disk': '8' has no unit" <<'E'
base: {suite: trixie}
kernel: stock
disk: 8
E
bad "a size in a unit that is none" 3:7 "'disk': '8GB' is not a size: the unit is one of B, KiB" <<'E'
base: {suite: trixie}
kernel: stock
disk: 8GB
E
bad "a negative size" 3:7 "'disk'" <<'E'
base: {suite: trixie}
kernel: stock
disk: -8GiB
E
bad "a size that overflows" 3:7 "too large" <<'E'
base: {suite: trixie}
kernel: stock
disk: 99999999999999999999GiB
E
bad "a disk that is too small" 3:7 "'disk' is 1GiB: it goes from 2GiB" <<'E'
base: {suite: trixie}
kernel: stock
disk: 1GiB
E
bad "a duration without a unit" 3:17 "'timeout': '5' has no unit" <<'E'
base: {suite: trixie}
kernel: stock
grub: {timeout: 5}
E
bad "a duration that GRUB can't show" 3:17 "whole seconds" <<'E'
base: {suite: trixie}
kernel: stock
grub: {timeout: 500ms}
E
bad "a key without a value" 3:10 "'hostname' has no value" <<'E'
base: {suite: trixie}
kernel: stock
hostname:
E

# ---- what makes no sense ----

bad "no base at all" 1:7 "either 'suite'" <<'E'
base: {}
kernel: stock
E
bad "two bases" 2:10 "either 'suite'" <<'E'
base:
  suite: trixie
  image: https://example.org/x.qcow2
kernel: stock
E
bad "a suite's name that would be an option" 1:15 "no name of a Debian suite" <<'E'
base: {suite: --help}
kernel: stock
E
bad "an image that nobody vouches for" 2:10 "nothing vouches for https://example.org/x.qcow2" <<'E'
base:
  image: https://example.org/x.qcow2
kernel: stock
E
bad "a digest that is none" 3:11 "" <<'E'
base:
  image: https://example.org/x.qcow2
  digest: sha256:12ab
kernel: stock
E
bad "a digest by a broken algorithm" 3:11 "" <<'E'
base:
  image: https://example.org/x.qcow2
  digest: md5:d41d8cd98f00b204e9800998ecf8427e
kernel: stock
E
bad "a digest of a suite" 1:31 "'digest' belongs to 'image'" <<'E'
base: {suite: trixie, digest: "sha256:00"}
kernel: stock
E
bad "a URL that can't be fetched" 2:10 "no URL that can be fetched" <<'E'
base:
  image: ftp://example.org/x.qcow2
  digest: sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
kernel: stock
E
bad "a kernel without a source" 3:3 "kernel takes one source" <<'E'
base: {suite: trixie}
kernel:
  config: tiny
E
bad "a kernel with two sources" 3:3 "kernel takes one source" <<'E'
base: {suite: trixie}
kernel:
  package: linux-source-6.12
  tree: linux
E
bad "a stock kernel with options" 3:9 "a stock kernel is not built" <<'E'
base: {suite: trixie}
kernel:
  mode: stock
  options: [CONFIG_CXL_BUS=y]
E
bad "a package that is no kernel source" 3:12 "is no source package" <<'E'
base: {suite: trixie}
kernel:
  package: bash
E
bad "a fragment that is not there" 4:15 "no fragment 'nosuch'" <<'E'
base: {suite: trixie}
kernel:
  tree: linux
  fragments: [nosuch]
E
bad "a line that is no kernel option" 4 "'CXL_BUS=y' is no kernel option" <<'E'
base: {suite: trixie}
kernel:
  tree: linux
  options: [CXL_BUS=y]
E
bad "a base configuration that is not there" 4:11 "'config' is tiny, defconfig, image or a file" <<'E'
base: {suite: trixie}
kernel:
  tree: .
  config: nosuch
E
printf '\nCONFIG_OK=y\nCONFIG_BAD=maybe\n' >fragment
file r.yaml <<'E'
base: {suite: trixie}
kernel: {tree: linux, fragments: ./fragment}
E
ok "a wrong line in a fragment" refuses 1 "fragment:3: 'CONFIG_BAD=maybe' is no kernel option" "$vmbuild" r.yaml
file r.yaml <<'E'
base: {suite: trixie}
kernel: {tree: nosuch}
E
ok "a source tree that is not there" refuses 1 "nosuch" "$vmbuild" -q r.yaml
bad "an overlay that is not there" 3:11 "no overlay 'nosuch'" <<'E'
base: {suite: trixie}
kernel: stock
overlay: [nosuch]
E
bad "a package's name that would be an option" 3:12 "no name of a Debian package" <<'E'
base: {suite: trixie}
kernel: stock
packages: [--version]
E
bad "an image's name that leads elsewhere" 3:7 "can't be an image's name" <<'E'
base: {suite: trixie}
kernel: stock
name: ../x
E
bad "a login name that is none" 4:11 "'Ada L' is no login name" <<'E'
base: {suite: trixie}
kernel: stock
users:
  - name: Ada L
E
bad "a user that stands twice" 5:11 "user 'ada' stands twice" <<'E'
base: {suite: trixie}
kernel: stock
users:
  - name: ada
  - name: ada
E
bad "a key that is no SSH key" 5:12 "is no SSH public key" <<'E'
base: {suite: trixie}
kernel: stock
users:
  - name: ada
    keys: [secret]
E

# ---- the host ----

file r.yaml <<'E'
base: {suite: trixie}
kernel: stock
E
: >plain
ok "a cache folder that is a file" refuses 1 "$tmp/plain" env TIERLAB_CACHE="$tmp/plain" "$vmbuild" -q r.yaml
ok "an output folder that is a file" refuses 1 "plain" "$vmbuild" -q -o plain r.yaml
mkdir nothing
ok "data that is not there" refuses 1 "nothing" env TIERLAB_DATA="$tmp/nothing" "$vmbuild" -q cxl-tcg
ok "a program that is missing" refuses 1 "is not installed: run .make setup" env PATH="$tmp/nothing" "$vmbuild" -q r.yaml
ok "nothing of all that is in the cache" cache_holds_nothing

finish

#!/bin/sh
# Proves with grep the rules of the house on who may include and call what. Prints what breaks one; exit status 1 if
# anything does.

cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C
report=$(mktemp) || exit 1
trap 'rm -f "$report"' EXIT

# complain RULE: notes the lines of standard input, if there are any, under the rule.
complain() {
	RULE=$1 awk 'NR == 1 { print "not so: " ENVIRON["RULE"] } { print "    " $0 }' >> "$report"
}

sources() {
	find "$@" -name '*.[ch]' | sort
}

# only HEADERS FILES: only the files may include a header that matches the pattern.
only() {
	sources common builder vmctl | grep -vxE "$2" |
		xargs grep -nE "^[[:space:]]*#[[:space:]]*include[[:space:]]*<($1)" |
		complain "of the tools, these alone may include <$1>: $2"
}

# A tool's own header of the same name (both have a manifest.h) is not the other's: what counts is a header that the
# folder itself has not.
not_theirs() {
	for mine in "$1"/*.[ch]; do
		grep -nHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "$mine"
	done | while IFS= read -r line; do
		name=$(printf '%s\n' "$line" | sed 's/.*"\(.*\)".*/\1/')
		case $name in
		*/*) echo "$line" ;;
		*) [ -e "$1/$name" ] || [ -e "common/$name" ] || echo "$line" ;;
		esac
	done
}

not_theirs builder | complain "builder/ includes its own headers and those of common/"
not_theirs vmctl | complain "vmctl/ includes its own headers and those of common/"
not_theirs common | complain "common/ includes no header of builder/ or vmctl/"

only 'yaml\.h' 'common/yamlmap-doc\.h'
only 'openssl/' 'common/(digest|base64)\.c'
only 'curl/' 'builder/transfer\.c'
only 'guestfs\.h' 'builder/appliance\.h'
only 'archive(_entry)?\.h' 'builder/tarball(-read)?\.c'
only 'json(-c)?[/.]' 'builder/manifest(-read)?\.c|builder/print\.c|builder/events\.c|vmctl/print-parts\.h'
only 'libvirt/' 'vmctl/virt\.c|vmctl/virt-(private\.h)'
sources vmctl | grep -vE '^vmctl/virt(-[a-z]+)?\.c$' | xargs grep -nE '^#include "virt-private\.h"' |
	complain "virt-private.h is for vmctl/virt*.c alone"
only 'libxml/' 'vmctl/xml-tags\.h'
only 'libsmartcols' 'common/table\.c'

# calls PATTERN: where a function of that name is called, outside of comments.
calls() {
	xargs grep -nE "(^|[^A-Za-z0-9_.>\"])($1)[[:space:]]*\(" | grep -vE '^[^:]+:[0-9]+:[[:space:]]*(/?\*|//)'
}

sources common builder vmctl | calls 'system|popen' | complain "no shell in between: neither system() nor popen()"
sources common builder vmctl | grep -vx 'common/run\.c' |
	calls 'v?fork|exec(v|vp|ve|vpe|l|lp|le)|fexecve|posix_spawnp?|clone' | complain "only common/run.c starts programs"

sources common builder vmctl | while IFS= read -r file; do
	lines=$(wc -l < "$file")
	[ "$lines" -le 400 ] || echo "$file: $lines lines"
done | complain "a file is one idea, at most 400 lines"

if [ -s "$report" ]; then
	cat "$report"
	exit 1
fi
echo "layers: all rules hold"

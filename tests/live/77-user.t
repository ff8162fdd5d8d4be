#!/bin/sh
# Root and an ordinary user on one host: each has images, machines and a libvirt of its own.
. "$(dirname "$0")/lib.sh"

[ "$(id -u)" = 0 ] || skip_all "an ordinary user can't become another"
command -v setpriv > /dev/null || skip_all "setpriv is not there"
"$vmbuild" -q cxl-tcg >/dev/null 2>&1 || "$vmbuild" cxl-tcg 2>&1 | sed 's/^/# /'

# as COMMAND...: as a user who is in no group, at a home of its own
home=$work/home
mkdir -p "$home/run"
chown -R 65534:65534 "$home"
chmod 700 "$home" "$home/run"
as() {
	setpriv --reuid=65534 --regid=65534 --clear-groups env -u TIERLAB_STATE -u TIERLAB_LIBVIRT_URI -u XDG_CACHE_HOME -u XDG_CONFIG_HOME \
		-u XDG_DATA_HOME HOME="$home" USER=nobody LOGNAME=nobody XDG_RUNTIME_DIR="$home/run" "$@"
}
as test -x "$vmctl" || skip_all "others may not run $vmctl"

machine t-user '/^cxl:/,$d' 's/^memory:.*/memory: 1GiB/'
theirs_too() { as "$vmctl" delete --force t-user > /dev/null 2>&1; finish; }
trap theirs_too EXIT

no_image() { ! as "$vmctl" start "$file" 2> "$work/said" && grep "image 'cxl-tcg' is not built: there is no $home/.*run .vmbuild cxl-tcg" "$work/said"; }
ok 'a user without an image is told how to make it' no_image
nothing_of_it() { ! as test -e "$home/.local/share/tierlab/machines/t-user"; }
ok 'and nothing is left of the machine' nothing_of_it
both() {
	as "$vmctl" start --wait boot --image "$TIERLAB_STATE/images/cxl-tcg.json" "$file" > "$work/theirs" 2>&1 & theirs=$!
	"$vmctl" start --wait boot "$file" > "$work/ours" 2>&1
	ours=$?
	wait $theirs
	theirs=$?
	cat "$work/theirs" "$work/ours"
	[ $ours = 0 ] && [ $theirs = 0 ]
}
ok "with root's image named, the user's machine boots, while one of the same name boots for root" both
port() { jq -r '.[] | select(.name == "t-user" and .state == "running") | .ssh_port'; }
ports() { ours=$("$vmctl" list --json | port) theirs=$(as "$vmctl" list --json | port) && echo "$ours $theirs" && [ "$ours" -gt 0 ] && [ "$theirs" -gt 0 ] && [ "$ours" != "$theirs" ]; }
ok 'each sees its own, at a port of its own' ports
marked() { "$vmctl" exec t-user -- touch /root/ours && ! as "$vmctl" exec t-user -- test -e /root/ours; }
ok 'and gets into its own' marked
stopped() { as "$vmctl" delete --force t-user && "$vmctl" exec t-user -- test -e /root/ours; }
ok "the end of the one is not the other's" stopped

done_testing

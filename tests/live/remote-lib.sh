# Another host, for tests of machines there: a libvirt and an SSH daemon of their own in a mount namespace in which nothing of ours is to
# be seen - neither images nor machines, nor the socket of this host's libvirt. Sourced after lib.sh, as root.
#
#   far_begin     starts it; $far is its address then
#   far COMMAND   runs a command there
#   far_kill NAME kills the programs of that name there
#   far_end       ends it, with all that runs there
# shellcheck shell=sh
far_root=$(mktemp -d /var/tmp/tierlab-far.XXXXXX)
chmod 755 "$far_root"
far_port=$((3000 + $$ % 1000))

far() { nsenter -m -t "$(cat "$far_root/pid")" -- "$@"; }

# What runs in the namespace. The shell stays, for nsenter; what is hidden is hidden from the daemons and from the guests.
cat > "$far_root/host" <<'END'
set -e
mount --make-rprivate /
mkdir -p "$1/lib" "$1/log"
mount --bind "$1/lib" /var/lib/libvirt
mount --bind "$1/log" /var/log/libvirt
mount -t tmpfs none /run
mount -t tmpfs none "$2"
mkdir -p /run/sshd /run/libvirt
virtlogd -d
libvirtd -d
/usr/sbin/sshd -f "$1/sshd_config"
echo $$ > "$1/pid.new"
mv "$1/pid.new" "$1/pid"
exec sleep infinity
END

far_begin() {
	ssh-keygen -q -t ed25519 -N '' -f "$far_root/host_key"
	ssh-keygen -q -t ed25519 -N '' -f "$far_root/key"
	cat > "$far_root/sshd_config" <<END
Port $far_port
ListenAddress 127.0.0.1
HostKey $far_root/host_key
AuthorizedKeysFile $far_root/key.pub
PermitRootLogin prohibit-password
StrictModes no
UsePAM yes
PidFile $far_root/sshd.pid
END
	echo "[127.0.0.1]:$far_port $(cut -d' ' -f1,2 "$far_root/host_key.pub")" > "$far_root/known_hosts"
	printf '#!/bin/sh\nexec ssh -F none -i %s -o UserKnownHostsFile=%s -o BatchMode=yes "$@"\n' "$far_root/key" \
		"$far_root/known_hosts" > "$far_root/ssh"
	chmod 755 "$far_root/ssh"
	# shellcheck disable=SC2034
	far="qemu+ssh://root@127.0.0.1:$far_port/system?command=$far_root/ssh"
	setsid unshare --mount sh "$far_root/host" "$far_root" "$TIERLAB_STATE" > "$far_root/said" 2>&1 &
	for _ in $(seq 100); do
		[ -e "$far_root/pid" ] && virsh -q -c "$far" list >/dev/null 2>&1 && return
		sleep 0.1
	done
	cat "$far_root/said" >&2
	return 1
}

# far_kill [NAME]: what runs there, or the programs of that name. They have no other sign than the namespace that they are in.
far_kill() {
	ns=$(readlink "/proc/$(cat "$far_root/pid")/ns/mnt")
	[ -n "$ns" ] || return
	for pid in /proc/[0-9]*; do
		[ "$(readlink "$pid/ns/mnt" 2>/dev/null)" = "$ns" ] || continue
		[ -n "${1:-}" ] && [ "$(cat "$pid/comm")" != "$1" ] || kill -9 "${pid#/proc/}" 2>/dev/null || :
	done
}

far_end() {
	[ ! -e "$far_root/pid" ] || far_kill
	rm -rf "$far_root"
}

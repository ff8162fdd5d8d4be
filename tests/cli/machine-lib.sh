# Machine files, an image that is as small as can be, and a QEMU that only says its version. Sourced after lib.sh.
# shellcheck shell=sh disable=SC2154 # variables of lib.sh

TIERLAB_QEMU="$tmp/bin/qemu"
export TIERLAB_QEMU
fake qemu <<'E'
echo 'QEMU emulator version 11.1.3 (a fake)'
E

# machine FILE [SED]: a machine file in $tmp, changed by the sed script.
machine() {
	file all.yaml <<'E'
image: testing
accelerator: tcg
memory: 512MiB
cxl:
  windows:
    - size: 1GiB
      targets: [hb0]
  bridges:
    - name: hb0
      ports: [rp0]
# the expander
  devices:
    - name: mem0
      port: rp0
      volatile: 256MiB
  regions:
    - devices: [mem0]
E
	sed "$2" "$tmp/all.yaml" >"$tmp/$1"
}

# image NAME: an image with its manifest where vmbuild would put it. 1 without qemu-img.
image() {
	images="$TIERLAB_STATE/images"
	mkdir -p "$images"
	qemu-img create -q -f qcow2 "$images/$1.qcow2" 64M 2>/dev/null || return 1
	echo a kernel >"$images/$1.vmlinuz"
	cat >"$images/$1.json" <<E
{
  "tierlab_image": 1, "name": "$1", "build": "${2:-0123}", "created": "2026-01-01T00:00:00Z",
  "base": "trixie", "root": "PARTUUID=00000000-01",
  "kernel": { "stock": false, "release": "6.12.0-tierlab", "options": [] },
  "files": { "image": { "file": "$1.qcow2" }, "kernel": { "file": "$1.vmlinuz" } }
}
E
}

# running NAME...: libvirt is one in which these machines run, as vmctl would have made them; foreign NAME: as another
# program would.
running() {
	{
		echo '<node>'
		for machine; do
			cat <<E
<domain type='test'><name>$machine</name><memory>524288</memory><os><type>hvm</type></os>
<metadata><tierlab:machine xmlns:tierlab='urn:tierlab:machine' ssh-port='2222'/></metadata></domain>
E
		done
		echo '</node>'
	} >"$tmp/libvirt.xml"
	export TIERLAB_LIBVIRT_URI="test://$tmp/libvirt.xml"
}
foreign() {
	running "$@"
	sed -i '/<metadata>/s/.*/<\/domain>/' "$tmp/libvirt.xml"
}

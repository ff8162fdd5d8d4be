#!/bin/sh
# What a recipe puts into an image is there when it runs.
. "$(dirname "$0")/lib.sh"

mkdir -p "$work/tree/sub"
echo inside > "$work/tree/sub/file"
ln -s /etc/hostname "$work/tree/link"
printf '#!/bin/sh\necho tool\n' > "$work/tool"
cat > "$work/t-put.yaml" <<'E'
extends: cxl-tcg
packages: [tzdata]
timezone: Europe/Berlin
users:
  - name: ada
    passwd: $6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/
    groups: [video]
    ssh_authorized_keys: [ssh-ed25519 AAAA ada@lab]
copy:
  - {from: ./tree, to: /opt/tree, owner: ada}
  - {from: ./tool, to: /usr/local/bin/, mode: "0750"}
write_files:
  - path: /etc/deep/er/file
    content: "one\n"
    permissions: "0640"
    owner: ada:ada
  - {path: /etc/deep/er/file, content: "two\n", append: true}
  - path: /etc/systemd/system/hello.service
    content: |
      [Service]
      Type=oneshot
      ExecStart=/bin/sh -c 'echo hello > /run/hello'
      [Install]
      WantedBy=multi-user.target
run:
  - id ada > /root/ran
  - '[ "$(ip -o link | wc -l)" = 1 ]    # only lo'
  - {command: '[ "$(ip -o link | wc -l)" -gt 1 ]', network: true}
runcmd:
  - cat /root/ran > /root/ran-too
services:
  enable: hello.service
  mask: [fstrim.timer]
sysctl:
  vm.swappiness: 7
kernel_args: [tierlab.test=1]
E
"$vmbuild" "$work/t-put.yaml" >&2
status=$?
built() { [ $status = 0 ]; }
ok 'a recipe that puts much into an image is built' built || { done_testing; exit 1; }
again() { "$vmbuild" "$work/t-put.yaml" | grep 'up to date'; }
ok 'and is up to date then' again
echo more >> "$work/tree/sub/file"
told() { "$vmbuild" explain "$work/t-put.yaml" | grep 'copy to /opt/tree: from .* to'; }
ok 'a change of what is copied is seen' told

machine t-put 's/^image: .*/image: t-put/'
ok 'it boots' "$vmctl" start "$file" || { done_testing; exit 1; }
x() { "$vmctl" exec t-put -- "$@"; }
is() { [ "$(x sh -c "$1")" = "$2" ] || { x sh -c "$1"; return 1; }; }
ok 'a folder was copied, with its links' is 'cat /opt/tree/sub/file; readlink /opt/tree/link' "$(printf 'inside\n/etc/hostname')"
ok 'and given to its owner' is 'stat -c %U /opt/tree /opt/tree/sub/file | sort -u' ada
ok 'a file was copied into a folder, with its mode' is 'stat -c "%a %U" /usr/local/bin/tool; tool' "$(printf '750 root\ntool')"
ok 'a file was written, and added to' is 'cat /etc/deep/er/file; stat -c "%a %U:%G" /etc/deep/er/file' "$(printf 'one\ntwo\n640 ada:ada')"
ok 'commands ran, with and without the network' is 'cat /root/ran-too' "$(x id ada)"
ok 'the user is in its groups' is 'id -nG ada' 'ada video'
ok 'and has the password that was given, hashed' is 'getent shadow ada | cut -d: -f2 | cut -c1-12' '$6$saltsalt$'
ok 'and its key' is 'stat -c "%a %U" /home/ada/.ssh/authorized_keys' '600 ada'
ok 'a service was enabled' is 'cat /run/hello' hello
ok 'the time zone is set' is 'date +%Z | tr -d T' "$(TZ=Europe/Berlin date +%Z | tr -d T)"
ok 'sysctl is' is 'cat /proc/sys/vm/swappiness' 7
ok 'who waits for the guest is not locked out' is 'sshd -T | grep ^persourcepenalties' 'persourcepenalties no'
ok 'the kernel has its words' is 'grep -c tierlab.test=1 /proc/cmdline' 1
"$vmctl" delete --force t-put >/dev/null 2>&1

# What fails in the image names its line, and leaves no image.
failing() {
	printf 'extends: cxl-tcg\nname: t-fails\nrun:\n  - echo before\n  - %s\n' "$1" > "$work/fails.yaml"
	"$vmbuild" -q "$work/fails.yaml" -o "$work/out-fails" > "$work/said" 2>&1
	[ $? = 1 ] && cat "$work/said" && grep "fails.yaml:5:[0-9]*: .*$2" "$work/said" && [ -z "$(ls "$work/out-fails")" ]
}
ok 'a command that fails ends the build, with its line' failing 'ls /no/such/place' 'failed in the image: .*No such file'

done_testing

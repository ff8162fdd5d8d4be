#!/bin/sh
# Into the guest by SSH, by its agent, and by the agent because the guest's network is gone: commands and copies.
. "$(dirname "$0")/lib.sh"

"$vmbuild" -q cxl-tcg >/dev/null 2>&1 || "$vmbuild" cxl-tcg 2>&1 | sed 's/^/# /'
machine t-agent
m=t-agent
start() { "$vmctl" start --wait boot "$file"; }
ok 'the guest is at SSH' start || { done_testing; exit 1; }
head -c 3145728 /dev/urandom > "$work/big"
mkdir -p "$work/tree/sub" && echo leaf > "$work/tree/sub/a b" && ln -s 'sub/a b' "$work/tree/link" && chmod 750 "$work/tree/sub"

# x COMMAND...: runs it the way that is being tested; c FROM TO: copies; $way is the option, $note what is said about it.
x() { "$vmctl" exec $way $m -- "$@"; }
c() { "$vmctl" copy $way "$1" "$2"; }
noted() { if [ "$note" ]; then grep -qx "$m: SSH does not answer, going by the guest's agent" "$1"; else ! grep -q SSH "$1"; fi; }
digest() { sha256sum < "$1" | cut -d ' ' -f 1; }

streams() { x sh -c 'echo to-out; echo to-err >&2' > "$work/o" 2> "$work/e" < /dev/null && [ "$(cat "$work/o")" = to-out ] && grep -qx to-err "$work/e" && noted "$work/e"; }
status7() { x sh -c 'exit 7' < /dev/null; [ $? = 7 ]; }
signal() { x sh -c 'kill -9 $$' < /dev/null; [ $? = 137 ]; }
no_command() { x no-such-command < /dev/null > "$work/o" 2> "$work/e"; [ $? = 127 ] && grep 'not found' "$work/e"; }
input() { [ "$(echo typed | x cat)" = typed ] && [ -z "$(x cat < /dev/null)" ] && [ "$(x sha256sum < "$work/big" | cut -d ' ' -f 1)" = "$(digest "$work/big")" ]; }
quoting() { [ "$(x printf '%s|' 'a b' "it's" '$HOME' '' < /dev/null)" = "a b|it's|\$HOME||" ]; }
home() { [ "$(x sh -c 'pwd; echo $HOME' < /dev/null)" = "$(printf '/root\n/root')" ]; }
much() { x sh -c 'head -c 6000000 /dev/zero; head -c 1000000 /dev/zero >&2' < /dev/null 2> "$work/e" | wc -c | grep -qx 6000000 && [ "$(wc -c < "$work/e")" -ge 1000000 ]; }
round_trip() { chmod 755 "$work/big" && c "$work/big" $m:/root/ && c $m:big "$work/back" && cmp "$work/big" "$work/back" && [ "$(stat -c %a "$work/back")" = 755 ] && [ "$(x sha256sum /root/big < /dev/null | cut -d ' ' -f 1)" = "$(digest "$work/big")" ]; }
other_name() { echo new > "$work/small" && c "$work/small" $m:named && echo newer > "$work/small" && c "$work/small" $m:/root/named && [ "$(x cat named < /dev/null)" = newer ]; }
folder() { c "$work/tree" $m:/root && c $m:/root/tree/ "$work/tree-back" && diff -r "$work/tree" "$work/tree-back" && [ "$(readlink "$work/tree-back/link")" = 'sub/a b' ] && [ "$(stat -c %a "$work/tree-back/sub")" = 750 ]; }
folder_stays() { ! c "$work/tree" $m: && ! c $m:tree "$work" 2> "$work/e" && grep "$work/tree is there already" "$work/e"; }
missing() { ! c $m:/nosuch "$work/" 2> "$work/e" && grep "^vmctl: can't copy $m:/nosuch: there is no /nosuch$" "$work/e" && [ ! -e "$work/nosuch" ]; }
no_folder() { ! c "$work/small" $m:/no/such 2> "$work/e" && grep "there is no folder /no$" "$work/e" && ! c $m:named "$work/no/such" 2> "$work/e" && grep "can't write $work/no/such: No such" "$work/e"; }
no_room() { x sh -c 'mkdir -p /run/full && mount -t tmpfs -o size=1m none /run/full' < /dev/null && ! c "$work/big" $m:/run/full/ 2> "$work/e" && grep "No space left" "$work/e" && [ -z "$(x ls -A /run/full < /dev/null)" ] && x umount /run/full < /dev/null; }
clean() { x rm -rf /root/big /root/named /root/tree < /dev/null && rm -rf "$work/back" "$work/tree-back" && [ -z "$(x sh -c 'sleep 0.5; ls -A /root /tmp /var/tmp | grep -E "part|tierlab-" | grep -v "^tierlab-[0-9a-f]*$"' < /dev/null)" ] && [ -z "$(find "$work" -name '.*.??????')" ]; }

all_ways() {
	ok "$1: output and error apart, and a note where it is due" streams
	ok "$1: the exit status" status7
	ok "$1: a command that is not there is 127" no_command
	ok "$1: standard input, also none, and 3 MiB of it" input
	ok "$1: arguments as they are" quoting
	ok "$1: in root's home" home
	ok "$1: more output than one message holds" much
	ok "$1: a file of 3 MiB there and back, with its mode" round_trip
	ok "$1: a file under another name, over an old one" other_name
	ok "$1: a folder there and back" folder
	ok "$1: a folder is not put over another" folder_stays
	ok "$1: a file that is not there is named" missing
	ok "$1: so is a folder" no_folder
	ok "$1: a full disk in the guest leaves nothing" no_room
	ok "$1: nothing else is left" clean
}

way='' note=''
all_ways SSH

# The connection of one command is kept for the next.
kept=$TIERLAB_STATE/machines/$m/ssh-kept
from() { x printenv SSH_CONNECTION < /dev/null | cut -d ' ' -f 2; }
same_connection() { [ -S "$kept" ] && a=$(from) && b=$(from) && [ "$a" ] && [ "$a" = "$b" ]; }
interrupted() { bash -c 'set -m; "$@" sh -c "echo early; sleep 3" < /dev/null & pid=$!; sleep 2; kill -INT -- -$pid; wait $pid' bash "$vmctl" exec $m -- > "$work/o" 2>&1; [ $? = 130 ] && grep -qx early "$work/o" && [ "$(x echo there < /dev/null)" = there ]; }
twelve() { for i in 1 2 3 4 5 6 7 8 9 10 11 12; do x sh -c "sleep 2; echo $i" < /dev/null >> "$work/twelve" 2> /dev/null & done; wait; [ "$(sort -n "$work/twelve" | tr '\n' ' ')" = '1 2 3 4 5 6 7 8 9 10 11 12 ' ]; }
master() { pgrep -f "^ssh: $kept "; }
killed() { kill -9 $(master) && a=$(x echo there 2>&1 < /dev/null) && [ "$a" = there ] && same_connection; }
lost() { x sleep 44 < /dev/null 2> "$work/e" & pid=$!; within 100 x pgrep -xf "sleep 44" < /dev/null; kill $(master); wait $pid; [ $? = 255 ] && grep -x 'vmctl: SSH lost the guest: the connection ended before the command did' "$work/e"; }
ok 'a second command comes by the connection of the first' same_connection
ok 'Ctrl-C ends one, and others come by it' interrupted
# some may be turned to the agent: sshd lets ten log in at a time
ok 'twelve at once, more than one connection may have' twelve
ok 'one whose keeper was killed is made anew' killed
ok 'a command that loses its connection says so' lost
way=--agent
all_ways 'the agent'

# What it writes is seen while it runs, and Ctrl-C ends it in the guest.
streamed() { "$vmctl" exec --agent $m -- sh -c 'echo early; sleep 30' < /dev/null > "$work/o" 2>&1 & pid=$!; sleep 3; grep -qx early "$work/o"; seen=$?; kill -INT $pid; wait $pid; [ $? = 130 ] && [ $seen = 0 ] && sleep 0.5 && ! x pgrep -f 'echo early' < /dev/null; }
bounded() { ! head -c 17000000 /dev/zero | x wc -c 2> "$work/e" && grep 'at most 16 MiB' "$work/e"; }
ok 'the agent: a signal is 128 and its number' signal
ok 'the agent: output is seen at once, and Ctrl-C ends the command' streamed
ok 'the agent: too much input is refused' bounded

# The network is lost by a command that came over it, which is run once.
lose() { "$vmctl" exec $m -- sh -c 'echo >> /root/runs; for n in /sys/class/net/*; do ip link set ${n##*/} down; done; sleep 1' < /dev/null & pid=$!; sleep 5; kill $pid 2> /dev/null; wait $pid; [ "$("$vmctl" exec -a $m -- wc -l < /dev/null /root/runs | cut -d ' ' -f 1)" = 1 ]; }
ok 'a command that cuts its own connection is not run again' lose
way='' note=yes
ok 'without a network: output and error apart, and a note' streams
ok 'without a network: the exit status' status7
ok 'without a network: standard input is read once' input
ok 'without a network: a file of 3 MiB there and back' round_trip
ok 'without a network: a folder there and back' folder
ok 'without a network: a file that is not there is named' missing
check() { "$vmctl" check $m --json 2> "$work/e" | jq -e '.checks | length > 10' && noted "$work/e"; }
ok 'check asks by the agent' check

# It is back, and so is SSH, although a connection was kept that hangs.
back() { "$vmctl" exec -a $m -- sh -c 'for n in /sys/class/net/e*; do ip link set ${n##*/} up; done; networkctl reconfigure ${n##*/} 2>/dev/null || :' < /dev/null && within 200 sh -c '"$1" exec $2 -- true < /dev/null 2>&1 | cmp - /dev/null' sh "$vmctl" $m; }
note=
ok 'the network is back, and SSH with it' back

no_way() { "$vmctl" exec -a $m -- sh -c 'for n in /sys/class/net/*; do ip link set ${n##*/} down; done; systemctl stop qemu-guest-agent' < /dev/null; "$vmctl" exec $m -- true < /dev/null 2> "$work/e"; [ $? = 255 ] && [ "$(wc -l < "$work/e")" = 1 ] && grep 'SSH does not get to the guest: .*agent is not connected' "$work/e"; }
ok 'neither way: status 255, and one line on both' no_way

gone() { "$vmctl" delete --force $m; for i in 1 2 3 4 5; do master || return 0; sleep 1; done; return 1; }
ok 'with the machine goes what kept its connections' gone

done_testing

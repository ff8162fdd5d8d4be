# What the tests of tiermig share: a tree of files that stands for /sys, /proc and /run. Sourced after bench-lib.sh.
# shellcheck shell=sh disable=SC2034,SC2086,SC2120,SC2154 # variables for the tests, and of bench-lib.sh; paths without blanks

tiermig="$(cd "$bench" && pwd)/tiermig"
root=$tmp/root
export TIERMIG_ROOT="$root"
kdamonds=$root/sys/kernel/mm/damon/admin/kdamonds
stat=$root/sys/module/damon_stat/parameters

# As the library's, and says what came of it.
run() {
	"$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	echo "$* -> status $status; out: $(cat "$tmp/out"); err: $(cat "$tmp/err")"
}

# refuses STATUS PATTERN ARGUMENT...: tiermig fails with that status and one line that has the pattern.
refuses() {
	want=$1 pattern=$2
	shift 2
	run "$tiermig" "$@"
	[ "$status" -eq "$want" ] && [ "$(wc -l <"$tmp/err")" -eq 1 ] && [ ! -s "$tmp/out" ] &&
		grep -q '^tiermig: ' "$tmp/err" && grep -q -e "$pattern" "$tmp/err"
}

# does PATTERN ARGUMENT...: succeeds, and the pattern in what it says.
does() {
	pattern=$1
	shift
	run "$tiermig" "$@"
	[ "$status" -eq 0 ] && cat "$tmp/out" "$tmp/err" | grep -q -e "$pattern"
}

# block NODE NUMBER: a memory block of 128 MiB, online.
block() {
	dir=$root/sys/devices/system/node/node$1/memory$2
	mkdir -p "$dir"
	printf '%08x\n' "$2" >"$dir/phys_index"
	echo online >"$dir/state"
}

# Two nodes of 256 MiB, the second behind CXL; a kernel with DAMON, whose folders are there before they are asked for.
# Not a kernel: a file keeps what is written into it.
machine() {
	rm -rf "$root"
	mkdir -p "$root/sys/devices/system/memory" "$root/proc" "$root/run" "$kdamonds" "$stat" "$root/sys/fs/cgroup/hmsdk" \
		"$root/sys/devices/system/node/node2"
	echo 8000000 >"$root/sys/devices/system/memory/block_size_bytes"
	block 0 0; block 0 1; block 1 32; block 1 33
	cat >"$root/proc/iomem" <<-END
		00000000-00000bff : Reserved
		00000c00-0009fbff : System RAM
		000f0000-000fffff : System ROM
		00100000-0fffefff : System RAM
		  01000000-01bfffff : Kernel code
		0ffff000-0fffffff : Reserved
		100000000-1ffffffff : CXL Window 0
		  100000000-10fffffff : region0
		    100000000-10fffffff : dax0.0
		      100000000-10fffffff : System RAM (kmem)
	END
	echo 'pgmigrate_success 4711' >"$root/proc/vmstat"
	: >"$root/sys/fs/cgroup/hmsdk/memory.current"
	echo N >"$stat/enabled"
	"$tiermig" "${1:--m}" 0 1 --dry-run | while read -r file _; do
		mkdir -p "$root${file%/*}"
		: >"$root$file"
	done
	echo 0 >"$kdamonds/nr_kdamonds"
	for k in 0 1; do
		echo off >"$kdamonds/$k/state"
		echo 10$k >"$kdamonds/$k/pid"
	done
}

# Test data for vmctl report: results as docs/results.md describes them, made up by this program, of no machine that there is. With
# `jq -n -r -f report-samples.jq`, one a line: the path that its file is to have, a tab, the file.
#   --argjson factor 1.2    throughput under damon is so many times what it is else

def noise($seed): (($seed * 7919 + 104729) % 1000) / 1000 - 0.5;

def topology: "cxl\n├─ node 0 (DRAM) 8GiB, cpus 0-3\n└─ window 0 16GiB\n   └─ region 0: 8GiB of ram, on mem0 <fast path>\n";

def provenance($rep): {
	date: "2026-01-0\($rep)T10:00:00Z", tierlab: "0.1", fast_path: true, topology: topology,
	experiment_file: {path: "samples.yaml", sha256: ("a" * 64)}, machine_file: {path: "cxl.yaml", sha256: ("b" * 64)},
	image: {name: "cxl-tcg", sha256: ("c" * 64)}, kernel_image: {sha256: ("d" * 64)},
	qemu: {version: "11.1.3", accelerator: "tcg"},
	host: {name: "made-up", cpus: 2, cpu_model: "Made-up CPU @ 2.00GHz", memory: 16000000000, kernel: "6.1.0"}
};

# What each scheme does, in pages, to a table of so many pages of which so many do not fit.
def moves($scheme; $pages; $over; $s):
	(if $scheme == "autonuma" or $scheme == "autonuma+damon" then ($over * (0.8 + 0.2 * noise($s)) | floor) else 0 end) as $up |
	(if $scheme == "autonuma" or $scheme == "hmsdk" then ($over * (0.5 + 0.2 * noise($s + 1)) | floor) else 0 end) as $down |
	(if $scheme == "damon" or $scheme == "hmsdk" or $scheme == "autonuma+damon" then ($over * (0.9 + 0.1 * noise($s + 2)) | floor) else 0 end) as $hot |
	{up: $up, down: $down, hot: $hot, cold: (if $scheme == "hmsdk" then ($hot / 2 | floor) else 0 end)};

def counters($m; $part; $hits): {
	numa_hit: ($hits * $part | floor), numa_miss: (1200 * $part | floor), numa_foreign: (1200 * $part | floor), numa_interleave: 0,
	numa_local: ($hits * $part | floor), numa_other: (1200 * $part | floor),
	pgpromote_success: ($m.up * $part | floor), pgpromote_candidate: ($m.up * 1.2 * $part | floor),
	pgdemote_kswapd: ($m.down * $part | floor), pgdemote_direct: 0, pgdemote_khugepaged: 0,
	pgscan_kswapd: ($m.down * 2 * $part | floor), pgscan_direct: 0, pgsteal_kswapd: 0, pgsteal_direct: 0, pgactivate: 100, pgdeactivate: 0,
	numa_pte_updates: ($m.up * 3 * $part | floor), numa_huge_pte_updates: 0, numa_hint_faults: ($m.up * 2 * $part | floor),
	numa_hint_faults_local: 0, numa_pages_migrated: ($m.up * $part | floor),
	pgmigrate_success: (($m.up + $m.down + $m.hot + $m.cold) * $part + 17 | floor), pgmigrate_fail: (12 * $part | floor)
};

def plus($base): with_entries(.value += $base);

def nodes($fast; $slow): {"0": {free: 2000000000, anon: ($fast * 4096), file: 1000000}, "1": {free: 6000000000, anon: ($slow * 4096), file: 0}};

def knobs($scheme): [
	{name: "numa_balancing", file: "/proc/sys/kernel/numa_balancing", before: "0", after: "0"} +
	(if $scheme | startswith("autonuma") then {asked: "2", during: "2"} else {asked: "0", during: "0"} end),
	{name: "demotion_enabled", file: "/sys/kernel/mm/numa/demotion_enabled", before: "false", asked: "true", during: "true", after: "false"}
];

def damon($m; $scheme): if $scheme | test("damon|hmsdk") then [
	{action: "migrate_hot", source: 1, target: 0, nr_tried: 400, sz_tried: ($m.hot * 4096 * 1.1 | floor), nr_applied: 380, sz_applied: ($m.hot * 4096), qt_exceeds: 3},
	{action: "migrate_cold", source: 0, target: 1, nr_tried: 200, sz_tried: ($m.cold * 4096), nr_applied: 100, sz_applied: ($m.cold * 4096), qt_exceeds: 0}
] else [] end;

def guest($scheme; $m; $over; $pages; $w; $s): {
	kernel: "6.12.48", cmdline: "root=PARTUUID=x ro console=ttyS0", cpus: "0-3",
	nodes: [{node: 0, cpus: "0-3", total: 8300000000, free: 7900000000, tier: 4}, {node: 1, cpus: "", total: 8589934592, free: 8589934592, tier: 56}],
	tierrun: ["tierrun", "--scheme", $scheme], command: [$w.name], knobs: knobs($scheme), began_at: 100.5,
	counters: {begin: (counters($m; 0; 0) | plus(5000)), end: (counters($m; 1; 2000000) | plus(5000))},
	samples: [range(-2; 21) | . as $t | ([0, ([$t / 20, 1] | min)] | max) as $part |
		{at: $t, counters: (counters($m; $part; 2000000) | plus(5000)), nodes: nodes($pages - $over * (1 - $part * 0.6); $over * (1 - $part * 0.6)), damon: []}],
	damon: damon($m; $scheme), sampler_cpu_secs: 0.21, workload: $w, notes: []
};

def gups($args; $rate; $pages; $over; $s): ($args | split(" ")[0]) as $size | {
	name: "gups", size_bytes: ($pages * 4096), threads: 4, secs: (20 + 0.01 * noise($s)), work: ($rate * 20 | floor), work_type: "GUPS", rate: $rate,
	alloc_secs: 1.7, interval_secs: 1, began_at: 100.5,
	intervals: [range(1; 21) | . as $t | ($rate * (0.75 + 0.3 * ($t / 20) + 0.05 * noise($s + $t))) as $r |
		{at: $t, secs: 1, work: ($r | floor), rate: $r, pages_per_node: {"0": ($pages - $over * (1 - $t * 0.03) | floor), "1": ($over * (1 - $t * 0.03) | floor)}}],
	pages_begin: {"0": ($pages - $over), "1": $over}, pages_end: {"0": ($pages - ($over * 0.4 | floor)), "1": ($over * 0.4 | floor)},
	pages_per_node: {"0": ($pages - ($over * 0.4 | floor)), "1": ($over * 0.4 | floor)}
};

def chase($node; $s): {
	name: "chase", size_bytes: 268435456, threads: 1, secs: 8, work: 90000000, work_type: "loads", rate: (11250000 * (1 + 0.02 * noise($s))), alloc_secs: 0.2,
	interval_secs: 0, began_at: 100.5, intervals: [], pages_begin: {($node): 65536}, pages_end: {($node): 65536},
	sets: [range(12; 29) | . as $b | {bytes: pow(2; $b), ns_per_load: (if $b < 15 then 1.6 elif $b < 21 then 5 + ($b - 15) elif $b < 24 then 18 + 8 * ($b - 21) else (if $node == "0" then 80 else 190 end) + 4 * ($b - 24) end * (1 + 0.06 * noise($s + $b))), loads: 1000000, secs: 0.5, at: ($b - 12)}]
};

def factors: {none: 1, autonuma: 1.25, hmsdk: 1.4, damon: (1.32 * $factor), "autonuma+damon": 1.45};

def run($case; $workload; $args; $scheme; $ratio; $rep; $s): {
	id: ("0000000000000000" + ($s | tostring))[-16:], experiment: "samples", machine: "cxl", workload: $workload, args: $args, scheme: $scheme, ratio: $ratio,
	threads: 4, repetition: $rep, interval_secs: 1, warm_up_secs: 2, seed: $rep
} + (if $case then {case: $case} else {} end) + (if $scheme | test("damon|hmsdk") then {scope: "cgroup"} else {} end);

def gups_runs:
	[{args: "1G --seconds 20", ratio: "all", pages: 262144, over: 0}, {args: "5G --seconds 20", ratio: "all", pages: 1310720, over: 30000},
	 {args: "1G --seconds 20", ratio: "eat:6000MiB", pages: 262144, over: 120000}, {args: "7G --seconds 20", ratio: "all", pages: 1835008, over: 500000}] as $cases |
	range(0; $cases | length) as $c | $cases[$c] as $k | (factors | keys_unsorted) as $schemes | range(0; $schemes | length) as $i | range(1; 4) as $rep |
	($c * 100 + $i * 10 + $rep) as $s | moves($schemes[$i]; $k.pages; $k.over; $s) as $m |
	(40000000 * (if $k.over > 0 then factors[$schemes[$i]] * 0.8 else 1 end) * (1 - 0.1 * $c) * (1 + 0.04 * noise($s))) as $rate |
	{path: "gups-\($c)-\($schemes[$i])-r\($rep).json", format: 1, status: "done", run: run(null; "gups"; $k.args; $schemes[$i]; $k.ratio; $rep; $s),
	 provenance: provenance($rep), guest: guest($schemes[$i]; $m; $k.over; $k.pages; gups($k.args; $rate; $k.pages; $k.over; $s); $s)};

def chase_runs:
	range(1; 3) as $rep | ("all", "membind:1") as $ratio | (900 + $rep + (if $ratio == "all" then 0 else 10 end)) as $s |
	{path: "chase-\($ratio | gsub(":"; "-"))-r\($rep).json", format: 1, status: "done", run: (run(null; "chase"; "256M"; "none"; $ratio; $rep; $s) | del(.threads)),
	 provenance: provenance($rep), guest: guest("none"; {up: 0, down: 0, hot: 0, cold: 0}; (if $ratio == "all" then 0 else 65536 end); 65536; chase(if $ratio == "all" then "0" else "1" end; $s); $s)};

def bad_runs:
	{path: "gups-failed.json", format: 1, status: "failed", error: "the guest is out of memory <gups>", run: run(null; "gups"; "7G --seconds 20"; "none"; "all"; 4; 950), provenance: provenance(4)},
	{path: "deeper/interrupted.json", format: 1, status: "interrupted", error: "interrupted", run: run(null; "gups"; "9G --seconds 20"; "none"; "all"; 1; 951), provenance: provenance(5)};

(gups_runs, chase_runs, bad_runs) | "\(.path)\t\(del(.path) | tojson)"

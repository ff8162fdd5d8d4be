/* The form of a result file: tables of keys and of where their values go. For result-read.c alone. */
#pragma once
#include "results.h"

enum kind { TEXT, NUMBER };

struct field {
	const char *key;
	enum kind kind;
	size_t off;
};

#define IN(type, key, kind, member) { key, kind, offsetof(struct type, member) }

static const struct field run_fields[] = {
	IN(result, "machine", TEXT, key.machine), IN(result, "workload", TEXT, key.workload), IN(result, "args", TEXT, key.args),
	IN(result, "scheme", TEXT, key.scheme), IN(result, "scope", TEXT, key.scope), IN(result, "ratio", TEXT, key.ratio),
	IN(result, "skew", TEXT, key.skew), IN(result, "threads", NUMBER, key.threads), IN(result, "id", TEXT, id),
	IN(result, "experiment", TEXT, experiment), IN(result, "case", TEXT, case_name), IN(result, "repetition", NUMBER, repetition),
	IN(result, "interval_secs", NUMBER, interval_secs), IN(result, "warm_up_secs", NUMBER, warm_up_secs),
	IN(result, "seed", NUMBER, seed), IN(result, "knobs", TEXT, key.knobs), { 0 },
};

static const struct field provenance_fields[] = {
	IN(provenance, "date", TEXT, date), IN(provenance, "tierlab", TEXT, tierlab), IN(provenance, "fast_path", NUMBER, fast_path),
	IN(provenance, "topology", TEXT, topology), IN(provenance, "experiment_file.path", TEXT, experiment_path),
	IN(provenance, "experiment_file.sha256", TEXT, experiment_sha256), IN(provenance, "machine_file.path", TEXT, machine_path),
	IN(provenance, "machine_file.sha256", TEXT, machine_sha256), IN(provenance, "image.name", TEXT, image),
	IN(provenance, "image.sha256", TEXT, image_sha256), IN(provenance, "kernel_image.sha256", TEXT, kernel_sha256),
	IN(provenance, "qemu.version", TEXT, qemu), IN(provenance, "qemu.accelerator", TEXT, accelerator),
	IN(provenance, "host.name", TEXT, host), IN(provenance, "host.cpus", NUMBER, cpus),
	IN(provenance, "host.cpu_model", TEXT, cpu_model), IN(provenance, "host.memory", NUMBER, memory),
	IN(provenance, "host.kernel", TEXT, host_kernel), { 0 },
};

static const struct field guest_fields[] = {
	IN(result, "kernel", TEXT, kernel), IN(result, "cmdline", TEXT, cmdline), IN(result, "cpus", TEXT, cpus),
	IN(result, "cgroup", TEXT, cgroup), IN(result, "eater.node", NUMBER, eaten_node), IN(result, "eater.bytes", NUMBER, eaten),
	IN(result, "sampler_cpu_secs", NUMBER, sampler_cpu_secs), IN(result, "fast", NUMBER, fast), IN(result, "slow", NUMBER, slow), { 0 },
};

static const struct field workload_fields[] = {
	IN(result, "work_type", TEXT, work_type), IN(result, "secs", NUMBER, secs), IN(result, "work", NUMBER, work),
	IN(result, "rate", NUMBER, rate), IN(result, "alloc_secs", NUMBER, alloc_secs), IN(result, "size_bytes", NUMBER, size_bytes), { 0 },
};

static const struct field node_fields[] = {
	IN(result_node, "node", NUMBER, node), IN(result_node, "total", NUMBER, total), IN(result_node, "free", NUMBER, free),
	IN(result_node, "tier", NUMBER, tier), IN(result_node, "cpus", TEXT, cpus), { 0 },
};

static const struct field knob_fields[] = {
	IN(result_knob, "name", TEXT, name), IN(result_knob, "file", TEXT, file), IN(result_knob, "before", TEXT, before),
	IN(result_knob, "asked", TEXT, asked), IN(result_knob, "during", TEXT, during), IN(result_knob, "after", TEXT, after), { 0 },
};

static const struct field damon_fields[] = {
	IN(result_damon, "action", TEXT, action), IN(result_damon, "source", NUMBER, source), IN(result_damon, "target", NUMBER, target),
	IN(result_damon, "nr_tried", NUMBER, nr_tried), IN(result_damon, "sz_tried", NUMBER, sz_tried),
	IN(result_damon, "nr_applied", NUMBER, nr_applied), IN(result_damon, "sz_applied", NUMBER, sz_applied),
	IN(result_damon, "qt_exceeds", NUMBER, qt_exceeds), { 0 },
};

static const struct field interval_fields[] = {
	IN(result_interval, "at", NUMBER, at), IN(result_interval, "secs", NUMBER, secs), IN(result_interval, "work", NUMBER, work),
	IN(result_interval, "rate", NUMBER, rate), { 0 },
};

static const struct field latency_fields[] = {
	IN(result_latency, "bytes", NUMBER, bytes), IN(result_latency, "ns_per_load", NUMBER, ns), { 0 },
};

static const struct field kernel_fields[] = {
	IN(result_kernel, "name", TEXT, name), IN(result_kernel, "best_gb_per_sec", NUMBER, best),
	IN(result_kernel, "avg_gb_per_sec", NUMBER, average), IN(result_kernel, "min_gb_per_sec", NUMBER, least), { 0 },
};

static const struct field phase_fields[] = {
	IN(result_phase, "name", TEXT, name), IN(result_phase, "hot", TEXT, hot), IN(result_phase, "secs", NUMBER, secs),
	IN(result_phase, "rate", NUMBER, rate), { 0 },
};

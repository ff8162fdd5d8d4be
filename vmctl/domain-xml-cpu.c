/* CPUs, NUMA nodes of DRAM, and what of the host they are bound to. */
#include <string.h>

#include "cpuset.h"
#include "domain-xml-parts.h"
#include "text.h"
#include "topology.h"
#include "units.h"

#define MEMORY_SLOTS "16"
#define LOCAL "10"
#define REMOTE "20"

/* Memory of an anonymous file, for huge pages too: without it libvirt takes these from a hugetlbfs of their size, which it looks for
 * when its daemon starts, and of 1 GiB no distribution mounts one. */
static void backing(writer w, const struct machine *m)
{
	bool shared = false;

	for (size_t i = 0; i < m->n_shares; i++)
		shared |= m->shares[i].type == SHARE_VIRTIOFS;
	if (!m->huge_pages && !shared)
		return;
	open_tag(w, "memoryBacking");
	if (m->huge_pages) {
		open_tag(w, "hugepages");
		open_tag(w, "page");
		attr(w, "size", "%llu", (unsigned long long)(m->huge_pages / KiB));
		attr(w, "unit", "KiB");
		close_tag(w);
		close_tag(w);
	}
	tag(w, "source", "type", "memfd", NULL);
	if (shared) /* virtiofsd looks into the guest's memory */
		tag(w, "access", "mode", "shared", NULL);
	close_tag(w);
}

void xml_memory(writer w, const struct boot_spec *s)
{
	const struct numa *n = &s->m->numa;
	bool bound = false;

	if (s->m->memory_max) {
		open_tag(w, "maxMemory");
		attr(w, "slots", MEMORY_SLOTS);
		attr(w, "unit", "KiB");
		xmlTextWriterWriteFormatString(w, "%llu", (unsigned long long)(s->m->memory_max / KiB));
		close_tag(w);
	}
	kib_tag(w, "memory", s->m->memory);
	backing(w, s->m);
	for (size_t i = 0; i < n->n_nodes; i++)
		bound |= n->nodes[i].host_node >= 0;
	if (!bound)
		return;
	open_tag(w, "numatune");
	for (size_t i = 0; i < n->n_nodes; i++) {
		if (n->nodes[i].host_node < 0)
			continue;
		open_tag(w, "memnode");
		attr(w, "cellid", "%zu", i);
		attr(w, "mode", "strict");
		attr(w, "nodeset", "%ld", n->nodes[i].host_node);
		close_tag(w);
	}
	close_tag(w);
}

static void vcpus(writer w, const struct boot_spec *s, long cpus)
{
	const struct numa *n = &s->m->numa;
	auto_free char *vcpu = strf("%ld", cpus);
	bool pinned = false;

	text_tag(w, "vcpu", vcpu);
	for (size_t i = 0; i < n->n_nodes; i++)
		pinned |= n->nodes[i].host_cpus != NULL;
	if (!pinned)
		return;
	open_tag(w, "cputune");
	for (size_t i = 0; i < n->n_nodes; i++) {
		auto_free char *list = node_cpus(s->m, i, s->host->cpus);
		struct cpuset set = { 0 };

		if (!n->nodes[i].host_cpus || cpuset_parse(&set, list, &(struct err){ "" }) < 0)
			continue;
		for (long c = 0; c < cpus; c++) {
			if (!set.has[c])
				continue;
			open_tag(w, "vcpupin");
			attr(w, "vcpu", "%ld", c);
			attr(w, "cpuset", "%s", n->nodes[i].host_cpus);
			close_tag(w);
		}
	}
	close_tag(w);
}

static void topology(writer w, const struct machine *m, long cpus)
{
	long sockets = m->cpus.sockets, cores = m->cpus.cores;

	if (!sockets && !cores)
		return;
	if (!sockets)
		sockets = cpus / cores;
	open_tag(w, "topology");
	attr(w, "sockets", "%ld", sockets);
	attr(w, "cores", "%ld", cpus / sockets);
	attr(w, "threads", "1");
	close_tag(w);
}

/* All pairs are written: what is left out, libvirt takes for the same. */
static void distances(writer w, const struct machine *m, size_t i)
{
	const struct numa *n = &m->numa;
	bool given = false;

	for (size_t j = 0; j < n->n_nodes; j++)
		given |= n->nodes[j].n_distances > 0;
	if (!given)
		return;
	open_tag(w, "distances");
	for (size_t j = 0; j < n->n_nodes; j++) {
		open_tag(w, "sibling");
		attr(w, "id", "%zu", j);
		attr(w, "value", "%s", n->nodes[i].n_distances ? n->nodes[i].distances[j] : i == j ? LOCAL : REMOTE);
		close_tag(w);
	}
	close_tag(w);
}

static void interconnects(writer w, const struct numa *n)
{
	if (!n->n_hmat)
		return;
	open_tag(w, "interconnects");
	for (int bandwidth = 0; bandwidth < 2; bandwidth++)
		for (size_t i = 0; i < n->n_hmat; i++) {
			const struct hmat *h = &n->hmat[i];

			open_tag(w, bandwidth ? "bandwidth" : "latency");
			attr(w, "initiator", "%ld", h->initiator);
			attr(w, "target", "%ld", h->target);
			attr(w, "type", "access");
			attr(w, "value", "%llu", (unsigned long long)(bandwidth ? h->bandwidth / KiB : h->latency));
			if (bandwidth)
				attr(w, "unit", "KiB");
			close_tag(w);
		}
	close_tag(w);
}

/* A node of its own for the DRAM even where there is one: the CXL windows' nodes then are the next. */
static void numa(writer w, const struct boot_spec *s)
{
	open_tag(w, "numa");
	for (size_t i = 0; i < dram_nodes(s->m); i++) {
		auto_free char *cpus = node_cpus(s->m, i, s->host->cpus);

		open_tag(w, "cell");
		attr(w, "id", "%zu", i);
		if (*cpus)
			attr(w, "cpus", "%s", cpus);
		attr(w, "memory", "%llu", (unsigned long long)(node_memory(s->m, i) / KiB));
		attr(w, "unit", "KiB");
		distances(w, s->m, i);
		close_tag(w);
	}
	interconnects(w, &s->m->numa);
	close_tag(w);
}

static bool names_feature(const struct cpu_model *c, const char *name)
{
	for (size_t i = 0; i < c->n_features; i++)
		if (!strcmp(c->features[i] + 1, name))
			return true;
	return false;
}

void xml_cpu(writer w, const struct boot_spec *s)
{
	const struct cpu_model *c = &s->m->cpu;
	long cpus = machine_cpus(s->m, s->host->cpus);

	vcpus(w, s, cpus);
	open_tag(w, "cpu");
	attr(w, "mode", "%s", c->model ? "custom" : host_uses_kvm(s->host, s->m) ? "host-passthrough" : "maximum");
	if (c->model)
		attr(w, "match", "exact");
	attr(w, "check", "none");
	if (c->model) {
		open_tag(w, "model");
		attr(w, "fallback", "forbid");
		xmlTextWriterWriteString(w, BAD_CAST c->model);
		close_tag(w);
	}
	topology(w, s->m, cpus);
	if (hides_hypervisor(s->m, s->man) && !names_feature(c, "hypervisor")) /* twice is an error to libvirt */
		tag(w, "feature", "policy", "disable", "name", "hypervisor", NULL);
	for (size_t i = 0; i < c->n_features; i++)
		tag(w, "feature", "policy", *c->features[i] == '+' ? "require" : "disable", "name", c->features[i] + 1, NULL);
	numa(w, s);
	close_tag(w);
}

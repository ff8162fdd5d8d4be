#include "machine.h"

#include <string.h>

#include "cpuset.h"
#include "exits.h"
#include "rules.h"
#include "text.h"
#include "units.h"

#define MAX_AUTO_CPUS 4
#define DEFAULT_GRANULARITY 256
/* What a persistent device gets for its labels where the file does not say: room for a thousand of them. */
#define DEFAULT_LABEL (1 * MiB)

char *machine_name(const char *path)
{
	const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;

	return str_ends(file, ".yaml") ? xstrndup(file, strlen(file) - 5) : xstrdup(file);
}

long machine_cpus(const struct machine *m, long host_cpus)
{
	long sockets = m->cpus.sockets ? m->cpus.sockets : 1, cores = m->cpus.cores ? m->cpus.cores : 1;

	if (m->cpus.count)
		return m->cpus.count;
	if (m->cpus.sockets || m->cpus.cores)
		return sockets * cores;
	return host_cpus < MAX_AUTO_CPUS ? host_cpus : MAX_AUTO_CPUS;
}

/* CPUs that the nodes name make the number of CPUs, if nothing else does. Bad lists are rules_numa()'s to tell. */
static long named_cpus(const struct machine *m)
{
	struct cpuset all = { 0 };

	for (size_t i = 0; i < m->numa.n_nodes; i++)
		if (m->numa.nodes[i].cpus && strcmp(m->numa.nodes[i].cpus, "all"))
			cpuset_parse(&all, m->numa.nodes[i].cpus, &(struct err){ "" });
	return cpuset_last(&all) + 1;
}

static bool given(const struct machine *m, const void *field)
{
	return ydoc_line(m->doc, field) > 0;
}

/* What a key stands for that the file leaves out, where that is not zero. */
static void fill_defaults(struct machine *m)
{
	struct cxl *c = &m->cxl;

	for (size_t i = 0; i < c->n_windows; i++)
		if (!given(m, &c->windows[i].granularity))
			c->windows[i].granularity = DEFAULT_GRANULARITY;
	for (size_t i = 0; i < c->n_devices; i++) {
		struct device *d = &c->devices[i];

		d->plugged |= !given(m, &d->plugged);
		if (d->persistent_size && !given(m, &d->label_size))
			d->label_size = DEFAULT_LABEL;
	}
	for (size_t i = 0; i < c->n_regions; i++) {
		if (!given(m, &c->regions[i].granularity))
			c->regions[i].granularity = DEFAULT_GRANULARITY;
		if (!given(m, &c->regions[i].window))
			c->regions[i].window = -1;
	}
	for (size_t i = 0; i < m->numa.n_nodes; i++)
		if (!given(m, &m->numa.nodes[i].host_node))
			m->numa.nodes[i].host_node = -1;
	if (!m->cpus.count && !m->cpus.sockets && !m->cpus.cores)
		m->cpus.count = named_cpus(m);
	if (!given(m, &m->memory))
		for (size_t i = 0; i < m->numa.n_nodes; i++)
			if (__builtin_add_overflow(m->memory, m->numa.nodes[i].memory, &m->memory))
				m->memory = UINT64_MAX; /* a node is too large, which rules_numa() tells */
}

struct machine *machine_load(const char *path, struct err *e)
{
	cleanup(machine_cleanup) struct machine *m = xcalloc(1, sizeof(*m));

	m->doc = ydoc_load(path, &machine_map, m, e);
	if (!m->doc) {
		err_status(e, EXIT_FILE);
		return NULL;
	}
	m->name = machine_name(path);
	fill_defaults(m);
	if (rules_check(m, e) == 0)
		return steal(m);
	err_status(e, EXIT_FILE);
	return NULL;
}

void machine_free(struct machine *m)
{
	if (!m)
		return;
	ydoc_free(m->doc);
	free(m->name);
	free(m);
}

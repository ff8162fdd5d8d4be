#include "topology.h"

#include <string.h>

#include "cpuset.h"
#include "text.h"

static bool find_in(char *const *ports, size_t n, const char *port, size_t *index)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(ports[i], port)) {
			*index = i;
			return true;
		}
	return false;
}

/* Switches that hang in one another would be followed for ever: not through more than so many. */
static bool follow(const struct machine *m, const char *port, struct place *p, int switches)
{
	const struct cxl *c = &m->cxl;
	size_t index;

	for (size_t i = 0; i < c->n_bridges; i++)
		if (find_in(c->bridges[i].ports, c->bridges[i].n_ports, port, &p->root)) {
			p->bridge = i;
			return true;
		}
	for (size_t i = 0; i < c->n_switches; i++) {
		if (!find_in(c->switches[i].ports, c->switches[i].n_ports, port, &index))
			continue;
		if (!switches || !follow(m, c->switches[i].port, p, switches - 1))
			return false;
		p->down[p->depth].sw = i;
		p->down[p->depth++].port = index;
		return true;
	}
	return false;
}

bool find_port(const struct machine *m, const char *port, struct place *p)
{
	*p = (struct place){ 0 };
	return follow(m, port, p, MAX_DEPTH);
}

const struct device *find_device(const struct machine *m, const char *name)
{
	for (size_t i = 0; i < m->cxl.n_devices; i++)
		if (!strcmp(m->cxl.devices[i].name, name))
			return &m->cxl.devices[i];
	return NULL;
}

const struct bridge *find_bridge(const struct machine *m, const char *name)
{
	for (size_t i = 0; i < m->cxl.n_bridges; i++)
		if (!strcmp(m->cxl.bridges[i].name, name))
			return &m->cxl.bridges[i];
	return NULL;
}

uint64_t device_capacity(const struct device *d, int region_type)
{
	return region_type == REGION_PMEM ? d->persistent_size : d->volatile_size;
}

uint64_t device_total(const struct device *d)
{
	return d->volatile_size + d->persistent_size + d->dynamic_size;
}

uint64_t region_size(const struct machine *m, const struct region *r)
{
	uint64_t size = 0;

	if (r->size)
		return r->size;
	for (size_t i = 0; i < r->n_devices; i++)
		size += device_capacity(find_device(m, r->devices[i]), r->type);
	return size;
}

bool window_reaches(const struct machine *m, const struct window *w, const struct device *d)
{
	struct place p;

	if (!find_port(m, d->port, &p))
		return false;
	for (size_t i = 0; i < w->n_targets; i++)
		if (!strcmp(w->targets[i], m->cxl.bridges[p.bridge].name))
			return true;
	return false;
}

static bool reaches_all(const struct machine *m, const struct window *w, const struct region *r)
{
	for (size_t i = 0; i < r->n_devices; i++)
		if (!window_reaches(m, w, find_device(m, r->devices[i])))
			return false;
	return true;
}

/* The window's targets take turns as the region's devices do. */
static bool takes_turns(const struct machine *m, const struct window *w, const struct region *r)
{
	struct place p;

	if (r->n_devices % w->n_targets || (w->n_targets > 1 && w->granularity != r->granularity))
		return false;
	for (size_t i = 0; i < r->n_devices; i++)
		if (!find_port(m, find_device(m, r->devices[i])->port, &p) ||
		    strcmp(m->cxl.bridges[p.bridge].name, w->targets[i % w->n_targets]))
			return false;
	return true;
}

int region_window(const struct machine *m, const struct region *r)
{
	const struct window *w = m->cxl.windows;

	if (r->window >= 0)
		return r->window < (long)m->cxl.n_windows ? (int)r->window : -1;
	for (size_t i = 0; i < m->cxl.n_windows; i++)
		if (takes_turns(m, &w[i], r))
			return (int)i;
	for (size_t i = 0; i < m->cxl.n_windows; i++)
		if (reaches_all(m, &w[i], r))
			return (int)i;
	return -1;
}

bool region_is_there(const struct machine *m, const struct region *r)
{
	for (size_t i = 0; i < r->n_devices; i++)
		if (!find_device(m, r->devices[i])->plugged)
			return false;
	return true;
}

bool region_is_memory(const struct region *r)
{
	return r->type == REGION_RAM && r->online != ONLINE_NO && r->online != ONLINE_DEVDAX;
}

bool region_is_fast(const struct machine *m, const struct region *r)
{
	const struct window *own = &m->cxl.windows[region_window(m, r)];

	for (const struct window *w = own + 1; w < m->cxl.windows + m->cxl.n_windows; w++)
		if (w->n_targets == 1 && own->n_targets == 1 && !strcmp(w->targets[0], own->targets[0]))
			return false;
	return r->n_devices == 1;
}

size_t dram_nodes(const struct machine *m)
{
	return m->numa.n_nodes ? m->numa.n_nodes : 1;
}

uint64_t node_memory(const struct machine *m, size_t node)
{
	return m->numa.n_nodes ? m->numa.nodes[node].memory : m->memory;
}

char *node_cpus(const struct machine *m, size_t node, long host_cpus)
{
	const char *list = m->numa.n_nodes ? m->numa.nodes[node].cpus : "all";
	struct cpuset set = { 0 };

	if (!list)
		return xstrdup("");
	if (!strcmp(list, "all"))
		cpuset_add(&set, 0, machine_cpus(m, host_cpus) - 1);
	else
		cpuset_parse(&set, list, &(struct err){ "" });
	return cpuset_text(&set);
}

uint64_t cxl_total(const struct machine *m)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < m->cxl.n_devices; i++)
		sum += m->cxl.devices[i].plugged ? device_total(&m->cxl.devices[i]) : 0;
	return sum;
}

/* The machine file as JSON: its keys, and beside them what it leaves to be worked out (nodes of windows, sizes and
 * windows of regions). Sizes are in bytes. */
#include "print-parts.h"
#include "print.h"
#include "topology.h"

typedef struct json_object *object;

static void put_bool(object o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

static void put_names(object o, const char *key, char *const *names, size_t n)
{
	object list = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		json_object_array_add(list, json_object_new_string(names[i]));
	json_object_object_add(o, key, list);
}

static object node_object(const struct machine *m, size_t i, long host_cpus)
{
	object o = json_object_new_object();
	auto_free char *cpus = node_cpus(m, i, host_cpus);
	const struct node *n = m->numa.n_nodes ? &m->numa.nodes[i] : NULL;

	put_int(o, "node", i);
	put(o, "cpus", cpus);
	put_int(o, "memory", node_memory(m, i));
	if (!n)
		return o;
	if (n->n_distances)
		put_names(o, "distances", n->distances, n->n_distances);
	if (n->host_node >= 0)
		put_int(o, "host_node", (uint64_t)n->host_node);
	if (n->host_cpus)
		put(o, "host_cpus", n->host_cpus);
	return o;
}

static object hmat_object(const struct machine *m, size_t i)
{
	object o = json_object_new_object();
	const struct hmat *h = &m->numa.hmat[i];

	put_int(o, "initiator", (uint64_t)h->initiator);
	put_int(o, "target", (uint64_t)h->target);
	put_int(o, "latency_ns", h->latency);
	put_int(o, "bandwidth", h->bandwidth);
	return o;
}

static object window_object(const struct machine *m, size_t i)
{
	object o = json_object_new_object();
	const struct window *w = &m->cxl.windows[i];

	put_int(o, "window", i);
	put_int(o, "node", dram_nodes(m) + i);
	put_int(o, "size", w->size);
	put_names(o, "targets", w->targets, w->n_targets);
	put_int(o, "granularity", w->granularity);
	return o;
}

static object region_object(const struct machine *m, size_t i)
{
	object o = json_object_new_object();
	const struct region *r = &m->cxl.regions[i];
	int window = region_window(m, r);

	put_int(o, "region", i);
	put(o, "type", region_type_names[r->type]);
	put_int(o, "size", region_size(m, r));
	put_names(o, "devices", r->devices, r->n_devices);
	put_int(o, "granularity", r->granularity);
	put_int(o, "window", (uint64_t)window);
	put_int(o, "node", dram_nodes(m) + (size_t)window);
	put(o, "online", r->type == REGION_RAM ? online_names[r->online] : NULL);
	put(o, "namespace", r->type == REGION_PMEM ? name_space_names[r->name_space] : NULL);
	put_bool(o, "fast", region_is_fast(m, r));
	return o;
}

static object bridge_object(const struct machine *m, size_t i)
{
	object o = json_object_new_object();

	put(o, "name", m->cxl.bridges[i].name);
	put_names(o, "ports", m->cxl.bridges[i].ports, m->cxl.bridges[i].n_ports);
	return o;
}

static object switch_object(const struct machine *m, size_t i)
{
	object o = json_object_new_object();

	put(o, "name", m->cxl.switches[i].name);
	put(o, "port", m->cxl.switches[i].port);
	put_names(o, "ports", m->cxl.switches[i].ports, m->cxl.switches[i].n_ports);
	return o;
}

static object device_object(const struct machine *m, size_t i)
{
	object o = json_object_new_object();
	const struct device *d = &m->cxl.devices[i];

	put(o, "name", d->name);
	put(o, "port", d->port);
	put_int(o, "volatile", d->volatile_size);
	put_int(o, "persistent", d->persistent_size);
	put_int(o, "dynamic", d->dynamic_size);
	put_bool(o, "plugged", d->plugged);
	return o;
}

static void put_list(object o, const char *key, const struct machine *m, size_t n,
		     object (*make)(const struct machine *m, size_t i))
{
	object list = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		json_object_array_add(list, make(m, i));
	json_object_object_add(o, key, list);
}

void print_topology_json(const struct machine *m, long host_cpus)
{
	object o = json_object_new_object(), nodes = json_object_new_array();

	put(o, "name", m->name);
	put(o, "image", m->image);
	put(o, "accelerator", accelerator_names[m->accelerator]);
	put_int(o, "cpus", (uint64_t)machine_cpus(m, host_cpus));
	put_int(o, "memory", m->memory);
	put_int(o, "cxl_memory", cxl_total(m));
	for (size_t i = 0; i < dram_nodes(m); i++)
		json_object_array_add(nodes, node_object(m, i, host_cpus));
	json_object_object_add(o, "nodes", nodes);
	put_list(o, "hmat", m, m->numa.n_hmat, hmat_object);
	put_list(o, "windows", m, m->cxl.n_windows, window_object);
	put_list(o, "regions", m, m->cxl.n_regions, region_object);
	put_list(o, "bridges", m, m->cxl.n_bridges, bridge_object);
	put_list(o, "switches", m, m->cxl.n_switches, switch_object);
	put_list(o, "devices", m, m->cxl.n_devices, device_object);
	print_json(o);
}

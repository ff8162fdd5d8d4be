#include "show.h"

#include <stdarg.h>
#include <string.h>

#include "cpuset.h"
#include "printable.h"
#include "topology.h"
#include "units.h"

#define LONG_FACT 40 /* a fact up to here is not broken over lines */

/* Names are a-z 0-9 . _ -, but paths and kernel arguments hold what the user likes: nothing of it steers a terminal. */
static char *printable_vf(const char *fmt, va_list ap)
{
	auto_free char *raw = NULL;

	if (vasprintf(&raw, fmt, ap) < 0)
		abort();
	return printable(raw);
}

struct box *box_new(struct box *parent, enum box_kind kind, const char *fmt, ...)
{
	struct box *b = xcalloc(1, sizeof(*b));
	va_list ap;

	b->kind = kind;
	va_start(ap, fmt);
	b->head = printable_vf(fmt, ap);
	va_end(ap);
	if (parent) {
		parent->kids = xrealloc(parent->kids, (parent->n_kids + 1) * sizeof(struct box *));
		parent->kids[parent->n_kids++] = b;
	}
	return b;
}

void box_fact(struct box *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	strv_take(&b->facts, printable_vf(fmt, ap));
	va_end(ap);
}

void box_in_region(struct box *b, size_t region)
{
	b->regions = xrealloc(b->regions, (b->n_regions + 1) * sizeof(size_t));
	b->regions[b->n_regions++] = region;
}

char *box_facts(const struct box *b)
{
	auto_text t = { 0 };

	text_puts(&t, "");
	for (size_t i = 0; i < b->facts.n; i++)
		text_addf(&t, "%s%s", i ? ", " : "", b->facts.v[i]);
	return steal(t.s);
}

void box_free(struct box *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->n_kids; i++)
		box_free(b->kids[i]);
	free(b->kids);
	free(b->regions);
	strv_free(&b->facts);
	strv_free(&b->lines);
	free(b->head);
	free(b);
}

void box_phrases(const struct box *b, const char *before, struct strv *out)
{
	strv_addf(out, "%s%s%s", before, b->head, b->facts.n ? ":" : "");
	for (size_t i = 0; i < b->facts.n; i++) {
		auto_free char *fact = strf("%s%s", b->facts.v[i], i + 1 < b->facts.n ? "," : "");

		if (strlen(fact) <= LONG_FACT)
			strv_take(out, steal(fact));
		else
			split_words(fact, out);
	}
}

void split_words(const char *text, struct strv *words)
{
	for (const char *at = text + strspn(text, " "); *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");

		strv_take(words, xstrndup(at, n));
		at += n;
	}
}

void wrap_phrases(const struct strv *phrases, int limit, int (*measure)(const char *s, size_t n), struct strv *lines)
{
	auto_text line = { 0 };

	for (size_t i = 0; i < phrases->n; i++) {
		auto_free char *longer = strf("%s%s%s", line.n ? line.s : "", line.n ? " " : "", phrases->v[i]);

		if (line.n && measure(longer, strlen(longer)) > limit) {
			strv_add(lines, line.s);
			line.n = 0;
			text_puts(&line, phrases->v[i]);
		} else {
			line.n = 0;
			text_puts(&line, longer);
		}
	}
	if (line.n)
		strv_add(lines, line.s);
}

/* ---- what is neither memory nor topology ---- */

static void note_cpus(struct box *root, const struct machine *m)
{
	const struct cpus *c = &m->cpus;
	struct box *b;
	char size[SIZE_TEXT];

	if (!c->sockets && !c->cores && !m->cpu.model && !m->cpu.n_features && !m->memory_max && !m->huge_pages)
		return;
	b = box_new(root, BOX_NOTE, "CPU and DRAM");
	if (c->sockets)
		box_fact(b, "%ld socket%s", c->sockets, c->sockets > 1 ? "s" : "");
	if (c->cores)
		box_fact(b, "%ld core%s%s", c->cores, c->cores > 1 ? "s" : "", c->sockets > 1 ? " each" : "");
	if (m->cpu.model)
		box_fact(b, "model %s", m->cpu.model);
	for (size_t i = 0; i < m->cpu.n_features; i++)
		box_fact(b, "%s", m->cpu.features[i]);
	if (m->memory_max)
		box_fact(b, "DRAM can grow to %s", size_text(m->memory_max, size));
	if (m->huge_pages)
		box_fact(b, "huge pages of %s", size_text(m->huge_pages, size));
}

static void note_boot(struct box *root, const struct machine *m)
{
	static const char *const under[] = { [ACCEL_TCG] = "under TCG", [ACCEL_KVM] = "under KVM",
					     [ACCEL_AUTO] = "under KVM or TCG" };
	struct box *b = box_new(root, BOX_NOTE, "boot");

	box_fact(b, "image %s", m->image);
	box_fact(b, "%s", under[m->accelerator]);
	box_fact(b, "%s", m->firmware == FIRMWARE_UEFI ? "UEFI" : "BIOS");
	box_fact(b, "%s", m->boot == BOOT_DISK ? "GRUB from the disk" : "the kernel directly");
	if (m->qemu)
		box_fact(b, "QEMU %s", m->qemu);
	if (m->kernel_args)
		box_fact(b, "kernel arguments %s", m->kernel_args);
}

static void note_devices(struct box *root, const struct machine *m)
{
	struct box *b = box_new(root, BOX_NOTE, "disk and network");

	box_fact(b, "%s disk", disk_names[m->disk]);
	if (m->nic == NIC_NONE)
		box_fact(b, "no network card");
	else
		box_fact(b, "%s network card", nic_names[m->nic]);
	if (m->ssh_port)
		box_fact(b, "SSH at 127.0.0.1:%ld", m->ssh_port);
	if (m->n_forwards)
		b = box_new(root, BOX_NOTE, "ports of 127.0.0.1");
	for (size_t i = 0; i < m->n_forwards; i++)
		box_fact(b, "%ld to the guest's %ld", m->forwards[i].host, m->forwards[i].guest);
	for (size_t i = 0; i < m->n_shares; i++) {
		b = box_new(root, BOX_NOTE, "share %s", m->shares[i].name);
		box_fact(b, "%s", m->shares[i].path);
		box_fact(b, "%s", share_names[m->shares[i].type]);
		if (m->shares[i].read_only)
			box_fact(b, "read-only");
	}
}

/* ---- nodes of DRAM ---- */

static void add_distances(struct box *b, const struct node *n)
{
	auto_text t = { 0 };

	for (size_t i = 0; i < n->n_distances; i++)
		text_addf(&t, "%s%s", i ? " " : "", n->distances[i]);
	if (n->n_distances)
		box_fact(b, "distances %s", t.s);
}

/* The entries of the HMAT with this target; initiators from which it is the same share a fact. */
static void add_hmat(struct box *b, const struct machine *m, long target)
{
	for (size_t i = 0; i < m->numa.n_hmat; i++) {
		const struct hmat *h = &m->numa.hmat[i];
		auto_free char *from = NULL;
		struct cpuset initiators = { 0 };
		bool told = false;
		char size[SIZE_TEXT];

		for (size_t k = 0; k < m->numa.n_hmat; k++) {
			const struct hmat *o = &m->numa.hmat[k];

			if (o->target != target || o->latency != h->latency || o->bandwidth != h->bandwidth)
				continue;
			cpuset_add(&initiators, o->initiator, o->initiator);
			told |= k < i;
		}
		if (h->target != target || told)
			continue;
		from = cpuset_text(&initiators);
		box_fact(b, "%lluns %s/s from node%s %s", (unsigned long long)h->latency, size_text(h->bandwidth, size),
			 strpbrk(from, ",-") ? "s" : "", from);
	}
}

static void add_node(struct box *nodes, const struct machine *m, size_t i, long host_cpus)
{
	struct box *b = box_new(nodes, BOX_DRAM, "node %zu (DRAM)", i);
	auto_free char *cpus = node_cpus(m, i, host_cpus);
	const struct node *n = m->numa.n_nodes ? &m->numa.nodes[i] : NULL;
	char size[SIZE_TEXT];

	box_fact(b, "%s", size_text(node_memory(m, i), size));
	if (*cpus)
		box_fact(b, "CPU%s %s", strpbrk(cpus, ",-") ? "s" : "", cpus);
	else
		box_fact(b, "no CPUs");
	if (!n)
		return;
	add_distances(b, n);
	if (n->host_node >= 0)
		box_fact(b, "from the host's node %ld", n->host_node);
	if (n->host_cpus)
		box_fact(b, "on the host's CPU%s %s", strpbrk(n->host_cpus, ",-") ? "s" : "", n->host_cpus);
	add_hmat(b, m, (long)i);
}

struct box *show_tree(const struct machine *m, long host_cpus)
{
	struct box *root = box_new(NULL, BOX_MACHINE, "%s", m->name), *nodes;
	char size[SIZE_TEXT];
	long cpus = machine_cpus(m, host_cpus);
	size_t plugged = 0;

	for (size_t i = 0; i < m->cxl.n_devices; i++)
		plugged += m->cxl.devices[i].plugged;
	box_fact(root, "%ld CPU%s", cpus, cpus > 1 ? "s" : "");
	box_fact(root, "%s of DRAM", size_text(m->memory, size));
	if (plugged)
		box_fact(root, "%s behind CXL on %zu device%s", size_text(cxl_total(m), size), plugged,
			 plugged > 1 ? "s" : "");
	note_boot(root, m);
	note_cpus(root, m);
	note_devices(root, m);
	nodes = box_new(root, BOX_GROUP, "NUMA nodes");
	for (size_t i = 0; i < dram_nodes(m); i++)
		add_node(nodes, m, i, host_cpus);
	show_windows(nodes, m);
	show_topology(root, m);
	return root;
}

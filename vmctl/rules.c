#include "rules.h"

#include <string.h>

#include "domain-slots.h"
#include "rules-parts.h"
#include "text.h"
#include "units.h"

/* A share's tag: virtio's 9P transport and virtio-fs (virtio 1.2, 5.11.4) have room for so many bytes. */
#define MAX_TAG 31
#define SSH_GUEST_PORT 22
#define MAX_PATH 4095          /* PATH_MAX without its NUL */
#define MAX_SIZE (4096 * TiB)  /* 52 bits of physical addresses: Intel SDM, volume 3A, 4.1.4 */

int rule_name(const struct machine *m, char *const *field, const char *what, struct err *e)
{
	return name_ok(*field) ? 0 : ydoc_err(m->doc, field, e, "'%.80s' can't be the name of %s: a-z, 0-9, '.', '_' and '-', a "
					      "letter or digit first, at most 63", *field, what);
}

int rule_size(const struct machine *m, const uint64_t *field, const char *what, struct err *e)
{
	char size[SIZE_TEXT];

	return *field <= MAX_SIZE ? 0 : ydoc_err(m->doc, field, e, "%s is %s: an x86 processor addresses at most 4096TiB (52 bits)",
						 what, size_text(*field, size));
}

int rule_granule(const struct machine *m, const uint64_t *field, const char *what, struct err *e)
{
	char size[SIZE_TEXT], up[SIZE_TEXT];

	if (rule_size(m, field, what, e) < 0)
		return -1;
	if (*field && *field % CXL_GRANULE == 0)
		return 0;
	return ydoc_err(m->doc, field, e, "%s is %s: CXL memory comes in multiples of 256MiB, the next is %s", what,
			size_text(*field, size), size_text((*field / CXL_GRANULE + 1) * CXL_GRANULE, up));
}

int rule_granularity(const struct machine *m, const uint64_t *field, struct err *e)
{
	char size[SIZE_TEXT];

	if (*field >= 256 && *field <= 16 * KiB && !(*field & (*field - 1)))
		return 0;
	return ydoc_err(m->doc, field, e, "'granularity' is %s: it is 256B, 512B, 1KiB, 2KiB, 4KiB, 8KiB or 16KiB (CXL 3.1, "
			"8.2.4.20.7)", size_text(*field, size));
}

static int check_pages(const struct machine *m, struct err *e)
{
	char size[SIZE_TEXT];

	if (ydoc_line(m->doc, &m->huge_pages) && m->huge_pages != 2 * MiB && m->huge_pages != GiB)
		return ydoc_err(m->doc, &m->huge_pages, e, "'huge-pages' is %s: x86 has huge pages of 2MiB and of 1GiB",
				size_text(m->huge_pages, size));
	return 0;
}

/* After rules_numa(): what nodes have together, and in which multiples, is known to be right. */
static int check_memory(const struct machine *m, struct err *e)
{
	bool given = ydoc_line(m->doc, &m->memory) > 0;
	char size[SIZE_TEXT], max[SIZE_TEXT];

	if (!given && !m->numa.n_nodes)
		return ydoc_err(m->doc, NULL, e, "the machine needs the key 'memory': DRAM, or 'numa' with the memory of its nodes");
	if (!given && m->memory < 512 * MiB)
		return ydoc_err(m->doc, &m->numa.nodes, e, "the nodes have %s together: a machine has at least 512MiB",
				size_text(m->memory, size));
	if (!given && m->memory > MAX_SIZE)
		return ydoc_err(m->doc, &m->numa.nodes, e, "the nodes have %s together: an x86 processor addresses at most 4096TiB",
				size_text(m->memory, size));
	if (rule_size(m, &m->memory, "'memory'", e) < 0 || rule_size(m, &m->memory_max, "'memory-max'", e) < 0)
		return -1;
	if (m->memory < 512 * MiB || m->memory % (2 * MiB))
		return ydoc_err(m->doc, &m->memory, e, "'memory' is %s: it is at least 512MiB, in multiples of 2MiB",
				size_text(m->memory, size));
	if (ydoc_line(m->doc, &m->memory_max) && (m->memory_max <= m->memory || m->memory_max % (128 * MiB)))
		return ydoc_err(m->doc, &m->memory_max, e, "'memory-max' is %s: it is more than 'memory' (%s), in multiples of "
				"128MiB", size_text(m->memory_max, max), size_text(m->memory, size));
	if (m->huge_pages && m->memory % m->huge_pages)
		return ydoc_err(m->doc, &m->memory, e, "'memory' is %s, which is no multiple of 'huge-pages', 1GiB",
				size_text(m->memory, size));
	return 0;
}

/* What XML can't carry to libvirt (XML 1.0, 2.2). */
static int check_text(const struct machine *m, char *const *field, const char *what, struct err *e)
{
	for (const char *p = *field ? *field : ""; *p; p++)
		if ((unsigned char)*p < ' ' && !strchr("\t\n", *p))
			return ydoc_err(m->doc, field, e, "%s has a control character (0x%02x): take it out", what, (unsigned char)*p);
	return 0;
}

static int check_model(const struct machine *m, struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	const struct cpu_model *c = &m->cpu;

	if (c->model && (!*c->model || c->model[strspn(c->model, letters)]))
		return ydoc_err(m->doc, &c->model, e, "'%.80s' is no CPU model: `virsh cpu-models x86_64` has their names", c->model);
	for (size_t i = 0; i < c->n_features; i++) {
		const char *f = c->features[i];

		if ((*f != '+' && *f != '-') || !name_ok(f + 1))
			return ydoc_err(m->doc, &c->features[i], e, "'%.80s' is not a feature to switch on (+pmu) or off (-avx2)", f);
		for (size_t j = 0; j < i; j++)
			if (!strcmp(c->features[j] + 1, f + 1))
				return ydoc_err(m->doc, &c->features[i], e, "feature '%s' stands twice (line %d)", f + 1,
						ydoc_line(m->doc, &c->features[j]));
	}
	return 0;
}

static int check_cpus(const struct machine *m, struct err *e)
{
	const struct cpus *c = &m->cpus;
	long product = (c->sockets ? c->sockets : 1) * (c->cores ? c->cores : 1);

	if (c->count && c->sockets && c->cores && c->count != product)
		return ydoc_err(m->doc, &c->count, e, "'count' is %ld, and sockets times cores is %ld: leave one of the three out",
				c->count, product);
	if (c->count && c->count % product)
		return ydoc_err(m->doc, &c->count, e, "'count' is %ld, which is no multiple of the %s", c->count,
				c->sockets ? "sockets" : "cores");
	if (product > 255)
		return ydoc_err(m->doc, &c->sockets, e, "sockets times cores is %ld: at most 255 CPUs", product);
	return 0;
}

static int check_forwards(const struct machine *m, struct err *e)
{
	if (m->nic == NIC_NONE && m->n_forwards)
		return ydoc_err(m->doc, &m->forwards, e, "'forwards' needs a network card, and 'nic' is none");
	if (m->nic == NIC_NONE && m->ssh_port)
		return ydoc_err(m->doc, &m->ssh_port, e, "'ssh-port' needs a network card, and 'nic' is none");
	for (size_t i = 0; i < m->n_forwards; i++) {
		const struct forward *f = &m->forwards[i];

		if (f->host == m->ssh_port && m->ssh_port)
			return ydoc_err(m->doc, &f->host, e, "port %ld is the machine's 'ssh-port' (line %d)", f->host,
					ydoc_line(m->doc, &m->ssh_port));
		if (f->guest == SSH_GUEST_PORT)
			return ydoc_err(m->doc, &f->guest, e, "the guest's port 22 is forwarded already: 'ssh-port' says from where");
		for (size_t j = 0; j < i; j++)
			if (m->forwards[j].host == f->host)
				return ydoc_err(m->doc, &f->host, e, "port %ld is forwarded twice (line %d)", f->host,
						ydoc_line(m->doc, &m->forwards[j].host));
	}
	return 0;
}

static int check_shares(const struct machine *m, struct err *e)
{
	if (m->n_shares > MAX_SHARES)
		return ydoc_err(m->doc, &m->shares[MAX_SHARES], e, "%zu shares: at most %d fit", m->n_shares, MAX_SHARES);
	for (size_t i = 0; i < m->n_shares; i++) {
		const struct share *s = &m->shares[i];

		if (rule_name(m, &s->name, "a share", e) < 0)
			return -1;
		if (strlen(s->name) > MAX_TAG)
			return ydoc_err(m->doc, &s->name, e, "the share's name has %zu letters: at most %d", strlen(s->name), MAX_TAG);
		if (*s->path != '/')
			return ydoc_err(m->doc, &s->path, e, "the share's path '%.200s' does not begin with '/': name the folder from "
					"the root", s->path);
		if (strlen(s->path) > MAX_PATH)
			return ydoc_err(m->doc, &s->path, e, "the share's path has %zu letters: at most %d", strlen(s->path), MAX_PATH);
		if (check_text(m, &s->path, "the share's path", e) < 0)
			return -1;
		for (size_t j = 0; j < i; j++)
			if (!strcmp(m->shares[j].name, s->name))
				return ydoc_err(m->doc, &s->name, e, "share '%s' stands twice (line %d)", s->name,
						ydoc_line(m->doc, &m->shares[j].name));
	}
	return 0;
}

int rules_check(const struct machine *m, struct err *e)
{
	if (!name_ok(m->name))
		return ydoc_err(m->doc, NULL, e, "a machine has the name of its file, and '%s' can't be one: a-z, 0-9, '.', '_' "
				"and '-', at most 63", m->name);
	if (check_pages(m, e) < 0 || check_cpus(m, e) < 0 || check_model(m, e) < 0 || rules_numa(m, e) < 0 ||
	    check_memory(m, e) < 0 || check_forwards(m, e) < 0 || check_shares(m, e) < 0 ||
	    check_text(m, &m->kernel_args, "'kernel-args'", e) < 0)
		return -1;
	return rules_cxl(m, e) < 0 || rules_regions(m, e) < 0 ? -1 : 0;
}

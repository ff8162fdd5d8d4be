#include "view.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cpuset.h"
#include "units.h"

#define STATUS "/run/tierlab/status"
#define NODE "/sys/devices/system/node/node"
#define TIER "/sys/devices/virtual/memory_tiering/memory_tier"

struct parser {
	struct view *w;
	struct text config;
	bool in_config;
};

/* Paths hold no colon but in "link:" and "blocks:" lines (and PCI addresses behind those), whose key is longer. */
static size_t key_length(const char *line)
{
	const char *colon;

	if (str_starts(line, "blocks:"))
		return (size_t)(strrchr(line, ':') - line);
	colon = strchr(str_starts(line, "link:") ? line + 5 : line, ':');
	return colon ? (size_t)(colon - line) : 0;
}

static int view_line(char *line, int number, void *arg)
{
	struct parser *p = arg;
	size_t n;

	(void)number;
	if (!strcmp(line, "config:begin") || !strcmp(line, "config:end")) {
		p->in_config = !strcmp(line, "config:begin");
		return 0;
	}
	if (p->in_config) {
		text_addf(&p->config, "%s\n", line);
		return 0;
	}
	n = key_length(line);
	if (!n)
		return 0;
	p->w->v = xrealloc(p->w->v, (p->w->n + 1) * sizeof(*p->w->v));
	p->w->v[p->w->n++] = (struct view_line){ xstrndup(line, n), xstrdup(line + n + 1) };
	return 0;
}

void view_parse(struct view *w, const char *report)
{
	struct parser p = { .w = w };

	*w = (struct view){ 0 };
	each_line(report, view_line, &p);
	w->config = p.config.s ? p.config.s : xstrdup("");
}

void view_free(struct view *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free(w->v[i].path);
		free(w->v[i].value);
	}
	free(w->v);
	free(w->config);
	*w = (struct view){ 0 };
}

static const char *get(const struct view *w, const char *path)
{
	for (size_t i = 0; i < w->n; i++)
		if (!strcmp(w->v[i].path, path))
			return w->v[i].value;
	return "";
}

const char *view_get(const struct view *w, const char *fmt, ...)
{
	char path[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	return get(w, path);
}

uint64_t view_number(const struct view *w, const char *fmt, ...)
{
	char path[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	return strtoull(get(w, path), NULL, 0);
}

const char *view_status(const struct view *w)
{
	return get(w, STATUS);
}

uint64_t view_node_memory(const struct view *w, int node)
{
	char path[80];

	snprintf(path, sizeof(path), NODE "%d/meminfo", node);
	for (size_t i = 0; i < w->n; i++) {
		const char *total = strcmp(w->v[i].path, path) ? NULL : strstr(w->v[i].value, "MemTotal:");

		if (total)
			return strtoull(total + strlen("MemTotal:"), NULL, 10) * KiB;
	}
	return 0;
}

uint64_t view_blocks(const struct view *w, int node, const char *state)
{
	auto_free char *prefix = strf("blocks:node%d:%s%s", node, state ? state : "", state ? ":" : "");
	uint64_t sum = 0;

	for (size_t i = 0; i < w->n; i++)
		if (str_starts(w->v[i].path, prefix))
			sum += strtoull(w->v[i].value, NULL, 10);
	return sum;
}

uint64_t view_block_size(const struct view *w)
{
	return strtoull(get(w, "/sys/devices/system/memory/block_size_bytes"), NULL, 16);
}

/* After "/0000:BB:" the device and function that are wanted ("01.0"), or any if want is NULL. NULL: it is none such. */
static const char *pci_component(const char *at, const char *want, size_t n)
{
	unsigned bus, dev, fn;
	int len = 0;

	if (sscanf(at, "/0000:%2x:%2x.%1x%n", &bus, &dev, &fn, &len) != 3 || !len)
		return NULL;
	if (want && ((size_t)len < n || strncmp(at + len - n, want, n)))
		return NULL;
	return at + len;
}

/* Does the path lead through the ports of that address to a device directly below them? */
static bool sits_in(const char *path, const char *port)
{
	const char *rest = port + strcspn(port, "/"), *at;
	auto_free char *root = strf("/0000:%.*s", (int)(rest - port), port);

	at = strstr(path, root);
	at = at ? at + strlen(root) : NULL;
	while (at && *rest) {
		size_t n = strcspn(rest + 1, "/");

		at = pci_component(at, rest + 1, n);
		rest += 1 + n;
	}
	at = at ? pci_component(at, NULL, 0) : NULL;
	return at && str_starts(at, "/mem");
}

const char *view_memdev(const struct view *w, const char *port, char buf[32])
{
	*buf = '\0';
	for (size_t i = 0; i < w->n && !*buf; i++) {
		const char *link = w->v[i].path;

		if (str_starts(link, "link:/sys/bus/cxl/devices/mem") && !str_ends(link, "/driver") && sits_in(w->v[i].value, port))
			snprintf(buf, 32, "%s", strrchr(link, '/') + 1);
	}
	return buf;
}

static bool in_list(const char *list, int node)
{
	struct cpuset set = { 0 };

	return node >= 0 && node < CPUSET_MAX && cpuset_parse(&set, list, &(struct err){ "" }) == 0 && set.has[node];
}

int view_tier(const struct view *w, int node, const char **nodes)
{
	for (size_t i = 0; i < w->n; i++)
		if (str_starts(w->v[i].path, TIER) && in_list(w->v[i].value, node)) {
			*nodes = w->v[i].value;
			return atoi(w->v[i].path + strlen(TIER));
		}
	*nodes = "";
	return -1;
}

const char *view_region(const struct view *w, size_t i, const char *word, char buf[64])
{
	auto_free char *key = strf(" %s=", word), *id = strf(" id=%zu ", i);

	*buf = '\0';
	for (size_t j = 0; j < w->n; j++) {
		const char *v = w->v[j].value, *at;

		if (strcmp(w->v[j].path, STATUS) || !str_starts(v, "region ") || !strstr(v, id))
			continue;
		at = !strcmp(word, "name") ? v + strlen("region ") : strstr(v, key);
		if (at)
			snprintf(buf, 64, "%.*s", (int)strcspn(at + (*at == ' ' ? strlen(key) : 0), " "),
				 at + (*at == ' ' ? strlen(key) : 0));
		break;
	}
	return buf;
}

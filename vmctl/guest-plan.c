#include <stdio.h>

#include "boot.h"
#include "domain-xml-cxl.h"
#include "text.h"
#include "topology.h"

const char *port_address(const struct machine *m, const char *port, char buf[PORT_ADDRESS])
{
	struct place p;
	int n;

	find_port(m, port, &p);
	n = snprintf(buf, PORT_ADDRESS, "%02x:%02zx.0", bridge_bus(p.bridge), p.root);
	for (size_t i = 0; i < p.depth; i++)
		n += snprintf(buf + n, PORT_ADDRESS - (size_t)n, "/00.0/%02zx.0", p.down[i].port);
	return buf;
}

/* It has to be the same at each boot, and no other region's of this machine; the rest says that it is one (RFC 9562, version 8,
 * for those of one's own making). */
const char *region_uuid(size_t region, char buf[UUID_TEXT])
{
	snprintf(buf, UUID_TEXT, "74696572-6c61-8b00-8000-%012x", (unsigned)region + 1);
	return buf;
}

char *region_words(const struct machine *m, size_t i)
{
	const struct region *r = &m->cxl.regions[i];
	char address[PORT_ADDRESS], uuid[UUID_TEXT];
	struct text t = { 0 };

	text_addf(&t, "%s id=%zu decoder=%d ways=%zu granularity=%llu size=%llu", region_type_names[r->type], i, region_window(m, r),
		  r->n_devices, (unsigned long long)r->granularity, (unsigned long long)region_size(m, r));
	if (r->type == REGION_RAM)
		text_addf(&t, " online=%s", online_names[r->online]);
	else
		text_addf(&t, " uuid=%s namespace=%s", region_uuid(i, uuid), name_space_names[r->name_space]);
	text_puts(&t, " members=");
	/* no commas: QEMU takes one in a fw_cfg string for the string's end */
	for (size_t j = 0; j < r->n_devices; j++)
		text_addf(&t, "%s%s", j ? "+" : "", port_address(m, find_device(m, r->devices[j])->port, address));
	return t.s;
}

char *guest_plan(const struct machine *m, const char *public_key)
{
	struct text t = { 0 };

	text_addf(&t, "tierlab-plan 1\nhostname %s\nkey %s\n", m->name, public_key);
	for (size_t i = 0; i < m->cxl.n_regions; i++) {
		auto_free char *words = region_words(m, i);

		if (region_is_there(m, &m->cxl.regions[i]))
			text_addf(&t, "region %s\n", words);
	}
	return t.s;
}

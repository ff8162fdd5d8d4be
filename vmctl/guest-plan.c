#include <stdio.h>

#include "boot.h"
#include "domain-xml-cxl.h"
#include "text.h"

const char *port_address(const struct machine *m, const char *port, char buf[PORT_ADDRESS])
{
	size_t bridge = 0, index = 0;

	find_port(m, port, &bridge, &index);
	snprintf(buf, PORT_ADDRESS, "%02x:%02zx.0", bridge_bus(bridge), index);
	return buf;
}

char *guest_plan(const struct machine *m, const char *public_key)
{
	struct text t = { 0 };
	char address[PORT_ADDRESS];

	text_addf(&t, "tierlab-plan 1\nhostname %s\nkey %s\n", m->name, public_key);
	for (size_t i = 0; i < m->cxl.n_regions; i++) {
		const struct region *r = &m->cxl.regions[i];

		text_addf(&t, "region ram decoder=%d ways=%zu granularity=%llu size=%llu online=%s members=",
			  region_window(m, r), r->n_devices, (unsigned long long)r->granularity,
			  (unsigned long long)region_size(m, r), online_names[r->online]);
		for (size_t j = 0; j < r->n_devices; j++)
			text_addf(&t, "%s%s", j ? "," : "",
				  port_address(m, find_device(m, r->devices[j])->port, address));
		text_puts(&t, "\n");
	}
	return t.s;
}

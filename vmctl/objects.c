#include "objects.h"

#include <string.h>

#include "text.h"

char *objects_in(struct virt *v, const char *name, const char *folder, struct err *e)
{
	auto_free char *command = strf("qom-list %s", folder);

	return virt_monitor(v, name, command, e);
}

/* Each line is "ID (TYPE)". */
bool objects_have(const char *list, const char *id)
{
	auto_free char *entry = strf("%s (", id);
	const char *p = strstr(list, entry);

	return p && (p == list || p[-1] == '\n');
}

int objects_mark_plugged(struct virt *v, struct machine *m, struct err *e)
{
	auto_free char *list = m->cxl.n_devices ? objects_in(v, m->name, PERIPHERALS, e) : NULL;

	for (size_t i = 0; list && i < m->cxl.n_devices; i++) {
		auto_free char *id = strf("cxl-%s", m->cxl.devices[i].name);

		m->cxl.devices[i].plugged = objects_have(list, id);
	}
	return list || !m->cxl.n_devices ? 0 : -1;
}

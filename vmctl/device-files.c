#include "device-files.h"

#include "cleanup.h"
#include "domain-xml-cxl.h"
#include "exits.h"
#include "text.h"
#include "units.h"

static int check(const struct machine *m, const uint64_t *field, const char *path, uint64_t have, struct err *e)
{
	char want[SIZE_TEXT], is[SIZE_TEXT];

	if (have == *field)
		return 0;
	ydoc_err(m->doc, field, e, "%s is %s, and the file says %s: go back to that, or `vmctl delete %s`, which drops what is on it",
		 path, size_text(have, is), size_text(*field, want), m->name);
	return err_status(e, EXIT_FILE);
}

int device_files_make(const struct machine *m, const struct home *p, uid_t uid, gid_t gid, struct err *e)
{
	for (size_t i = 0; i < m->cxl.n_devices; i++) {
		const struct device *d = &m->cxl.devices[i];
		const struct {
			const char *what;
			const uint64_t *size;
		} files[] = { { "label", &d->label_size }, { "pmem", &d->persistent_size } };

		for (size_t j = 0; d->persistent_size && j < sizeof(files) / sizeof(*files); j++) {
			auto_free char *file = device_file(d, files[j].what), *path = home_path(p, file);
			uint64_t bytes;
			int there = home_has(p, file, &bytes, e);

			if (there < 0 || (!there && home_make(p, file, *files[j].size, uid, gid, e) < 0))
				return err_status(e, EXIT_HOST);
			if (there && check(m, files[j].size, path, bytes, e) < 0)
				return -1;
		}
	}
	return 0;
}

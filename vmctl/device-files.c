#include "device-files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cleanup.h"
#include "domain-xml-cxl.h"
#include "exits.h"
#include "text.h"
#include "units.h"

static int make(const char *path, uint64_t size, uid_t uid, gid_t gid, struct err *e)
{
	auto_free char *new = strf("%s.new", path);
	auto_close int fd = open(new, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0 || fchown(fd, uid, gid) < 0 || rename(new, path) < 0) {
		err_errno(e, "can't make %s", path);
		unlink(new);
		return err_status(e, EXIT_HOST);
	}
	return 0;
}

static int check(const struct machine *m, const uint64_t *field, const char *path, uint64_t have, struct err *e)
{
	char want[SIZE_TEXT], is[SIZE_TEXT];

	if (have == *field)
		return 0;
	ydoc_err(m->doc, field, e, "%s is %s, and the file says %s: go back to that, or `vmctl delete %s`, which drops what is on it",
		 path, size_text(have, is), size_text(*field, want), m->name);
	return err_status(e, EXIT_FILE);
}

int device_files_make(const struct machine *m, const char *dir, uid_t uid, gid_t gid, struct err *e)
{
	for (size_t i = 0; i < m->cxl.n_devices; i++) {
		const struct device *d = &m->cxl.devices[i];
		const struct {
			const char *what;
			const uint64_t *size;
		} files[] = { { "label", &d->label_size }, { "pmem", &d->persistent_size } };

		for (size_t j = 0; d->persistent_size && j < sizeof(files) / sizeof(*files); j++) {
			auto_free char *path = device_file(dir, d, files[j].what);
			struct stat st;

			if (stat(path, &st) == 0 ? check(m, files[j].size, path, (uint64_t)st.st_size, e) < 0 :
						   make(path, *files[j].size, uid, gid, e) < 0)
				return -1;
		}
	}
	return 0;
}

#include "dpkg.h"

#include <string.h>

struct status {
	struct strv *list;
	char *package;
	bool installed;
};

/* A paragraph of dpkg's status file: "Package: x", "Status: install ok installed", "Version: 1". */
static int status_line(char *line, int number, void *arg)
{
	struct status *s = arg;

	(void)number;
	if (str_starts(line, "Package: ")) {
		free(s->package);
		s->package = xstrdup(line + strlen("Package: "));
		s->installed = false;
	} else if (str_starts(line, "Status: ")) {
		s->installed = str_ends(line, " installed");
	} else if (str_starts(line, "Version: ") && s->package && s->installed) {
		strv_addf(s->list, "%s %s", s->package, line + strlen("Version: "));
	}
	return 0;
}

void dpkg_list(const char *status, struct strv *packages)
{
	struct status s = { .list = packages };

	each_line(status, status_line, &s);
	free(s.package);
	strv_sort(packages);
}

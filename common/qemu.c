#include "qemu.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "run.h"
#include "text.h"

#define PROGRAM "qemu-system-x86_64"
#define BUNDLE_DIR "/var/cache/tierlab/qemu"

int qemu_version_parse(const char *said, char **text)
{
	const char *v = strstr(said, "version ");
	int major, minor;
	size_t n;

	*text = NULL;
	if (!v || sscanf(v, "version %d.%d", &major, &minor) != 2)
		return -1;
	v += strlen("version ");
	n = strspn(v, "0123456789.");
	*text = xstrndup(v, n);
	return major * 1000 + minor;
}

static int ask_version(const char *qemu, char **text)
{
	const char *argv[] = { qemu, "--version", NULL };
	auto_text out = { 0 };

	*text = NULL;
	return run_simple(argv, &out, &(struct err){ "" }) < 0 ? -1 : qemu_version_parse(out.s, text);
}

/* Takes the program if it is newer than what is there. */
static void consider(struct qemu *q, const char *path)
{
	auto_free char *text = NULL;
	int version = path && access(path, X_OK) == 0 ? ask_version(path, &text) : -1;

	if (version <= q->version)
		return;
	qemu_free(q);
	*q = (struct qemu){ xstrdup(path), version, steal(text) };
}

int qemu_find(struct qemu *q, const char *given, struct err *e)
{
	const char *named = given ? given : getenv("TIERLAB_QEMU"), *dir = getenv("TIERLAB_QEMU_DIR");
	auto_free char *own = NULL, *bundle = strf("%s/%s", str_empty(dir) ? BUNDLE_DIR : dir, PROGRAM);

	*q = (struct qemu){ .version = -1 };
	if (!str_empty(named)) {
		consider(q, named);
		return q->path ? 0 : err_set(e, "%s is no QEMU that runs (%s)", named,
					     given ? "the machine file's 'qemu'" : "TIERLAB_QEMU");
	}
	own = program_path(PROGRAM);
	consider(q, own);
	if (q->version < QEMU_CXL_ALIAS)
		consider(q, bundle);
	return q->path ? 0 : err_set(e, PROGRAM " is not installed: run `make setup`");
}

const char *qemu_bundle(void)
{
	return BUNDLE_DIR "/" PROGRAM;
}

void qemu_free(struct qemu *q)
{
	free(q->path);
	free(q->text);
	*q = (struct qemu){ .version = -1 };
}

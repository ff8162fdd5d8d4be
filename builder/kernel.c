/* The step `kernel`: builds bzImage and modules out of tree and packs what goes onto the image's root. The object tree
 * stays in the cache, one for each source and image name, so that a killed or changed build goes on from there. */
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "buildlog.h"
#include "cache.h"
#include "file.h"
#include "interrupt.h"
#include "progress.h"
#include "run.h"
#include "steps.h"
#include "tarball.h"
#include "units.h"

/* Seen: 1.2 GB of objects for the lab's 1000 options; x86_64_defconfig takes twice that. */
#define DISK_NEEDED (4 * GiB)

struct making {
	const struct build *b;
	char *src, *obj, *log;
	unsigned long objects;
};

static void making_free(struct making *m)
{
	free(m->src);
	free(m->obj);
	free(m->log);
}

/* kbuild says "  CC      kernel/fork.o": two blanks, a short command, a file. */
static void count_objects(const char *line, void *arg)
{
	struct making *m = arg;

	if (str_starts(line, "  ") && line[2] >= 'A' && line[2] <= 'Z' && strstr(line, ".o"))
		progress_update("%lu objects", ++m->objects);
}

/* The source's own date, so that the same source gives the same kernel. */
static char *timestamp(const struct build *b, const char *src)
{
	auto_free char *makefile = strf("%s/Makefile", src);
	const char *date = result_get(plan_result(&b->plan, STEP_SOURCE), "date");
	char text[64] = "1970-01-01 00:00:00 UTC";
	struct stat st;
	struct tm tm;

	if (!*date && stat(makefile, &st) == 0 && gmtime_r(&st.st_mtime, &tm))
		strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	return strf("KBUILD_BUILD_TIMESTAMP=%s", *date ? date : text);
}

/* The first error of what make said, with its lines, in the place of make's own last words. */
static int explain_failure(const struct making *m, struct err *e)
{
	auto_free char *log = file_read(m->log, 0, NULL, &(struct err){ "" });
	auto_strv lines = { 0 };
	size_t at = 0;

	if (!log || interrupted())
		return -1;
	buildlog_error(log, &lines, &at);
	if (!lines.n)
		return -1;
	for (size_t i = 0; lines.n > 1 && i < lines.n; i++)
		progress_note("%s", lines.v[i]);
	return err_set(e, "the kernel does not compile: %s (all that make said: %s)", lines.v[at], m->log);
}

/* make with up to three words more. Output is held back until a target is done, so that an error's lines stay together. */
static int make(struct making *m, const char *a, const char *b, const char *c, struct err *e)
{
	auto_free char *out = strf("O=%s", m->obj), *jobs = strf("-j%ld", sysconf(_SC_NPROCESSORS_ONLN));
	auto_free char *stamp = timestamp(m->b, m->src);
	bool ccache = m->b->use_ccache && program_exists("ccache");
	const char *env[] = { "MAKEFLAGS", "MAKELEVEL", "KCONFIG_CONFIG", "LC_ALL=C", "KBUILD_BUILD_USER=tierlab",
			      "KBUILD_BUILD_HOST=tierlab", "KBUILD_BUILD_VERSION=1", stamp, NULL };
	/* both: kbuild makes its own tools again for a CC that differs from HOSTCC */
	const char *argv[16] = { "make", "-C", m->src, out, jobs, "-Otarget", "ARCH=x86_64", "LOCALVERSION=-tierlab",
				 ccache ? "CC=ccache gcc" : "CC=gcc", ccache ? "HOSTCC=ccache gcc" : "HOSTCC=gcc", a, b, c };

	return run_program(&(struct run){ .argv = argv, .env = env, .log = m->log, .line = count_objects, .arg = m }, e);
}

/* What the kernel's own packages call headers, by the kernel's own script (since 6.6). */
static int install_headers(struct making *m, const char *dir, const char *release, struct err *e)
{
	auto_free char *headers = strf("/usr/src/linux-headers-%s", release), *to = strf("%s/root%s", dir, headers);
	auto_free char *link = strf("%s/root/usr/lib/modules/%s/build", dir, release);
	auto_free char *script = strf("%s/scripts/package/install-extmod-build", m->src);
	auto_free char *command = strf("KBUILD_RUN_COMMAND=sh $(srctree)/scripts/package/install-extmod-build %s", to);

	if (!file_exists(script))
		return ydoc_err(m->b->recipe->doc, &m->b->recipe->kernel.headers, e, "this kernel has no "
				"scripts/package/install-extmod-build, which is what 'headers' are made by: it is older than 6.6");
	if (mkdir_p(to, e) < 0 || make(m, "run-command", command, NULL, e) < 0)
		return -1;
	return symlink(headers, link) < 0 ? err_errno(e, "can't make the link %s", link) : 0;
}

static int install(struct making *m, const char *dir, char *release, struct err *e)
{
	auto_free char *image = strf("%s/arch/x86/boot/bzImage", m->obj), *vmlinuz = strf("%s/vmlinuz", dir);
	auto_free char *config = strf("%s/.config", m->obj), *kept = strf("%s/config", dir);
	auto_free char *boot = strf("%s/root/boot", dir), *mods = strf("INSTALL_MOD_PATH=%s/root/usr", dir);
	auto_free char *boot_image = strf("%s/vmlinuz-%s", boot, release);
	auto_free char *boot_config = strf("%s/config-%s", boot, release);
	auto_free char *build_link = strf("%s/root/usr/lib/modules/%s/build", dir, release);
	auto_free char *text = NULL;

	if (mkdir_p(boot, e) < 0 || file_copy(image, vmlinuz, e) < 0 || file_copy(image, boot_image, e) < 0 ||
	    file_copy(config, kept, e) < 0 || file_copy(config, boot_config, e) < 0)
		return -1;
	text = file_read(config, 0, NULL, e);
	if (!text)
		return -1;
	if (!strstr(text, "\nCONFIG_MODULES=y\n"))
		return m->b->recipe->kernel.headers ? err_set(e, "headers are for modules, and this kernel takes none: ask for "
							      "CONFIG_MODULES=y, or take out 'headers'") : 0;
	if (make(m, "modules_install", mods, "INSTALL_MOD_STRIP=1", e) < 0)
		return -1;
	unlink(build_link); /* it would name the host's object tree */
	return m->b->recipe->kernel.headers ? install_headers(m, dir, release, e) : 0;
}

static int pack(struct step *s, const char *dir, struct err *e)
{
	auto_free char *root = strf("%s/root", dir), *tar = strf("%s/kernel.tar", dir);
	char hex[DIGEST_HEX];

	if (tarball_pack(tar, &(struct tarball_tree){ root, "" }, 1, e) < 0 || remove_tree(root, e) < 0 ||
	    digest_file(tar, DIGEST_SHA256, hex, e) < 0)
		return -1;
	result_set(&s->result, "id", hex);
	return 0;
}

static void waiting(void *arg)
{
	progress_note("another vmbuild works in the object tree %s: waiting for it", (const char *)arg);
}

/* The object tree of this source and image name, locked. */
static int open_objects(struct making *m, struct step *s, struct err *e)
{
	auto_free char *lock = NULL, *source = NULL, *objects = strf("%s/objects", m->b->cache);
	struct digest *d = digest_new(DIGEST_SHA256);
	char hex[DIGEST_HEX], need[SIZE_TEXT], have[SIZE_TEXT];
	uint64_t free_bytes;

	/* The first input after the step's name is the source's identity; a local tree keeps one through its changes. */
	source = xstrdup(m->b->recipe->kernel.tree ? m->src : s->inputs.v[1]);
	digest_add_str(d, source);
	digest_end(d, hex);
	m->obj = strf("%s/%s-%.12s", objects, m->b->recipe->name, hex);
	lock = strf("%s.lock", m->obj);
	free_bytes = disk_free(objects);
	if (!is_dir(m->obj) && free_bytes && free_bytes < DISK_NEEDED)
		return err_set(e, "a kernel build takes up to %s in %s, and %s are free: make room, or set TIERLAB_CACHE to a "
			       "folder on a larger disk", size_human(DISK_NEEDED, need), m->b->cache,
			       size_human(free_bytes, have));
	return mkdir_p(m->obj, e) < 0 ? -1 : lock_file(lock, waiting, m->obj, e);
}

int step_kernel(struct build *b, struct step *s, const char *dir, struct err *e)
{
	const struct step *config = plan_step(&b->plan, STEP_CONFIG);
	cleanup(making_free) struct making m = { .b = b, .src = kernel_source_dir(b) };
	auto_free char *from = strf("%s/config", config->dir), *to = NULL, *path = NULL, *release = NULL;
	auto_close int lock = open_objects(&m, s, e);

	m.log = cache_log(b, "kernel", e);
	if (lock < 0 || !m.log)
		return -1;
	to = strf("%s/.config", m.obj);
	if (file_copy(from, to, e) < 0)
		return -1;
	if (make(&m, "bzImage", "modules", NULL, e) < 0)
		return explain_failure(&m, e);
	path = strf("%s/include/config/kernel.release", m.obj);
	release = file_read(path, 0, NULL, e);
	if (!release)
		return -1;
	release[strcspn(release, "\n")] = '\0';
	if (install(&m, dir, release, e) < 0 || pack(s, dir, e) < 0)
		return -1;
	result_set(&s->result, "release", release);
	return 0;
}

/* What is in an archive, without unpacking it. */
#include <archive.h>
#include <archive_entry.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

#include "digest.h"
#include "interrupt.h"
#include "progress.h"
#include "tarball.h"
#include "text.h"

static void free_reader(struct archive **a) { archive_read_free(*a); }

static struct archive *reader(void)
{
	struct archive *a = archive_read_new();

	archive_read_support_filter_all(a);
	archive_read_support_format_tar(a);
	return a;
}

/* Without "./" or "/" before it. */
static const char *plain(const char *path)
{
	while (str_starts(path, "./") || *path == '/')
		path += *path == '/' ? 1 : 2;
	return path;
}

static char *content(struct archive *a, struct archive_entry *x)
{
	size_t size = (size_t)archive_entry_size(x);
	char *text = xcalloc(1, size + 1);

	if (archive_read_data(a, text, size) == (la_ssize_t)size)
		return text;
	free(text);
	return NULL;
}

char *tarball_newest(const char *path, const char *pattern, struct err *e)
{
	cleanup(free_reader) struct archive *a = reader();
	auto_free char *best = NULL, *text = NULL;
	struct archive_entry *x;
	int rc;

	if (archive_read_open_filename(a, path, 1 << 18) != ARCHIVE_OK) {
		err_set(e, "can't read %s: %s", path, archive_error_string(a));
		return NULL;
	}
	while ((rc = archive_read_next_header(a, &x)) == ARCHIVE_OK || rc == ARCHIVE_WARN) {
		const char *name = plain(archive_entry_pathname(x));

		if (interrupt_check(e) < 0)
			return NULL;
		if (fnmatch(pattern, name, FNM_PATHNAME) || archive_entry_filetype(x) != AE_IFREG || (best && strverscmp(name, best) <= 0))
			continue;
		free(best);
		free(text);
		best = xstrdup(name);
		text = content(a, x);
	}
	if (rc != ARCHIVE_EOF)
		err_set(e, "can't read %s: %s", path, archive_error_string(a));
	else if (!text)
		err_set(e, "it has no file /%s", pattern);
	return rc == ARCHIVE_EOF ? steal(text) : NULL;
}

/* ---- a list of all ---- */

static int add_content(struct archive *a, char hex[DIGEST_HEX])
{
	struct digest *d = digest_new(DIGEST_SHA256);
	const void *buf;
	la_int64_t at, end = 0;
	size_t n;
	int rc;

	while ((rc = archive_read_data_block(a, &buf, &n, &at)) == ARCHIVE_OK) {
		static const char zeros[4096];

		for (; end < at; end += (la_int64_t)sizeof(zeros)) /* a hole: holes of archives are whole blocks or not there */
			digest_add(d, zeros, at - end < (la_int64_t)sizeof(zeros) ? (size_t)(at - end) : sizeof(zeros));
		digest_add(d, buf, n);
		end = at + (la_int64_t)n;
	}
	digest_end(d, hex);
	return rc == ARCHIVE_EOF ? 0 : -1;
}

static void add_xattrs(struct archive_entry *x, struct text *t)
{
	const char *name;
	const void *value;
	size_t n;

	archive_entry_xattr_reset(x);
	while (archive_entry_xattr_next(x, &name, &value, &n) == ARCHIVE_OK) {
		struct digest *d = digest_new(DIGEST_SHA256);
		char hex[DIGEST_HEX];

		digest_add(d, value, n);
		digest_end(d, hex);
		text_addf(t, " %s=%.16s", name, hex);
	}
}

/* What a file is, but for its path: "f 0644 0:0 DIGEST". */
static int describe(struct archive *a, struct archive_entry *x, struct text *t)
{
	mode_t type = archive_entry_filetype(x);
	char hex[DIGEST_HEX];

	text_addf(t, "%c %04o %lld:%lld", type == AE_IFDIR ? 'd' : type == AE_IFLNK ? 'l' : type == AE_IFREG ? 'f' :
		  type == AE_IFCHR ? 'c' : type == AE_IFBLK ? 'b' : 'p', (unsigned)archive_entry_perm(x),
		  (long long)archive_entry_uid(x), (long long)archive_entry_gid(x));
	if (type == AE_IFLNK)
		text_addf(t, " -> %s", archive_entry_symlink(x));
	if (type == AE_IFCHR || type == AE_IFBLK)
		text_addf(t, " %lld:%lld", (long long)archive_entry_rdevmajor(x), (long long)archive_entry_rdevminor(x));
	if (type == AE_IFREG) {
		if (add_content(a, hex) < 0)
			return -1;
		text_addf(t, " %s", hex);
	}
	add_xattrs(x, t);
	return 0;
}

struct file {
	char *path, *what;
	char *same_as; /* of a hard link: the path that came first */
};

struct files {
	struct file *v;
	size_t n, cap;
};

static void files_free(struct files *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].path);
		free(l->v[i].what);
		free(l->v[i].same_as);
	}
	free(l->v);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static int add_file(struct files *l, struct archive *a, struct archive_entry *x)
{
	const char *same = archive_entry_hardlink(x), *path = plain(archive_entry_pathname(x));
	auto_text what = { 0 };
	struct file *f;

	if (!same && describe(a, x, &what) < 0)
		return -1;
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 4096;
		l->v = xrealloc(l->v, l->cap * sizeof(*l->v));
	}
	f = &l->v[l->n++];
	*f = (struct file){ strf("/%s", path), what.s, same ? strf("/%s", plain(same)) : NULL };
	what = (struct text){ 0 };
	if (f->path[1] && str_ends(f->path, "/"))
		f->path[strlen(f->path) - 1] = '\0';
	return 0;
}

/* Of several names of one file the archive has the content at the one that it met first, which is chance. */
static void put_lines(struct files *l, struct strv *lines)
{
	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_path);
	for (size_t i = 0; i < l->n; i++) {
		const struct file key = { .path = l->v[i].same_as };
		const struct file *f = key.path ? bsearch(&key, l->v, l->n, sizeof(*l->v), by_path) : &l->v[i];

		strv_addf(lines, "%s\t%s", l->v[i].path, f && f->what ? f->what : "?");
	}
}

int tarball_list(int fd, struct strv *lines, struct err *e)
{
	cleanup(free_reader) struct archive *a = reader();
	cleanup(files_free) struct files all = { 0 };
	struct archive_entry *x;
	int rc;

	if (archive_read_open_fd(a, fd, 1 << 18) != ARCHIVE_OK)
		return err_set(e, "can't read the archive: %s", archive_error_string(a));
	while ((rc = archive_read_next_header(a, &x)) == ARCHIVE_OK || rc == ARCHIVE_WARN) {
		if (add_file(&all, a, x) < 0)
			return err_set(e, "can't read the archive: %s", archive_error_string(a));
		if (all.n % 256 == 0)
			progress_update("%zu files", all.n);
	}
	if (rc != ARCHIVE_EOF)
		return err_set(e, "can't read the archive: %s", archive_error_string(a));
	put_lines(&all, lines);
	return 0;
}

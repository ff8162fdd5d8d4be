#include "tarball.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "interrupt.h"
#include "progress.h"
#include "text.h"
#include "units.h"

/* 2024-01-01: what the trees' files carry in the guest, so that the same trees give the same bytes. */
#define FIXED_TIME 1704067200

/* libarchive turns names into the characters of the locale: that of a user without one has ASCII only. */
static locale_t use_utf8(void)
{
	locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);

	if (utf8)
		uselocale(utf8);
	return utf8;
}

static void use_global(locale_t *utf8)
{
	uselocale(LC_GLOBAL_LOCALE);
	if (*utf8)
		freelocale(*utf8);
}

static void free_reader(struct archive **a) { archive_read_free(*a); }
static void free_writer(struct archive **a) { archive_write_free(*a); }
static void free_entry(struct archive_entry **x) { archive_entry_free(*x); }

/* Rewrites the entry's path to lie below dir, its first component left out. False: it is that component itself. */
static bool relocate(struct archive_entry *x, const char *dir)
{
	const char *name = archive_entry_pathname(x), *link = archive_entry_hardlink(x), *rest;
	auto_free char *to = NULL, *link_to = NULL;

	while (str_starts(name, "./"))
		name += 2;
	rest = strchr(name, '/');
	if (!rest || !rest[1])
		return false;
	to = strf("%s%s", dir, rest);
	archive_entry_set_pathname(x, to);
	while (link && str_starts(link, "./"))
		link += 2;
	if (link && (rest = strchr(link, '/'))) {
		link_to = strf("%s%s", dir, rest);
		archive_entry_set_hardlink(x, link_to);
	}
	return true;
}

static int copy_data(struct archive *in, struct archive *out)
{
	const void *buf;
	size_t n;
	la_int64_t at;
	int rc;

	while ((rc = archive_read_data_block(in, &buf, &n, &at)) == ARCHIVE_OK)
		if (archive_write_data_block(out, buf, n, at) < ARCHIVE_OK)
			return ARCHIVE_FATAL;
	return rc == ARCHIVE_EOF ? ARCHIVE_OK : rc;
}

static bool leads_outside(const char *name)
{
	return name && (*name == '/' || path_leads_up(name));
}

static int unpack_entry(struct archive *in, struct archive *out, struct archive_entry *x, const char *path,
			const char *dir, struct err *e)
{
	if (leads_outside(archive_entry_pathname(x)) || leads_outside(archive_entry_hardlink(x)))
		return err_set(e, "%s: holds the path '%s', which leads outside", path, archive_entry_pathname(x));
	if (!relocate(x, dir))
		return 0;
	if (archive_write_header(out, x) < ARCHIVE_OK || copy_data(in, out) != ARCHIVE_OK ||
	    archive_write_finish_entry(out) < ARCHIVE_OK)
		return err_set(e, "can't unpack %s: %s%s%s", path, archive_error_string(out) ? archive_error_string(out) :
			       archive_error_string(in) ? archive_error_string(in) : "the archive is damaged",
			       archive_errno(out) > 0 ? ": " : "", archive_errno(out) > 0 ? strerror(archive_errno(out)) : "");
	return 0;
}

int tarball_unpack(const char *path, const char *dir, struct err *e)
{
	cleanup(use_global) locale_t utf8 = use_utf8();
	cleanup(free_reader) struct archive *in = archive_read_new();
	cleanup(free_writer) struct archive *out = archive_write_disk_new();
	auto_free char *real = realpath(dir, NULL);
	struct archive_entry *x;
	unsigned long n = 0;
	int rc;

	archive_read_support_filter_all(in);
	archive_read_support_format_tar(in);
	archive_write_disk_set_options(out, ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
				       ARCHIVE_EXTRACT_SECURE_SYMLINKS);
	if (!real)
		return err_errno(e, "can't find %s", dir);
	if (archive_read_open_filename(in, path, 1 << 18) != ARCHIVE_OK)
		return err_set(e, "can't read %s: %s", path, archive_error_string(in));
	while ((rc = archive_read_next_header(in, &x)) == ARCHIVE_OK || rc == ARCHIVE_WARN) {
		if (interrupt_check(e) < 0)
			return -1;
		if (unpack_entry(in, out, x, path, real, e) < 0)
			return -1;
		if (++n % 256 == 0)
			progress_update("%lu files", n);
	}
	return rc == ARCHIVE_EOF ? 0 : err_set(e, "can't read %s: %s", path, archive_error_string(in));
}

/* The first bytes of what xz, gzip, zstd and bzip2 write. */
static const struct {
	const char *name, *magic;
	size_t n;
} compressions[] = {
	{ "xz", "\xfd" "7zXZ", 6 }, { "gzip", "\x1f\x8b", 2 }, { "zstd", "\x28\xb5\x2f\xfd", 4 }, { "bzip2", "BZh", 3 },
};

const char *compression_of(const char *path)
{
	auto_fclose FILE *f = fopen(path, "re");
	char head[8] = "";

	if (!f || fread(head, 1, sizeof(head), f) < sizeof(head))
		return NULL;
	for (size_t i = 0; i < sizeof(compressions) / sizeof(*compressions); i++)
		if (!memcmp(head, compressions[i].magic, compressions[i].n))
			return compressions[i].name;
	return NULL;
}

/* Writes a block at its place; one of zeros only is left out, so that the file is sparse. */
static int put_block(int fd, const char *buf, size_t n, la_int64_t at)
{
	if (!*buf && !memcmp(buf, buf + 1, n - 1))
		return 0;
	while (n > 0) {
		ssize_t w = pwrite(fd, buf, n, at);

		if (w < 0)
			return -1;
		buf += w;
		n -= (size_t)w;
		at += w;
	}
	return 0;
}

int decompress(const char *path, const char *to, struct err *e)
{
	cleanup(free_reader) struct archive *in = archive_read_new();
	auto_close int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	la_int64_t at = 0, end = 0;
	struct archive_entry *x;
	char size[SIZE_TEXT];
	const void *buf;
	size_t n;
	int rc;

	if (fd < 0)
		return err_errno(e, "can't write %s", to);
	archive_read_support_filter_all(in);
	archive_read_support_format_raw(in);
	if (archive_read_open_filename(in, path, 1 << 18) != ARCHIVE_OK || archive_read_next_header(in, &x) != ARCHIVE_OK)
		return err_set(e, "can't read %s: %s", path, archive_error_string(in));
	while ((rc = archive_read_data_block(in, &buf, &n, &at)) == ARCHIVE_OK) {
		if (interrupt_check(e) < 0)
			return -1;
		if (n > 0 && put_block(fd, buf, n, at) < 0)
			return err_errno(e, "can't write %s", to);
		end = at + (la_int64_t)n;
		progress_update("unpacking: %s", size_human((uint64_t)end, size));
	}
	if (rc != ARCHIVE_EOF)
		return err_set(e, "can't unpack %s: %s", path, archive_error_string(in));
	return ftruncate(fd, end) < 0 ? err_errno(e, "can't write %s", to) : 0;
}

struct packer {
	struct archive *out;
	const char *prefix, *path;
};

static int pack_data(struct packer *p, const char *file, struct err *e)
{
	auto_fclose FILE *f = fopen(file, "re");
	char buf[65536];
	size_t n;

	if (!f)
		return err_errno(e, "can't read %s", file);
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		if (archive_write_data(p->out, buf, n) < 0)
			return err_set(e, "can't write %s: %s", p->path, archive_error_string(p->out));
	return ferror(f) ? err_errno(e, "can't read %s", file) : 0;
}

/* Would the link, at that path in the image, lead above its root? */
static bool climbs_out(const char *at, const char *target)
{
	long depth = 0;

	for (const char *p = at; (p = strchr(p, '/')); p++)
		depth++;
	for (const char *p = target; *p; p += strcspn(p, "/"), p += strspn(p, "/")) {
		size_t n = strcspn(p, "/");

		depth += n == 2 && str_starts(p, "..") ? -1 : n == 1 && *p == '.' ? 0 : 1;
		if (depth < 0)
			return true;
	}
	return false;
}

/* What a link says, and whether it can stay so in the image. at: its path there. */
static int read_target(const char *file, const char *at, char *target, size_t size, struct err *e)
{
	ssize_t n = readlink(file, target, size - 1);

	if (n < 0)
		return err_errno(e, "can't read the link %s", file);
	target[n] = '\0';
	if (*target != '/' && climbs_out(at, target))
		return err_set(e, "%s is a link to %s, which leads out of the overlay: copy what it means, or give a whole path of the "
			       "image", file, target);
	return 0;
}

static int check_one(const char *file, const char *rel, const struct stat *st, void *arg, struct err *e)
{
	char target[4096];

	(void)arg;
	if (S_ISLNK(st->st_mode))
		return read_target(file, rel, target, sizeof(target), e);
	return S_ISDIR(st->st_mode) || S_ISREG(st->st_mode) ? interrupt_check(e) :
	       err_set(e, "%s is neither a file, a folder nor a link: take it out", file);
}

int tarball_check(const char *dir, struct err *e)
{
	return walk_tree(dir, check_one, NULL, e);
}

static int pack_one(const char *file, const char *rel, const struct stat *st, void *arg, struct err *e)
{
	cleanup(free_entry) struct archive_entry *x = archive_entry_new();
	struct packer *p = arg;
	/* a tree's prefix may end in a slash, and a file's too: then it keeps its own name there */
	bool is_file = !*rel, into = !*p->prefix || str_ends(p->prefix, "/");
	const char *own = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
	auto_free char *name = strf("%s%s%s", p->prefix, into || is_file ? "" : "/", is_file && into ? own : rel);
	char target[4096];

	if (S_ISDIR(st->st_mode))
		return 0; /* made with the files in it: the guest's own /root and /tmp keep their permissions */
	archive_entry_set_pathname(x, name);
	archive_entry_set_filetype(x, st->st_mode & S_IFMT);
	archive_entry_set_perm(x, st->st_mode & 0100 ? 0755 : 0644);
	archive_entry_set_mtime(x, FIXED_TIME, 0);
	if (S_ISLNK(st->st_mode)) {
		if (read_target(file, name, target, sizeof(target), e) < 0)
			return -1;
		archive_entry_set_symlink(x, target);
	} else if (S_ISREG(st->st_mode)) {
		archive_entry_set_size(x, st->st_size);
	} else {
		return err_set(e, "%s is neither a file, a folder nor a link: take it out", file);
	}
	if (archive_write_header(p->out, x) != ARCHIVE_OK)
		return err_set(e, "can't write %s: %s", p->path, archive_error_string(p->out));
	return S_ISREG(st->st_mode) ? pack_data(p, file, e) : interrupt_check(e);
}

int tarball_pack(const char *path, const struct tarball_tree *trees, size_t n, struct err *e)
{
	cleanup(use_global) locale_t utf8 = use_utf8();
	cleanup(free_writer) struct archive *out = archive_write_new();

	archive_write_set_format_pax_restricted(out);
	if (archive_write_open_filename(out, path) != ARCHIVE_OK)
		return err_set(e, "can't write %s: %s", path, archive_error_string(out));
	for (size_t i = 0; i < n; i++) {
		struct packer p = { out, trees[i].prefix, path };

		struct stat st;

		if (lstat(trees[i].dir, &st) < 0)
			return err_errno(e, "can't read %s", trees[i].dir);
		if ((S_ISDIR(st.st_mode) ? walk_tree(trees[i].dir, pack_one, &p, e) :
		     pack_one(trees[i].dir, "", &st, &p, e)) < 0)
			return -1;
	}
	if (archive_write_close(out) != ARCHIVE_OK)
		return err_set(e, "can't write %s: %s", path, archive_error_string(out));
	return 0;
}

#include "copy.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "progress.h"
#include "run.h"
#include "text.h"
#include "units.h"

#define QUIET_S 2.0

/* ---- the command line ---- */

/* The colon of MACHINE:PATH, which comes before any slash but that of a machine file's path: ./a:b is a file, a:b is not. */
static const char *colon_of(const char *word)
{
	const char *colon = strchr(word, ':'), *slash = strchr(word, '/');

	return colon && colon > word && (!slash || colon < slash) ? colon : NULL;
}

int places_parse(struct places *p, const char *from, const char *to, struct err *e)
{
	const char *a = colon_of(from), *b = colon_of(to), *remote = b ? to : from, *colon = b ? b : a;

	*p = (struct places){ 0 };
	if (!a == !b)
		return err_set(e, a ? "'%s' and '%s' are both in guests: one of them has to be a path here" :
			       "neither '%s' nor '%s' is in a guest: one of them has to be NAME:PATH", from, to);
	if (!*from || !*to || (a && !a[1]))
		return err_set(e, "what is to be copied, and where to? One of the paths is empty");
	*p = (struct places){ xstrndup(remote, (size_t)(colon - remote)), xstrdup(a ? a + 1 : from), xstrdup(b ? b + 1 : to),
			      b != NULL };
	return 0;
}

void places_free(struct places *p)
{
	free(p->machine);
	free(p->from);
	free(p->to);
	*p = (struct places){ 0 };
}

/* The last part of a path, the caller's to free; NULL: it has no name that could be another's. */
static char *base_name(const char *path)
{
	size_t end = strlen(path), begin;
	char *name;

	while (end > 0 && path[end - 1] == '/')
		end--;
	for (begin = end; begin > 0 && path[begin - 1] != '/'; begin--)
		;
	name = xstrndup(path + begin, end - begin);
	if (*name && strcmp(name, ".") && strcmp(name, ".."))
		return name;
	free(name);
	return NULL;
}

/* ---- progress ---- */

struct meter {
	const char *what;
	int in, out;    /* of which file it is the offset, or the size; -1: it is not that one */
	uint64_t total; /* 0: unknown                                                          */
	double begun;
	bool shown;
};

static void on_tick(void *arg)
{
	struct meter *m = arg;
	char done[SIZE_TEXT], all[SIZE_TEXT];
	struct stat st = { 0 };
	off_t at = m->in >= 0 ? lseek(m->in, 0, SEEK_CUR) : fstat(m->out, &st) == 0 ? st.st_size : 0;

	if (at <= 0 || now_s() - m->begun < QUIET_S)
		return;
	if (!m->shown)
		progress_begin(0, 0, "copying %s", m->what);
	m->shown = true;
	size_human((uint64_t)at, done);
	progress_update(m->total ? "%s of %s" : "%s", done, size_human(m->total, all));
}

/* Runs one of the scripts below. What it said on its standard error is said's, without the last line break. */
static int run_script(struct guest *g, const char *const *argv, struct meter *m, struct text *said, struct err *e)
{
	struct call c = { .argv = argv, .in = m->in, .out = m->out, .tick = on_tick, .arg = m };
	auto_close int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int status;

	if (c.out < 0)
		c.out = null;
	m->begun = now_s();
	status = guest_call_text(g, &c, NULL, said, e);
	if (m->shown && status == 0)
		progress_end("%s: copied", m->what);
	while (said->n > 0 && said->s[said->n - 1] == '\n')
		said->s[--said->n] = '\0';
	return status;
}

/* A file that has no name and is gone with its descriptor. */
static int nameless(struct err *e)
{
	const char *dir = getenv("TMPDIR");
	int fd = open(!str_empty(dir) ? dir : "/var/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	return fd >= 0 ? fd : err_errno(e, "no temporary file in %s", !str_empty(dir) ? dir : "/var/tmp");
}

/* ---- into the guest ---- */

/* TARGET NAME KIND MODE SIZE: of a file its content, of a folder its tar comes by standard input. What comes is counted: its end
 * may be that of the connection. */
static const char put_script[] =
	"t=$1\n"
	"[ -n \"$t\" ] || t=.\n"
	"[ ! -L \"$t\" ] || t=$(readlink -f -- \"$t\")\n"
	"case $t in -*) t=./$t ;; esac\n"
	"if [ -d \"$t\" ]; then t=${t%/}/$2\n"
	"else case $t in */) echo \"there is no folder $t\" >&2; exit 1 ;; esac; fi\n"
	"case $t in */*) d=${t%/*} ;; *) d=. ;; esac\n"
	"[ -d \"$d/\" ] || { echo \"there is no folder $d\" >&2; exit 1; }\n"
	"if [ \"$3\" = file ] && [ -e \"$t\" ] && [ ! -f \"$t\" ]; then echo \"$t is no file\" >&2; exit 1; fi\n"
	"if [ \"$3\" = folder ] && [ -e \"$t\" ]; then echo \"$t is there already\" >&2; exit 1; fi\n"
	"p=$t.part a=$t.part\n"
	"[ \"$3\" = file ] || a=$t.part.tar\n"
	"trap 'rm -rf \"$p\" \"$a\"' EXIT\n"
	"trap 'exit 1' HUP INT TERM\n"
	"rm -rf \"$p\" \"$a\"\n"
	"cat > \"$a\" || exit 1\n"
	"n=$(stat -c %s \"$a\")\n"
	"[ \"$n\" = \"$5\" ] || { echo \"$n of $5 bytes arrived\" >&2; exit 1; }\n"
	"[ \"$3\" = file ] || { mkdir \"$p\" && tar -C \"$p\" --no-same-owner -xf - < \"$a\"; } || exit 1\n"
	"chmod \"$4\" \"$p\" && mv -fT \"$p\" \"$t\"\n";

/* What is sent: the file itself, or a folder's tar. */
static int open_source(const char *from, const struct stat *st, struct err *e)
{
	const char *argv[] = { "tar", "-C", from, "-cf", "-", ".", NULL };
	auto_close int fd = -1;

	if (S_ISREG(st->st_mode)) {
		fd = open(from, O_RDONLY | O_CLOEXEC);
		return fd >= 0 ? steal_fd(fd) : err_errno(e, "can't read %s", from);
	}
	if (!S_ISDIR(st->st_mode))
		return err_set(e, "%s is neither a file nor a folder", from);
	fd = nameless(e);
	if (fd < 0 || run_program(&(struct run){ .argv = argv, .fds = (const int[]){ -1, fd, -1 } }, e) < 0)
		return -1;
	lseek(fd, 0, SEEK_SET);
	return steal_fd(fd);
}

/* What the copy's name is where the target is a folder: the given one, or of "." that of the folder which it is. */
static char *name_of(const char *from, const char *real, struct err *e)
{
	char *base = base_name(from);

	if (!base)
		base = base_name(real);
	if (!base)
		err_set(e, "%s has no name that its copy could have", from);
	return base;
}

int copy_into(struct guest *g, const char *from, const char *to, struct err *e)
{
	auto_free char *real = realpath(from, NULL), *base = NULL, *mode = NULL, *size = NULL;
	auto_close int in = -1;
	auto_text said = { 0 };
	struct stat st, sent;
	const char *kind;
	int status;

	if (!real || stat(real, &st) < 0)
		return err_errno(e, "can't read %s", from);
	base = name_of(from, real, e);
	in = base ? open_source(real, &st, e) : -1;
	if (in < 0 || fstat(in, &sent) < 0)
		return -1;
	mode = strf("%o", st.st_mode & 0777);
	size = strf("%llu", (unsigned long long)sent.st_size);
	kind = S_ISDIR(st.st_mode) ? "folder" : "file";
	status = run_script(g, (const char *const[]){ "sh", "-c", put_script, "sh", to, base, kind, mode, size, NULL },
			    &(struct meter){ .what = from, .in = in, .out = -1, .total = (uint64_t)sent.st_size }, &said, e);
	if (status > 0)
		err_set(e, "can't copy %s to %s:%s: %s", from, g->state->name, to, said.s);
	return status ? -1 : 0;
}

/* ---- out of the guest ---- */

/* SOURCE: the first line of its standard error is "file MODE" or "folder MODE". */
static const char get_script[] =
	"f=$1\n"
	"case $f in -*) f=./$f ;; esac\n"
	"[ -e \"$f\" ] || { echo \"there is no $1\" >&2; exit 1; }\n"
	"if [ -d \"$f\" ]; then k=folder; elif [ -f \"$f\" ]; then k=file\n"
	"else echo \"$1 is neither a file nor a folder\" >&2; exit 1; fi\n"
	"m=$(stat -L -c %a -- \"$f\") || exit 1\n"
	"[ $k = folder ] || exec 3< \"$f\" || exit 1\n"
	"echo $k $m >&2\n"
	"[ $k = file ] || exec tar -C \"$f\" -cf - .\n"
	"exec cat <&3\n";

/* Where the copy comes to lie, the caller's to free. Nothing but a file is put another in the place of. */
static char *target_of(const char *from, const char *to, struct err *e)
{
	auto_free char *base = base_name(from), *path = NULL, *real = NULL;
	struct stat st;

	if (is_dir(to) && !base) {
		err_set(e, "%s has no name that its copy could have: name it, as %s/NAME", *from ? from : "the home folder", to);
		return NULL;
	}
	if (str_ends(to, "/") && !is_dir(to)) {
		err_set(e, "there is no folder %s", to);
		return NULL;
	}
	path = is_dir(to) ? strf("%s%s%s", to, str_ends(to, "/") ? "" : "/", base) : xstrdup(to);
	real = realpath(path, NULL);
	if (real && (stat(real, &st) < 0 || !S_ISREG(st.st_mode))) {
		err_set(e, "%s is there already, and no file", path);
		return NULL;
	}
	return real ? steal(real) : steal(path);
}

/* Beside the target, so that a rename is all that is left to do. */
static char *beside(const char *path)
{
	const char *slash = strrchr(path, '/');
	int n = slash ? (int)(slash - path) + 1 : 0;

	return strf("%.*s.%s.XXXXXX", n, path, path + n);
}

/* Makes the folder out of its tar: what is in it becomes ours, so that no bit of its mode may run it as us. */
static int unpack(const char *tar, const char *path, mode_t mode, struct err *e)
{
	auto_free char *dir = beside(path);
	auto_close int in = open(tar, O_RDONLY | O_CLOEXEC);
	const char *argv[] = { "tar", "-C", dir, "--no-same-owner", "--no-same-permissions", "-xf", "-", NULL };

	if (in < 0 || !mkdtemp(dir))
		return err_errno(e, "can't write %s", path);
	if (run_program(&(struct run){ .argv = argv, .fds = (const int[]){ in, -1, -1 } }, e) == 0) {
		if (chmod(dir, mode) == 0 && rename(dir, path) == 0)
			return 0;
		err_errno(e, "can't write %s", path);
	}
	remove_tree(dir, &(struct err){ "" });
	return -1;
}

/* What has arrived is put in its place. */
static int place(const char *arrived, int fd, const char *path, const char *said, struct err *e)
{
	mode_t mask = umask(0), mode;
	const char *digits = strchr(said, ' ');

	umask(mask);
	if (!digits)
		return err_set(e, "the guest does not say what it sends: %.200s", said);
	mode = (mode_t)strtoul(digits, NULL, 8) & 0777 & ~mask;
	if (str_starts(said, "folder "))
		return unpack(arrived, path, mode, e);
	if (fchmod(fd, mode) < 0 || fsync(fd) < 0 || rename(arrived, path) < 0)
		return err_errno(e, "can't write %s", path);
	return 0;
}

int copy_out(struct guest *g, const char *from, const char *to, struct err *e)
{
	auto_free char *path = target_of(from, to, e), *arrived = path ? beside(path) : NULL;
	auto_close int fd = arrived ? mkostemp(arrived, O_CLOEXEC) : -1;
	auto_text said = { 0 };
	int status;

	if (fd < 0)
		return path ? err_errno(e, "can't write %s", path) : -1;
	status = run_script(g, (const char *const[]){ "sh", "-c", get_script, "sh", from, NULL },
			    &(struct meter){ .what = from, .in = -1, .out = fd }, &said, e);
	if (status > 0)
		err_set(e, "can't copy %s:%s: %s", g->state->name, from, said.s);
	else if (status == 0)
		status = place(arrived, fd, path, said.s, e);
	unlink(arrived);
	return status ? -1 : 0;
}

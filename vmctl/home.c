#include "home.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

/* "cxl@1f3a9c27-": what is removed with a machine is what begins so, and must be nobody else's. */
static bool is_ours(const struct state *s, const char *volumes)
{
	size_t n = strlen(s->name);

	return str_starts(volumes, s->name) && volumes[n] == '@' && strspn(volumes + n + 1, "0123456789abcdef") == 8 &&
	       !strcmp(volumes + n + 9, "-");
}

/* The lines of the file: the address, and what the volumes' names begin with. 0: there is no such file. */
static int recorded(const struct state *s, char **uri, char **volumes, struct err *e)
{
	auto_free char *path = state_path(s, "connect"), *text = NULL;
	char *second;

	if (!file_exists(path))
		return 0;
	text = file_read(path, 0, NULL, e);
	second = text ? strchr(text, '\n') : NULL;
	if (second) {
		*second++ = '\0';
		second[strcspn(second, "\n")] = '\0';
	}
	if (!second || !is_ours(s, second))
		return err_set(e, "%s is damaged, and which files on the other host are the machine's is not known: `rm -r %s` forgets it",
			       path, s->dir);
	*uri = xstrdup(text);
	*volumes = xstrdup(second);
	return 1;
}

char *home_uri(const struct state *s)
{
	auto_free char *volumes = NULL;
	char *uri = NULL;

	recorded(s, &uri, &volumes, &(struct err){ "" });
	return uri;
}

static void set_prefix(struct home *p)
{
	free(p->prefix);
	p->prefix = p->store && p->volumes ? strf("%s/%s", store_dir(p->store), p->volumes) : xstrdup("");
}

int home_open(struct home *p, const struct state *s, struct virt *v, struct err *e)
{
	auto_free char *uri = NULL;

	*p = (struct home){ .prefix = state_path(s, "") };
	if (recorded(s, &uri, &p->volumes, e) < 0)
		return -1;
	if (!virt_is_remote(v))
		return 0;
	if (store_open(v, false, &p->store, e) < 0)
		return -1;
	set_prefix(p);
	return 0;
}

/* Machines of one name, of several users and computers, have their volumes in one pool: the names differ. */
static int record(struct home *p, const struct state *s, struct virt *v, struct err *e)
{
	auto_free char *path = state_path(s, "connect"), *uri = virt_uri(v), *text = NULL;
	uint32_t id;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		return err_errno(e, "no random number is to be had");
	p->volumes = strf("%s@%08" PRIx32 "-", s->name, id);
	text = strf("%s\n%s\n", uri, p->volumes);
	return mkdir_p(s->dir, e) < 0 ? -1 : file_write(path, text, strlen(text), 0644, e);
}

int home_claim(struct home *p, const struct state *s, struct virt *v, struct err *e)
{
	if ((!p->store && store_open(v, true, &p->store, e) < 0) || (!p->volumes && record(p, s, v, e) < 0))
		return -1;
	set_prefix(p);
	return 0;
}

void home_free(struct home *p)
{
	store_close(p->store);
	free(p->prefix);
	free(p->volumes);
	*p = (struct home){ 0 };
}

char *home_path(const struct home *p, const char *file)
{
	return strf("%s%s", p->prefix, file);
}

int home_has(const struct home *p, const char *file, uint64_t *bytes, struct err *e)
{
	auto_free char *path = home_path(p, file), *volume = p->store ? strf("%s%s", p->volumes, file) : NULL;
	struct stat st;

	if (p->store)
		return store_has(p->store, volume, bytes, e);
	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_errno(e, "can't look at %s", path);
	*bytes = (uint64_t)st.st_size;
	return 1;
}

int home_make(const struct home *p, const char *file, uint64_t bytes, uid_t uid, gid_t gid, struct err *e)
{
	auto_free char *path = home_path(p, file), *new = strf("%s.new", path);
	auto_free char *volume = p->store ? strf("%s%s", p->volumes, file) : NULL;
	auto_close int fd = -1;

	if (p->store)
		return store_make(p->store, volume, bytes, uid, gid, e);
	fd = open(new, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0 && ftruncate(fd, (off_t)bytes) == 0 && fchown(fd, uid, gid) == 0 && rename(new, path) == 0)
		return 0;
	err_errno(e, "can't make %s", path);
	unlink(new);
	return -1;
}

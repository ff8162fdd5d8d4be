#include "fstab.h"

#include <string.h>

/* fstab(5), and the names that udev gives (60-persistent-storage.rules). */
static const struct tag {
	const char *prefix;
	enum fstab_by by;
} tags[] = {
	{ "UUID=", FSTAB_UUID },
	{ "LABEL=", FSTAB_LABEL },
	{ "PARTUUID=", FSTAB_PARTUUID },
	{ "PARTLABEL=", FSTAB_PARTLABEL },
	{ "/dev/disk/by-uuid/", FSTAB_UUID },
	{ "/dev/disk/by-label/", FSTAB_LABEL },
	{ "/dev/disk/by-partuuid/", FSTAB_PARTUUID },
	{ "/dev/disk/by-partlabel/", FSTAB_PARTLABEL },
	{ "/dev/sda", FSTAB_NUMBER },
	{ "/dev/vda", FSTAB_NUMBER },
	{ "/dev/xvda", FSTAB_NUMBER },
	{ "/dev/hda", FSTAB_NUMBER },
	{ "/dev/nvme0n1p", FSTAB_NUMBER },
};

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* A blank in a field is written \040. In place. */
static char *unescape(char *field)
{
	char *to = field;

	for (const char *c = field; *c; c++) {
		if (*c == '\\' && c[1] >= '0' && c[1] <= '3' && is_octal(c[2]) && is_octal(c[3])) {
			*to++ = (char)((c[1] - '0') * 64 + (c[2] - '0') * 8 + (c[3] - '0'));
			c += 3;
		} else {
			*to++ = *c;
		}
	}
	*to = '\0';
	return field;
}

/* Without the quotes around it. In place. */
static char *unquote(char *s)
{
	size_t n = strlen(s);

	if (n < 2 || (*s != '"' && *s != '\'') || s[n - 1] != *s)
		return s;
	s[n - 1] = '\0';
	return s + 1;
}

static const struct tag *tag_of(const char *spec)
{
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++)
		if (str_starts(spec, tags[i].prefix))
			return &tags[i];
	return NULL;
}

static bool is_number(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s);
}

/* "subvol=NAME" among the options; the caller's to free. */
static char *subvolume(const char *options)
{
	const char *volume = options ? strstr(options, "subvol=") : NULL;

	if (!volume)
		return NULL;
	volume += strlen("subvol=");
	volume += *volume == '/';
	return xstrndup(volume, strcspn(volume, ","));
}

static int fstab_line(char *line, int number, void *arg)
{
	struct fstab *f = arg;
	char *save, *spec = strtok_r(line, " \t", &save), *path = spec ? strtok_r(NULL, " \t", &save) : NULL;
	char *type = path ? strtok_r(NULL, " \t", &save) : NULL, *options = type ? strtok_r(NULL, " \t", &save) : NULL;
	const struct tag *tag = type && *spec != '#' ? tag_of(spec) : NULL;
	const char *value;

	(void)number;
	if (!tag || *path != '/')
		return 0;
	value = unquote(unescape(spec) + strlen(tag->prefix));
	if (!*value || (tag->by == FSTAB_NUMBER && !is_number(value)))
		return 0;
	f->list = xrealloc(f->list, (f->n + 1) * sizeof(*f->list));
	f->list[f->n++] = (struct fstab_entry){ .by = tag->by, .value = xstrdup(value), .path = xstrdup(unescape(path)),
						.subvolume = subvolume(options) };
	return 0;
}

void fstab_parse(struct fstab *f, const char *text)
{
	*f = (struct fstab){ 0 };
	each_line(text, fstab_line, f);
}

void fstab_free(struct fstab *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->list[i].value);
		free(f->list[i].path);
		free(f->list[i].subvolume);
	}
	free(f->list);
	*f = (struct fstab){ 0 };
}

static int id_line(char *line, int number, void *arg)
{
	char **id = arg;

	(void)number;
	if (!str_starts(line, "ID="))
		return 0;
	*id = xstrdup(unquote(line + strlen("ID=")));
	return 1;
}

char *os_release_id(const char *text)
{
	char *id = NULL;

	each_line(text, id_line, &id);
	return id;
}

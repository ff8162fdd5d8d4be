/* What a recipe puts into the image, and sets there. */
#include "recipe-check.h"

#include <string.h>

#include "text.h"

/* A login name as useradd(8) takes it. */
static bool user_ok(const char *s)
{
	return (*s == '_' || (*s >= 'a' && *s <= 'z')) && strlen(s) <= 32 &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(s);
}

/* ---- what is put in ---- */

static bool octal_ok(const char *s)
{
	size_t n = strlen(s);

	return n >= 3 && n <= 5 && strspn(s, "01234567") == n;
}

/* "user" or "user:group". */
static bool owner_ok(const char *s)
{
	auto_free char *user = xstrndup(s, strcspn(s, ":"));
	const char *group = strchr(s, ':');

	return user_ok(user) && (!group || user_ok(group + 1));
}

/* A whole path in the image, which leads nowhere else. */
static bool path_ok(const char *s)
{
	return *s == '/' && s[1] && !path_leads_up(s) && !strchr(s, '\n');
}

static int check_place(const struct recipe *r, char *const *path, char *const *mode, char *const *owner, struct err *e)
{
	if (!path_ok(*path))
		return ydoc_err(r->doc, path, e, "'%s' is no whole path in the image: it begins with /, and has no '..'", *path);
	if (*mode && !octal_ok(*mode))
		return ydoc_err(r->doc, mode, e, "'%s' are no permissions: they are octal, as in 0644 or 0755", *mode);
	if (*owner && !owner_ok(*owner))
		return ydoc_err(r->doc, owner, e, "'%s' is no owner: USER or USER:GROUP", *owner);
	return 0;
}

static int check_files(const struct recipe *r, struct err *e)
{
	for (size_t i = 0; i < r->n_copies; i++)
		if (check_place(r, &r->copies[i].to, &r->copies[i].mode, &r->copies[i].owner, e) < 0)
			return -1;
	for (size_t i = 0; i < r->n_files; i++) {
		const struct recipe_file *f = &r->files[i];

		if (check_place(r, &f->path, &f->permissions, &f->owner, e) < 0)
			return -1;
		if (str_ends(f->path, "/"))
			return ydoc_err(r->doc, &f->path, e, "'%s' is a folder: give the file's name", f->path);
	}
	return 0;
}

/* Each of the words is made of these characters only. */
static int check_words(const struct recipe *r, char *const *words, size_t n, const char *what, const char *characters,
		       struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (!*words[i] || *words[i] == '-' || strspn(words[i], characters) != strlen(words[i]))
			return ydoc_err(r->doc, &words[i], e, "'%s' is no %s", words[i], what);
	return 0;
}

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

static int check_settings(const struct recipe *r, struct err *e)
{
	const struct recipe_services *s = &r->services;
	static const char unit[] = LETTERS DIGITS ":_.@\\-", arg[] = LETTERS DIGITS "_.,:;=/+@%^*()[]{}<>!?~#|&-";

	if (r->timezone && (*r->timezone == '/' || strspn(r->timezone, LETTERS DIGITS "_+-/") < strlen(r->timezone)))
		return ydoc_err(r->doc, &r->timezone, e, "'%s' is no time zone (Europe/Berlin)", r->timezone);
	if (check_words(r, s->enable, s->n_enable, "systemd unit", unit, e) < 0 ||
	    check_words(r, s->disable, s->n_disable, "systemd unit", unit, e) < 0 ||
	    check_words(r, s->mask, s->n_mask, "systemd unit", unit, e) < 0)
		return -1;
	for (size_t i = 0; i < r->n_sysctl; i++) {
		size_t n = strcspn(r->sysctl[i], " ");

		if (!n || strspn(r->sysctl[i], LETTERS DIGITS "_./*-") < n || strchr(r->sysctl[i], '\n'))
			return ydoc_err(r->doc, &r->sysctl[i], e, "'%.*s' is no kernel parameter (vm.swappiness)", (int)n,
					r->sysctl[i]);
	}
	return check_words(r, r->kernel_args, r->n_kernel_args, "word for the kernel's command line: it has blanks or quotes "
			   "in it", arg, e);
}

/* crypt(5): $y$ yescrypt, $gy$ gost-yescrypt, $7$ scrypt, $2b$ bcrypt, $6$ and $5$ SHA-crypt. */
static int check_password(const struct recipe *r, const struct recipe_user *u, struct err *e)
{
	static const char *const kinds[] = { "$y$", "$gy$", "$7$", "$2b$", "$6$", "$5$" };

	for (size_t i = 0; u->passwd && i < sizeof(kinds) / sizeof(*kinds); i++)
		if (str_starts(u->passwd, kinds[i]) && strlen(u->passwd) > 20 && !strpbrk(u->passwd, ":\n "))
			return 0;
	return u->passwd ? ydoc_err(r->doc, &u->passwd, e, "the password of '%s' is not hashed, or not well enough: give what "
				    "`mkpasswd -m yescrypt` prints", u->name) : 0;
}

static int check_users(const struct recipe *r, struct err *e)
{
	for (size_t i = 0; i < r->n_users; i++) {
		const struct recipe_user *u = &r->users[i];

		if (!user_ok(u->name))
			return ydoc_err(r->doc, &u->name, e, "'%s' is no login name: a-z, 0-9, _ and -, at most 32, a letter "
					"first", u->name);
		for (size_t j = 0; j < i; j++)
			if (!strcmp(r->users[j].name, u->name))
				return ydoc_err(r->doc, &u->name, e, "user '%s' stands twice", u->name);
		if (check_password(r, u, e) < 0 || check_words(r, u->groups, u->n_groups, "name of a group",
							       LETTERS DIGITS "_-", e) < 0)
			return -1;
		if (u->shell && !path_ok(u->shell))
			return ydoc_err(r->doc, &u->shell, e, "'%s' is no path of a shell (/bin/bash)", u->shell);
		for (size_t j = 0; j < u->n_keys; j++)
			if (strchr(u->keys[j], '\n') || !strchr(u->keys[j], ' '))
				return ydoc_err(r->doc, &u->keys[j], e, "'%.40s' is no SSH public key: paste one line of a "
						".pub file", u->keys[j]);
	}
	return 0;
}

static int check_packages(const struct recipe *r, struct err *e)
{
	for (size_t i = 0; i < r->n_packages; i++) {
		const char *p = r->packages[i];

		if (strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789.+-") != strlen(p) || *p == '-' || !p[0] || !p[1] ||
		    str_ends(p, "-")) /* which would take it away */
			return ydoc_err(r->doc, &r->packages[i], e, "'%s' is no name of a Debian package", p);
	}
	return 0;
}

int recipe_check_content(const struct recipe *r, struct err *e)
{
	return check_users(r, e) < 0 || check_files(r, e) < 0 || check_settings(r, e) < 0 || check_packages(r, e) < 0 ? -1 : 0;
}

#include "trust.h"

#include <string.h>

#include "digest.h"
#include "file.h"
#include "run.h"
#include "text.h"

struct search {
	const char *name;
	char *found; /* "sha256:HEX" */
	bool twice;
};

static bool is_digest(const char *hex, size_t n)
{
	return (n == 64 || n == 128) && strspn(hex, "0123456789abcdefABCDEF") >= n;
}

static void take(struct search *s, const char *hex, size_t n)
{
	char *spec;

	if (!is_digest(hex, n))
		return;
	spec = strf("%s:%.*s", n == 64 ? "sha256" : "sha512", (int)n, hex);
	for (char *c = spec; *c; c++)
		*c = *c >= 'A' && *c <= 'F' ? (char)(*c + 32) : *c;
	s->twice |= s->found && strcmp(s->found, spec);
	free(s->found);
	s->found = spec;
}

/* A name is that of the file itself: "./name" is the same. */
static bool is_name(const struct search *s, const char *name, size_t n)
{
	if (n > 2 && str_starts(name, "./")) {
		name += 2;
		n -= 2;
	}
	return n == strlen(s->name) && !strncmp(name, s->name, n);
}

static int sums_line(char *line, int number, void *arg)
{
	struct search *s = arg;
	size_t n = strspn(line, "0123456789abcdefABCDEF"), end;
	char *open = strstr(line, " ("), *close = strstr(line, ") = ");

	(void)number;
	for (end = strlen(line); end > 0 && (line[end - 1] == '\r' || line[end - 1] == ' '); )
		line[--end] = '\0';
	if (line[n] == ' ' && (line[n + 1] == ' ' || line[n + 1] == '*') && is_name(s, line + n + 2, strlen(line + n + 2)))
		take(s, line, n);
	else if (open && close > open && is_name(s, open + 2, (size_t)(close - open - 2)))
		take(s, close + 4, strlen(close + 4));
	return 0;
}

char *sums_find(const char *text, const char *name, struct err *e)
{
	struct search s = { .name = name };

	each_line(text, sums_line, &s);
	if (!s.found)
		err_set(e, "'%s' is not in it (it would hold lines of a SHA-256 or SHA-512 digest and a name)", name);
	if (s.twice) {
		free(steal(s.found));
		err_set(e, "'%s' stands in it with two different digests", name);
	}
	return s.found;
}

/* What gpgv says in its machine's words (GnuPG's doc/DETAILS), from the worst on. */
static const struct {
	const char *keyword, *meaning;
} verdicts[] = {
	{ "BADSIG", "the signature does not fit: the file was changed" },
	{ "REVKEYSIG", "the key that signed it was revoked" },
	{ "EXPKEYSIG", "the key that signed it has expired" },
	{ "EXPSIG", "the signature has expired" },
	{ "NO_PUBKEY", "it was signed by a key that the keyring has not" },
	{ "ERRSIG", "the signature can't be checked" },
	{ "NODATA", "there is no signature in it" },
};

/* The rest of the status line of that keyword, the caller's to free; NULL: there is none. */
static char *status_line(const char *status, const char *keyword)
{
	auto_free char *mark = strf("[GNUPG:] %s", keyword);
	const char *at = status ? strstr(status, mark) : NULL;

	if (!at || (at[strlen(mark)] != ' ' && at[strlen(mark)] != '\n'))
		return NULL;
	at += strlen(mark);
	at += *at == ' ';
	return xstrndup(at, strcspn(at, "\n"));
}

/* gpgv takes only binary keyrings, and says little when it is given another. */
static int check_keyring(const char *keyring, struct err *e)
{
	auto_free char *head = NULL;

	if (!file_exists(keyring))
		return err_set(e, "the keyring %s is not there", keyring);
	head = file_read(keyring, 0, NULL, e);
	if (!head)
		return -1;
	if (str_starts(head, "-----BEGIN PGP"))
		return err_set(e, "the keyring %s is in ASCII armour, which gpgv does not read: `gpg --dearmor < %s > keyring.gpg`",
			       keyring, keyring);
	return 0;
}

static int explain(const char *status, int rc, struct err *e)
{
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++) {
		auto_free char *rest = status_line(status, verdicts[i].keyword);

		if (rest)
			return err_set(e, "%s (%s%s%s)", verdicts[i].meaning, verdicts[i].keyword, *rest ? " " : "", rest);
	}
	return rc < 0 ? -1 : err_set(e, "gpgv does not say that the signature is good");
}

int signature_check(const char *file, const char *signature, const char *keyring, char **signer, struct err *e)
{
	const char *argv[] = { "gpgv", "--status-fd", "1", "--keyring", keyring, signature, file, NULL };
	auto_free char *valid = NULL, *good = NULL, *bad = NULL;
	auto_text status = { 0 };
	int rc;

	if (check_keyring(keyring, e) < 0)
		return -1;
	if (!program_exists("gpgv"))
		return err_set(e, "gpgv, which checks signatures, is not installed: `make setup` installs it");
	rc = run_program(&(struct run){ .argv = argv, .out = &status }, e);
	valid = status_line(status.s, "VALIDSIG");
	good = status_line(status.s, "GOODSIG");
	bad = status_line(status.s, "BADSIG");
	/* of several signatures one that is good is enough, if none is wrong */
	if (bad || !valid || !good)
		return explain(status.s, rc, e);
	*signer = steal(good);
	return 0;
}

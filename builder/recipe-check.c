#include "recipe-check.h"

#include <string.h>

#include "digest.h"
#include "text.h"
#include "units.h"

static int check_digest(const struct recipe *r, char *const *digest, const char *url, struct err *e)
{
	enum digest_alg alg;
	const char *hex;
	struct err why;

	if (!*digest)
		return ydoc_err(r->doc, digest, e, "%s needs a digest: add 'digest: sha256:...' with what its publisher "
				"gives", url);
	if (digest_spec(*digest, &alg, &hex, &why) < 0)
		return ydoc_err(r->doc, digest, e, "%s", why.msg);
	return 0;
}

static int check_url(const struct recipe *r, char *const *url, struct err *e)
{
	if (!str_starts(*url, "https://") && !str_starts(*url, "http://") && !str_starts(*url, "file:///"))
		return ydoc_err(r->doc, url, e, "'%s' is no URL that can be fetched: it begins with https://, http:// or "
				"file:///", *url);
	return 0;
}

/* http on this host crosses no network. */
static bool plain_http(const char *url)
{
	const char *host = url + strlen("http://");
	size_t n;

	if (!str_starts(url, "http://"))
		return false;
	n = strcspn(host, ":/");
	return strncmp(host, "[::1]", 5) && !(n == 9 && (!strncmp(host, "127.0.0.1", n) || !strncmp(host, "localhost", n)));
}

static int check_places(const struct recipe *r, struct err *e)
{
	const struct recipe_base *b = &r->base;

	for (size_t i = 0; i < b->n_images; i++) {
		if (check_url(r, &b->images[i], e) < 0)
			return -1;
		if (plain_http(b->images[i]) && !b->insecure)
			return ydoc_err(r->doc, &b->images[i], e, "%s is plain http, which anybody on the way can change: use "
					"https, or say 'insecure: true'", b->images[i]);
		for (size_t j = 0; j < i; j++)
			if (!strcmp(b->images[j], b->images[i]))
				return ydoc_err(r->doc, &b->images[i], e, "%s stands twice", b->images[i]);
	}
	return 0;
}

/* What vouches for the image: a digest, or a signed file of digests, or nothing and that said. */
static int check_image(const struct recipe *r, struct err *e)
{
	const struct recipe_base *b = &r->base;

	if (!b->n_images)
		return ydoc_err(r->doc, &b->images, e, "'image' has no URL in it");
	if (check_places(r, e) < 0)
		return -1;
	if (b->digest && b->sums)
		return ydoc_err(r->doc, &b->sums, e, "'digest' says it all: take out 'sums' and what goes with it");
	if (!b->signature != !b->keyring || (b->signature && !b->sums))
		return ydoc_err(r->doc, b->signature ? &b->signature : &b->keyring, e, "a signature takes three: 'sums' that it "
				"signs, 'signature', and 'keyring' with the keys that may sign");
	if (b->sums && check_url(r, &b->sums, e) < 0)
		return -1;
	if (b->signature && check_url(r, &b->signature, e) < 0)
		return -1;
	if (b->digest)
		return check_digest(r, &b->digest, b->images[0], e);
	if (!b->signature && !b->insecure)
		return ydoc_err(r->doc, &b->images, e, "nothing vouches for %s: add 'digest: sha256:...' with what its publisher "
				"gives, or 'sums', 'signature' and 'keyring'; or say 'insecure: true'", b->images[0]);
	return 0;
}

/* "20261101T000000Z", which is what archives name their snapshots by. */
static bool snapshot_ok(const char *s)
{
	return strlen(s) == 16 && strspn(s, "0123456789") == 8 && s[8] == 'T' && strspn(s + 9, "0123456789") == 6 && s[15] == 'Z';
}

static int check_base(const struct recipe *r, struct err *e)
{
	const struct recipe_base *b = &r->base;
	const struct {
		const char *key;
		char *const *value;
	} foreign[] = { { "digest", &b->digest }, { "sums", &b->sums }, { "signature", &b->signature },
			{ "keyring", &b->keyring } };

	if (!b->suite == !b->images)
		return ydoc_err(r->doc, b, e, "base takes either 'suite' (bootstrap Debian) or 'image' (a cloud image)");
	if (b->images && (b->mirror || b->snapshot))
		return ydoc_err(r->doc, b->mirror ? &b->mirror : &b->snapshot, e, "'%s' belongs to 'suite'", b->mirror ? "mirror" :
				"snapshot");
	if (b->images)
		return check_image(r, e);
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
		if (*foreign[i].value)
			return ydoc_err(r->doc, foreign[i].value, e, "'%s' belongs to 'image'; a suite is verified by the "
					"archive's own signatures", foreign[i].key);
	if (!name_ok(b->suite))
		return ydoc_err(r->doc, &b->suite, e, "'%s' is no name of a Debian suite (trixie, bookworm)", b->suite);
	if (b->mirror && (check_url(r, &b->mirror, e) < 0 || strpbrk(b->mirror, " \n")))
		return ydoc_err(r->doc, &b->mirror, e, "'%s' is no URL of an archive (https://HOST/debian)", b->mirror);
	if (b->snapshot && !snapshot_ok(b->snapshot))
		return ydoc_err(r->doc, &b->snapshot, e, "'%s' is no time of a snapshot: it is like 20261101T000000Z", b->snapshot);
	return 0;
}

/* "https://...", "file:///...", "ssh://..." or git's own short form "user@host:path". */
static bool git_url_ok(const char *s)
{
	static const char *const schemes[] = { "https://", "http://", "ssh://", "git://", "file:///" };
	const char *colon = strchr(s, ':');

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (str_starts(s, schemes[i]))
			return !strpbrk(s, " \n");
	return *s != '-' && colon && !str_starts(colon, "::") && memchr(s, '@', (size_t)(colon - s)) && !strpbrk(s, " \n");
}

/* What git takes as a name and nothing that it would take as an option or a range. */
static bool ref_ok(const char *s)
{
	return *s && *s != '-' && *s != '/' && !strpbrk(s, " ~^:?*[\\\n") && !strstr(s, "..") && !strstr(s, "@{");
}

static int check_git(const struct recipe *r, struct err *e)
{
	const struct recipe_kernel *k = &r->kernel;
	char *const *const refs[] = { &k->tag, &k->branch };

	if (!git_url_ok(k->git))
		return ydoc_err(r->doc, &k->git, e, "'%s' is no address that git fetches from (https://, ssh://, file:///, "
				"user@host:path)", k->git);
	if (plain_http(k->git) && !k->commit)
		return ydoc_err(r->doc, &k->git, e, "%s is plain http, which anybody on the way can change: use https, or name "
				"the 'commit'", k->git);
	if (!!k->commit + !!k->tag + !!k->branch != 1)
		return ydoc_err(r->doc, &k->git, e, "'git' takes one of 'commit', 'tag' and 'branch'");
	if (k->commit && (strlen(k->commit) != 40 || strspn(k->commit, "0123456789abcdef") != 40))
		return ydoc_err(r->doc, &k->commit, e, "'%s' is no commit: give all 40 digits of its name, or a 'tag'", k->commit);
	for (size_t i = 0; i < 2; i++)
		if (*refs[i] && !ref_ok(*refs[i]))
			return ydoc_err(r->doc, refs[i], e, "'%s' is no name of a tag or branch", *refs[i]);
	if (k->path && (path_leads_up(k->path) || *k->path == '/' || *k->path == '-' || !*k->path))
		return ydoc_err(r->doc, &k->path, e, "'%s' is no folder of the repository: it begins at its root, without a '/', "
				"and has no '..'", k->path);
	return 0;
}

static int check_source(const struct recipe *r, struct err *e)
{
	const struct recipe_kernel *k = &r->kernel;
	const struct {
		const char *key, *of;
		char *const *value;
		bool fits;
	} parts[] = { { "digest", "url", &k->digest, k->url }, { "commit", "git", &k->commit, k->git },
		      { "tag", "git", &k->tag, k->git }, { "branch", "git", &k->branch, k->git },
		      { "path", "git", &k->path, k->git } };

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		if (*parts[i].value && !parts[i].fits)
			return ydoc_err(r->doc, parts[i].value, e, "'%s' belongs to '%s'", parts[i].key, parts[i].of);
	if (k->package && (!str_starts(k->package, "linux-source") || !name_ok(k->package)))
		return ydoc_err(r->doc, &k->package, e, "'%s' is no source package: its name is like linux-source-6.12",
				k->package);
	if (k->n_patches && k->tree)
		return ydoc_err(r->doc, &k->patches, e, "a local tree is built as it is: apply patches there, and take out "
				"'patches'");
	if (k->git)
		return check_git(r, e);
	return k->url && (check_url(r, &k->url, e) < 0 || check_digest(r, &k->digest, k->url, e) < 0) ? -1 : 0;
}

static int check_kernel(const struct recipe *r, struct err *e)
{
	const struct recipe_kernel *k = &r->kernel;
	int sources = !!k->package + !!k->url + !!k->git + !!k->tree;

	if (k->mode == KERNEL_STOCK) {
		if (sources || k->config || k->n_fragments || k->n_options || k->n_patches || k->headers)
			return ydoc_err(r->doc, k, e, "a stock kernel is not built: take out its source, patches, config, "
					"fragments, options and headers");
		return 0;
	}
	if (sources != 1)
		return ydoc_err(r->doc, k, e, "kernel takes one source: 'package', 'url', 'git' or 'tree' (or write "
				"'kernel: stock')");
	return check_source(r, e);
}

int recipe_check(const struct recipe *r, struct err *e)
{
	char size[SIZE_TEXT];

	if (!name_ok(r->name))
		return ydoc_err(r->doc, &r->name, e, "'%s' can't be an image's name: a-z, 0-9, '.', '_' and '-', at most 63, "
				"a letter or digit first", r->name);
	if (!name_ok(r->hostname))
		return ydoc_err(r->doc, &r->hostname, e, "'%s' can't be a host name: a-z, 0-9 and '-'", r->hostname);
	if (r->disk < 2 * GiB || r->disk > 64 * TiB || r->disk % MiB)
		return ydoc_err(r->doc, &r->disk, e, "'disk' is %s: it goes from 2GiB to 64TiB, in whole MiB",
				size_text(r->disk, size));
	if (r->grub.timeout % 1000 || r->grub.timeout > 3600000)
		return ydoc_err(r->doc, &r->grub.timeout, e, "'timeout' is in whole seconds, at most 1h");
	return check_base(r, e) < 0 || check_kernel(r, e) < 0 ? -1 : recipe_check_content(r, e);
}

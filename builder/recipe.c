#include "recipe.h"

#include <stddef.h>
#include <string.h>

#include "digest.h"
#include "text.h"
#include "units.h"

#define BASE(f) offsetof(struct recipe_base, f)
#define KERNEL(f) offsetof(struct recipe_kernel, f)
#define USER(f) offsetof(struct recipe_user, f)
#define RECIPE(f) offsetof(struct recipe, f)

static const char *const kernel_modes[] = { "build", "stock", NULL };

static const struct ymap base_map = {
	.what = "base", .size = sizeof(struct recipe_base), .keys = (const struct ykey[]){
		{ "suite", Y_STR, BASE(suite), .help = "Debian suite to bootstrap with mmdebstrap (trixie)" },
		{ "image", Y_STRS, BASE(images), BASE(n_images),
		  .help = "URL (https, http, file) of a qcow2 or raw cloud image, also .xz, .zst or .gz; of several, each "
			  "is tried in turn" },
		{ "digest", Y_STR, BASE(digest), .help = "digest of the image as it is served: sha256:HEX or sha512:HEX" },
		{ "sums", Y_STR, BASE(sums), .help = "URL of a file of digests (SHA256SUMS) that has the image's" },
		{ "signature", Y_STR, BASE(signature), .help = "URL of a detached signature over 'sums'" },
		{ "keyring", Y_STR, BASE(keyring), .help = "file with the keys that may have made the signature" },
		{ "insecure", Y_BOOL, BASE(insecure), .fallback = "false",
		  .help = "take it although nobody vouches for it: plain http, or neither digest nor signature" },
		{ 0 } }
};

static const struct ymap kernel_map = {
	.what = "kernel", .size = sizeof(struct recipe_kernel), .scalar = "mode", .keys = (const struct ykey[]){
		{ "mode", Y_ENUM, KERNEL(mode), .names = kernel_modes, .fallback = "build",
		  .help = "build a kernel, or keep the base's own (stock)" },
		{ "package", Y_STR, KERNEL(package), .help = "Debian package with the source (linux-source-6.12)" },
		{ "url", Y_STR, KERNEL(url), .help = "URL of a source tarball" },
		{ "digest", Y_STR, KERNEL(digest), .help = "digest of the tarball: sha256:HEX or sha512:HEX" },
		{ "tree", Y_STR, KERNEL(tree), .help = "folder with a local source tree, from the recipe's folder" },
		{ "config", Y_STR, KERNEL(config), .fallback = "tiny",
		  .help = "what the fragments are put on: tiny (allnoconfig), defconfig, or a file" },
		{ "fragments", Y_STRS, KERNEL(fragments), KERNEL(n_fragments),
		  .help = "option fragments: names in kconfigs/, or files" },
		{ "options", Y_STRS, KERNEL(options), KERNEL(n_options), .help = "single options: CONFIG_X=y" },
		{ 0 } }
};

static const struct ymap grub_map = {
	.what = "grub", .size = sizeof(struct recipe_grub), .keys = (const struct ykey[]){
		{ "timeout", Y_DURATION, offsetof(struct recipe_grub, timeout), .fallback = "5s",
		  .help = "how long the boot menu is shown, in whole seconds" },
		{ 0 } }
};

static const struct ymap user_map = {
	.what = "a user", .size = sizeof(struct recipe_user), .keys = (const struct ykey[]){
		{ "name", Y_STR, USER(name), .required = true, .help = "login name" },
		{ "keys", Y_STRS, USER(keys), USER(n_keys), .help = "SSH public keys" },
		{ "sudo", Y_BOOL, USER(sudo), .fallback = "false", .help = "may use sudo without a password" },
		{ 0 } }
};

const struct ymap recipe_map = {
	.what = "the recipe", .size = sizeof(struct recipe), .keys = (const struct ykey[]){
		{ "name", Y_STR, RECIPE(name), .fallback = "the recipe file's name", .help = "name of the image" },
		{ "base", Y_MAP, RECIPE(base), .map = &base_map, .required = true, .help = "the base system" },
		{ "kernel", Y_MAP, RECIPE(kernel), .map = &kernel_map, .required = true,
		  .help = "the kernel: a source to build, or stock" },
		{ "packages", Y_STRS, RECIPE(packages), RECIPE(n_packages), .help = "Debian packages to install" },
		{ "disk", Y_SIZE, RECIPE(disk), .fallback = "8GiB", .help = "size of the disk" },
		{ "hostname", Y_STR, RECIPE(hostname), .fallback = "the image's name", .help = "host name" },
		{ "users", Y_LIST, RECIPE(users), RECIPE(n_users), .map = &user_map,
		  .help = "users to make, with their SSH keys; nobody gets a password" },
		{ "overlay", Y_STRS, RECIPE(overlays), RECIPE(n_overlays),
		  .help = "folders whose content is copied onto the root: names in overlay/, or paths" },
		{ "bench", Y_BOOL, RECIPE(bench), .fallback = "true", .help = "put in the bench suite" },
		{ "grub", Y_MAP, RECIPE(grub), .map = &grub_map, .help = "the boot menu" },
		{ 0 } }
};

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
	if (b->images)
		return check_image(r, e);
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
		if (*foreign[i].value)
			return ydoc_err(r->doc, foreign[i].value, e, "'%s' belongs to 'image'; a suite is verified by the "
					"archive's own signatures", foreign[i].key);
	if (!name_ok(b->suite))
		return ydoc_err(r->doc, &b->suite, e, "'%s' is no name of a Debian suite (trixie, bookworm)", b->suite);
	return 0;
}

static int check_kernel(const struct recipe *r, struct err *e)
{
	const struct recipe_kernel *k = &r->kernel;
	int sources = !!k->package + !!k->url + !!k->tree;

	if (k->mode == KERNEL_STOCK) {
		if (sources || k->config || k->n_fragments || k->n_options)
			return ydoc_err(r->doc, k, e, "a stock kernel is not built: take out its source, config, fragments "
					"and options");
		return 0;
	}
	if (sources != 1)
		return ydoc_err(r->doc, k, e, "kernel takes one source: 'package', 'url' or 'tree' (or write "
				"'kernel: stock')");
	if (k->package && (!str_starts(k->package, "linux-source") || !name_ok(k->package)))
		return ydoc_err(r->doc, &k->package, e, "'%s' is no source package: its name is like linux-source-6.12",
				k->package);
	if (k->digest && !k->url)
		return ydoc_err(r->doc, &k->digest, e, "'digest' belongs to 'url'");
	if (k->url)
		return check_url(r, &k->url, e) < 0 || check_digest(r, &k->digest, k->url, e) < 0 ? -1 : 0;
	return 0;
}

/* A login name as useradd(8) takes it. */
static bool user_ok(const char *s)
{
	return (*s == '_' || (*s >= 'a' && *s <= 'z')) && strlen(s) <= 32 &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-") == strlen(s);
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

		if (strspn(p, "abcdefghijklmnopqrstuvwxyz0123456789.+-") != strlen(p) || *p == '-' || !p[0] || !p[1])
			return ydoc_err(r->doc, &r->packages[i], e, "'%s' is no name of a Debian package", p);
	}
	return 0;
}

static void fill_defaults(struct recipe *r, const char *path)
{
	const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
	size_t n = strlen(file);

	if (!r->name)
		r->name = str_ends(file, ".yaml") ? xstrndup(file, n - 5) : xstrdup(file);
	else
		r->name = xstrdup(r->name);
	if (!r->hostname)
		r->hostname = r->name;
	if (!ydoc_line(r->doc, &r->disk))
		r->disk = 8 * GiB;
	if (r->kernel.mode == KERNEL_BUILD && !r->kernel.config)
		r->kernel.config = (char *)"tiny";
	if (!ydoc_line(r->doc, &r->grub.timeout))
		r->grub.timeout = 5000;
	if (!ydoc_line(r->doc, &r->bench))
		r->bench = true;
}

static int check(const struct recipe *r, struct err *e)
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
	if (check_base(r, e) < 0 || check_kernel(r, e) < 0 || check_users(r, e) < 0)
		return -1;
	return check_packages(r, e);
}

struct recipe *recipe_load(const char *path, struct err *e)
{
	cleanup(recipe_cleanup) struct recipe *r = xcalloc(1, sizeof(*r));
	struct ydoc *doc = ydoc_load(path, &recipe_map, r, e);

	r->doc = doc;
	if (!doc)
		return NULL;
	fill_defaults(r, path);
	return check(r, e) < 0 ? NULL : steal(r);
}

void recipe_free(struct recipe *r)
{
	if (!r)
		return;
	ydoc_free(r->doc);
	free(r->name);
	free(r);
}

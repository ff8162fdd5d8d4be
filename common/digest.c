#include "digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "interrupt.h"
#include "text.h"

struct digest {
	EVP_MD_CTX *ctx;
};

static const struct {
	const char *name;
	const EVP_MD *(*md)(void);
	size_t hex;
} algs[] = {
	[DIGEST_SHA256] = { "sha256", EVP_sha256, 64 },
	[DIGEST_SHA512] = { "sha512", EVP_sha512, 128 },
};

struct digest *digest_new(enum digest_alg alg)
{
	struct digest *d = xcalloc(1, sizeof(*d));

	d->ctx = EVP_MD_CTX_new();
	if (!d->ctx || !EVP_DigestInit_ex(d->ctx, algs[alg].md(), NULL))
		abort();
	return d;
}

void digest_add(struct digest *d, const void *data, size_t n)
{
	if (!EVP_DigestUpdate(d->ctx, data, n))
		abort();
}

void digest_add_str(struct digest *d, const char *s)
{
	digest_add(d, s, strlen(s) + 1);
}

void digest_free(struct digest *d)
{
	if (d)
		EVP_MD_CTX_free(d->ctx);
	free(d);
}

void digest_end(struct digest *d, char hex[DIGEST_HEX])
{
	unsigned char out[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	if (!EVP_DigestFinal_ex(d->ctx, out, &n))
		abort();
	for (unsigned i = 0; i < n; i++)
		sprintf(hex + 2 * i, "%02x", out[i]);
	digest_free(d);
}

static int add_file(struct digest *d, const char *path, struct err *e)
{
	auto_fclose FILE *f = fopen(path, "re");
	static char buf[1 << 18];
	size_t n;

	if (!f)
		return err_errno(e, "can't read %s", path);
	while ((n = fread(buf, 1, sizeof(buf), f)) > 0) {
		digest_add(d, buf, n);
		if (interrupt_check(e) < 0)
			return -1;
	}
	return ferror(f) ? err_errno(e, "can't read %s", path) : 0;
}

int digest_file(const char *path, enum digest_alg alg, char hex[DIGEST_HEX], struct err *e)
{
	struct digest *d = digest_new(alg);

	if (add_file(d, path, e) < 0) {
		digest_free(d);
		return -1;
	}
	digest_end(d, hex);
	return 0;
}

static int add_tree_entry(const char *path, const char *rel, const struct stat *st, void *arg, struct err *e)
{
	struct digest *d = arg;
	char target[4096], meta[64];
	ssize_t n;

	digest_add_str(d, rel);
	snprintf(meta, sizeof(meta), "%o", (unsigned)st->st_mode);
	digest_add_str(d, meta);
	if (S_ISREG(st->st_mode)) {
		snprintf(meta, sizeof(meta), "%lld", (long long)st->st_size);
		digest_add_str(d, meta);
		return add_file(d, path, e);
	}
	if (S_ISLNK(st->st_mode)) {
		n = readlink(path, target, sizeof(target) - 1);
		if (n < 0)
			return err_errno(e, "can't read the link %s", path);
		target[n] = '\0';
		digest_add_str(d, target);
	}
	return 0;
}

int digest_tree(const char *root, char hex[DIGEST_HEX], struct err *e)
{
	struct digest *d = digest_new(DIGEST_SHA256);

	if (walk_tree(root, add_tree_entry, d, e) < 0) {
		digest_free(d);
		return -1;
	}
	digest_end(d, hex);
	return 0;
}

int digest_spec(const char *spec, enum digest_alg *alg, const char **hex, struct err *e)
{
	for (size_t i = 0; i < sizeof(algs) / sizeof(*algs); i++) {
		size_t n = strlen(algs[i].name);

		if (strncmp(spec, algs[i].name, n) || spec[n] != ':')
			continue;
		*hex = spec + n + 1;
		if (strlen(*hex) != algs[i].hex || strspn(*hex, "0123456789abcdef") != algs[i].hex)
			return err_set(e, "'%.200s' is no %s digest: it takes %zu lower-case hexadecimal digits", spec,
				       algs[i].name, algs[i].hex);
		*alg = (enum digest_alg)i;
		return 0;
	}
	return err_set(e, "'%.200s' is no digest: write sha256:HEX or sha512:HEX", spec);
}

const char *digest_alg_name(enum digest_alg alg)
{
	return algs[alg].name;
}

/* The step `base`: a cloud image fetched, or a suite (bootstrap.c). */
#include <string.h>

#include "bootstrap.h"
#include "fetch.h"
#include "file.h"
#include "lock.h"
#include "progress.h"
#include "steps.h"
#include "tarball.h"
#include "trust.h"

/* The first bytes of a disk image that can be used: qcow2's magic, or a boot sector, which GPT has too. */
static bool is_disk(const char *path)
{
	auto_fclose FILE *f = fopen(path, "re");
	unsigned char head[512] = { 0 };

	return f && fread(head, 1, sizeof(head), f) == sizeof(head) &&
	       (!memcmp(head, "QFI\xfb", 4) || (head[510] == 0x55 && head[511] == 0xaa));
}

/* A small file beside the image, the caller's to free. */
static int fetch_beside(struct build *b, char *url, const char *path, struct err *e)
{
	progress_update("%s", url);
	return fetch(&(struct fetch){ &url, 1, NULL, b->cache }, path, NULL, e);
}

/* The image's digest out of the file of digests, whose signature is checked if there is one. The caller's to free. */
static char *digest_by_sums(struct build *b, struct step *s, const char *dir, struct err *e)
{
	const struct recipe_base *base = &b->recipe->base;
	auto_free char *sums = strf("%s/sums", dir), *signature = strf("%s/signature", dir), *keyring = NULL;
	auto_free char *text = NULL, *signer = NULL;
	const char *name = strrchr(base->images[0], '/') + 1;
	struct err why;
	char *digest;

	if (fetch_beside(b, base->sums, sums, e) < 0)
		return NULL;
	if (base->signature) {
		keyring = recipe_path(b, &base->keyring);
		if (fetch_beside(b, base->signature, signature, e) < 0)
			return NULL;
		if (signature_check(sums, signature, keyring, &signer, &why) < 0) {
			ydoc_err(b->recipe->doc, &base->signature, e, "%s: %s", base->sums, why.msg);
			return NULL;
		}
		result_set(&s->result, "signed_by", signer);
	}
	text = file_read(sums, 0, NULL, e);
	if (!text)
		return NULL;
	digest = sums_find(text, name, &why);
	if (!digest)
		ydoc_err(b->recipe->doc, &base->sums, e, "%s: %s", base->sums, why.msg);
	unlink(sums);
	unlink(signature);
	return digest;
}

static int unpack_image(const char *fetched, const char *img, const char *url, struct err *e)
{
	const char *how = compression_of(fetched);

	if (!how && rename(fetched, img) < 0)
		return err_errno(e, "can't rename %s", fetched);
	if (how && decompress(fetched, img, e) < 0)
		return err_prefix(e, "%s", url);
	if (how)
		unlink(fetched);
	return is_disk(img) ? 0 : err_set(e, "%s is no disk image: it is neither qcow2 nor a raw disk with a partition table",
					  url);
}

static int image_base(struct build *b, struct step *s, const char *dir, struct err *e)
{
	const struct recipe_base *base = &b->recipe->base;
	auto_free char *img = strf("%s/base.img", dir), *fetched = strf("%s/fetched", dir), *digest = NULL;
	cleanup(origin_free) struct origin from = { 0 };
	char hex[DIGEST_HEX];

	if (base->digest || b->lock)
		digest = xstrdup(base->digest ? base->digest : b->lock->base.digest);
	else if (base->sums && !(digest = digest_by_sums(b, s, dir, e)))
		return -1;
	if (fetch(&(struct fetch){ base->images, base->n_images, digest, b->cache }, fetched, &from, e) < 0)
		return -1;
	if (!digest && digest_file(fetched, DIGEST_SHA256, hex, e) < 0)
		return -1;
	if (!digest)
		digest = strf("sha256:%s", hex);
	result_set(&s->result, "kind", "disk");
	result_set(&s->result, "id", digest);
	result_set(&s->result, "from", from.url);
	if (*from.date)
		result_set(&s->result, "date", from.date);
	result_set(&s->result, "verified_by", base->digest ? "digest" : b->lock ? "lock" : base->signature ? "signature" :
		   base->sums ? "sums without a signature (insecure)" : "nothing (insecure)");
	return unpack_image(fetched, img, from.url, e);
}

int step_base(struct build *b, struct step *s, const char *dir, struct err *e)
{
	return b->recipe->base.suite ? bootstrap_base(b, s, dir, e) : image_base(b, s, dir, e);
}

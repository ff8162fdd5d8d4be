#include "fetch.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "digest.h"
#include "file.h"
#include "interrupt.h"
#include "progress.h"
#include "text.h"
#include "transfer.h"
#include "units.h"

#define ROUNDS 4       /* through all places, with pauses of 1, 2 and 4 s between */
#define MAX_PAUSE_S 60 /* whatever a server asks for                              */

/* One place, and how it stands with it. */
struct place {
	struct transfer t;
	char *part, *validator, *lock_path;
	int lock;         /* held during a try, and on from one that worked */
	uint64_t reached; /* bytes that there were of it at best            */
	bool given_up;
};

static void unlock(struct place *p)
{
	if (p->lock >= 0)
		close(p->lock);
	p->lock = -1;
}

static void place_free(struct place *p)
{
	transfer_free(&p->t);
	free(p->part);
	free(p->validator);
	free(p->lock_path);
	unlock(p);
}

static void waiting(void *arg)
{
	progress_note("another vmbuild fetches %s: waiting for it", (const char *)arg);
}

static void place_init(struct place *p, const char *cache, const char *url)
{
	struct digest *d = digest_new(DIGEST_SHA256);
	char hex[DIGEST_HEX];

	digest_add_str(d, url);
	digest_end(d, hex);
	p->part = strf("%s/fetch/%.24s.part", cache, hex);
	p->validator = strf("%s/fetch/%.24s.version", cache, hex);
	p->lock_path = strf("%s/locks/fetch-%.24s", cache, hex);
	p->t = (struct transfer){ .url = url, .part = p->part, .validator = p->validator };
	p->lock = -1;
}

/* What came is of no use: nothing of it stays. */
static void drop(struct place *p)
{
	unlink(p->part);
	unlink(p->validator);
}

static bool is_web_page(const char *path)
{
	char head[64] = "";
	FILE *f = fopen(path, "re");
	size_t n = f ? fread(head, 1, sizeof(head) - 1, f) : 0;
	const char *at = head + strspn(head, " \t\r\n\xef\xbb\xbf");

	if (f)
		fclose(f);
	return n > 0 && (!strncasecmp(at, "<!doctype html", 14) || !strncasecmp(at, "<html", 5));
}

static int verify(const struct place *p, const char *digest, struct err *e)
{
	char got[DIGEST_HEX];
	enum digest_alg alg;
	const char *hex;

	if (digest_spec(digest, &alg, &hex, e) < 0 || digest_file(p->part, alg, got, e) < 0)
		return -1;
	if (!strcmp(hex, got))
		return 0;
	err_set(e, "%s does not have the digest that the recipe gives: expected %s:%s, got %s:%s", p->t.from,
		digest_alg_name(alg), hex, digest_alg_name(alg), got);
	if (strcmp(p->t.from, p->t.url))
		err_append(e, " (%s led there)", p->t.url);
	if (is_web_page(p->part))
		return err_append(e, "; what came is a web page: is the address right?");
	if (*p->t.date)
		err_append(e, "; the server's file is of %s: if it was replaced by a newer one, give that one's digest",
			   p->t.date);
	return err_append(e, "; nothing was kept");
}

static int attempt_locked(struct place *p, const char *digest, struct err *e)
{
	bool resumed = file_exists(p->validator);

	if (!resumed)
		unlink(p->part);
	if (transfer(&p->t, e) < 0) {
		if (!file_exists(p->validator)) /* nothing says which version this is a part of */
			unlink(p->part);
		return -1;
	}
	if (!digest || verify(p, digest, e) == 0)
		return 0;
	drop(p);
	p->t.again = resumed; /* the older part may be what is wrong */
	return -1;
}

/* One try at one place. */
static int attempt(struct place *p, const char *digest, struct err *e)
{
	int rc;

	p->lock = lock_file(p->lock_path, waiting, (void *)p->t.url, e);
	if (p->lock < 0)
		return -1;
	rc = attempt_locked(p, digest, e);
	if (rc < 0)
		unlock(p);
	return rc;
}

static int pause_s(unsigned long seconds, struct err *e)
{
	for (unsigned long tenths = 10 * seconds; tenths > 0; tenths--) {
		if (interrupt_check(e) < 0)
			return -1;
		nanosleep(&(struct timespec){ 0, 100000000 }, NULL);
	}
	return 0;
}

/* Is there more of it than ever before? A server that begins anew each time does not come on. */
static bool came_on(struct place *p)
{
	struct stat st;
	uint64_t now = stat(p->part, &st) == 0 ? (uint64_t)st.st_size : 0, before = p->reached;

	p->reached = now > before ? now : before;
	return now >= before + MiB;
}

/* All places in turn. Returns the place that had it, NULL with e filled if none has. */
static struct place *one_round(const struct fetch *f, struct place *places, unsigned long *wait, bool *moved,
			       struct err *e)
{
	*wait = 0;
	*moved = false;
	for (size_t i = 0; i < f->n_urls; i++) {
		struct place *p = &places[i];

		if (p->given_up)
			continue;
		if (attempt(p, f->digest, e) == 0)
			return p;
		if (interrupted())
			return NULL;
		p->given_up = !p->t.again;
		*wait = p->t.again && p->t.wait_s > *wait ? p->t.wait_s : *wait;
		*moved |= p->t.again && came_on(p);
		if (i + 1 < f->n_urls)
			progress_note("%s; trying the next place", e->msg);
	}
	return NULL;
}

static bool hopeless(const struct fetch *f, const struct place *places)
{
	for (size_t i = 0; i < f->n_urls; i++)
		if (!places[i].given_up)
			return false;
	return true;
}

static struct place *try_all(const struct fetch *f, struct place *places, struct err *e)
{
	unsigned long wait, pause = 1;
	bool moved;

	for (int round = 1;; round++) {
		struct place *p = one_round(f, places, &wait, &moved, e);

		if (p || interrupted() || hopeless(f, places))
			return p;
		if (moved) { /* it comes on, if slowly: such a line is not given up */
			round = 1;
			pause = 1;
		}
		if (round == ROUNDS) {
			err_append(e, "; that was the last of %d tries", ROUNDS);
			return NULL;
		}
		wait = wait > MAX_PAUSE_S ? MAX_PAUSE_S : wait > pause ? wait : pause;
		progress_note("%s; again in %lu s", e->msg, wait);
		if (pause_s(wait, e) < 0)
			return NULL;
		pause *= 2;
	}
}

static int keep(const struct place *p, const char *path, struct origin *from, struct err *e)
{
	if (file_sync(p->part, e) < 0)
		return -1;
	if (rename(p->part, path) < 0)
		return err_errno(e, "can't rename %s to %s", p->part, path);
	unlink(p->validator);
	if (from) {
		from->url = xstrdup(p->t.from);
		memcpy(from->date, p->t.date, sizeof(from->date));
	}
	return 0;
}

int fetch(const struct fetch *f, const char *path, struct origin *from, struct err *e)
{
	auto_free char *dir = strf("%s/fetch", f->cache), *locks = strf("%s/locks", f->cache);
	struct place *places = xcalloc(f->n_urls, sizeof(*places)), *had = NULL;
	int rc;

	for (size_t i = 0; i < f->n_urls; i++)
		place_init(&places[i], f->cache, f->urls[i]);
	if (mkdir_p(dir, e) == 0 && mkdir_p(locks, e) == 0)
		had = try_all(f, places, e);
	rc = had ? keep(had, path, from, e) : -1;
	for (size_t i = 0; i < f->n_urls; i++)
		place_free(&places[i]);
	free(places);
	return rc;
}

void origin_free(struct origin *o)
{
	free(o->url);
	o->url = NULL;
}

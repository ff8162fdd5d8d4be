#include "fetch.h"

#include <curl/curl.h>
#include <string.h>

#include "digest.h"
#include "file.h"
#include "interrupt.h"
#include "progress.h"
#include "text.h"
#include "units.h"

#define STALL_S 60L
#define CONNECT_S 30L

static int on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	double *begin = arg, spent = now_s() - *begin;
	char got[SIZE_TEXT], all[SIZE_TEXT], rate[SIZE_TEXT];

	(void)up_total;
	(void)up_now;
	size_human((uint64_t)now, got);
	size_human(spent > 0.5 ? (uint64_t)((double)now / spent) : 0, rate);
	if (total > 0)
		progress_update("%s of %s, %s/s", got, size_human((uint64_t)total, all), rate);
	else
		progress_update("%s, %s/s", got, rate);
	return interrupted(); /* non-zero ends the transfer */
}

struct sink {
	FILE *f;
	int why; /* errno of the write that failed */
};

static size_t on_data(char *data, size_t size, size_t n, void *arg)
{
	struct sink *s = arg;
	size_t wrote = fwrite(data, size, n, s->f);

	if (wrote < n)
		s->why = errno;
	return wrote * size;
}

static void set_options(CURL *c, const char *url, struct sink *sink, double *begin, char *words)
{
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, sink);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, words);
	curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(c, CURLOPT_MAXREDIRS, 10L);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https,http,file");
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, str_starts(url, "https:") ? "https" : "https,http");
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, STALL_S);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, begin);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "tierlab");
}

static int transfer(const char *url, FILE *f, const char *path, struct err *e)
{
	struct sink sink = { .f = f };
	char words[CURL_ERROR_SIZE] = "";
	double begin = now_s();
	CURL *c = curl_easy_init();
	CURLcode rc;

	if (!c)
		return err_set(e, "can't set up libcurl");
	set_options(c, url, &sink, &begin, words);
	rc = curl_easy_perform(c);
	curl_easy_cleanup(c);
	if (interrupted())
		return interrupt_check(e);
	if (sink.why) {
		errno = sink.why;
		return err_errno(e, "can't write %s", path);
	}
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return err_set(e, "can't fetch %s: no answer, or not a byte for %ld s (%s)", url, STALL_S, words);
	if (rc != CURLE_OK)
		return err_set(e, "can't fetch %s: %s", url, *words ? words : curl_easy_strerror(rc));
	return 0;
}

static int verify(const char *url, const char *digest, const char *path, struct err *e)
{
	char got[DIGEST_HEX];
	enum digest_alg alg;
	const char *hex;

	if (digest_spec(digest, &alg, &hex, e) < 0 || digest_file(path, alg, got, e) < 0)
		return -1;
	if (strcmp(hex, got))
		return err_set(e, "%s does not have the digest that the recipe gives: expected %s:%s, got %s:%s; nothing was "
			       "kept", url, digest_alg_name(alg), hex, digest_alg_name(alg), got);
	return 0;
}

int fetch(const char *url, const char *digest, const char *path, struct err *e)
{
	auto_free char *part = strf("%s.part", path);
	FILE *f = fopen(part, "we");
	int rc;

	if (!f)
		return err_errno(e, "can't write %s", part);
	rc = transfer(url, f, part, e);
	if (fclose(f) != 0 && rc == 0)
		rc = err_errno(e, "can't write %s", part);
	if (rc == 0)
		rc = verify(url, digest, part, e);
	if (rc == 0)
		rc = file_sync(part, e);
	if (rc == 0 && rename(part, path) < 0)
		rc = err_errno(e, "can't rename %s", part);
	if (rc < 0)
		unlink(part);
	return rc;
}

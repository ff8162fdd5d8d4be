#include "transfer.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

#include "file.h"
#include "interrupt.h"
#include "progress.h"
#include "text.h"
#include "units.h"

#define STALL_S 60L
#define CONNECT_S 30L
#define MAX_REDIRECTS 10

enum { HTTP_OK = 200, HTTP_PARTIAL = 206, HTTP_RANGE_NOT_SATISFIABLE = 416 };

/* One answer of a server; a redirect makes several of them. */
struct answer {
	struct transfer *t;
	CURL *curl;
	FILE *f;
	curl_off_t had;      /* bytes in the file when the request was made           */
	char validator[200]; /* what this version is called: an ETag, or a date       */
	char reason[80];     /* "404 Not Found"                                       */
	bool counts;         /* it is the file: not a redirect or a page with an error */
	bool begun;
	int why;             /* errno of the write that failed                        */
	double begin;
};

static long stall_s(void)
{
	const char *s = getenv("TIERLAB_STALL");
	long n = s ? atol(s) : 0;

	return n > 0 ? n : STALL_S;
}

static int on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now)
{
	struct answer *a = arg;
	double spent = now_s() - a->begin, rate = spent > 0.5 ? (double)now / spent : 0;
	char got[SIZE_TEXT], all[SIZE_TEXT], speed[SIZE_TEXT], left[SIZE_TEXT];
	curl_off_t had = ftello(a->f) - now;

	(void)up_total;
	(void)up_now;
	if (had < 0)
		had = 0;
	size_human((uint64_t)(had + now), got);
	size_human((uint64_t)rate, speed);
	if (total > 0 && rate > 0)
		progress_update("%s of %s, %s/s, %s left", got, size_human((uint64_t)(had + total), all), speed,
				seconds_human((double)(total - now) / rate, left));
	else
		progress_update("%s, %s/s", got, speed);
	return interrupted(); /* non-zero ends the transfer */
}

/* The value of a header line if it is of that name: "ETag: x" and "etag:x" are the same. */
static const char *header(const char *line, const char *name)
{
	size_t n = strlen(name);

	if (strncasecmp(line, name, n) || line[n] != ':')
		return NULL;
	return line + n + 1 + strspn(line + n + 1, " \t");
}

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
	struct answer *a = arg;
	auto_free char *line = xstrndup(data, size * n);
	const char *value;

	line[strcspn(line, "\r\n")] = '\0';
	if (str_starts(line, "HTTP/") && strchr(line, ' ')) {
		snprintf(a->reason, sizeof(a->reason), "%.70s", strchr(line, ' ') + 1);
		*a->validator = '\0';
	}
	/* a weak ETag does not promise the same bytes; a date is the second best */
	if ((value = header(line, "ETag")) && *value == '"')
		snprintf(a->validator, sizeof(a->validator), "%.190s", value);
	if ((value = header(line, "Last-Modified")) && !*a->validator)
		snprintf(a->validator, sizeof(a->validator), "%.190s", value);
	return size * n;
}

/* The first bytes of the file itself: does it go on where ours ends, or begin anew? */
static int begin_body(struct answer *a)
{
	long code = 0;

	curl_easy_getinfo(a->curl, CURLINFO_RESPONSE_CODE, &code);
	a->begun = true;
	a->counts = code == 0 || code == HTTP_OK || code == HTTP_PARTIAL; /* 0: a local file */
	if (!a->counts || code == HTTP_PARTIAL)
		return 0;
	if (ftruncate(fileno(a->f), 0) < 0 || fseeko(a->f, 0, SEEK_SET) < 0)
		return -1;
	if (!*a->validator)
		unlink(a->t->validator);
	else if (file_write(a->t->validator, a->validator, strlen(a->validator), 0644, &(struct err){ "" }) < 0)
		return -1;
	return 0;
}

static size_t on_data(char *data, size_t size, size_t n, void *arg)
{
	struct answer *a = arg;

	if (!a->begun && begin_body(a) < 0) {
		a->why = errno;
		return 0;
	}
	if (!a->counts)
		return 0; /* enough of it: the line of the status says all */
	if (fwrite(data, size, n, a->f) < n) {
		a->why = errno;
		return 0;
	}
	return size * n;
}

static void set_options(struct answer *a, const char *url, char *words)
{
	CURL *c = a->curl;
	const char *authorities = getenv("CURL_CA_BUNDLE"); /* curl(1)'s: the library does not look */

	if (!str_empty(authorities))
		curl_easy_setopt(c, CURLOPT_CAINFO, authorities);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, a);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, a);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, words);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "https,http,file");
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, stall_s());
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, a);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_FILETIME, 1L);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "tierlab");
}

/* What worked and may do so again: servers that are overloaded or restarted, lines that were cut. */
static bool may_mend(CURLcode rc, long code)
{
	switch (rc) {
	case CURLE_OK:
		return code == 408 || code == 425 || code == 429 || (code >= 500 && code != 501 && code != 505);
	case CURLE_COULDNT_CONNECT:
	case CURLE_GOT_NOTHING:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
	case CURLE_OPERATION_TIMEDOUT:
	case CURLE_PARTIAL_FILE:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		return true;
	default:
		return false;
	}
}

static void note_origin(struct answer *a, const char *url)
{
	curl_off_t when = -1;
	time_t seconds;
	struct tm tm;

	free(a->t->from);
	a->t->from = xstrdup(url);
	*a->t->date = '\0';
	curl_easy_getinfo(a->curl, CURLINFO_FILETIME_T, &when);
	seconds = (time_t)when;
	if (when > 0 && gmtime_r(&seconds, &tm))
		strftime(a->t->date, sizeof(a->t->date), "%Y-%m-%d %H:%M:%S UTC", &tm);
}

/* What the request came to, in words. */
static int judge(struct answer *a, CURLcode rc, const char *url, const char *words, struct err *e)
{
	curl_off_t wait = 0;
	long code = 0;

	curl_easy_getinfo(a->curl, CURLINFO_RESPONSE_CODE, &code);
	curl_easy_getinfo(a->curl, CURLINFO_RETRY_AFTER, &wait);
	if (interrupted())
		return interrupt_check(e);
	if (a->why) {
		errno = a->why;
		return err_errno(e, "can't write %s", a->t->part);
	}
	a->t->again = may_mend(rc, code);
	a->t->wait_s = (unsigned long)wait;
	if (code == HTTP_RANGE_NOT_SATISFIABLE && a->had > 0) { /* the file is shorter now than what we have of it */
		unlink(a->t->part);
		unlink(a->t->validator);
		a->t->again = true;
	}
	if (rc == CURLE_OPERATION_TIMEDOUT)
		return err_set(e, "can't fetch %s: no answer, or not a byte for %ld s (%s)", url, stall_s(), words);
	if (rc != CURLE_OK)
		return err_set(e, "can't fetch %s: %s", url, *words ? words : curl_easy_strerror(rc));
	if (code >= 300)
		return err_set(e, "can't fetch %s: the server says %s", url, a->reason);
	note_origin(a, url);
	/* a file of no bytes has no body that could begin */
	return a->begun || begin_body(a) == 0 ? 0 : err_errno(e, "can't write %s", a->t->part);
}

/* The request for one URL. redirect gets where the server points to, the caller's to free; NULL: nowhere. */
static int request(struct answer *a, const char *url, char **redirect, struct err *e)
{
	auto_free char *validator = NULL, *range = NULL, *line = NULL;
	char words[CURL_ERROR_SIZE] = "", *to = NULL;
	struct curl_slist *headers = NULL;
	CURLcode rc;
	int result;

	a->curl = curl_easy_init();
	if (!a->curl)
		return err_set(e, "can't set up libcurl");
	a->begun = a->counts = false;
	a->begin = now_s();
	set_options(a, url, words);
	validator = a->had > 0 ? file_read(a->t->validator, 4096, NULL, &(struct err){ "" }) : NULL;
	if (validator && str_starts(url, "http")) {
		range = strf("%lld-", (long long)a->had);
		line = strf("If-Range: %s", validator);
		headers = curl_slist_append(NULL, line);
		curl_easy_setopt(a->curl, CURLOPT_RANGE, range);
		curl_easy_setopt(a->curl, CURLOPT_HTTPHEADER, headers);
	}
	rc = curl_easy_perform(a->curl);
	if (rc == CURLE_WRITE_ERROR && a->begun && !a->counts)
		rc = CURLE_OK;
	curl_easy_getinfo(a->curl, CURLINFO_REDIRECT_URL, &to);
	*redirect = rc == CURLE_OK && to ? xstrdup(to) : NULL;
	result = *redirect ? 0 : judge(a, rc, url, words, e);
	curl_slist_free_all(headers);
	curl_easy_cleanup(a->curl);
	return result;
}

static int follow(struct answer *a, struct err *e)
{
	auto_free char *url = xstrdup(a->t->url);

	for (int i = 0; i <= MAX_REDIRECTS; i++) {
		char *to = NULL;

		if (request(a, url, &to, e) < 0)
			return -1;
		if (!to)
			return 0;
		if (!str_starts(to, "https://") && (!str_starts(to, "http://") || !str_starts(url, "http://"))) {
			err_set(e, "can't fetch %s: it redirects to %s, %s", url, to, str_starts(to, "http://") ?
				"from https to http, where anybody on the way could change it" :
				"which is neither https nor http");
			free(to);
			return -1;
		}
		free(url);
		url = to;
	}
	return err_set(e, "can't fetch %s: more than %d redirects, the last of them to %s", a->t->url, MAX_REDIRECTS, url);
}

int transfer(struct transfer *t, struct err *e)
{
	struct answer a = { .t = t };
	int rc;

	t->again = false;
	t->wait_s = 0;
	a.f = fopen(t->part, "r+e");
	if (!a.f)
		a.f = fopen(t->part, "w+e");
	if (!a.f || fseeko(a.f, 0, SEEK_END) < 0)
		return err_errno(e, "can't write %s", t->part);
	a.had = ftello(a.f);
	rc = follow(&a, e);
	if (fclose(a.f) != 0 && rc == 0)
		rc = err_errno(e, "can't write %s", t->part);
	return rc;
}

void transfer_free(struct transfer *t)
{
	free(t->from);
	t->from = NULL;
}

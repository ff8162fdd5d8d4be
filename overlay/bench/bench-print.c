/* Results of the bench programs in the forms that people and the lab's tools read: see bench.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"

const char *bench_human(uint64_t bytes, char buf[32])
{
	static const char *const unit[] = { "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	double value = (double)bytes / 1024;
	int i = 0;

	for (; value >= 1024 && i < 5; i++)
		value /= 1024;
	snprintf(buf, 32, "%.1f %s", value, unit[i]);
	return buf;
}

void bench_print_block(double secs, uint64_t work, const char *type, double alloc_secs)
{
	printf("== mbench-start ==\n"
	       "secs: %.3f\n"
	       "work: %" PRIu64 "\n"
	       "work_type: %s\n"
	       "alloc_secs: %.3f\n"
	       "== mbench-end ==\n", secs, work, type, alloc_secs);
}

void bench_json_pages(const struct bench_pages *pages)
{
	const char *between = "";

	putchar('{');
	for (int i = 0; i < BENCH_MAX_NODES; i++)
		if (pages->on[i]) {
			printf("%s\"%d\":%" PRIu64, between, i, pages->on[i]);
			between = ",";
		}
	putchar('}');
}

void bench_print_where(const struct bench_pages *pages)
{
	const char *between = "pages: ";

	for (int i = 0; i < BENCH_MAX_NODES; i++)
		if (pages->on[i]) {
			printf("%s%" PRIu64 " on node %d", between, pages->on[i], i);
			between = ", ";
		}
	if (pages->elsewhere)
		printf("%s%" PRIu64 " not in memory", between, pages->elsewhere);
}

void bench_print_pages(const struct bench_pages *pages)
{
	bench_print_where(pages);
	putchar('\n');
}

void bench_json_text(const char *text)
{
	putchar('"');
	for (; *text; text++)
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if ((unsigned char)*text < ' ')
			printf("\\u%04x", (unsigned int)*text);
		else
			putchar(*text);
	putchar('"');
}

void bench_json_node(int node)
{
	if (node == BENCH_ANY_NODE)
		printf("null");
	else
		printf("%d", node);
}

int bench_finish(int status)
{
	if (fflush(stdout) || ferror(stdout))
		return bench_error(BENCH_FAILED, "can't write the result: %s", strerror(errno));
	return status;
}

/* summary: what the machine is, with GUPS on each node. Measured once for each boot, then shown as it was. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "file.h"
#include "progress.h"
#include "summary.h"
#include "text.h"

#define TABLE "256M"
#define SECONDS "1"
#define ROUNDS 3
#define MAX_NODES 16

static bool again;

const struct cli_option summary_options[] = {
	{ "again", 0, NULL, "measure GUPS again", &again },
	{ 0 }
};

/* The number after "key": in a line of JSON of our own bench. */
static double number_of(const char *json, const char *key)
{
	auto_free char *quoted = strf("\"%s\":", key);
	const char *at = strstr(json, quoted);

	return at ? strtod(at + strlen(quoted), NULL) : 0;
}

/* Keeps the best: what else the host does makes a figure smaller, never larger. */
static int measure(struct session *s, struct node_gups *g, struct err *e)
{
	double gups;

	auto_free char *node = strf("%d", g->node);
	const char *argv[] = { "gups", TABLE, "--node", node, "--seconds", SECONDS, "--json", NULL };
	auto_text out = { 0 };

	if (guest_capture(&s->guest, argv, &out, e) < 0)
		return -1;
	gups = number_of(out.s, "gups");
	g->gups = gups > g->gups ? gups : g->gups;
	return gups > 0 ? 0 : err_set(e, "gups in the guest gave no figure: %.200s", out.s);
}

/* In turn, so that a host that is busy for a while slows all nodes and not one. */
static int measure_all(struct session *s, const struct look *l, struct node_gups *g, size_t *n, struct err *e)
{
	progress_begin(0, 0, "GUPS on %s, %d times %s s on each node in turn", TABLE, ROUNDS, SECONDS);
	for (int node = 0; node < 64 && *n < MAX_NODES; node++)
		if (view_node_memory(&l->view, node))
			g[(*n)++].node = node;
	for (int round = 1; round <= ROUNDS; round++)
		for (size_t i = 0; i < *n; i++) {
			progress_update("round %d of %d, node %d", round, ROUNDS, g[i].node);
			if (measure(s, &g[i], e) < 0)
				return -1;
		}
	progress_end("GUPS measured");
	return 0;
}

int cmd_summary(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	cleanup(look_free) struct look l = { 0 };
	struct node_gups g[MAX_NODES] = { 0 };
	auto_free char *kept = NULL, *text = NULL;
	size_t n = 0;

	(void)argc;
	if (session_open_running(&s, argv[0], e) < 0)
		return -1;
	kept = state_path(&s.state, "summary");
	text = again ? NULL : file_read(kept, 0, NULL, e);
	if (!text) {
		if (session_look(&s, &l, e) < 0 || measure_all(&s, &l, g, &n, e) < 0)
			return -1;
		text = summary_text(&l, g, n, program_invocation_name);
		if (file_write(kept, text, strlen(text), 0644, e) < 0)
			return -1;
	}
	fputs(text, stdout);
	return 0;
}

/* logs: what the guest said on its serial console, since the present boot began. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd.h"
#include "interrupt.h"
#include "progress.h"
#include "remote.h"
#include "text.h"

#define LOOK_MS 200

static bool follow;

const struct cli_option logs_options[] = {
	{ "follow", 'f', NULL, "go on with what comes, until Ctrl-C or the next start or reset", &follow },
	{ 0 }
};

static int copy_rest(FILE *f)
{
	char buf[1 << 14];
	size_t n;

	while ((n = fread(buf, 1, sizeof(buf), f)) > 0)
		if (fwrite(buf, 1, n, stdout) < n)
			return -1;
	clearerr(f);
	return fflush(stdout) == 0 ? 0 : -1;
}

/* The log of another start takes its place; a reset empties it. */
static bool is_latest(FILE *f)
{
	struct stat st;

	return fstat(fileno(f), &st) == 0 && st.st_nlink > 0 && st.st_size >= ftell(f);
}

static int show(struct session *far, const struct state *s, const char *given, struct err *e)
{
	auto_free char *path = state_path(s, "console.log");
	auto_fclose FILE *f = NULL;

	if (far && remote_log(far, e) < 0)
		return -1;
	f = fopen(path, "re");
	if (!f)
		return state_exists(s) || errno != ENOENT ? err_errno(e, "can't read %s", path) :
		       err_set(e, "machine '%s' has never been started here: `vmctl start %s`", s->name, given);
	while (copy_rest(f) == 0 && follow && !interrupted() && is_latest(f)) {
		usleep(LOOK_MS * 1000);
		if (far && remote_log(far, e) < 0)
			return -1;
	}
	return interrupt_check(e) < 0 ? -1 : ferror(stdout) ? err_errno(e, "can't write the console") : 0;
}

/* libvirt is asked only for what is on another host. */
int cmd_logs(int argc, char **argv, struct err *e)
{
	cleanup(state_free) struct state s = { 0 };
	cleanup(session_close) struct session far = { 0 };
	auto_free char *name = machine_name(argv[0]), *uri = NULL;

	bool reached;

	(void)argc;
	if (state_open(&s, name, e) < 0)
		return -1;
	uri = home_uri(&s);
	reached = uri && session_open(&far, argv[0], e) == 0;
	if (uri && !reached)
		progress_note("%s: as far as it is known here: %s", name, e->msg);
	return show(reached ? &far : NULL, &s, argv[0], e);
}

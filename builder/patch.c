#include "patch.h"

#include <stdio.h>
#include <string.h>

#include "file.h"
#include "run.h"
#include "text.h"

struct progress {
	char file[300];  /* that is being patched           */
	char *failed;    /* the first thing that did not go */
	unsigned others;
};

static void failed(struct progress *p, char *why)
{
	if (p->failed)
		p->others++;
	else
		p->failed = steal(why);
	free(why);
}

/* patch says "patching file mm/vmscan.c", "Hunk #2 FAILED at 123 (different line endings).", "can't find file to patch at
 * input line 5", "Reversed (or previously applied) patch detected!  Skipping patch." and "patch: **** malformed patch at
 * line 7: ...". */
static void said(const char *line, void *arg)
{
	struct progress *p = arg;
	char number[16], at[16];

	if (sscanf(line, "patching file %299[^\n]", p->file) == 1)
		return;
	if (sscanf(line, "Hunk #%15[0-9] FAILED at %15[0-9]", number, at) == 2)
		failed(p, strf("hunk %s does not fit %s near line %s", number, p->file, at));
	else if (str_starts(line, "can't find file to patch"))
		failed(p, strf("it changes a file that the source has not (%s)", line + strlen("can't find file to patch at ")));
	else if (strstr(line, "previously applied"))
		failed(p, strf("%s has that change already", p->file));
	else if (str_starts(line, "patch: **** "))
		failed(p, xstrdup(line + strlen("patch: **** ")));
}

int patch_apply(const char *patch, const char *dir, const char *log, struct err *e)
{
	const char *argv[] = { "patch", "-p1", "--forward", "--batch", "--fuzz=0", "--no-backup-if-mismatch", "--reject-file=-", "-i",
			       patch, NULL };
	const char *env[] = { "LC_ALL=C", "POSIXLY_CORRECT", "QUOTING_STYLE=literal", NULL };
	struct progress p = { .file = "the source" };
	auto_free char *why = NULL;
	int rc = run_program(&(struct run){ .argv = argv, .env = env, .cwd = dir, .log = log, .line = said, .arg = &p }, e);

	why = p.failed;
	if (rc == 0)
		return 0;
	if (!why)
		return err_prefix(e, "%s", patch);
	err_set(e, "%s does not apply: %s", patch, why);
	return p.others ? err_append(e, ", and %u more (%s)", p.others, log) : -1;
}

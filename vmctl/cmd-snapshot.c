/* snapshot: states of a stopped machine's disk. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "file.h"
#include "print.h"
#include "progress.h"
#include "session.h"
#include "snapshots.h"
#include "text.h"

static bool revert, drop, memory, json;

const struct cli_option snapshot_options[] = {
	{ "revert", 'r', NULL, "go back to SNAP; what the disk has now is lost, unless another snapshot has it", &revert },
	{ "delete", 'd', NULL, "drop SNAP", &drop },
	{ "json", 'j', NULL, "the list, for programs", &json },
	{ "memory", 0, NULL, "refused, with the reason", &memory },
	{ 0 }
};

static int check_words(const char *snap, struct err *e)
{
	if (memory)
		return err_set(e, "a snapshot with memory would leave CXL memory out: QEMU's savevm and migration, and `virsh save` with them, "
			       "succeed without it, and the guest finds other data there; stop the machine and snapshot its disk");
	if (revert + drop + json > 1)
		return err_set(e, "--revert, --delete and --json exclude each other");
	if ((revert || drop) && !snap)
		return err_set(e, "which snapshot? `vmctl snapshot NAME` lists them");
	if (json && snap)
		return err_set(e, "--json is for the list: leave '%s' out", snap);
	/* qemu-img would take a number for its own count of the snapshots */
	if (snap && (!name_ok(snap) || !isalpha((unsigned char)*snap)))
		return err_set(e, "'%.80s' can't be a snapshot's name: a-z, 0-9, '.', '_' and '-', at most 63 of them, a letter first", snap);
	return 0;
}

static void note_persistent(const struct state *s)
{
	cleanup(manifest_free) struct manifest man = { 0 };
	cleanup(machine_cleanup) struct machine *m = state_load(s, &man, &(struct err){ "" });

	for (size_t i = 0; m && i < m->cxl.n_devices; i++)
		if (m->cxl.devices[i].persistent_size) {
			progress_note("%s: the persistent memory of %s is no part of it and stays as it is", s->name, m->cxl.devices[i].name);
			return;
		}
}

static int missing(const struct state *s, const struct snapshots *have, const char *snap, struct err *e)
{
	char hint[120];
	const char **names = xcalloc(have->n, sizeof(*names));

	for (size_t i = 0; i < have->n; i++)
		names[i] = have->v[i].name;
	err_set(e, "machine '%s' has no snapshot '%s'%s", s->name, snap, did_you_mean_text(hint, sizeof(hint), snap, names, have->n));
	free(names);
	return -1;
}

static int change(const struct state *s, const char *disk, const struct snapshots *have, const char *snap, struct err *e)
{
	auto_free char *hosts = state_path(s, "known_hosts");
	bool there = snapshots_have(have, snap);

	if ((revert || drop) && !there)
		return missing(s, have, snap, e);
	if (!revert && !drop && there)
		return err_set(e, "machine '%s' has a snapshot '%s' already: take another name, or --delete it first", s->name, snap);
	if (drop)
		return snapshot_delete(disk, snap, e);
	note_persistent(s);
	if (!revert)
		return snapshot_take(disk, snap, e);
	if (snapshot_revert(disk, snap, e) < 0)
		return -1;
	unlink(hosts); /* the guest's host key may be younger */
	return 0;
}

static int run(struct session *s, const char *snap, struct err *e)
{
	cleanup(snapshots_free) struct snapshots have = { 0 };
	auto_free char *disk = state_path(&s->state, "disk.qcow2");

	if (!file_exists(disk))
		return err_set(e, "machine '%s' has no disk yet: `vmctl start %s`", s->state.name, s->state.name);
	if (snap && s->running)
		return err_set(e, "machine '%s' is running, and its disk is being written to: `vmctl stop %s` first", s->state.name,
			       s->state.name);
	if (snapshots_list(disk, &have, e) < 0)
		return -1;
	if (!snap) {
		(json ? print_snapshots_json : print_snapshots)(&have);
		return 0;
	}
	if (change(&s->state, disk, &have, snap, e) < 0)
		return -1;
	printf("%s: the disk %s %s\n", s->state.name, drop ? "has no more" : revert ? "is back at" : "has the snapshot", snap);
	return 0;
}

int cmd_snapshot(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	const char *snap = argc > 1 ? argv[1] : NULL;
	auto_close int lock = -1;

	if (check_words(snap, e) < 0 || session_open(&s, argv[0], e) < 0 ||
	    session_needs_here(&s, "a snapshot", "copy what is to be kept (vmctl copy)", e) < 0)
		return -1;
	if (snap && state_exists(&s.state) && ((lock = state_lock(&s.state, e)) < 0 || session_refresh(&s, e) < 0))
		return -1;
	return run(&s, snap, e);
}

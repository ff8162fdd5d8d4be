/* set: changes of a machine that runs. */
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "hotplug.h"
#include "objects.h"
#include "progress.h"
#include "text.h"
#include "units.h"

struct change {
	const char *word, *args, *help;
	int min, max;
	int (*make)(struct session *s, struct machine *m, char **argv, struct err *e);
};

static int plug(struct session *s, struct machine *m, char **argv, struct err *e)
{
	return hotplug_plug(s, m, argv[0], e);
}

static int unplug(struct session *s, struct machine *m, char **argv, struct err *e)
{
	return hotplug_unplug(s, m, argv[0], e);
}

static int online(struct session *s, struct machine *m, char **argv, struct err *e)
{
	return hotplug_region(s, m, argv[0], true, e);
}

static int offline(struct session *s, struct machine *m, char **argv, struct err *e)
{
	return hotplug_region(s, m, argv[0], false, e);
}

static int memory(struct session *s, struct machine *m, char **argv, struct err *e)
{
	uint64_t bytes;

	return size_parse(argv[0], &bytes, e) < 0 ? -1 : hotplug_memory(s, m, bytes, e);
}

static int capacity(struct session *s, struct machine *m, char **argv, bool add, struct err *e)
{
	uint64_t size, offset = 0;

	if (size_parse(argv[1], &size, e) < 0 || (argv[2] && size_parse(argv[2], &offset, e) < 0))
		return -1;
	return hotplug_capacity(s, m, argv[0], size, offset, add, e);
}

static int add_capacity(struct session *s, struct machine *m, char **argv, struct err *e)
{
	return capacity(s, m, argv, true, e);
}

static int release_capacity(struct session *s, struct machine *m, char **argv, struct err *e)
{
	return capacity(s, m, argv, false, e);
}

static const struct change changes[] = {
	{ "plug", "DEVICE", "put a device into its port, and make its region", 1, 1, plug },
	{ "unplug", "DEVICE", "give up its region, and take the device out", 1, 1, unplug },
	{ "online", "REGION", "give a region's memory to the guest's kernel", 1, 1, online },
	{ "offline", "REGION", "take it away", 1, 1, offline },
	{ "memory", "SIZE", "grow DRAM to that size, up to memory-max", 1, 1, memory },
	{ "add-capacity", "DEVICE SIZE [OFFSET]", "offer an extent of dynamic capacity", 2, 3, add_capacity },
	{ "release-capacity", "DEVICE SIZE [OFFSET]", "ask for it back", 2, 3, release_capacity },
	{ 0 }
};

static const struct change *find(const char *word, struct err *e)
{
	for (const struct change *c = changes; c->word; c++)
		if (!strcmp(c->word, word))
			return c;
	err_set(e, "'%s' is nothing to set: it is one of", word);
	for (const struct change *c = changes; c->word; c++)
		err_append(e, "%s %s", c == changes ? "" : ",", c->word);
	return NULL;
}

int cmd_set(int argc, char **argv, struct err *e)
{
	cleanup(session_close) struct session s = { 0 };
	cleanup(machine_cleanup) struct machine *m = NULL;
	cleanup(manifest_free) struct manifest man = { 0 };
	const struct change *c = find(argv[1], e);
	auto_free char *name = machine_name(argv[0]);
	cleanup(state_free) struct state locked = { 0 };
	auto_close int lock = -1;

	if (!c)
		return -1;
	if (argc - 2 < c->min || argc - 2 > c->max)
		return err_set(e, "`vmctl set %s %s %s`: %s", argv[0], c->word, c->args, c->help);
	if (state_open(&locked, name, e) < 0 || (lock = state_lock(&locked, e)) < 0 ||
	    session_open_running(&s, argv[0], e) < 0)
		return -1;
	m = state_load(&s.state, &man, e);
	if (!m || objects_mark_plugged(s.virt, m, e) < 0)
		return -1;
	progress_begin(0, 0, "%s: %s %s", name, c->word, argv[2]);
	if (c->make(&s, m, argv + 2, e) < 0) {
		progress_abort();
		return -1;
	}
	progress_end("%s: %s %s: done", name, c->word, argv[2]);
	return 0;
}

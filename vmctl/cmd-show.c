/* show: what a machine is made of, as a tree, a picture or JSON. From its file alone: neither libvirt nor the guest is
 * asked. */
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "print.h"
#include "show.h"
#include "state.h"

static bool svg, json;

const struct cli_option show_options[] = {
	{ "svg", 's', NULL, "a picture, on standard output", &svg },
	{ "json", 'j', NULL, "for programs", &json },
	{ 0 }
};

static char *drawn(const struct machine *m, long host_cpus)
{
	cleanup(box_cleanup) struct box *tree = show_tree(m, host_cpus);

	if (svg) {
		show_layout(tree);
		return show_svg(tree);
	}
	setlocale(LC_CTYPE, "");
	return show_text(tree, !strcmp(nl_langinfo(CODESET), "UTF-8"));
}

int cmd_show(int argc, char **argv, struct err *e)
{
	cleanup(machine_cleanup) struct machine *m = NULL;
	auto_free char *path = NULL, *text = NULL;
	long host_cpus = sysconf(_SC_NPROCESSORS_ONLN);

	(void)argc;
	if (svg && json)
		return err_set(e, "--svg and --json exclude each other");
	m = state_find_machine(argv[0], &path, e);
	if (!m)
		return -1;
	if (json) {
		print_topology_json(m, host_cpus);
		return 0;
	}
	text = drawn(m, host_cpus);
	fputs(text, stdout);
	return 0;
}

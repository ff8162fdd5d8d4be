/* vmctl: machines for memory-tiering research.
 *
 *     machine.yaml + manifest.json + host facts -> struct machine, checked -> domain XML -> libvirt
 *         -> the guest follows its plan -> every expectation is checked */
#include "cli.h"
#include "cmd.h"
#include "virt.h"

static const struct cli_command commands[] = {
	{ "start", "NAME", "Boots a machine and returns when all is as its file says.", start_options, 1, 1, cmd_start },
	{ "stop", "NAME", "Powers it off, by force if it does not.", stop_options, 1, 1, cmd_stop },
	{ "restart", "NAME", "Stops and starts it, in a new QEMU.", restart_options, 1, 1, cmd_restart },
	{ "reset", "NAME", "Resets the guest hard, and waits until it is ready.", reset_options, 1, 1, cmd_reset },
	{ "status", "NAME", "Is it running?", status_options, 1, 1, cmd_status },
	{ "list", "", "All machines.", list_options, 0, 0, cmd_list },
	{ "exec", "NAME -- CMD [ARG]...", "Runs a command in the guest.", exec_options, 2, -1, cmd_exec },
	{ "copy", "FROM TO", "Copies a file or folder; one of the two is NAME:PATH.", copy_options, 2, 2, cmd_copy },
	{ "ssh", "NAME", "Logs in.", NULL, 1, 1, cmd_ssh },
	{ "console", "NAME", "Joins the serial console.", NULL, 1, 1, cmd_console },
	{ "logs", "NAME", "Shows what the guest said on its console.", logs_options, 1, 1, cmd_logs },
	{ "wait", "NAME", "Waits until a machine that runs is ready.", wait_options, 1, 1, cmd_wait },
	{ "check", "NAME", "Compares machine file and guest.", check_options, 1, 1, cmd_check },
	{ "show", "NAME", "Draws what the machine file makes: nodes, regions, CXL tree.", show_options, 1, 1, cmd_show },
	{ "summary", "NAME", "Shows what the machine is, with GUPS on each node.", summary_options, 1, 1, cmd_summary },
	{ "bench", "[NAME] EXPERIMENT", "Makes the runs of an experiment that are not made yet.", bench_options, 1, 2, cmd_bench },
	{ "validate", "NAME...", "Holds machine files against all rules, and starts nothing.", NULL, 1, -1, cmd_validate },
	{ "report", "DIR...", "Makes a page, or a table, of the results of runs.", report_options, 1, -1, cmd_report },
	{ "doctor", "", "Says what on this host works, and what mends the rest.", doctor_options, 0, 0, cmd_doctor },
	{ "xml", "NAME", "Prints its libvirt domain XML.", NULL, 1, 1, cmd_xml },
	{ "set", "NAME CHANGE [ARG]...", "Changes a machine that runs: plug, unplug, online, offline, memory, capacity.", NULL, 2, -1, cmd_set },
	{ "qemu-args", "NAME", "Prints its QEMU command line.", NULL, 1, 1, cmd_qemu_args },
	{ "clone", "NAME NEW", "Copies a machine, with its disk, under another name.", NULL, 2, 2, cmd_clone },
	{ "snapshot", "NAME [SNAP]", "Keeps a state of its disk, goes back to one, or lists them.", snapshot_options, 1, 2, cmd_snapshot },
	{ "delete", "NAME", "Removes its disk and state.", delete_options, 1, 1, cmd_delete },
	{ 0 }
};

static const struct cli_option options[] = {
	{ "connect", 'c', "URI", "another host's libvirt: qemu+ssh://HOST/system", &virt_connect },
	{ 0 }
};

int main(int argc, char **argv)
{
	const struct cli cli = {
		.program = "vmctl", .about = "Boots and checks CXL and tiered-memory machines.", .commands = commands,
		.options = options, .names = "list --names",
		.epilogue = "NAME is a machine that comes with tierlab, one that was started, or a path.\n"
			    "vmctl(1) describes the commands, machine(5) the file.",
	};

	return cli_main(&cli, argc, argv);
}

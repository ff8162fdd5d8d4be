/* The commands: one file each, run by the table in main.c. Each returns an exit status, or -1 with e filled. */
#pragma once
#include "cli.h"

extern const struct cli_option start_options[], stop_options[], restart_options[], status_options[], list_options[],
	check_options[], delete_options[], summary_options[], xml_options[], doctor_options[], logs_options[], wait_options[],
	exec_options[], copy_options[], show_options[], reset_options[], snapshot_options[], bench_options[], report_options[];

int cmd_start(int argc, char **argv, struct err *e);
int cmd_stop(int argc, char **argv, struct err *e);
int cmd_restart(int argc, char **argv, struct err *e);
int cmd_status(int argc, char **argv, struct err *e);
int cmd_list(int argc, char **argv, struct err *e);
int cmd_exec(int argc, char **argv, struct err *e);
int cmd_copy(int argc, char **argv, struct err *e);
int cmd_ssh(int argc, char **argv, struct err *e);
int cmd_console(int argc, char **argv, struct err *e);
int cmd_check(int argc, char **argv, struct err *e);
int cmd_xml(int argc, char **argv, struct err *e);
int cmd_qemu_args(int argc, char **argv, struct err *e);
int cmd_reset(int argc, char **argv, struct err *e);
int cmd_clone(int argc, char **argv, struct err *e);
int cmd_snapshot(int argc, char **argv, struct err *e);
int cmd_delete(int argc, char **argv, struct err *e);
int cmd_show(int argc, char **argv, struct err *e);
int cmd_summary(int argc, char **argv, struct err *e);
int cmd_validate(int argc, char **argv, struct err *e);
int cmd_doctor(int argc, char **argv, struct err *e);
int cmd_logs(int argc, char **argv, struct err *e);
int cmd_wait(int argc, char **argv, struct err *e);
int cmd_bench(int argc, char **argv, struct err *e);
int cmd_set(int argc, char **argv, struct err *e);
int cmd_report(int argc, char **argv, struct err *e);

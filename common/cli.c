#include "cli.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "completion.h"
#include "interrupt.h"
#include "progress.h"
#include "text.h"

#ifndef VERSION
#define VERSION "0.1"
#endif

enum { EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };
#define MAX_OPTIONS 24

#define COLUMNS 80 /* of a terminal */

/* The text, from the column on where we are, in lines that a terminal does not break. */
static void print_from(int column, const char *text)
{
	int at = column;

	for (; *text; text += strspn(text, " ")) {
		int n = (int)strcspn(text, " ");

		if (at > column && at + 1 + n >= COLUMNS)
			at = printf("\n%*s", column, "") - 1;
		at += printf("%s%.*s", at > column ? " " : "", n, text);
		text += n;
	}
	puts("");
}

static void print_options(const struct cli_option *o)
{
	for (; o && o->name; o++) {
		auto_free char *left = strf("%s%c%s--%s%s%s", o->letter ? "-" : " ", o->letter ? o->letter : ' ',
					    o->letter ? ", " : "  ", o->name, o->arg ? " " : "", o->arg ? o->arg : "");

		print_from(printf("  %-26s ", left), o->help);
	}
}

static void print_command_help(const struct cli *cli, const struct cli_command *c)
{
	bool is_fallback = c == cli->fallback;

	printf("usage: %s%s%s %s%s\n%s\n", cli->program, is_fallback ? "" : " ", is_fallback ? "" : c->name,
	       c->options ? "[OPTION]... " : "", c->args, c->help);
	if (c->options) {
		puts("\noptions:");
		print_options(c->options);
	}
}

static void print_help(const struct cli *cli)
{
	printf("usage: %s %s%s\n%s\n", cli->program, cli->fallback ? "[OPTION]... " : "COMMAND [OPTION]... ",
	       cli->fallback ? cli->fallback->args : "[ARG]...", cli->about);
	if (cli->commands && cli->commands->name)
		puts("\ncommands:");
	for (const struct cli_command *c = cli->commands; c && c->name; c++)
		print_from(printf("  %-9s %-21s ", c->name, c->args), c->help);
	if (cli->fallback && cli->fallback->options) {
		puts("\noptions:");
		print_options(cli->fallback->options);
	}
	printf("\n  --help, --version%s\n  completion bash|zsh|fish    prints completion for that shell\n",
	       cli->fallback ? "" : "; COMMAND --help for a command's options");
	if (cli->epilogue)
		printf("\n%s\n", cli->epilogue);
}

static int usage(const struct cli *cli, const struct cli_command *c, const struct err *e)
{
	bool sub = c && c != cli->fallback;

	fprintf(stderr, "%s: %s; see '%s%s%s --help'\n", cli->program, e->msg, cli->program, sub ? " " : "",
		sub ? c->name : "");
	return EXIT_USAGE;
}

/* Sets the options' values. Returns 0, 1 when help was asked for, or -1 for a wrong one. */
static int parse_options(const struct cli_command *c, int *argc, char ***argv, struct err *e)
{
	struct option longs[MAX_OPTIONS + 2] = { { "help", no_argument, NULL, 'h' } };
	const struct cli_option *o = c->options;
	char shorts[2 * MAX_OPTIONS + 4] = "+:";
	int n = 0, got, index = 0;

	if (!strstr(c->args, "--"))
		strcpy(shorts, ":"); /* options may also follow the arguments, but not those of a command to run */
	for (; o && o[n].name && n < MAX_OPTIONS; n++) {
		longs[n + 1] = (struct option){ o[n].name, o[n].arg ? required_argument : no_argument, NULL, 1000 + n };
		if (o[n].letter)
			strcat(shorts, (char[]){ o[n].letter, o[n].arg ? ':' : '\0', '\0' });
	}
	opterr = 0;
	optind = 0;
	while ((got = getopt_long(*argc, *argv, shorts, longs, &index)) != -1) {
		if (got == 'h' && optind > 0 && !strcmp((*argv)[optind - 1], "--help"))
			return 1;
		if (got == ':')
			return err_set(e, "%s needs an argument", (*argv)[optind - 1]);
		if (got == '?')
			return err_set(e, "unknown option %s", (*argv)[optind - 1]);
		for (int i = 0; i < n; i++) {
			if (got != 1000 + i && got != o[i].letter)
				continue;
			if (o[i].many)
				strv_add(o[i].value, optarg);
			else if (o[i].arg)
				*(const char **)o[i].value = optarg;
			else
				*(bool *)o[i].value = true;
		}
	}
	*argc -= optind;
	*argv += optind;
	return 0;
}

static int run_command(const struct cli *cli, const struct cli_command *c, int argc, char **argv)
{
	struct err e = { "" };
	int rc = parse_options(c, &argc, &argv, &e);

	if (rc > 0) {
		print_command_help(cli, c);
		return 0;
	}
	if (rc < 0)
		return usage(cli, c, &e);
	if (argc < c->min_args || (c->max_args >= 0 && argc > c->max_args)) {
		if (argc < c->min_args)
			err_set(&e, "%s%sneeds %s", c == cli->fallback ? "" : c->name, c == cli->fallback ? "" : " ", c->args);
		else
			err_set(&e, "'%s' is one argument too many", argv[c->max_args]);
		return usage(cli, c, &e);
	}
	rc = c->run(argc, argv, &e);
	if (rc >= 0)
		return rc;
	progress_abort();
	fprintf(stderr, "%s: %s\n", cli->program, e.msg);
	return interrupted() ? EXIT_INTERRUPTED : e.status ? e.status : 1;
}

int cli_main(const struct cli *cli, int argc, char **argv)
{
	const char *names[MAX_OPTIONS * 2];
	struct err e = { "" };
	char hint[120];
	size_t n = 0;

	interrupt_catch();
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))) {
		print_help(cli);
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		printf("%s %s\n", cli->program, VERSION);
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "completion")) {
		if (argc == 3 && completion_print(cli, argv[2], &e) == 0)
			return 0;
		if (argc != 3)
			err_set(&e, "completion needs a shell: bash, zsh or fish");
		return usage(cli, NULL, &e);
	}
	for (const struct cli_command *c = cli->commands; c && c->name; c++) {
		if (argc > 1 && !strcmp(argv[1], c->name))
			return run_command(cli, c, argc - 1, argv + 1);
		if (n < MAX_OPTIONS * 2)
			names[n++] = c->name;
	}
	if (cli->fallback)
		return run_command(cli, cli->fallback, argc, argv);
	if (argc < 2)
		err_set(&e, "which command?");
	else
		err_set(&e, "unknown command '%s'%s", argv[1], did_you_mean_text(hint, sizeof(hint), argv[1], names, n));
	return usage(cli, NULL, &e);
}

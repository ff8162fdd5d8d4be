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
	       c->options || cli->options ? "[OPTION]... " : "", c->args, c->help);
	if (c->options || cli->options)
		puts("\noptions:");
	print_options(c->options);
	print_options(cli->options);
}

static void print_help(const struct cli *cli)
{
	printf("usage: %s %s%s\n%s\n", cli->program, cli->fallback ? "[OPTION]... " : "COMMAND [OPTION]... ",
	       cli->fallback ? cli->fallback->args : "[ARG]...", cli->about);
	if (cli->commands && cli->commands->name)
		puts("\ncommands:");
	for (const struct cli_command *c = cli->commands; c && c->name; c++)
		print_from(printf("  %-9s %-21s ", c->name, c->args), c->help);
	if (cli->options || (cli->fallback && cli->fallback->options))
		puts("\noptions:");
	print_options(cli->fallback ? cli->fallback->options : NULL);
	print_options(cli->options);
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

/* The rows of both tables, as far as there is room. */
static int gather(const struct cli_option *a, const struct cli_option *b, struct cli_option *o)
{
	int n = 0;

	for (; a && a->name && n < MAX_OPTIONS; a++)
		o[n++] = *a;
	for (; b && b->name && n < MAX_OPTIONS; b++)
		o[n++] = *b;
	return n;
}

/* Sets the options' values: those of the command, and those of all. Returns 0, 1 when help was asked for, or -1 for a wrong one.
 * anywhere: they may also follow the arguments. */
static int parse_options(const struct cli_option *own, const struct cli_option *all, bool anywhere, int *argc, char ***argv,
			 struct err *e)
{
	struct option longs[MAX_OPTIONS + 2] = { { "help", no_argument, NULL, 'h' } };
	struct cli_option o[MAX_OPTIONS];
	char shorts[2 * MAX_OPTIONS + 4] = "+:";
	int n = gather(own, all, o), got, index = 0;

	if (anywhere)
		strcpy(shorts, ":");
	for (int i = 0; i < n; i++) {
		longs[i + 1] = (struct option){ o[i].name, o[i].arg ? required_argument : no_argument, NULL, 1000 + i };
		if (o[i].letter)
			strcat(shorts, (char[]){ o[i].letter, o[i].arg ? ':' : '\0', '\0' });
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
	/* what follows "--" is a command to run, with its own options */
	int rc = parse_options(c->options, cli->options, !strstr(c->args, "--"), &argc, &argv, &e);

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
	if (cli->options && argc > 1 && *argv[1] == '-') {
		int rc = parse_options(cli->options, NULL, false, &argc, &argv, &e);

		if (rc < 0)
			return usage(cli, NULL, &e);
		if (rc > 0) {
			print_help(cli);
			return 0;
		}
		argc++; /* the command stands where it stands without options: after a word that nobody reads */
		argv--;
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

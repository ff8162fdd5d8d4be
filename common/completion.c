#include "completion.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

/* A help text in single quotes; the apostrophes in it become typographic ones, which no shell minds. */
static void put_quoted(const char *s)
{
	putchar('\'');
	for (; *s; s++) {
		if (*s == '\'')
			fputs("\xe2\x80\x99", stdout);
		else
			putchar(*s);
	}
	putchar('\'');
}

static void put_words(const struct cli_option *o)
{
	for (; o && o->name; o++) {
		printf(" --%s", o->name);
		if (o->letter)
			printf(" -%c", o->letter);
	}
}

/* Its first argument is a NAME that the program knows. */
static bool takes_name(const struct cli *c, const struct cli_command *k)
{
	return c->names && str_starts(k->args, "NAME");
}

/* All of its arguments are. */
static bool takes_names(const struct cli *c, const struct cli_command *k)
{
	return takes_name(c, k) && str_starts(k->args, "NAME...");
}

/* The names, where no argument stands before (one of an option counts as one); a file that fits as well is offered too. */
static void put_bash_names(const struct cli *c)
{
	const char *bar = "";

	printf("\tlocal i after=\n\tfor ((i = 2; i < COMP_CWORD; i++)); do [[ ${COMP_WORDS[i]} == -* ]] || after=+; done\n"
	       "\tcase ${COMP_WORDS[1]}$after in\n\t");
	for (const struct cli_command *k = c->commands; k && k->name; k++) {
		if (!takes_name(c, k))
			continue;
		printf("%s%s", bar, k->name);
		if (takes_names(c, k))
			printf("|%s+", k->name);
		bar = "|";
	}
	printf(")\n\t\twords=\"$words $(\"${COMP_WORDS[0]}\" %s 2>/dev/null) $(compgen -f -X '!*.yaml' -- \"$cur\")\" ;;\n\tesac\n", c->names);
}

/* Options whose argument is a file or folder, or anything else: in all of them the shell's own file names serve best. */
static void print_bash(const struct cli *c)
{
	printf("# bash completion for %s; written by '%s completion bash'\n_%s() {\n", c->program, c->program, c->program);
	printf("\tlocal cur=${COMP_WORDS[COMP_CWORD]} words=--help\n\tcase ${COMP_WORDS[1]} in\n");
	for (const struct cli_command *k = c->commands; k && k->name; k++) {
		printf("\t%s) words=\"--help", k->name);
		put_words(k->options);
		put_words(c->options);
		printf("\" ;;\n");
	}
	printf("\t*) words=\"--help --version");
	put_words(c->options);
	if (c->fallback)
		put_words(c->fallback->options);
	printf("\" ;;\n\tesac\n");
	if (c->names)
		put_bash_names(c);
	printf("\t[ \"$COMP_CWORD\" != 1 ] || words=\"$words");
	for (const struct cli_command *k = c->commands; k && k->name; k++)
		printf(" %s", k->name);
	printf("\"\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\ncomplete -o default -F _%s %s\n", c->program,
	       c->program);
}

/* "--output[folder for the image]:DIR:_files" */
static void put_zsh_options(const struct cli_option *o)
{
	for (; o && o->name; o++) {
		auto_free char *help = xstrdup(o->help), *spec = NULL;

		for (char *p = help; *p; p++)
			*p = *p == '[' || *p == ']' || *p == ':' ? ' ' : *p;
		spec = strf("%s--%s%s[%s]%s%s%s", o->many ? "*" : "", o->name, o->arg ? "=" : "", help, o->arg ? ":" : "",
			    o->arg ? o->arg : "", o->arg ? ":_files" : "");
		fputs(" \\\n\t\t\t", stdout);
		put_quoted(spec);
	}
}

static void print_zsh(const struct cli *c)
{
	printf("#compdef %s\n# written by '%s completion zsh'\n", c->program, c->program);
	if (c->names)
		printf("_%s_names() {\n\tcompadd -- ${(f)\"$($words[1] %s 2>/dev/null)\"}\n\t_files -g '*.yaml'\n}\n", c->program,
		       c->names);
	printf("_%s() {\n\tlocal -a commands=(\n", c->program);
	for (const struct cli_command *k = c->commands; k && k->name; k++) {
		auto_free char *row = strf("%s:%s", k->name, k->help);

		fputs("\t\t", stdout);
		put_quoted(row);
		putchar('\n');
	}
	printf("\t)\n\t(( CURRENT > 2 )) || _describe command commands\n\tcase $words[2] in\n");
	for (const struct cli_command *k = c->commands; k && k->name; k++) {
		if (takes_name(c, k))
			printf("\t%s) _arguments '%s:machine:_%s_names'%s", k->name, takes_names(c, k) ? "*" : "2", c->program,
			       takes_names(c, k) ? "" : " '*:file:_files'");
		else
			printf("\t%s) _arguments '*:file:_files'", k->name);
		put_zsh_options(k->options);
		put_zsh_options(c->options);
		printf(" ;;\n");
	}
	printf("\t*) _arguments '*:file:_files'");
	if (c->fallback)
		put_zsh_options(c->fallback->options);
	printf(" ;;\n\tesac\n}\n_%s \"$@\"\n", c->program);
}

static void put_fish_options(const char *program, const char *condition, const struct cli_option *o)
{
	for (; o && o->name; o++) {
		printf("complete -c %s -n '%s' -l %s", program, condition, o->name);
		if (o->letter)
			printf(" -s %c", o->letter);
		printf("%s -d ", o->arg ? " -r" : "");
		put_quoted(o->help);
		putchar('\n');
	}
}

static void print_fish(const struct cli *c)
{
	printf("# fish completion for %s; written by '%s completion fish'\n", c->program, c->program);
	for (const struct cli_command *k = c->commands; k && k->name; k++) {
		auto_free char *seen = strf("__fish_seen_subcommand_from %s", k->name);

		printf("complete -c %s -n __fish_use_subcommand -a %s -d ", c->program, k->name);
		put_quoted(k->help);
		putchar('\n');
		put_fish_options(c->program, seen, k->options);
		put_fish_options(c->program, seen, c->options);
		if (takes_name(c, k))
			printf("complete -c %s -n '%s' -a '(%s %s 2>/dev/null)'\n", c->program, seen, c->program, c->names);
	}
	if (c->fallback)
		put_fish_options(c->program, "__fish_use_subcommand", c->fallback->options);
}

int completion_print(const struct cli *cli, const char *shell, struct err *e)
{
	static const struct {
		const char *name;
		void (*print)(const struct cli *);
	} shells[] = { { "bash", print_bash }, { "zsh", print_zsh }, { "fish", print_fish } };

	for (size_t i = 0; i < sizeof(shells) / sizeof(*shells); i++)
		if (!strcmp(shells[i].name, shell)) {
			shells[i].print(cli);
			return 0;
		}
	return err_set(e, "completion is for bash, zsh or fish, not for '%s'", shell);
}

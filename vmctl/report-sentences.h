/* What the counters say, in sentences: a table of rules, each a condition and the sentence that then holds. */
#pragma once
#include "report.h"

/* A sentence, and the groups of which it is true. */
struct sentence {
	const char *rule; /* the name of the rule in the table; NOTE: the runner's own words */
	char *text;
	struct strv labels; /* the groups' labels; of a note that not all of a group's runs have, with how many do */
	bool warning;       /* the figures are not to be trusted as they stand, or the run was not as asked */
};

struct sentences {
	struct sentence *v;
	size_t n;
};

#define NOTE "note"

/* In the order of the rules, and then the notes of runs, done or not. Those of groups that say the same in the same words come
 * together. */
void sentences_make(struct sentences *s, const struct report *p);
void sentences_free(struct sentences *s);

/* The text of one rule for one group, the caller's to free; NULL: it does not hold. For tests. */
char *sentence_of(const char *rule, const struct group *g);

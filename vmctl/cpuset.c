#include "cpuset.h"

#include <ctype.h>
#include <stdlib.h>

#include "text.h"

void cpuset_add(struct cpuset *s, long first, long last)
{
	for (long i = first; i <= last && i < CPUSET_MAX; i++)
		s->has[i] = true;
}

static bool number(const char **p, long *n)
{
	char *end;

	if (!isdigit((unsigned char)**p))
		return false;
	*n = strtol(*p, &end, 10);
	*p = end;
	return *n < CPUSET_MAX;
}

int cpuset_parse(struct cpuset *s, const char *list, struct err *e)
{
	const char *p = list;

	while (*p) {
		long first, last;

		if (!number(&p, &first))
			break;
		last = first;
		if (*p == '-' && (p++, !number(&p, &last)))
			break;
		if (last < first || (*p && *p != ',') || (*p == ',' && !p[1]))
			break;
		cpuset_add(s, first, last);
		p += *p == ',';
		if (!*p)
			return 0;
	}
	return err_set(e, "'%.60s' is not a list like 0-3,8", list);
}

long cpuset_last(const struct cpuset *s)
{
	for (long i = CPUSET_MAX - 1; i >= 0; i--)
		if (s->has[i])
			return i;
	return -1;
}

char *cpuset_text(const struct cpuset *s)
{
	struct text t = { 0 };

	for (long i = 0, j; i < CPUSET_MAX; i++) {
		if (!s->has[i])
			continue;
		for (j = i; j + 1 < CPUSET_MAX && s->has[j + 1]; j++)
			;
		text_addf(&t, j > i ? "%s%ld-%ld" : "%s%ld", t.n ? "," : "", i, j);
		i = j;
	}
	return t.s ? t.s : xstrdup("");
}

#include "plan.h"

#include <string.h>

#include "file.h"

const char *step_name(enum step_kind kind)
{
	static const char *const names[STEP_KINDS] = { "source", "config", "kernel", "base", "disk", "image" };

	return names[kind];
}

const char *result_get(const struct result *r, const char *name)
{
	for (size_t i = 0; r && i < r->names.n; i++)
		if (!strcmp(r->names.v[i], name))
			return r->values.v[i];
	return "";
}

void result_set(struct result *r, const char *name, const char *value)
{
	for (size_t i = 0; i < r->names.n; i++)
		if (!strcmp(r->names.v[i], name)) {
			free(r->values.v[i]);
			r->values.v[i] = xstrdup(value);
			return;
		}
	strv_add(&r->names, name);
	strv_add(&r->values, value);
}

void result_free(struct result *r)
{
	strv_free(&r->names);
	strv_free(&r->values);
}

/* On what each step works. */
static const unsigned needs[STEP_KINDS] = {
	[STEP_CONFIG] = STEP_BIT(STEP_SOURCE), [STEP_KERNEL] = STEP_BIT(STEP_SOURCE) | STEP_BIT(STEP_CONFIG),
	[STEP_DISK] = STEP_BIT(STEP_KERNEL) | STEP_BIT(STEP_BASE),
	[STEP_IMAGE] = STEP_BIT(STEP_KERNEL) | STEP_BIT(STEP_DISK),
};

static void add_step(struct plan *p, enum step_kind kind)
{
	p->steps[p->n++] = (struct step){ .kind = kind, .needs = needs[kind] };
}

void plan_make(struct plan *p, const struct recipe *r)
{
	bool build = r->kernel.mode == KERNEL_BUILD, of_base = build && !strcmp(r->kernel.config, "image");

	*p = (struct plan){ 0 };
	if (of_base)
		add_step(p, STEP_BASE);
	if (build && !r->kernel.tree)
		add_step(p, STEP_SOURCE);
	if (build) {
		add_step(p, STEP_CONFIG);
		add_step(p, STEP_KERNEL);
	}
	if (of_base)
		plan_step(p, STEP_CONFIG)->needs |= STEP_BIT(STEP_BASE);
	else
		add_step(p, STEP_BASE);
	add_step(p, STEP_DISK);
	add_step(p, STEP_IMAGE);
}

unsigned plan_closure(const struct plan *p, unsigned wanted)
{
	for (int i = p->n; i-- > 0;)
		if (wanted & STEP_BIT(p->steps[i].kind))
			wanted |= p->steps[i].needs;
	return wanted;
}

void plan_free(struct plan *p)
{
	for (int i = 0; i < p->n; i++) {
		strv_free(&p->steps[i].inputs);
		result_free(&p->steps[i].result);
		free(p->steps[i].dir);
	}
	*p = (struct plan){ 0 };
}

struct step *plan_step(struct plan *p, enum step_kind kind)
{
	for (int i = 0; i < p->n; i++)
		if (p->steps[i].kind == kind)
			return &p->steps[i];
	return NULL;
}

const struct result *plan_result(const struct plan *p, enum step_kind kind)
{
	const struct step *s = plan_step((struct plan *)p, kind);

	return s ? &s->result : NULL;
}

char *recipe_path(const struct build *b, char *const *field)
{
	const char *home = getenv("HOME"), *path = *field, *file = ydoc_file(b->recipe->doc, field);
	auto_free char *real = realpath(file, NULL);
	const char *slash = real ? strrchr(real, '/') : NULL;

	if (str_starts(path, "~/") && home)
		return strf("%s%s", home, path + 1);
	if (*path == '/')
		return xstrdup(path);
	return slash ? strf("%.*s/%s", (int)(slash - real), real, path) : strf("%s/%s", b->recipe_dir, path);
}

const char *kernel_source(const struct build *b)
{
	const struct recipe_kernel *k = &b->recipe->kernel;

	return k->package ? k->package : k->url ? k->url : k->git ? k->git : k->tree;
}

char *overlay_dir(const struct build *b, char *const *field, struct err *e)
{
	const char *name = *field;
	auto_free char *shipped = strf("%s/%s", b->data->overlay, name), *own = recipe_path(b, field);

	if (!strchr(name, '/') && strcmp(name, "bench") && is_dir(shipped))
		return steal(shipped);
	if (is_dir(own))
		return steal(own);
	err_set(e, "no overlay '%s': neither %s nor %s is a folder", name, shipped, own);
	return NULL;
}

char *copy_source(const struct build *b, const struct recipe_copy *c, struct err *e)
{
	auto_free char *path = recipe_path(b, &c->from);

	if (access(path, R_OK) < 0) {
		ydoc_err(b->recipe->doc, &c->from, e, "%s can't be read: %s", path, strerror(errno));
		return NULL;
	}
	if (c->mode && is_dir(path)) {
		ydoc_err(b->recipe->doc, &c->mode, e, "'mode' is of a file, and %s is a folder", path);
		return NULL;
	}
	return steal(path);
}

int bench_check(const struct build *b, struct err *e)
{
	if (!b->recipe->bench || is_dir(b->data->bench))
		return 0;
	return err_set(e, "the bench suite is not built: %s is not there; run `make`, or say 'bench: false'", b->data->bench);
}

#include "job.h"

#include "file.h"
#include "lock.h"
#include "text.h"

const char *out_dir;
struct strv sets;

static int open_lock(struct job *s, const char *recipe, enum lock_use use, struct err *e)
{
	auto_free char *path = lock_path(recipe);

	if (use == LOCK_IGNORED || (use == LOCK_IF_THERE && !file_exists(path)))
		return 0;
	if (!file_exists(path))
		return err_set(e, "%s has no lock: `vmbuild lock %s` writes it", recipe, recipe);
	s->b.lock = s->lock = lock_load(path, e);
	return s->lock ? lock_check(s->lock, &s->b, use == LOCK_REQUIRED, e) : -1;
}

int job_open(struct job *s, const char *given, enum lock_use use, struct err *e)
{
	const struct data_dirs *data = data_dirs(e);
	auto_free char *path = data ? find_by_name("recipe", data->recipes, given, e) : NULL;

	*s = (struct job){ .recipe = path ? recipe_load_with(path, &sets, e) : NULL };
	return s->recipe && build_init(&s->b, s->recipe, path, out_dir, e) == 0 ? open_lock(s, path, use, e) : -1;
}

void job_close(struct job *s)
{
	lock_free(s->lock);
	build_free(&s->b);
	recipe_free(s->recipe);
}

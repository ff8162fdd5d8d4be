#include "manifest.h"

#include <json-c/json.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "file.h"
#include "image-format.h"
#include "lock.h"
#include "units.h"

char *image_path(const struct build *b, const char *suffix)
{
	return strf("%s/%s.%s", b->out, b->recipe->name, suffix);
}

static void put(struct json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, value ? json_object_new_string(value) : NULL);
}

/* {"file": ..., "bytes": ..., "sha256": ...} of OUT/NAME.SUFFIX. */
static int put_file(const struct build *b, struct json_object *list, const char *key, const char *suffix, struct err *e)
{
	auto_free char *path = image_path(b, suffix);
	struct json_object *o = json_object_new_object();
	char hex[DIGEST_HEX];
	struct stat st;

	json_object_object_add(list, key, o);
	if (stat(path, &st) < 0)
		return err_errno(e, "can't read %s", path);
	if (digest_file(path, DIGEST_SHA256, hex, e) < 0)
		return -1;
	put(o, "file", strrchr(path, '/') + 1);
	json_object_object_add(o, "bytes", json_object_new_int64(st.st_size));
	put(o, "sha256", hex);
	return 0;
}

/* Each ask with the spellings, where it stands, and the one that holds. */
static struct json_object *options(const struct build *b, const struct config *c)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < b->asks.n; i++) {
		const struct ask *k = &b->asks.v[i];
		const struct option *met = ask_met(k, c);
		struct json_object *o = json_object_new_object(), *alts = json_object_new_array();
		auto_free char *from = strf("%s:%d", k->from, k->line), *got = met ? strf("%s=%s", met->name, met->value) :
							      NULL;

		for (size_t j = 0; j < k->n_alts; j++) {
			auto_free char *alt = strf("%s=%s", k->alts[j].name, k->alts[j].value);

			json_object_array_add(alts, json_object_new_string(alt));
		}
		json_object_object_add(o, "asked", alts);
		put(o, "from", from);
		put(o, "got", got);
		json_object_array_add(list, o);
	}
	return list;
}

static struct json_object *steps(const struct build *b)
{
	struct json_object *list = json_object_new_array();

	for (int i = 0; i < b->plan.n; i++) {
		const struct step *s = &b->plan.steps[i];
		struct json_object *o = json_object_new_object(), *inputs = json_object_new_array();
		/* The image step writes this while it runs. */
		double took = s->begun && !s->seconds ? now_s() - s->begun : s->seconds;
		auto_free char *seconds = strf("%.1f", took);

		put(o, "step", step_name(s->kind));
		put(o, "digest", s->digest);
		json_object_object_add(o, "cached", json_object_new_boolean(s->cached));
		json_object_object_add(o, "seconds", json_object_new_double_s(took, seconds));
		for (size_t j = 0; j < s->inputs.n; j++)
			json_object_array_add(inputs, json_object_new_string(s->inputs.v[j]));
		json_object_object_add(o, "inputs", inputs);
		for (size_t j = 0; j < s->result.names.n; j++)
			if (strcmp(s->result.names.v[j], "seconds"))
				put(o, s->result.names.v[j], s->result.values.v[j]);
		json_object_array_add(list, o);
	}
	return list;
}

static int packages_line(char *line, int number, void *arg)
{
	char *blank = strchr(line, ' ');

	(void)number;
	if (blank) {
		*blank = '\0';
		put(arg, line, blank + 1);
	}
	return 0;
}

static struct json_object *kernel(const struct build *b, const struct config *c)
{
	struct json_object *o = json_object_new_object();
	const struct recipe_kernel *k = &b->recipe->kernel;
	const char *version = result_get(plan_result(&b->plan, STEP_SOURCE), "version");

	json_object_object_add(o, "stock", json_object_new_boolean(k->mode == KERNEL_STOCK));
	put(o, "release", result_get(plan_result(&b->plan, STEP_DISK), "release"));
	if (k->mode == KERNEL_BUILD)
		put(o, "source", kernel_source(b));
	if (*version)
		put(o, "source_version", version);
	if (k->mode == KERNEL_BUILD) {
		put(o, "base_config", k->config);
		put(o, "compiler", b->gcc);
		json_object_object_add(o, "enabled", json_object_new_int64((int64_t)config_enabled(c)));
	}
	json_object_object_add(o, "options", options(b, c));
	return o;
}

static void put_joined(struct json_object *o, const char *key, char *const *words, size_t n)
{
	auto_text t = { 0 };

	for (size_t i = 0; i < n; i++)
		text_addf(&t, "%s%s", i ? " " : "", words[i]);
	put(o, key, t.s);
}

static struct json_object *root_object(const struct build *b, const struct image_result *r, const struct config *c)
{
	struct json_object *o = json_object_new_object(), *recipe = json_object_new_object();
	struct json_object *packages = json_object_new_object();
	const struct recipe *x = b->recipe;
	time_t now = time(NULL);
	char when[32];

	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	json_object_object_add(o, "tierlab_image", json_object_new_int(IMAGE_FORMAT));
	put(o, "name", x->name);
	put(o, "build", b->plan.steps[b->plan.n - 1].digest);
	put(o, "created", when);
	put(o, "vmbuild", VERSION);
	put(recipe, "file", x->path);
	put(recipe, "sha256", b->recipe_digest);
	json_object_object_add(o, "recipe", recipe);
	if (b->lock)
		put(o, "lock", b->lock->path);
	put(o, "base", x->base.suite ? x->base.suite : x->base.images[0]);
	put(o, "root", result_get(plan_result(&b->plan, STEP_DISK), "root"));
	put(o, "hostname", x->hostname);
	if (x->n_kernel_args)
		put_joined(o, "kernel_args", x->kernel_args, x->n_kernel_args);
	if (x->base.insecure)
		json_object_object_add(o, "insecure", json_object_new_boolean(true));
	json_object_object_add(o, "disk_bytes", json_object_new_int64((int64_t)x->disk));
	json_object_object_add(o, "kernel", kernel(b, c));
	json_object_object_add(o, "steps", steps(b));
	if (r->packages)
		each_line(r->packages, packages_line, packages);
	json_object_object_add(o, "packages", packages);
	return o;
}

static void put_object(struct json_object **o) { json_object_put(*o); }

int manifest_write(const struct build *b, const struct image_result *r, const struct config *config, bool initrd,
		   struct err *e)
{
	cleanup(put_object) struct json_object *o = root_object(b, r, config);
	struct json_object *files = json_object_new_object();
	auto_free char *path = image_path(b, "json");
	const char *text;

	json_object_object_add(o, "files", files);
	if (put_file(b, files, "image", "qcow2", e) < 0 || put_file(b, files, "kernel", "vmlinuz", e) < 0 ||
	    (initrd && put_file(b, files, "initrd", "initrd", e) < 0) ||
	    (r->config && put_file(b, files, "config", "config", e) < 0))
		return -1;
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	return file_write(path, text, strlen(text), 0644, e);
}

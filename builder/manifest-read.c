/* Reading manifests: what an image says of itself. */
#include <json-c/json.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"
#include "image-format.h"
#include "manifest.h"

static void put_object(struct json_object **o) { json_object_put(*o); }

static bool files_there(const struct build *b, struct json_object *files)
{
	json_object_object_foreach(files, key, o) {
		struct json_object *name, *bytes;
		auto_free char *path = NULL;
		struct stat st;

		(void)key;
		if (!json_object_object_get_ex(o, "file", &name) || !json_object_object_get_ex(o, "bytes", &bytes))
			return false;
		path = strf("%s/%s", b->out, json_object_get_string(name));
		if (stat(path, &st) < 0 || st.st_size != json_object_get_int64(bytes))
			return false;
	}
	return true;
}

bool manifest_matches(const struct build *b, const char *digest)
{
	auto_free char *path = image_path(b, "json"), *text = file_read(path, 0, NULL, &(struct err){ "" });
	cleanup(put_object) struct json_object *o = text ? json_tokener_parse(text) : NULL;
	struct json_object *build, *files;

	return o && json_object_object_get_ex(o, "build", &build) && json_object_object_get_ex(o, "files", &files) &&
	       json_object_is_type(build, json_type_string) && !strcmp(json_object_get_string(build), digest) &&
	       json_object_is_type(files, json_type_object) &&
	       files_there(b, files);
}

static const char *string_at(struct json_object *o, const char *key)
{
	struct json_object *v;

	return json_object_object_get_ex(o, key, &v) && json_object_is_type(v, json_type_string) ?
	       json_object_get_string(v) : "";
}

static struct json_object *list_at(struct json_object *o, const char *key)
{
	struct json_object *v;

	return o && json_object_object_get_ex(o, key, &v) && json_object_is_type(v, json_type_array) ? v : NULL;
}

bool manifest_inputs(const struct build *b, enum step_kind kind, struct strv *inputs)
{
	auto_free char *path = image_path(b, "json"), *text = file_read(path, 0, NULL, &(struct err){ "" });
	cleanup(put_object) struct json_object *o = text ? json_tokener_parse(text) : NULL;
	struct json_object *list = list_at(o, "steps");

	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *step = json_object_array_get_idx(list, i), *in = list_at(step, "inputs");

		if (strcmp(string_at(step, "step"), step_name(kind)))
			continue;
		for (size_t j = 0; in && j < json_object_array_length(in); j++)
			strv_add(inputs, json_object_get_string(json_object_array_get_idx(in, j)));
		return true;
	}
	return false;
}

int image_info_load(struct image_info *i, const char *path, struct err *e)
{
	auto_free char *text = file_read(path, 0, NULL, e), *image = NULL;
	cleanup(put_object) struct json_object *o = text ? json_tokener_parse(text) : NULL;
	struct json_object *kernel = NULL, *recipe = NULL, *list = list_at(o, "steps");
	struct stat st;

	*i = (struct image_info){ 0 };
	if (!text)
		return -1;
	if (!list || !*string_at(o, "name"))
		return err_set(e, "%s is no manifest of an image", path);
	json_object_object_get_ex(o, "kernel", &kernel);
	json_object_object_get_ex(o, "recipe", &recipe);
	i->name = xstrdup(string_at(o, "name"));
	i->created = xstrdup(string_at(o, "created"));
	i->recipe = xstrdup(recipe ? string_at(recipe, "file") : "");
	i->base = xstrdup(string_at(o, "base"));
	i->kernel = xstrdup(kernel ? string_at(kernel, "release") : "");
	image = strf("%.*s.qcow2", (int)(strlen(path) - strlen(".json")), path);
	i->bytes = stat(image, &st) == 0 ? (uint64_t)st.st_blocks * 512 : 0;
	for (size_t j = 0; j < json_object_array_length(list); j++)
		strv_add(&i->digests, string_at(json_object_array_get_idx(list, j), "digest"));
	return 0;
}

void image_info_free(struct image_info *i)
{
	free(i->name);
	free(i->created);
	free(i->recipe);
	free(i->base);
	free(i->kernel);
	strv_free(&i->digests);
}

/* ---- all of it ---- */

struct record {
	struct json_object *root;
};

struct record *record_load(const char *path, struct err *e)
{
	auto_free char *text = file_read(path, 0, NULL, e);
	struct json_object *o = text ? json_tokener_parse(text) : NULL, *format;
	struct record *m;

	if (!text)
		return NULL;
	if (!o || !json_object_object_get_ex(o, "tierlab_image", &format)) {
		json_object_put(o);
		err_set(e, "%s is no manifest of an image", path);
		return NULL;
	}
	if (json_object_get_int(format) != IMAGE_FORMAT) {
		err_set(e, "%s has format %d, and this vmbuild knows %d: build the image again", path,
			json_object_get_int(format), IMAGE_FORMAT);
		json_object_put(o);
		return NULL;
	}
	m = xcalloc(1, sizeof(*m));
	m->root = o;
	return m;
}

void record_free(struct record *m)
{
	if (m)
		json_object_put(m->root);
	free(m);
}

static struct json_object *find(const struct record *m, const char *path)
{
	auto_free char *copy = xstrdup(path);
	struct json_object *o = m->root;

	for (char *save, *key = strtok_r(copy, ".", &save); key; key = strtok_r(NULL, ".", &save))
		if (!json_object_is_type(o, json_type_object) || !json_object_object_get_ex(o, key, &o))
			return NULL;
	return o;
}

const char *record_text(const struct record *m, const char *path)
{
	struct json_object *o = find(m, path);

	return o && json_object_is_type(o, json_type_string) ? json_object_get_string(o) : "";
}

void record_pairs(const struct record *m, const char *path, struct strv *pairs)
{
	struct json_object *o = find(m, path);

	if (!json_object_is_type(o, json_type_object))
		return;
	json_object_object_foreach(o, key, value)
		strv_addf(pairs, "%s %s", key, json_object_get_string(value));
}

void record_options(const struct record *m, struct strv *options)
{
	struct json_object *list = find(m, "kernel.options");

	for (size_t i = 0; json_object_is_type(list, json_type_array) && i < json_object_array_length(list); i++) {
		const char *got = string_at(json_object_array_get_idx(list, i), "got");

		if (*got)
			strv_add(options, got);
	}
}

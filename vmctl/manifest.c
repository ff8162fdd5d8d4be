#include "manifest.h"

#include <string.h>

#include "file.h"
#include "image-format.h"
#include "print-parts.h"

static struct json_object *get(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	return json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, key, &v) ? v : NULL;
}

static int get_string(const struct manifest *m, struct json_object *o, const char *key, char **out, struct err *e)
{
	struct json_object *v = get(o, key);

	if (!json_object_is_type(v, json_type_string))
		return err_set(e, "%s: has no '%s': it is no manifest of vmbuild, or of another version; build the image "
			       "again", m->path, key);
	*out = xstrdup(json_object_get_string(v));
	return 0;
}

/* The path of a file that the manifest names, which lies beside it. */
static int get_file(const struct manifest *m, struct json_object *files, const char *key, char **out, char **sha256, struct err *e)
{
	struct json_object *digest = get(get(files, key), "sha256");
	auto_free char *name = NULL, *path = NULL;
	const char *slash = strrchr(m->path, '/');

	if (get_string(m, get(files, key), "file", &name, e) < 0)
		return -1;
	path = strf("%.*s%s", (int)(slash ? slash - m->path + 1 : 0), m->path, name);
	if (!file_exists(path))
		return err_set(e, "%s is not there, though %s names it: build the image again with vmbuild", path, m->path);
	*out = steal(path);
	if (json_object_is_type(digest, json_type_string) && json_object_get_string_len(digest) == 64)
		*sha256 = xstrdup(json_object_get_string(digest));
	return 0;
}

static void get_options(struct manifest *m, struct json_object *list)
{
	size_t n = json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;

	m->options = xcalloc(n, sizeof(*m->options));
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_array_get_idx(list, i), *asked = get(o, "asked");
		struct kernel_option *k = &m->options[m->n_options];
		struct json_object *one;

		k->from = xstrdup(json_object_is_type(get(o, "from"), json_type_string) ? json_object_get_string(get(o, "from")) :
				  "");
		for (size_t j = 0; json_object_is_type(asked, json_type_array) && j < json_object_array_length(asked); j++)
			if (json_object_is_type(one = json_object_array_get_idx(asked, j), json_type_string))
				strv_add(&k->spellings, json_object_get_string(one));
		if (k->spellings.n)
			m->n_options++;
		else
			free(steal(k->from));
	}
}

static int fill(struct manifest *m, struct json_object *o, struct err *e)
{
	struct json_object *files = get(o, "files"), *kernel = get(o, "kernel"), *format = get(o, "tierlab_image");

	if (format && json_object_get_int(format) != IMAGE_FORMAT)
		return err_set(e, "%s: has format %d, and this vmctl knows %d: build the image again with this version's vmbuild",
			       m->path, json_object_get_int(format), IMAGE_FORMAT);
	if (get_string(m, o, "name", &m->name, e) < 0 || get_string(m, o, "build", &m->build, e) < 0 ||
	    get_string(m, o, "created", &m->created, e) < 0 || get_string(m, o, "root", &m->root, e) < 0 ||
	    get_string(m, o, "base", &m->base, e) < 0 || get_string(m, kernel, "release", &m->release, e) < 0 ||
	    get_file(m, files, "image", &m->image, &m->image_sha256, e) < 0 || get_file(m, files, "kernel", &m->kernel, &m->kernel_sha256, e) < 0 ||
	    (get(files, "initrd") && get_file(m, files, "initrd", &m->initrd, &m->initrd_sha256, e) < 0))
		return -1;
	if (get(o, "kernel_args") && get_string(m, o, "kernel_args", &m->kernel_args, e) < 0)
		return -1;
	m->stock = json_object_get_boolean(get(kernel, "stock"));
	get_options(m, get(kernel, "options"));
	return 0;
}

int manifest_load(struct manifest *m, const char *path, struct err *e)
{
	auto_free char *text = file_read(path, 0, NULL, e);
	auto_json o = NULL;

	*m = (struct manifest){ .path = xstrdup(path) };
	if (!text)
		return -1;
	o = json_tokener_parse(text);
	if (!o)
		return err_set(e, "%s: is no JSON: build the image again with vmbuild", path);
	return fill(m, o, e);
}

void manifest_free(struct manifest *m)
{
	for (size_t i = 0; i < m->n_options; i++) {
		strv_free(&m->options[i].spellings);
		free(m->options[i].from);
	}
	free(m->options);
	free(m->path);
	free(m->name);
	free(m->build);
	free(m->created);
	free(m->root);
	free(m->kernel_args);
	free(m->image);
	free(m->kernel);
	free(m->initrd);
	free(m->image_sha256);
	free(m->kernel_sha256);
	free(m->initrd_sha256);
	free(m->release);
	free(m->base);
	*m = (struct manifest){ 0 };
}

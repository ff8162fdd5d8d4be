#include "agent-json.h"

#include <string.h>

#include "base64.h"
#include "print-parts.h"

/* json-c has no other failure than that of memory, which ends a program of this house. */
static struct json_object *made(struct json_object *o)
{
	if (!o)
		abort();
	return o;
}

static void add(struct json_object *to, const char *key, struct json_object *value)
{
	if (json_object_object_add(to, key, made(value)) < 0)
		abort();
}

static void add_list(struct json_object *to, const char *key, const char *const *words)
{
	struct json_object *list = made(json_object_new_array());

	for (; *words; words++)
		if (json_object_array_add(list, made(json_object_new_string(*words))) < 0)
			abort();
	add(to, key, list);
}

/* {"execute": command, "arguments": {...}}; takes the arguments, which may be NULL. */
static char *ask(const char *command, struct json_object *arguments)
{
	auto_json o = made(json_object_new_object());
	const char *text;

	add(o, "execute", json_object_new_string(command));
	if (arguments)
		add(o, "arguments", arguments);
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text)
		abort();
	return xstrdup(text);
}

static struct json_object *with_handle(int64_t handle)
{
	struct json_object *a = made(json_object_new_object());

	add(a, "handle", json_object_new_int64(handle));
	return a;
}

char *ask_ping(void)
{
	return ask("guest-ping", NULL);
}

char *ask_exec(const char *const *argv, const char *const *env)
{
	struct json_object *a = made(json_object_new_object());

	add(a, "path", json_object_new_string(argv[0]));
	add_list(a, "arg", argv + 1);
	add_list(a, "env", env);
	add(a, "capture-output", json_object_new_boolean(true));
	return ask("guest-exec", a);
}

char *ask_status(int64_t pid)
{
	struct json_object *a = made(json_object_new_object());

	add(a, "pid", json_object_new_int64(pid));
	return ask("guest-exec-status", a);
}

char *ask_open(const char *path, const char *mode)
{
	struct json_object *a = made(json_object_new_object());

	add(a, "path", json_object_new_string(path));
	add(a, "mode", json_object_new_string(mode));
	return ask("guest-file-open", a);
}

char *ask_read(int64_t handle, size_t count)
{
	struct json_object *a = with_handle(handle);

	add(a, "count", json_object_new_int64((int64_t)count));
	return ask("guest-file-read", a);
}

char *ask_write(int64_t handle, const void *data, size_t n)
{
	struct json_object *a = with_handle(handle);
	auto_free char *text = base64_encode(data, n);

	add(a, "buf-b64", json_object_new_string(text));
	return ask("guest-file-write", a);
}

char *ask_close(int64_t handle)
{
	return ask("guest-file-close", with_handle(handle));
}

/* ---- answers ---- */

static int strange(const char *answer, struct err *e)
{
	return err_set(e, "the guest's agent answers what is no answer: %.100s", answer);
}

static struct json_object *get(struct json_object *o, const char *key, enum json_type type)
{
	struct json_object *v = NULL;

	if (!json_object_is_type(o, json_type_object) || !json_object_object_get_ex(o, key, &v))
		return NULL;
	return json_object_is_type(v, type) ? v : NULL;
}

/* What is under "return", of that type. whole keeps it alive, and is the caller's to put. */
static struct json_object *returned(const char *answer, struct json_object **whole, enum json_type type, struct err *e)
{
	struct json_object *r;

	*whole = json_tokener_parse(answer);
	r = get(*whole, "return", type);
	if (!r)
		strange(answer, e);
	return r;
}

/* A number that is not negative, and no more than max. */
static int number(struct json_object *o, int64_t max, int64_t *n)
{
	if (!json_object_is_type(o, json_type_int))
		return -1;
	*n = json_object_get_int64(o);
	return *n >= 0 && *n <= max ? 0 : -1;
}

int told_pid(const char *answer, int64_t *pid, struct err *e)
{
	auto_json whole = NULL;
	struct json_object *r = returned(answer, &whole, json_type_object, e);

	if (!r)
		return -1;
	return number(get(r, "pid", json_type_int), INT64_MAX, pid) < 0 ? strange(answer, e) : 0;
}

int told_handle(const char *answer, int64_t *handle, struct err *e)
{
	auto_json whole = NULL;
	struct json_object *r = returned(answer, &whole, json_type_int, e);

	if (!r)
		return -1;
	return number(r, INT64_MAX, handle) < 0 ? strange(answer, e) : 0;
}

int told_written(const char *answer, size_t asked, struct err *e)
{
	auto_json whole = NULL;
	struct json_object *r = returned(answer, &whole, json_type_object, e);
	int64_t n;

	if (!r)
		return -1;
	if (number(get(r, "count", json_type_int), INT64_MAX, &n) < 0)
		return strange(answer, e);
	return (size_t)n == asked ? 0 : err_set(e, "the guest took %lld of %zu bytes: is its disk full?", (long long)n, asked);
}

/* Bytes of a member in base64; NULL without a message: there is none. */
static char *bytes(struct json_object *o, const char *key, size_t *n, const char *answer, struct err *e)
{
	struct json_object *v = get(o, key, json_type_string);
	char *data;

	*e->msg = '\0';
	if (!v)
		return NULL;
	data = base64_decode(json_object_get_string(v), n);
	if (!data)
		strange(answer, e);
	return data;
}

int told_read(const char *answer, struct text *to, bool *eof, struct err *e)
{
	auto_json whole = NULL;
	struct json_object *r = returned(answer, &whole, json_type_object, e);
	auto_free char *data = NULL;
	int64_t said;
	size_t n;

	if (!r)
		return -1;
	data = bytes(r, "buf-b64", &n, answer, e);
	if (!data && *e->msg)
		return -1;
	if (!data || number(get(r, "count", json_type_int), INT64_MAX, &said) < 0 || (size_t)said != n ||
	    !get(r, "eof", json_type_boolean))
		return strange(answer, e);
	*eof = json_object_get_boolean(get(r, "eof", json_type_boolean));
	text_add(to, data, n);
	return 0;
}

int told_status(const char *answer, struct ended *s, struct err *e)
{
	auto_json whole = NULL;
	struct json_object *r = returned(answer, &whole, json_type_object, e), *exited;
	int64_t code = 0, signal = 0;
	size_t n;

	*s = (struct ended){ 0 };
	if (!r)
		return -1;
	exited = get(r, "exited", json_type_boolean);
	if (!exited)
		return strange(answer, e);
	s->exited = json_object_get_boolean(exited);
	if (!s->exited)
		return 0;
	if (number(get(r, "signal", json_type_int), 127, &signal) == 0)
		s->status = 128 + (int)signal;
	else if (number(get(r, "exitcode", json_type_int), 255, &code) == 0)
		s->status = (int)code;
	else
		return strange(answer, e);
	s->err = bytes(r, "err-data", &n, answer, e);
	return !s->err && *e->msg ? -1 : 0;
}

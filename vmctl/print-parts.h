/* What the files of print share. */
#pragma once
#include <json-c/json.h>
#include <stdint.h>

#include "cleanup.h"

#define auto_json cleanup(drop_json) struct json_object *
static inline void drop_json(struct json_object **o) { json_object_put(*o); }

/* Text, or null. */
void put(struct json_object *o, const char *key, const char *value);
/* The same, but what is not known is absent. */
void put_known(struct json_object *o, const char *key, const char *value);
void put_int(struct json_object *o, const char *key, int64_t n);
/* Prints it on a line, and frees it. */
void print_json(struct json_object *o);

/* What the files of print share. */
#pragma once
#include <json-c/json.h>

/* Text, or null. */
void put(struct json_object *o, const char *key, const char *value);
/* Prints it on a line, and frees it. */
void print_json(struct json_object *o);

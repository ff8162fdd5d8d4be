/* JSON on standard output, for programs. With manifest, the one module of vmbuild that knows json-c. */
#pragma once
#include "inspect.h"
#include "manifest.h"
#include "plan.h"

int print_plan_json(const struct build *b);
int print_images_json(const struct image_info *images, size_t n);

/* What `inspect` found. */
int print_findings_json(const struct findings *l);

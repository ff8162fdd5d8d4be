/* dpkg's list of what is installed. */
#pragma once
#include "text.h"

/* Adds "NAME VERSION" of each installed package in the text of /var/lib/dpkg/status, sorted. */
void dpkg_list(const char *status, struct strv *packages);

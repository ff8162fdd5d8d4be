/* Fetching a file by its URL. The one module that knows libcurl. */
#pragma once
#include "err.h"

/* Fetches url (https, http or file) to path, showing bytes and rate as progress, and checks it against the digest
 * ("sha256:HEX"). path exists afterwards only if it fits; it is written beside and renamed. Redirects are followed,
 * at most 10, from https to https only. A transfer that stalls for 60 s ends. */
int fetch(const char *url, const char *digest, const char *path, struct err *e);

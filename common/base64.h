/* Base64 (RFC 4648, without line breaks), by OpenSSL. */
#pragma once
#include <stddef.h>

/* n bytes as a text, the caller's to free. */
char *base64_encode(const void *data, size_t n);

/* The bytes of a text, n of them and a NUL, the caller's to free; NULL: it is no base64. */
char *base64_decode(const char *text, size_t *n);

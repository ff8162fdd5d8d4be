/* Whom a download is believed: a file of digests beside it, and a signature over that file. */
#pragma once
#include "err.h"

/* The digest that a file of digests (SHA256SUMS, SHA512SUMS) gives for name, as "sha256:HEX" or "sha512:HEX". It knows
 * the two forms that there are, of coreutils ("HEX  NAME", "HEX *NAME") and BSD ("SHA256 (NAME) = HEX"). Pure. The
 * caller's to free; NULL with e filled where the name is not in it, or stands there with two digests. */
char *sums_find(const char *text, const char *name, struct err *e);

/* Checks a detached signature over file by a key of the keyring, with gpgv(1). An expired or revoked key or signature does
 * not count. signer gets who signed, the caller's to free. */
int signature_check(const char *file, const char *signature, const char *keyring, char **signer, struct err *e);

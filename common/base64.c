#include "base64.h"

#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

#include "text.h"

#define ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

char *base64_encode(const void *data, size_t n)
{
	char *text;

	if (n > INT_MAX / 2)
		abort(); /* nobody sends so much at once */
	text = xcalloc(1, (n + 2) / 3 * 4 + 1);
	EVP_EncodeBlock((unsigned char *)text, data, (int)n);
	return text;
}

/* OpenSSL takes '=' for a zero wherever it stands, and counts the bytes that it stands for: both is looked at here. */
char *base64_decode(const char *text, size_t *n)
{
	size_t all = strlen(text), digits = strspn(text, ALPHABET), pad = all - digits;
	char *data;

	if (all % 4 || pad > 2 || strspn(text + digits, "=") != pad || all > INT_MAX / 2)
		return NULL;
	data = xcalloc(1, all / 4 * 3 + 1);
	if (EVP_DecodeBlock((unsigned char *)data, (const unsigned char *)text, (int)all) < 0) {
		free(data);
		return NULL;
	}
	*n = all / 4 * 3 - pad;
	data[*n] = '\0';
	return data;
}

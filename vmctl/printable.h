/* Text from a file, made safe for a terminal and for XML. Pure. */
#pragma once

/* s with all that steers a terminal, or is no UTF-8, written out (\x1b, \u202e), the caller's to free: control
 * characters, line breaks too, and those that turn the direction of writing. */
char *printable(const char *s);

/* Takes out of the text what steers a terminal, but line breaks and tabs: colours, the cursor's moves. */
void strip_terminal(char *text);

/* The number of bytes of the character that s begins with, which code gets; 0: it is no UTF-8 (RFC 3629), or s is at its
 * end. */
int utf8_char(const char *s, unsigned *code);

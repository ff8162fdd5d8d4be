/* One request for a file over https, http or file. The one module that knows libcurl. */
#pragma once
#include <stdbool.h>

#include "err.h"

struct transfer {
	const char *url;
	const char *part;      /* the file that takes it; what it holds already is gone on from, if the server has it still */
	const char *validator; /* a file beside it: what the server called that version (RFC 9110, 8.8), for If-Range */
	/* what came of it */
	bool again;            /* it failed in a way that another try may mend                     */
	unsigned long wait_s;  /* the server asks for so long a pause before it (RFC 9110, 10.2.3) */
	char *from;            /* the URL that answered in the end                                 */
	char date[32];         /* when the server says that file was changed, "" if it does not    */
};

/* Makes the request, showing bytes, rate and time left as progress. Redirects are followed, at most 10, and never from
 * https to http. A transfer that brings no byte for a minute (TIERLAB_STALL seconds) ends. part is whole afterwards unless
 * it fails. */
int transfer(struct transfer *t, struct err *e);
void transfer_free(struct transfer *t);

/* Bootstrapping a Debian suite by mmdebstrap. */
#pragma once
#include "plan.h"

/* Makes base.tar in dir of the recipe's suite, snapshot and packages, in the lock's versions if there is a lock. Results: id,
 * kind. */
int bootstrap_base(struct build *b, struct step *s, const char *dir, struct err *e);

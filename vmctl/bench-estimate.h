/* How long a run may take, before there is another to go by. Pure. */
#pragma once

/* A guess from the workload's words: --seconds, or what workloads do by themselves, and the filling of their memory. pattern: the text of
 * the file that goes along, in masim's format, which has its phases' times and its regions' sizes; NULL: there is none. */
double estimate_seconds(const char *words, const char *pattern);

/* Statistics of repeated runs. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

/* Of the values that are known. n 0: none is, and all else is NAN. n 1: sd is NAN, for one value has no spread. */
struct spread {
	size_t n;
	double mean, sd, min, max; /* sd: of the sample, with n - 1 */
};

/* Values that are NAN are not known, and left out. */
struct spread spread_of(const double *values, size_t n);

enum verdict {
	NOT_KNOWN, /* a side has no spread, or no value                                 */
	ALIKE,     /* the interval of the difference of the means has 0 in it           */
	DIFFERENT,
};

/* b - a, with Welch's interval at 95 %: the difference of the means and so much on each side, where the two need not have the
 * same spread. Where the verdict is NOT_KNOWN the half-width is NAN. */
struct difference {
	double mean, half;
	enum verdict verdict;
};
struct difference difference_of(const struct spread *a, const struct spread *b);

/* Student's t that 95 % lie within, on both sides of 0, for so many degrees of freedom (at least 1; fractions are rounded down,
 * which makes the interval wider and never narrower). */
double t_95(double degrees);

#include "report-stats.h"

#include <math.h>

struct spread spread_of(const double *values, size_t n)
{
	struct spread s = { 0, NAN, NAN, NAN, NAN };
	double sum = 0, squares = 0;

	for (size_t i = 0; i < n; i++) {
		if (isnan(values[i]))
			continue;
		sum += values[i];
		s.min = fmin(s.min, values[i]);
		s.max = fmax(s.max, values[i]);
		s.n++;
	}
	if (!s.n)
		return s;
	s.mean = sum / (double)s.n;
	for (size_t i = 0; i < n; i++)
		squares += isnan(values[i]) ? 0 : (values[i] - s.mean) * (values[i] - s.mean);
	if (s.n > 1)
		s.sd = sqrt(squares / (double)(s.n - 1));
	return s;
}

/* Two-sided 95 % points of Student's t. */
static const struct {
	double degrees, t;
} t_table[] = {
	{ 1, 12.706 }, { 2, 4.303 }, { 3, 3.182 }, { 4, 2.776 }, { 5, 2.571 }, { 6, 2.447 }, { 7, 2.365 }, { 8, 2.306 },
	{ 9, 2.262 }, { 10, 2.228 }, { 11, 2.201 }, { 12, 2.179 }, { 13, 2.160 }, { 14, 2.145 }, { 15, 2.131 }, { 16, 2.120 },
	{ 17, 2.110 }, { 18, 2.101 }, { 19, 2.093 }, { 20, 2.086 }, { 25, 2.060 }, { 30, 2.042 }, { 40, 2.021 }, { 60, 2.000 },
	{ 120, 1.980 },
};

double t_95(double degrees)
{
	double t = t_table[0].t;

	for (size_t i = 0; i < sizeof(t_table) / sizeof(*t_table) && t_table[i].degrees <= degrees; i++)
		t = t_table[i].t;
	return t;
}

struct difference difference_of(const struct spread *a, const struct spread *b)
{
	struct difference d = { b->mean - a->mean, NAN, NOT_KNOWN };
	double va, vb, degrees;

	if (a->n < 2 || b->n < 2)
		return d;
	va = a->sd * a->sd / (double)a->n;
	vb = b->sd * b->sd / (double)b->n;
	/* where neither side has any spread every difference is one */
	degrees = va + vb > 0 ? (va + vb) * (va + vb) / (va * va / (double)(a->n - 1) + vb * vb / (double)(b->n - 1)) : 1;
	d.half = t_95(degrees) * sqrt(va + vb);
	d.verdict = fabs(d.mean) > d.half ? DIFFERENT : ALIKE;
	return d;
}

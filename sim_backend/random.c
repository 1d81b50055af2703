/* sim_backend/random.c - counter-based random numbers: Philox 2x64-10 under a key made of seed and stream.
 *
 * J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11.  The counter is (a, b).
 */
#include "config.h"

#include <math.h>

#include "sim_backend/random.h"

/* splitmix64 (S. Vigna): neighbouring seeds and streams get unrelated keys */
static uint64_t mix(uint64_t z)
{
	z += 0x9E3779B97F4A7C15u;
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	return z ^ (z >> 31);
}

uint64_t random_philox(uint64_t key, uint64_t a, uint64_t b)
{
	for (int round = 0; round < 10; round++) {
		unsigned __int128 product = (unsigned __int128)a * 0xD2B74407B1CE6E93u;

		a = (uint64_t)(product >> 64) ^ key ^ b;
		b = (uint64_t)product;
		key += 0x9E3779B97F4A7C15u;
	}
	return a;
}

uint64_t random_key(uint64_t seed, enum random_stream stream)
{
	return mix(mix(seed) ^ (uint64_t)stream);
}

uint64_t random_bits(uint64_t seed, enum random_stream stream, uint64_t a, uint64_t b)
{
	return random_philox(random_key(seed, stream), a, b);
}

double random_uniform(uint64_t seed, enum random_stream stream, uint64_t a, uint64_t b)
{
	return (double)(random_bits(seed, stream, a, b) >> 11) * 0x1p-53;
}

/* Natural logarithm of 0 < x < 1.  Of our own, because libm's differs in the last bit from one
 * processor to the next, and a seed must mean the same run everywhere. */
static double own_log(double x)
{
	int exponent;
	double m = frexp(x, &exponent);

	if (m < M_SQRT1_2) {
		m *= 2;
		exponent--;
	}
	/* log m = 2 atanh s; |s| <= 0.172, so that 11 terms leave less than 1e-17 */
	double s = (m - 1) / (m + 1), s2 = s * s, sum = 0;

	for (int i = 21; i >= 1; i -= 2)
		sum = sum * s2 + 1.0 / i;
	return 2 * s * sum + exponent * M_LN2;
}

static double polynomial(const double c[8], double x)
{
	double sum = c[7];

	for (int i = 6; i >= 0; i--)
		sum = sum * x + c[i];
	return sum;
}

/* Quantile of the normal distribution: M. Wichura, algorithm AS 241 (PPND16), Appl. Statist. 37 (1988);
 * relative error about 1e-16. */
static double normal_quantile(double u)
{
	static const double a[8] = {3.3871328727963666080e0,  1.3314166789178437745e+2,
				    1.9715909503065514427e+3, 1.3731693765509461125e+4,
				    4.5921953931549871457e+4, 6.7265770927008700853e+4,
				    3.3430575583588128105e+4, 2.5090809287301226727e+3};
	static const double b[8] = {1.0,
				    4.2313330701600911252e+1,
				    6.8718700749205790830e+2,
				    5.3941960214247511077e+3,
				    2.1213794301586595867e+4,
				    3.9307895800092710610e+4,
				    2.8729085735721942674e+4,
				    5.2264952788528545610e+3};
	static const double c[8] = {1.42343711074968357734e0,  4.63033784615654529590e0,
				    5.76949722146069140550e0,  3.64784832476320460504e0,
				    1.27045825245236838258e0,  2.41780725177450611770e-1,
				    2.27238449892691845833e-2, 7.74545014278341407640e-4};
	static const double d[8] = {1.0,
				    2.05319162663775882187e0,
				    1.67638483018380384940e0,
				    6.89767334985100004550e-1,
				    1.48103976427480074590e-1,
				    1.51986665636164571966e-2,
				    5.47593808499534494600e-4,
				    1.05075007164441684324e-9};
	static const double e[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,
				    1.78482653991729133580e0,  2.96560571828504891230e-1,
				    2.65321895265761230930e-2, 1.24266094738807843860e-3,
				    2.71155556874348757815e-5, 2.01033439929228813265e-7};
	static const double f[8] = {1.0,
				    5.99832206555887937690e-1,
				    1.36929880922735805310e-1,
				    1.48753612908506148525e-2,
				    7.86869131145613259100e-4,
				    1.84631831751005468180e-5,
				    1.42151175831644588870e-7,
				    2.04426310338993978564e-15};
	double q = u - 0.5;

	if (fabs(q) <= 0.425) {
		double r = 0.180625 - q * q;
		return q * polynomial(a, r) / polynomial(b, r);
	}
	double r = sqrt(-own_log(q < 0 ? u : 1 - u));
	double x = r <= 5 ? polynomial(c, r - 1.6) / polynomial(d, r - 1.6)
			  : polynomial(e, r - 5) / polynomial(f, r - 5);
	return q < 0 ? -x : x;
}

double random_normal(uint64_t seed, enum random_stream stream, uint64_t a, uint64_t b)
{
	/* the middle of one of 2^52 cells: never 0, never 1 */
	double u = ((double)(random_bits(seed, stream, a, b) >> 12) + 0.5) * 0x1p-52;

	return normal_quantile(u);
}

uint64_t random_below(uint64_t seed, enum random_stream stream, uint64_t a, uint64_t b, uint64_t n)
{
	uint64_t key = random_key(seed, stream);
	uint64_t least = -n % n; /* 2^64 mod n: draws below it would favour small results */

	/* Lemire's multiplication; a rejected draw (chance n / 2^64) goes on with another key */
	for (;; key = mix(key)) {
		unsigned __int128 product = (unsigned __int128)random_philox(key, a, b) * n;

		if ((uint64_t)product >= least)
			return (uint64_t)(product >> 64);
	}
}

void random_permutation(uint64_t seed, enum random_stream stream, uint64_t a, size_t n,
			uint32_t *order)
{
	for (size_t i = 0; i < n; i++) {
		size_t j = (size_t)random_below(seed, stream, a, i, i + 1);

		order[i] = order[j];
		order[j] = (uint32_t)i;
	}
}

/* tests/unit/comedi_numbers.c - prints what libcomedi says without a card: tests/system/27-standin.test runs it with the
 * real library and with the stand-in, and compares. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

#include <comedi_errno.h>
#include <comedilib.h>

static void conversions(void)
{
	static comedi_range ranges[] = {
		{-10, 10, UNIT_volt}, {0, 5, UNIT_volt}, {0.1, 0.35, UNIT_mA}};
	static const lsampl_t maxdatas[] = {1, 4095, 65535, 0xffffff, 0};
	static const double values[] = {-11, -10, -0.3, 0,    1e-9, 0.1,      0.123456,  0.225, 1.0,
					2.5, 3.3, 5,    5.01, 9.99, INFINITY, -INFINITY, NAN};

	for (size_t r = 0; r < sizeof(ranges) / sizeof(*ranges); r++)
		for (size_t m = 0; m < sizeof(maxdatas) / sizeof(*maxdatas); m++) {
			for (size_t v = 0; v < sizeof(values) / sizeof(*values); v++)
				printf("from_phys %zu %u %g: %u\n", r, maxdatas[m], values[v],
				       comedi_from_phys(values[v], &ranges[r], maxdatas[m]));
			for (lsampl_t code = 0; code <= 70000; code = code * 3 + 1)
				printf("to_phys %zu %u %u: %a\n", r, maxdatas[m], code,
				       comedi_to_phys(code, &ranges[r], maxdatas[m]));
			printf("to_phys %zu %u: last %a\n", r, maxdatas[m],
			       comedi_to_phys(maxdatas[m], &ranges[r], maxdatas[m]));
		}
}

static void samples(void)
{
	comedi_range range = {-5, 5, UNIT_volt};
	sampl_t codes[] = {0, 1, 77, 4000, 4095, 5000}, back[6] = {0};
	double volts[12] = {0};

	printf("sampl_to_phys %d\n", comedi_sampl_to_phys(volts, 2 * sizeof(*volts), codes,
							  sizeof(*codes), &range, 4095, 6));
	for (size_t i = 0; i < 12; i++)
		printf("%a\n", volts[i]);
	volts[0] = -6;
	volts[8] = 5.1;
	volts[10] = 4.9;
	printf("sampl_from_phys %d\n", comedi_sampl_from_phys(back, sizeof(*back), volts,
							      2 * sizeof(*volts), &range, 4095, 6));
	for (size_t i = 0; i < 6; i++)
		printf("%u\n", back[i]);
	printf("%d %d\n", comedi_sampl_to_phys(volts, 8, codes, 2, NULL, 4095, 6),
	       comedi_sampl_from_phys(back, 2, volts, 8, &range, 0, 6));
}

static void polynomials(void)
{
	comedi_polynomial_t p = {.coefficients = {-10, 20 / 65535.0, 1e-9, -1e-14},
				 .expansion_origin = 32768};

	for (unsigned order = 0; order < 4; order++) {
		p.order = order;
		for (lsampl_t code = 0; code <= 70000; code = code * 3 + 1)
			printf("to_physical %u %u: %a\n", order, code,
			       comedi_to_physical(code, &p));
	}
	p = (comedi_polynomial_t){.coefficients = {0, 13107}, .expansion_origin = 0, .order = 1};
	for (double volts = -1; volts < 7; volts += 0.377)
		printf("from_physical %g: %u\n", volts, comedi_from_physical(volts, &p));
}

int main(void)
{
	printf("%p %d\n", (void *)comedi_open("/dev/no-such-device"), comedi_errno());
	printf("errno %d\n", errno);
	for (int i = COMEDI_NOERROR - 1; i < COMEDI_NOERROR + 10; i++)
		printf("%s\n", comedi_strerror(i));
	printf("%s\n", comedi_strerror(ENODEV));
	printf("%d %d\n", comedi_loglevel(0), comedi_loglevel(1));
	printf("%d %d\n", comedi_get_n_subdevices(NULL), comedi_errno());
	printf("%d %d\n", comedi_close(NULL), comedi_errno());
	conversions();
	printf("%u\n", comedi_set_global_oor_behavior(COMEDI_OOR_NUMBER));
	conversions();
	samples();
	printf("%u\n", comedi_set_global_oor_behavior(COMEDI_OOR_NAN));
	samples();
	polynomials();
	return 0;
}

/* drivers/daq_comedi_describe.c - all that comedi knows of a card, as text for people. */
#include "config.h"

#include <stdlib.h>

#include "drivers/daq_comedi.h"

static const char *const types[] = {"unused",
				    "analogue input",
				    "analogue output",
				    "digital input",
				    "digital output",
				    "digital input/output",
				    "counter",
				    "timer",
				    "memory",
				    "calibration",
				    "processor",
				    "serial",
				    "pulse width modulation"};

static void print_flags(FILE *out, unsigned flags)
{
	static const struct {
		unsigned flag;
		const char *name;
	} all[] = {{SDF_READABLE, "readable"},
		   {SDF_WRITABLE, "writable"},
		   {SDF_GROUND, "ground"},
		   {SDF_COMMON, "common"},
		   {SDF_DIFF, "differential"},
		   {SDF_OTHER, "other reference"},
		   {SDF_SOFT_CALIBRATED, "soft-calibrated"},
		   {SDF_INTERNAL, "internal"}};
	const char *between = "";

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (flags & all[i].flag) {
			fprintf(out, "%s%s", between, all[i].name);
			between = ", ";
		}
}

static void print_ranges(FILE *out, comedi_t *dev, unsigned subdevice)
{
	static const char *const units[] = {"V", "mA", ""};
	int n = comedi_get_n_ranges(dev, subdevice, 0);

	for (int i = 0; i < n; i++) {
		const comedi_range *range = comedi_get_range(dev, subdevice, 0, (unsigned)i);

		if (range)
			fprintf(out, "%s[%g, %g] %s", i ? ", " : "; ranges ", range->min,
				range->max, range->unit < 3 ? units[range->unit] : "");
	}
}

static void print_subdevice(FILE *out, comedi_t *dev, unsigned subdevice)
{
	int type = comedi_get_subdevice_type(dev, subdevice);
	int n = comedi_get_n_channels(dev, subdevice);

	fprintf(out, "  subdevice %u: %s", subdevice,
		type >= 0 && type < (int)(sizeof(types) / sizeof(types[0])) ? types[type] : "?");
	if (type == COMEDI_SUBD_UNUSED || n <= 0) {
		fputs("\n", out);
		return;
	}
	fprintf(out, ", %d channel%s, maxdata %u", n, n == 1 ? "" : "s",
		(unsigned)comedi_get_maxdata(dev, subdevice, 0));
	if (type == COMEDI_SUBD_AI || type == COMEDI_SUBD_AO)
		print_ranges(out, dev, subdevice);
	fputs("; ", out);
	print_flags(out, (unsigned)comedi_get_subdevice_flags(dev, subdevice));
	fputs("\n", out);
}

static void print_port(FILE *out, const struct comedi_port *port)
{
	const char *board = comedi_get_board_name(port->dev);
	const char *driver = comedi_get_driver_name(port->dev);
	int n = comedi_get_n_subdevices(port->dev);

	fprintf(out, "%s: board %s, driver %s, %d subdevices\n", port->path, board ? board : "?",
		driver ? driver : "?", n);
	for (int i = 0; i < n; i++)
		print_subdevice(out, port->dev, (unsigned)i);
}

static const char *calibration_of(const struct comedi_card *card)
{
	if (!card->calibration_path)
		return "none in software";
	return card->calibration ? "read" : "no such file: make it with comedi_calibrate";
}

char *comedi_card_describe(void *self)
{
	const struct comedi_card *card = self;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	print_port(out, &card->analogue);
	if (card->digital.dev)
		print_port(out, &card->digital);
	fprintf(out, "calibration: %s%s%s\n", card->calibration_path ? card->calibration_path : "",
		card->calibration_path ? ": " : "", calibration_of(card));
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* tests/unit/fake_comedi.c - what stands in front of libcomedi in a test: two devices that record what they are asked. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/fake_comedi.h"

struct fake_comedi fake_comedi;

struct comedi_t_struct {
	const char *path;
	bool analogue;
};

static struct comedi_t_struct both = {"/dev/both", true}, lines = {"/dev/lines", false};

static const int types[] = {COMEDI_SUBD_AI, COMEDI_SUBD_AO, COMEDI_SUBD_DIO, COMEDI_SUBD_DO};
static const int channels[] = {6, 4, FAKE_LINES, 2};
static comedi_range ranges[] = {{0, 5, UNIT_volt}, {-10, 10, UNIT_volt}, {0, 20, UNIT_mA}};
static comedi_range other_range = {-1, 1, UNIT_volt};

/* ---- questions ---- */

comedi_t *comedi_open(const char *path)
{
	comedi_t *dev = !strcmp(path, both.path)    ? &both
			: !strcmp(path, lines.path) ? &lines
						    : NULL;

	if (!dev || fake_comedi.error)
		return NULL;
	fake_comedi.n_open++;
	return dev;
}

int comedi_close(comedi_t *dev)
{
	(void)dev;
	fake_comedi.n_open--;
	return 0;
}

int comedi_errno(void)
{
	return fake_comedi.error ? fake_comedi.error : ENOENT;
}

int comedi_get_n_subdevices(comedi_t *dev)
{
	(void)dev;
	return FAKE_SUBDEVICES;
}

const char *comedi_get_driver_name(comedi_t *dev)
{
	(void)dev;
	return "fake_driver";
}

const char *comedi_get_board_name(comedi_t *dev)
{
	return dev->analogue ? "fake-6" : "fake-lines";
}

int comedi_get_subdevice_type(comedi_t *dev, unsigned subdevice)
{
	return subdevice < FAKE_DIO && !dev->analogue ? COMEDI_SUBD_UNUSED : types[subdevice];
}

int comedi_find_subdevice_by_type(comedi_t *dev, int type, unsigned from)
{
	for (unsigned i = from; i < FAKE_SUBDEVICES; i++)
		if (comedi_get_subdevice_type(dev, i) == type)
			return (int)i;
	return -1;
}

int comedi_get_subdevice_flags(comedi_t *dev, unsigned subdevice)
{
	(void)dev;
	return subdevice < FAKE_DIO ? (int)(SDF_GROUND | fake_comedi.flags) : SDF_WRITABLE;
}

int comedi_get_n_channels(comedi_t *dev, unsigned subdevice)
{
	(void)dev;
	return channels[subdevice];
}

int comedi_range_is_chan_specific(comedi_t *dev, unsigned subdevice)
{
	(void)dev;
	return subdevice == FAKE_AI && fake_comedi.specific;
}

int comedi_maxdata_is_chan_specific(comedi_t *dev, unsigned subdevice)
{
	(void)dev;
	(void)subdevice;
	return 0;
}

lsampl_t comedi_get_maxdata(comedi_t *dev, unsigned subdevice, unsigned channel)
{
	(void)dev;
	(void)channel;
	return subdevice < FAKE_DIO ? FAKE_MAXDATA : 1;
}

int comedi_get_n_ranges(comedi_t *dev, unsigned subdevice, unsigned channel)
{
	(void)dev;
	(void)channel;
	return subdevice == FAKE_AI ? 3 : subdevice == FAKE_AO ? 2 : 1;
}

comedi_range *comedi_get_range(comedi_t *dev, unsigned subdevice, unsigned channel, unsigned range)
{
	(void)dev;
	return subdevice == FAKE_AI && fake_comedi.specific && channel == 4 ? &other_range
									    : &ranges[range];
}

char *comedi_get_default_calibration_path(comedi_t *dev)
{
	(void)dev;
	return fake_comedi.calibration ? strdup(fake_comedi.calibration) : NULL;
}

/* ---- deeds ---- */

static struct fake_event *note(comedi_t *dev, int what, unsigned subdevice, unsigned channel)
{
	struct fake_event *event = &fake_comedi.event[fake_comedi.n_events++ % FAKE_EVENTS];

	*event = (struct fake_event){.path = dev->path, .subdevice = subdevice, .channel = channel};
	memcpy(&event->what, &what, sizeof(what));
	return event;
}

static bool pin(unsigned line)
{
	return fake_comedi.output[line] ? fake_comedi.level[line] : fake_comedi.pulled_up;
}

static void set_line(unsigned line, bool level, bool output)
{
	bool before = pin(line);

	fake_comedi.level[line] = level;
	fake_comedi.output[line] = output;
	fake_comedi.edges[line] += pin(line) != before;
}

static void do_bits(const comedi_insn *insn)
{
	unsigned base = CR_CHAN(insn->chanspec);
	lsampl_t levels = 0;

	for (unsigned i = 0; insn->subdev == FAKE_DIO && i < 32 && base + i < FAKE_LINES; i++) {
		if (insn->data[0] >> i & 1)
			set_line(base + i, insn->data[1] >> i & 1, fake_comedi.output[base + i]);
		levels |= (lsampl_t)pin(base + i) << i;
	}
	insn->data[1] = levels;
}

static void do_one(comedi_t *dev, const comedi_insn *insn)
{
	unsigned channel = CR_CHAN(insn->chanspec);
	int what = insn->insn == INSN_WRITE  ? FAKE_WRITE
		   : insn->insn == INSN_READ ? FAKE_READ
					     : FAKE_BITS;
	struct fake_event *event = note(dev, what, insn->subdev, channel);

	event->range = CR_RANGE(insn->chanspec);
	event->n = insn->n;
	memcpy(event->data, insn->data, (insn->n < 2 ? insn->n : 2) * sizeof(lsampl_t));
	if (what == FAKE_BITS)
		do_bits(insn);
	else if (what == FAKE_WRITE)
		fake_comedi.ao[channel] = insn->data[0];
	else
		for (unsigned i = 0; i < insn->n; i++)
			insn->data[i] = insn->subdev == FAKE_AO ? fake_comedi.ao[channel]
								: fake_comedi.ai[channel][i % 16];
}

int comedi_do_insnlist(comedi_t *dev, comedi_insnlist *list)
{
	unsigned n = fake_comedi.most && fake_comedi.most < list->n_insns ? fake_comedi.most
									  : list->n_insns;

	if (fake_comedi.error)
		return -1;
	note(dev, FAKE_LIST, 0, 0)->n = list->n_insns;
	for (unsigned i = 0; i < n; i++)
		do_one(dev, &list->insns[i]);
	return (int)n;
}

int comedi_data_read(comedi_t *dev, unsigned subdevice, unsigned channel, unsigned range,
		     unsigned aref, lsampl_t *data)
{
	(void)dev;
	(void)range;
	(void)aref;
	*data = fake_comedi.ao[channel];
	return subdevice == FAKE_AO && fake_comedi.mute ? -1 : 1;
}

int comedi_dio_get_config(comedi_t *dev, unsigned subdevice, unsigned channel, unsigned *direction)
{
	(void)dev;
	(void)subdevice;
	*direction = fake_comedi.output[channel] ? COMEDI_OUTPUT : COMEDI_INPUT;
	return 0;
}

int comedi_dio_config(comedi_t *dev, unsigned subdevice, unsigned channel, unsigned direction)
{
	note(dev, FAKE_DIRECTION, subdevice, channel)->n = direction;
	for (unsigned i = channel / 8 * 8; i < channel / 8 * 8 + 8; i++)
		set_line(i, fake_comedi.level[i], direction == COMEDI_OUTPUT);
	return 1;
}

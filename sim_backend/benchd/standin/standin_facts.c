/* sim_backend/benchd/standin/standin_facts.c - what a program may ask of the card: subdevices, channels, ranges. */
#include "config.h"

#include <stddef.h>

#include <comedi_errno.h>

#include "sim_backend/benchd/standin/standin.h"

static const struct {
	int type, flags;
	unsigned n_ranges;
	lsampl_t maxdata;
} facts[CARD_SUBDEVICES] = {
	[CARD_AI] = {COMEDI_SUBD_AI, SDF_READABLE | SDF_GROUND, CARD_RANGES, CARD_MAXDATA},
	[CARD_AO] = {COMEDI_SUBD_AO, SDF_READABLE | SDF_WRITABLE | SDF_GROUND, CARD_RANGES,
		     CARD_MAXDATA},
	[CARD_DIO] = {COMEDI_SUBD_DIO, SDF_READABLE | SDF_WRITABLE, 1, 1},
};

/* ---- the device ---- */

int comedi_get_n_subdevices(comedi_t *it)
{
	return standin_has(it) ? CARD_SUBDEVICES : -1;
}

int comedi_get_version_code(comedi_t *it)
{
	return standin_has(it) ? COMEDI_VERSION_CODE(0, 7, 76) : -1; /* as every kernel's own */
}

const char *comedi_get_driver_name(comedi_t *it)
{
	return standin_has(it) ? "nudge_benchd" : NULL;
}

const char *comedi_get_board_name(comedi_t *it)
{
	return standin_has(it) ? "nudge-benchd" : NULL;
}

int comedi_get_read_subdevice(comedi_t *it) /* none takes commands */
{
	(void)standin_has(it);
	return -1;
}

int comedi_get_write_subdevice(comedi_t *it)
{
	(void)standin_has(it);
	return -1;
}

/* ---- a subdevice ---- */

int comedi_get_subdevice_type(comedi_t *it, unsigned subdevice)
{
	return standin_has_subdevice(it, subdevice) ? facts[subdevice].type : -1;
}

int comedi_get_subdevice_flags(comedi_t *it, unsigned subdevice)
{
	return standin_has_subdevice(it, subdevice) ? facts[subdevice].flags : -1;
}

/* Programs of before 0.8.0 ask for this one */
int standin_get_subdevice_flags_0_7_18(comedi_t *it, unsigned subdevice);
int standin_get_subdevice_flags_0_7_18(comedi_t *it, unsigned subdevice)
{
	return comedi_get_subdevice_flags(it, subdevice);
}
__asm__(".symver standin_get_subdevice_flags_0_7_18, comedi_get_subdevice_flags@v0.7.18");

int comedi_find_subdevice_by_type(comedi_t *it, int type, unsigned from)
{
	if (!standin_has_subdevice(it, from))
		return -1;
	for (unsigned i = from; i < CARD_SUBDEVICES; i++)
		if (facts[i].type == type)
			return (int)i;
	return -1;
}

int comedi_get_n_channels(comedi_t *it, unsigned subdevice)
{
	return standin_has_subdevice(it, subdevice) ? (int)it->n_channels[subdevice] : -1;
}

int comedi_maxdata_is_chan_specific(comedi_t *it, unsigned subdevice)
{
	return standin_has_subdevice(it, subdevice) ? 0 : -1;
}

int comedi_range_is_chan_specific(comedi_t *it, unsigned subdevice)
{
	return standin_has_subdevice(it, subdevice) ? 0 : -1;
}

/* ---- a channel ---- */

lsampl_t comedi_get_maxdata(comedi_t *it, unsigned subdevice, unsigned channel)
{
	return standin_has_channel(it, subdevice, channel) ? facts[subdevice].maxdata : 0;
}

int comedi_get_n_ranges(comedi_t *it, unsigned subdevice, unsigned channel)
{
	return standin_has_channel(it, subdevice, channel) ? (int)facts[subdevice].n_ranges : -1;
}

comedi_range *comedi_get_range(comedi_t *it, unsigned subdevice, unsigned channel, unsigned range)
{
	if (!standin_has_channel(it, subdevice, channel) || range >= facts[subdevice].n_ranges)
		return NULL;
	return subdevice == CARD_DIO ? &it->digital : &it->analogue[range];
}

/* The smallest range that holds all of [min, max] */
int comedi_find_range(comedi_t *it, unsigned subdevice, unsigned channel, unsigned unit, double min,
		      double max)
{
	const comedi_range *best = NULL;
	int found = -1;

	if (!standin_has_channel(it, subdevice, channel))
		return -1;
	for (unsigned i = 0; i < facts[subdevice].n_ranges; i++) {
		const comedi_range *range = comedi_get_range(it, subdevice, channel, i);
		if (range->unit != unit || range->min > min || range->max < max)
			continue;
		if (best && range->max - range->min >= best->max - best->min)
			continue;
		best = range;
		found = (int)i;
	}
	return found;
}

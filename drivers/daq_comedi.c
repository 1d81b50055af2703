/* drivers/daq_comedi.c - moves the numbers of a card behind comedi: each call is one list of instructions. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>

#include "drivers/daq_comedi.h"

/* ---- volts and codes ---- */

static double polynomial_at(const comedi_polynomial_t *p, double x)
{
	double sum = 0;

	for (unsigned i = p->order + 1; i-- > 0;)
		sum = sum * (x - p->expansion_origin) + p->coefficients[i];
	return sum;
}

static comedi_range *range_of(const struct comedi_part *part, unsigned channel)
{
	return comedi_get_range(part->port->dev, part->subdevice, channel, part->range);
}

static lsampl_t code_of(const struct comedi_part *part, unsigned channel, double volts)
{
	double code;

	if (!part->from_phys)
		return comedi_from_phys(volts, range_of(part, channel), part->maxdata);
	/* comedi_from_physical() wraps a negative code around to the other end of the range; here it is the near end, and
	 * the read-back tells the difference */
	code = rint(polynomial_at(&part->from_phys[channel], volts));
	return code <= 0 ? 0 : code >= part->maxdata ? part->maxdata : (lsampl_t)code;
}

/* NAN at either end: whatever lies beyond reads the same. */
static double input_V(const struct comedi_part *part, unsigned channel, lsampl_t code)
{
	if (!part->to_phys)
		return comedi_to_phys(code, range_of(part, channel), part->maxdata);
	return code == 0 || code >= part->maxdata ? (double)NAN
						  : polynomial_at(&part->to_phys[channel], code);
}

/* An output may well stand at an end of its range, where comedi_to_phys() would say NAN. */
static double output_V(const struct comedi_part *part, unsigned channel, lsampl_t code)
{
	const comedi_range *range = range_of(part, channel);

	if (part->to_phys)
		return polynomial_at(&part->to_phys[channel], code);
	return range ? range->min + (range->max - range->min) * code / part->maxdata : (double)NAN;
}

/* ---- lists ---- */

static int make_room(struct comedi_card *card, size_t n_insn, size_t n_data, struct rig_error *err)
{
	if (n_insn > card->n_insn) {
		comedi_insn *more = realloc(card->insn, n_insn * sizeof(*more));

		if (!more)
			return rig_fail(err, -ENOMEM, "out of memory");
		card->insn = more;
		card->n_insn = n_insn;
	}
	if (n_data > card->n_data) {
		lsampl_t *more = realloc(card->data, n_data * sizeof(*more));

		if (!more)
			return rig_fail(err, -ENOMEM, "out of memory");
		card->data = more;
		card->n_data = n_data;
	}
	return 0;
}

/* In one call of the kernel, so that nothing comes between. */
static int do_list(struct comedi_card *card, const struct comedi_port *port, size_t n,
		   const char *doing, struct rig_error *err)
{
	comedi_insnlist list = {.n_insns = (unsigned)n, .insns = card->insn};
	int done = comedi_do_insnlist(port->dev, &list);

	if (done < 0)
		return comedi_card_fail(port, doing, err);
	if ((size_t)done != n)
		return rig_fail(err, -EIO, "%s: %s: only %d of %zu channels were done", port->path,
				doing, done, n);
	return 0;
}

static comedi_insn instruction(const struct comedi_part *part, unsigned what, unsigned channel,
			       lsampl_t *data, unsigned n)
{
	return (comedi_insn){.insn = what,
			     .n = n,
			     .data = data,
			     .subdev = part->subdevice,
			     .chanspec = CR_PACK(channel, part->range, part->aref)};
}

/* ---- analogue ---- */

enum { most_samples = 65536 }; /* of one instruction, in the kernel's comedi */

static int card_write(void *self, const struct daq_volt *volts, size_t n, struct rig_error *err)
{
	struct comedi_card *card = self;
	const struct comedi_part *part = &card->part[DAQ_AO];
	int r = make_room(card, n, n, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		card->data[i] = code_of(part, volts[i].channel.number, volts[i].volts);
		card->insn[i] =
			instruction(part, INSN_WRITE, volts[i].channel.number, &card->data[i], 1);
	}
	return do_list(card, part->port, n, "writing outputs", err);
}

/* One instruction a channel with all of its samples: the multiplexer stays, so that what is discarded are the samples
 * that still remember the channel before, and what is averaged are those that follow. */
static int card_read(void *self, const struct daq_channel *inputs, size_t n, unsigned average,
		     unsigned discard, double *ret_V, struct rig_error *err)
{
	struct comedi_card *card = self;
	const struct comedi_part *part = &card->part[DAQ_AI];
	unsigned each = average + discard;
	int r;

	if (each > most_samples)
		return rig_fail(err, -EINVAL,
				"%u samples of each input: comedi takes at most %d (daq.average)",
				each, most_samples);
	r = make_room(card, n, n * each, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		card->insn[i] =
			instruction(part, INSN_READ, inputs[i].number, &card->data[i * each], each);
	r = do_list(card, part->port, n, "reading inputs", err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		const lsampl_t *sample = &card->data[i * each + discard];
		double sum_V = 0; /* one sample that is NAN makes it NAN */

		for (unsigned k = 0; k < average; k++)
			sum_V += input_V(part, inputs[i].number, sample[k]);
		ret_V[i] = sum_V / average;
	}
	return 0;
}

/* What the outputs were last told, as the driver in the kernel or the card keeps it; no measurement. */
static int card_read_back(void *self, const struct daq_channel *outputs, size_t n, double *ret_V,
			  struct rig_error *err)
{
	struct comedi_card *card = self;
	const struct comedi_part *part = &card->part[DAQ_AO];
	int r = make_room(card, n, n, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++)
		card->insn[i] = instruction(part, INSN_READ, outputs[i].number, &card->data[i], 1);
	r = do_list(card, part->port, n, "reading outputs back", err);
	for (size_t i = 0; i < n && r == 0; i++)
		ret_V[i] = output_V(part, outputs[i].number, card->data[i]);
	return r;
}

/* ---- lines ---- */

/* The instruction for the 32 lines of which this one is, among the first *n; made if it is not there yet. */
static comedi_insn *group_of(struct comedi_card *card, struct daq_channel line, size_t *n)
{
	const struct comedi_part *part = &card->part[line.kind];
	unsigned base = line.number / 32 * 32;
	comedi_insn *insn;

	for (size_t i = 0; i < *n; i++)
		if (card->insn[i].subdev == part->subdevice &&
		    CR_CHAN(card->insn[i].chanspec) == base)
			return &card->insn[i];
	insn = &card->insn[*n];
	*insn = (comedi_insn){.insn = INSN_BITS,
			      .n = 2,
			      .data = &card->data[2 * *n],
			      .subdev = part->subdevice,
			      .chanspec = CR_PACK(base, 0, 0)};
	insn->data[0] = insn->data[1] = 0; /* mask, levels */
	(*n)++;
	return insn;
}

/* Lines of one subdevice change at once, 32 at a time. */
static int card_set_lines(void *self, const struct daq_level *level, size_t n,
			  struct rig_error *err)
{
	struct comedi_card *card = self;
	size_t n_groups = 0;
	int r = n ? make_room(card, n, 2 * n, err) : 0;

	if (r < 0 || n == 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		comedi_insn *insn = group_of(card, level[i].channel, &n_groups);
		lsampl_t bit = (lsampl_t)1 << level[i].channel.number % 32;

		insn->data[0] |= bit;
		insn->data[1] = level[i].high ? insn->data[1] | bit : insn->data[1] & ~bit;
	}
	return do_list(card, card->part[level[0].channel.kind].port, n_groups, "setting lines",
		       err);
}

static int card_get_line(void *self, struct daq_channel line, bool *ret_high, struct rig_error *err)
{
	struct comedi_card *card = self;
	size_t n_groups = 0;
	int r = make_room(card, 1, 2, err);

	if (r < 0)
		return r;
	group_of(card, line, &n_groups); /* a mask of 0 writes nothing */
	r = do_list(card, card->part[line.kind].port, 1, "reading a line", err);
	if (r == 0)
		*ret_high = card->data[1] >> line.number % 32 & 1;
	return r;
}

static bool is_output(const struct comedi_part *part, unsigned line)
{
	unsigned direction = COMEDI_INPUT;

	return comedi_dio_get_config(part->port->dev, part->subdevice, line, &direction) >= 0 &&
	       direction == COMEDI_OUTPUT;
}

/* Levels into the latches first, then the direction: the lines come up as they must be.  Many cards turn whole blocks of
 * lines at once, so all levels come before the first direction.  Written once more at the end: an 8255 clears its latches
 * when a direction changes (a low pulse of microseconds: with such a chip choose a clock that idles low). */
static int make_outputs(struct comedi_card *card, const struct daq_level *level, size_t n,
			struct rig_error *err)
{
	const struct comedi_part *part = &card->part[DAQ_DIO];
	int r = card_set_lines(card, level, n, err);

	for (size_t i = 0; i < n && r == 0; i++)
		if (comedi_dio_config(part->port->dev, part->subdevice, level[i].channel.number,
				      COMEDI_OUTPUT) < 0)
			r = comedi_card_fail(part->port, "making a line an output", err);
	return r < 0 ? r : card_set_lines(card, level, n, err);
}

static int card_prepare(void *self, const unsigned range[DAQ_KINDS], const struct daq_level *level,
			size_t n, struct rig_error *err)
{
	struct comedi_card *card = self;
	struct daq_level *inputs = calloc(n + 1, sizeof(*inputs));
	size_t n_inputs = 0;
	int r;

	if (!inputs)
		return rig_fail(err, -ENOMEM, "out of memory");
	card->part[DAQ_AO].range = range[DAQ_AO];
	card->part[DAQ_AI].range = range[DAQ_AI];
	r = comedi_card_calibrate(card, err);
	for (size_t i = 0; i < n; i++)
		if (level[i].channel.kind == DAQ_DIO &&
		    !is_output(&card->part[DAQ_DIO], level[i].channel.number))
			inputs[n_inputs++] = level[i];
	if (r == 0)
		r = make_outputs(card, inputs, n_inputs, err);
	free(inputs);
	return r;
}

const struct daq_driver daq_comedi = {
	.name = "comedi",
	.open = comedi_card_open,
	.close = comedi_card_close,
	.prepare = card_prepare,
	.write = card_write,
	.read = card_read,
	.read_back = card_read_back,
	.set_lines = card_set_lines,
	.get_line = card_get_line,
	.describe = comedi_card_describe,
};

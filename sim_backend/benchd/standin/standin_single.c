/* sim_backend/benchd/standin/standin_single.c - comedi's calls for one channel, each a list of its own; and locks. */
#include "config.h"

#include <errno.h>
#include <stddef.h>

#include <comedi_errno.h>

#include "sim_backend/benchd/standin/standin.h"

static int one(comedi_t *it, unsigned what, unsigned subdevice, unsigned chanspec, lsampl_t *data,
	       unsigned n)
{
	comedi_insn insn = {
		.insn = what, .n = n, .data = data, .subdev = subdevice, .chanspec = chanspec};

	return comedi_do_insn(it, &insn);
}

/* ---- analogue ---- */

int comedi_data_write(comedi_t *it, unsigned subdevice, unsigned channel, unsigned range,
		      unsigned aref, lsampl_t data)
{
	if (!standin_has_channel(it, subdevice, channel))
		return -1;
	return one(it, INSN_WRITE, subdevice, CR_PACK(channel, range, aref), &data, 1);
}

int comedi_data_read(comedi_t *it, unsigned subdevice, unsigned channel, unsigned range,
		     unsigned aref, lsampl_t *data)
{
	if (!standin_has_channel(it, subdevice, channel))
		return -1;
	return one(it, INSN_READ, subdevice, CR_PACK(channel, range, aref), data, 1);
}

int comedi_data_read_n(comedi_t *it, unsigned subdevice, unsigned channel, unsigned range,
		       unsigned aref, lsampl_t *data, unsigned n)
{
	if (n == 0)
		return 0;
	if (!standin_has_channel(it, subdevice, channel))
		return -1;
	return one(it, INSN_READ, subdevice, CR_PACK(channel, range, aref), data, n) < 0 ? -1 : 0;
}

int comedi_data_read_hint(comedi_t *it, unsigned subdevice, unsigned channel, unsigned range,
			  unsigned aref)
{
	(void)channel, (void)range, (void)aref;
	return standin_has_subdevice(it, subdevice) ? 0 : -1;
}

/* Selects the channel, waits, converts: 3 instructions done */
int comedi_data_read_delayed(comedi_t *it, unsigned subdevice, unsigned channel, unsigned range,
			     unsigned aref, lsampl_t *data, unsigned nano_sec)
{
	unsigned chanspec = CR_PACK(channel, range, aref);
	comedi_insn insns[] = {
		{.insn = INSN_READ, .data = data, .subdev = subdevice, .chanspec = chanspec},
		{.insn = INSN_WAIT, .n = 1, .data = &nano_sec},
		{.insn = INSN_READ,
		 .n = 1,
		 .data = data,
		 .subdev = subdevice,
		 .chanspec = chanspec},
	};
	comedi_insnlist list = {.n_insns = 3, .insns = insns};

	if (!standin_has_channel(it, subdevice, channel))
		return -1;
	return comedi_do_insnlist(it, &list);
}

/* ---- digital ---- */

static bool is_digital(comedi_t *it, unsigned subdevice)
{
	return standin_has_subdevice(it, subdevice) &&
	       (subdevice == CARD_DIO || standin_fail_internal(EINVAL_SUBD) == 0);
}

int comedi_dio_config(comedi_t *it, unsigned subdevice, unsigned channel, unsigned direction)
{
	if (!is_digital(it, subdevice) || !standin_has_channel(it, subdevice, channel))
		return -1;
	return one(it, INSN_CONFIG, subdevice, channel, &direction, 1) < 0 ? -1 : 0;
}

int comedi_dio_get_config(comedi_t *it, unsigned subdevice, unsigned channel, unsigned *direction)
{
	lsampl_t data[2] = {INSN_CONFIG_DIO_QUERY, 0};

	if (!is_digital(it, subdevice) || !standin_has_channel(it, subdevice, channel) ||
	    one(it, INSN_CONFIG, subdevice, channel, data, 2) < 0)
		return -1;
	*direction = data[1];
	return 0;
}

int comedi_dio_read(comedi_t *it, unsigned subdevice, unsigned channel, unsigned *bit)
{
	if (!is_digital(it, subdevice) || !standin_has_channel(it, subdevice, channel))
		return -1;
	return one(it, INSN_READ, subdevice, channel, bit, 1);
}

int comedi_dio_write(comedi_t *it, unsigned subdevice, unsigned channel, unsigned bit)
{
	if (!is_digital(it, subdevice) || !standin_has_channel(it, subdevice, channel))
		return -1;
	return one(it, INSN_WRITE, subdevice, channel, &bit, 1);
}

int comedi_dio_bitfield2(comedi_t *it, unsigned subdevice, unsigned mask, unsigned *bits,
			 unsigned base)
{
	lsampl_t data[2] = {mask, *bits};

	if (!is_digital(it, subdevice) || one(it, INSN_BITS, subdevice, base, data, 2) < 0)
		return -1;
	*bits = data[1];
	return 0;
}

int comedi_dio_bitfield(comedi_t *it, unsigned subdevice, unsigned mask, unsigned *bits)
{
	return comedi_dio_bitfield2(it, subdevice, mask, bits, 0);
}

/* ---- locks ---- */

static int lock(comedi_t *it, unsigned subdevice, enum card_what what)
{
	struct card_instruction instruction = {.what = (uint16_t)what,
					       .subdevice = (uint16_t)subdevice};
	uint32_t n;

	if (!standin_has(it))
		return -1;
	if (subdevice >= CARD_SUBDEVICES)
		return standin_fail(EINVAL);
	return standin_ask(it, &instruction, 1, NULL, 0, &n);
}

int comedi_lock(comedi_t *it, unsigned subdevice)
{
	return lock(it, subdevice, CARD_LOCK);
}

int comedi_unlock(comedi_t *it, unsigned subdevice)
{
	return lock(it, subdevice, CARD_UNLOCK);
}

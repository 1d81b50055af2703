/* sim_backend/benchd/standin/standin_list.c - comedi's instructions: a list goes to the card as one request. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/benchd/standin/standin.h"

/* A list on its way: instructions for the card, then its answers.  Most fit without memory of their own. */
struct batch {
	struct card_instruction *list;
	uint32_t *answers;
	uint32_t n, room, n_answers;
	struct card_instruction few[64];
	uint32_t few_answers[512];
};

static struct card_instruction make(const comedi_insn *insn, enum card_what what, uint32_t value,
				    uint32_t repeat)
{
	return (struct card_instruction){.what = (uint16_t)what,
					 .subdevice = (uint16_t)insn->subdev,
					 .channel = CR_CHAN(insn->chanspec),
					 .range = CR_RANGE(insn->chanspec),
					 .value = value,
					 .repeat = repeat};
}

static void put(struct batch *batch, struct card_instruction instruction)
{
	if (batch->list)
		batch->list[batch->n] = instruction;
	batch->n++;
}

static int put_config(struct batch *batch, const comedi_insn *insn)
{
	static const uint32_t as_input = 0, as_output = 1, only_ask = 2;

	if (insn->n < 1 || insn->subdev != CARD_DIO)
		return -EINVAL;
	switch (insn->data[0]) {
	case INSN_CONFIG_DIO_INPUT:
		put(batch, make(insn, CARD_DIRECTION, as_input, 0));
		break;
	case INSN_CONFIG_DIO_OUTPUT:
		put(batch, make(insn, CARD_DIRECTION, as_output, 0));
		break;
	case INSN_CONFIG_DIO_QUERY:
		if (insn->n != 2)
			return -EINVAL;
		put(batch, make(insn, CARD_DIRECTION, only_ask, 0));
		break;
	default:
		return -EINVAL;
	}
	batch->n_answers++;
	return 0;
}

/* What the kernel checks before it asks a driver is checked here */
static int put_insn(struct batch *batch, const comedi_insn *insn)
{
	if (insn->n > CARD_MOST_ANSWERS - batch->n_answers)
		return -EINVAL;
	if (!(insn->insn & INSN_MASK_SPECIAL) && insn->subdev >= CARD_SUBDEVICES)
		return -EINVAL;
	switch (insn->insn) {
	case INSN_READ:
		put(batch, make(insn, CARD_READ, 0, insn->n));
		batch->n_answers += insn->n;
		return 0;
	case INSN_WRITE:
		for (unsigned i = 0; i < insn->n; i++)
			put(batch, make(insn, CARD_WRITE, insn->data[i], 0));
		return 0;
	case INSN_BITS:
		if (insn->n != 2)
			return -EINVAL;
		put(batch, make(insn, CARD_BITS, insn->data[1], insn->data[0]));
		batch->n_answers++;
		return 0;
	case INSN_CONFIG:
		return put_config(batch, insn);
	case INSN_WAIT:
		if (insn->n != 1 || insn->data[0] >= CARD_MOST_WAIT_NS)
			return -EINVAL;
		put(batch, make(insn, CARD_WAIT, insn->data[0], 0));
		return 0;
	case INSN_GTOD:
		if (insn->n != 2)
			return -EINVAL;
		put(batch, make(insn, CARD_CLOCK, 0, 0));
		batch->n_answers += 2;
		return 0;
	}
	return -EINVAL;
}

static int put_all(struct batch *batch, const comedi_insnlist *insns)
{
	batch->n = batch->n_answers = 0;
	for (unsigned i = 0; i < insns->n_insns; i++) {
		int r = put_insn(batch, &insns->insns[i]);
		if (r < 0)
			return r;
		if (batch->n > CARD_MOST_INSTRUCTIONS)
			return -EINVAL;
	}
	return 0;
}

static const uint32_t *take_insn(const comedi_insn *insn, const uint32_t *answer)
{
	switch (insn->insn) {
	case INSN_READ:
		for (unsigned i = 0; i < insn->n; i++)
			insn->data[i] = *answer++;
		break;
	case INSN_BITS:
		insn->data[1] = *answer++;
		break;
	case INSN_CONFIG:
		if (insn->data[0] == INSN_CONFIG_DIO_QUERY)
			insn->data[1] = *answer ? COMEDI_OUTPUT : COMEDI_INPUT;
		answer++;
		break;
	case INSN_GTOD:
		insn->data[0] = *answer++;
		insn->data[1] = *answer++;
		break;
	}
	return answer;
}

/* Twice over the list: first to count, then to fill in */
static int make_room(struct batch *batch, const comedi_insnlist *insns)
{
	int r = put_all(batch, insns);

	if (r < 0)
		return r;
	batch->room = batch->n_answers;
	batch->answers = batch->few_answers;
	if (batch->room > sizeof(batch->few_answers) / sizeof(*batch->few_answers)) {
		batch->answers = malloc(batch->room * sizeof(*batch->answers));
		if (!batch->answers)
			return -ENOMEM;
	}
	batch->list = batch->few;
	if (batch->n > sizeof(batch->few) / sizeof(*batch->few)) {
		batch->list = malloc(batch->n * sizeof(*batch->list));
		if (!batch->list)
			return -ENOMEM;
	}
	return put_all(batch, insns);
}

int comedi_do_insnlist(comedi_t *it, comedi_insnlist *insns)
{
	struct batch batch = {.list = NULL};
	const uint32_t *answer;
	uint32_t got = 0;
	int r;

	if (!standin_has(it))
		return -1;
	r = make_room(&batch, insns);
	if (r < 0)
		r = standin_fail(-r);
	else if (batch.n > 0)
		r = standin_ask(it, batch.list, batch.n, batch.answers, batch.room, &got);
	if (r == 0 && got != batch.room)
		r = standin_fail(EPROTO);
	answer = batch.answers;
	for (unsigned i = 0; r == 0 && i < insns->n_insns; i++)
		answer = take_insn(&insns->insns[i], answer);
	if (batch.list != batch.few)
		free(batch.list);
	if (batch.answers != batch.few_answers)
		free(batch.answers);
	return r < 0 ? -1 : (int)insns->n_insns;
}

int comedi_do_insn(comedi_t *it, comedi_insn *insn)
{
	comedi_insnlist one = {.n_insns = 1, .insns = insn};

	return comedi_do_insnlist(it, &one) < 0 ? -1 : (int)insn->n;
}

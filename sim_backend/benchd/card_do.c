/* sim_backend/benchd/card_do.c - does a list of the card's instructions to the world: codes, ranges, directions, locks. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <sys/time.h>
#include <time.h>

#include "sim_backend/benchd/card_state.h"

/* A list on its way */
struct doing {
	struct card_state *state;
	int client;
	int64_t now_ns;
	uint32_t *answers, n;
};

static const unsigned n_channels[CARD_SUBDEVICES] = {
	[CARD_AI] = WORLD_AI, [CARD_AO] = WORLD_AO, [CARD_DIO] = WORLD_DIO};

int64_t card_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

void card_state_reset(struct card_state *state)
{
	for (unsigned i = 0; i < WORLD_AO; i++)
		state->held[i] = card_code(world_output(state->world, i), 0);
	for (unsigned i = 0; i < WORLD_DIO; i++) {
		state->is_output[i] = false;
		state->latch[i] = world_line(state->world, i);
	}
	for (unsigned i = 0; i < CARD_SUBDEVICES; i++)
		state->locked_by[i] = -1;
}

uint16_t card_code(double volts, unsigned range)
{
	double min_V = card_range_V[range][0], span_V = card_range_V[range][1] - min_V;
	double code = floor((volts - min_V) / span_V * CARD_MAXDATA + 0.5);

	if (code <= 0)
		return 0;
	return code < CARD_MAXDATA ? (uint16_t)code : CARD_MAXDATA;
}

double card_volts(uint16_t code, unsigned range)
{
	double min_V = card_range_V[range][0], span_V = card_range_V[range][1] - min_V;

	return min_V + code * span_V / CARD_MAXDATA;
}

static int answer(struct doing *doing, uint32_t value)
{
	if (doing->n >= CARD_MOST_ANSWERS)
		return EINVAL;
	doing->answers[doing->n++] = value;
	return 0;
}

static int hello(struct doing *doing, const struct card_instruction *in)
{
	int error = in->value == CARD_WIRE_VERSION ? 0 : EPROTO;

	for (unsigned i = 0; !error && i < CARD_SUBDEVICES; i++)
		error = answer(doing, n_channels[i]);
	return error;
}

static uint32_t read_once(struct doing *doing, const struct card_instruction *in)
{
	struct card_state *state = doing->state;

	switch ((enum card_subdevice)in->subdevice) {
	case CARD_AI:
		state->counts.conversions++;
		return card_code(world_read_input(state->world, in->channel, doing->now_ns),
				 in->range);
	case CARD_AO:
		return state->held[in->channel];
	case CARD_DIO:
	case CARD_SUBDEVICES:
		break;
	}
	return world_line(state->world, in->channel);
}

static int do_read(struct doing *doing, const struct card_instruction *in)
{
	int error = in->repeat <= CARD_MOST_ANSWERS - doing->n ? 0 : EINVAL;

	for (uint32_t i = 0; !error && i < in->repeat; i++)
		error = answer(doing, read_once(doing, in));
	return error;
}

static void write_line(struct doing *doing, unsigned line, bool high)
{
	struct card_state *state = doing->state;

	state->latch[line] = high;
	if (state->is_output[line])
		world_set_line(state->world, line, high, doing->now_ns);
}

static int do_write(struct doing *doing, const struct card_instruction *in)
{
	switch ((enum card_subdevice)in->subdevice) {
	case CARD_AO:
		if (in->value > CARD_MAXDATA)
			return EINVAL;
		doing->state->held[in->channel] = (uint16_t)in->value;
		world_set_output(doing->state->world, in->channel,
				 card_volts((uint16_t)in->value, in->range), doing->now_ns);
		return 0;
	case CARD_DIO:
		write_line(doing, in->channel, in->value != 0);
		return 0;
	case CARD_AI:
	case CARD_SUBDEVICES:
		break;
	}
	return EINVAL;
}

static int do_bits(struct doing *doing, const struct card_instruction *in)
{
	uint32_t levels = 0;

	if (in->subdevice != CARD_DIO)
		return EINVAL;
	for (unsigned i = 0; i < 32 && in->channel + i < WORLD_DIO; i++)
		if (in->repeat >> i & 1)
			write_line(doing, in->channel + i, in->value >> i & 1);
	for (unsigned i = 0; i < 32 && in->channel + i < WORLD_DIO; i++)
		levels |= (uint32_t)world_line(doing->state->world, in->channel + i) << i;
	return answer(doing, levels);
}

static int do_direction(struct doing *doing, const struct card_instruction *in)
{
	struct card_state *state = doing->state;

	if (in->subdevice != CARD_DIO || in->value > 2)
		return EINVAL;
	if (in->value < 2) {
		state->is_output[in->channel] = in->value == 1;
		if (state->is_output[in->channel] &&
		    world_line(state->world, in->channel) != state->latch[in->channel])
			world_set_line(state->world, in->channel, state->latch[in->channel],
				       doing->now_ns);
	}
	return answer(doing, state->is_output[in->channel]);
}

/* As the kernel does: without leaving the processor */
static int do_wait(struct doing *doing, const struct card_instruction *in)
{
	int64_t until_ns = card_now_ns() + in->value;

	if (in->value >= CARD_MOST_WAIT_NS)
		return EINVAL;
	do {
		doing->now_ns = card_now_ns();
	} while (doing->now_ns < until_ns);
	return 0;
}

static int do_clock(struct doing *doing)
{
	struct timeval now;

	gettimeofday(&now, NULL);
	int error = answer(doing, (uint32_t)now.tv_sec);
	return error ? error : answer(doing, (uint32_t)now.tv_usec);
}

static int do_lock(struct doing *doing, const struct card_instruction *in)
{
	int *by = &doing->state->locked_by[in->subdevice];

	if (*by >= 0 && *by != doing->client)
		return EACCES;
	*by = in->what == CARD_LOCK ? doing->client : -1;
	return 0;
}

/* Is there such a thing, and may this client touch it? */
static int check(const struct doing *doing, const struct card_instruction *in)
{
	int by;

	if (in->subdevice >= CARD_SUBDEVICES || in->channel >= n_channels[in->subdevice] ||
	    in->range >= (in->subdevice == CARD_DIO ? 1 : CARD_RANGES))
		return EINVAL;
	by = doing->state->locked_by[in->subdevice];
	return by >= 0 && by != doing->client ? EACCES : 0;
}

static int do_one(struct doing *doing, const struct card_instruction *in)
{
	int error = in->what == CARD_HELLO || in->what == CARD_WAIT || in->what == CARD_CLOCK
			    ? 0
			    : check(doing, in);

	if (error)
		return error;
	switch ((enum card_what)in->what) {
	case CARD_HELLO:
		return hello(doing, in);
	case CARD_READ:
		return do_read(doing, in);
	case CARD_WRITE:
		return do_write(doing, in);
	case CARD_BITS:
		return do_bits(doing, in);
	case CARD_DIRECTION:
		return do_direction(doing, in);
	case CARD_WAIT:
		return do_wait(doing, in);
	case CARD_CLOCK:
		return do_clock(doing);
	case CARD_LOCK:
	case CARD_UNLOCK:
		return do_lock(doing, in);
	}
	return EINVAL;
}

int card_do(struct card_state *state, int client, const struct card_instruction *list, uint32_t n,
	    int64_t now_ns, uint32_t answers[CARD_MOST_ANSWERS], uint32_t *ret_n)
{
	struct doing doing = {
		.state = state, .client = client, .now_ns = now_ns, .answers = answers};
	int error = 0;

	for (uint32_t i = 0; !error && i < n; i++) {
		state->counts.instructions++;
		error = do_one(&doing, &list[i]);
	}
	*ret_n = doing.n;
	return error;
}

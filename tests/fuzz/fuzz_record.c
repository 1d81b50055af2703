/* tests/fuzz/fuzz_record.c - stream records and replies with arrays, as a client decodes them.
 *
 * Lines of text: the topic, the header, the descriptor's list of arrays; what is left is the payload, which the descriptor
 * is cut to: its frames have the lengths that the next bytes say.
 */
#include "config.h"

#include "clients/libnudge/gap.h"
#include "clients/libnudge/internal.h"
#include "clients/libnudge/record.h"
#include "tests/fuzz/fuzz.h"

#define MOST_FRAMES 16

static void add(struct frames *frames, const void *bytes, size_t size)
{
	char *copy = malloc(size + 1);

	FUZZ_MUST(copy);
	memcpy(copy, bytes, size);
	copy[size] = '\0';
	frames->list[frames->n++] = (struct frame){copy, size};
}

static struct fuzz_input line(struct fuzz_input *in)
{
	const uint8_t *end = memchr(in->at, '\n', in->left);
	struct fuzz_input ret = {in->at, end ? (size_t)(end - in->at) : in->left};

	in->at += ret.left + (end != NULL);
	in->left -= ret.left + (end != NULL);
	return ret;
}

static struct frames payload(struct fuzz_input in, const struct fuzz_input *first, size_t n)
{
	struct frames frames = {0, calloc(MOST_FRAMES, sizeof(*frames.list))};

	FUZZ_MUST(frames.list);
	for (size_t i = 0; i < n; i++)
		add(&frames, first[i].at, first[i].left);
	while (in.left && frames.n < MOST_FRAMES) {
		size_t size = fuzz_byte(&in);

		if (size > in.left)
			size = in.left;
		add(&frames, in.at, size);
		in.at += size;
		in.left -= size;
	}
	return frames;
}

static double look(const struct nudge_record *record)
{
	double sum = 0;

	for (size_t k = 0; k < record->n_arrays; k++) {
		const struct nudge_array *array = &record->arrays[k];

		FUZZ_MUST(nudge_record_array(record, array->name));
		for (size_t i = 0; i < array->shape[0] && i < 8; i++)
			for (size_t j = 0; j < array->shape[1] && j < 8; j++) {
				sum += nudge_array_real(array, i, j);
				sum += (double)nudge_array_integer(array, i, j);
			}
	}
	return sum;
}

/* As a watch does: what comes again is skipped. */
static void follow(struct record *record)
{
	struct gap *gap = gap_new();
	uint64_t from, skip;

	FUZZ_MUST(gap);
	gap_begin(gap, "b", 0);
	gap_record(gap, record->public.topic, "b", record->public.seq, 0, &from);
	gap_expect(gap, record->public.run,
		   record->public.step + record->public.seq % record->public.n);
	if (gap_steps(gap, record->public.run, record->public.step, record->public.n, &from,
		      &skip) != GAP_OLD) {
		FUZZ_MUST(skip <= record->public.n);
		record_skip(record, skip);
		look(&record->public);
	}
	gap_free(gap);
}

static void use(struct record *record)
{
	look(&record->public);
	if (record->public.n)
		follow(record);
	record_free(record);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size}, part[2];
	struct nudge_error error = {0};
	struct record *record = NULL;
	struct frames frames;
	json_t *arrays, *reply;

	part[0] = line(&in);
	part[1] = line(&in);
	struct fuzz_input text = line(&in);
	arrays = json_loadb((const char *)text.at, text.left, 0, NULL);
	frames = payload(in, part, 2);
	if (record_parse(&frames, &record, &error) == 0) {
		record_describe(record, arrays, &error);
		use(record);
	}
	json_decref(arrays);
	reply = json_loadb((const char *)part[1].at, part[1].left, 0, NULL);
	frames = payload(in, &part[1], 1);
	if (record_of_reply(&frames, reply, &record, &error) == 0)
		use(record);
	json_decref(reply);
	return 0;
}

/* daemon/rig_file_bench.c - a rig file's sections about a real bench: wires, clock, boards, bias. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/rig_file_impl.h"
#include "sim_backend/network.h"

static const double bank_F[] = {0, 2.2e-6, 22e-6, 220e-6,
				2200e-6}; /* of a board, by register value */

static int no_memory(const struct rig_reading *in)
{
	return problem_set(in->p, PROBLEM_INTERNAL, "", "out of memory while reading the rig");
}

static int copy_name(const struct rig_reading *in, const char *path, const json_t *value, char *ret,
		     size_t size)
{
	const char *text = json_string_value(value);

	if (!text)
		return 0;
	if (strlen(text) >= size)
		return problem_set(in->p, PROBLEM_PARAMS, path, "%s is longer than %zu characters",
				   text, size - 1);
	memcpy(ret, text, strlen(text) + 1);
	return 0;
}

/* ---- channels ---- */

enum wanted { WANT_OUTPUT, WANT_INPUT, WANT_LINE };

/* name NULL: not wired. */
static int channel(const struct rig_reading *in, const char *path, const json_t *name,
		   enum wanted wanted, struct daq_channel *ret)
{
	static const char *const what[] = {[WANT_OUTPUT] = "an analogue output, as ao0",
					   [WANT_INPUT] = "an analogue input, as ai0",
					   [WANT_LINE] = "a digital line, as dio0 or do0"};
	bool fits;

	if (!name)
		return 0;
	if (daq_channel_parse(json_string_value(name), ret) < 0)
		ret->kind = DAQ_NONE;
	fits = wanted == WANT_OUTPUT  ? ret->kind == DAQ_AO
	       : wanted == WANT_INPUT ? ret->kind == DAQ_AI
				      : ret->kind == DAQ_DIO || ret->kind == DAQ_DO;
	if (fits)
		return 0;
	return problem_set(in->p, PROBLEM_PARAMS, path, "'%s' is not %s", json_string_value(name),
			   what[wanted]);
}

static int node_of(const struct rig_reading *in, const char *section, const char *key, size_t *ret)
{
	char path[64];

	*ret = strtoul(key, NULL, 10);
	if (*ret < in->config->network->n_nodes)
		return 0;
	snprintf(path, sizeof(path), "/daq/%s/%s", section, key);
	return problem_set(in->p, PROBLEM_PARAMS, path,
			   "node %s is not there: the nodes are 0 to %zu", key,
			   in->config->network->n_nodes - 1);
}

/* One output for both networks, or one for each; and its relays. */
static int read_drive(const struct rig_reading *in, const char *key, const json_t *entry)
{
	static const char *const sides[] = {"free", "clamped"};
	const json_t *both = json_object_get(entry, "both");
	const json_t *relay = json_object_get(entry, "switch");
	char path[96];
	size_t node;

	if (node_of(in, "drive", key, &node) < 0)
		return -1;
	snprintf(path, sizeof(path), "/daq/drive/%s", key);
	if (both && (json_object_get(entry, "free") || json_object_get(entry, "clamped")))
		return problem_set(in->p, PROBLEM_PARAMS, path,
				   "node %s: `both` and one of `free`, `clamped`: give either",
				   key);
	for (int side = 0; side < 2; side++) {
		struct daq_wire *wire = &in->config->daq.wire[side][node];
		const json_t *line =
			json_is_object(relay) ? json_object_get(relay, sides[side]) : relay;

		if (channel(in, path, both ? both : json_object_get(entry, sides[side]),
			    WANT_OUTPUT, &wire->drive) < 0)
			return -1;
		if (wire->drive.kind && channel(in, path, line, WANT_LINE, &wire->relay) < 0)
			return -1;
	}
	return 0;
}

static int read_measure(const struct rig_reading *in, const char *key, const json_t *entry)
{
	static const char *const sides[] = {"free", "clamped"};
	char path[96];
	size_t node;

	if (node_of(in, "measure", key, &node) < 0)
		return -1;
	for (int side = 0; side < 2; side++) {
		snprintf(path, sizeof(path), "/daq/measure/%s/%s", key, sides[side]);
		if (channel(in, path, json_object_get(entry, sides[side]), WANT_INPUT,
			    &in->config->daq.wire[side][node].measure) < 0)
			return -1;
	}
	return 0;
}

static int read_wires(const struct rig_reading *in, json_t *daq)
{
	size_t n = in->config->network->n_nodes;
	const char *key;
	json_t *entry;

	for (int side = 0; side < 2; side++) {
		in->config->daq.wire[side] = calloc(n + 1, sizeof(struct daq_wire));
		if (!in->config->daq.wire[side])
			return no_memory(in);
	}
	json_object_foreach(json_object_get(daq, "drive"), key,
			    entry) if (read_drive(in, key, entry) < 0) return -1;
	json_object_foreach(json_object_get(daq, "measure"), key,
			    entry) if (read_measure(in, key, entry) < 0) return -1;
	return 0;
}

/* No channel may do two things; one output may drive a node of both networks. */
static int check_channels(const struct rig_reading *in)
{
	const struct daq_config *daq = &in->config->daq;
	size_t n = in->config->network->n_nodes;
	char name[16];

	for (size_t i = 0; i < 2 * n; i++) {
		const struct daq_wire *a = &daq->wire[i / n][i % n];

		for (size_t k = i + 1; k < 2 * n; k++) {
			const struct daq_wire *b = &daq->wire[k / n][k % n];
			bool drive = a->drive.kind && a->drive.number == b->drive.number &&
				     b->drive.kind && i % n != k % n;
			bool measure = a->measure.kind && b->measure.kind &&
				       a->measure.number == b->measure.number;

			if (!drive && !measure)
				continue;
			return problem_set(in->p, PROBLEM_PARAMS,
					   drive ? "/daq/drive" : "/daq/measure",
					   "%s is wired to node %zu and to node %zu",
					   daq_channel_name(drive ? a->drive : a->measure, name),
					   i % n, k % n);
		}
		if (a->drive.kind && daq->bias.kind && a->drive.number == daq->bias.number)
			return problem_set(in->p, PROBLEM_PARAMS, "/daq/bias",
					   "%s is the bias and drives node %zu",
					   daq_channel_name(daq->bias, name), i % n);
		if (a->relay.kind && a->relay.kind == daq->clock.line.kind &&
		    a->relay.number == daq->clock.line.number)
			return problem_set(in->p, PROBLEM_PARAMS, "/daq/clock/line",
					   "%s is the clock and the relay of node %zu",
					   daq_channel_name(daq->clock.line, name), i % n);
	}
	return 0;
}

/* ---- the card ---- */

static int read_clock(const struct rig_reading *in, const json_t *clock)
{
	struct daq_clock *ret = &in->config->daq.clock;

	*ret = (struct daq_clock){
		.idle_high = strcmp(json_string_value(json_object_get(clock, "idle")), "high") == 0,
		.active_falling =
			strcmp(json_string_value(json_object_get(clock, "active")), "falling") == 0,
		.pulse_s = json_number_value(json_object_get(clock, "pulse_s")),
		.done_s = json_number_value(json_object_get(clock, "done_s")),
	};
	return channel(in, "/daq/clock/line", json_object_get(clock, "line"), WANT_LINE,
		       &ret->line);
}

static int read_gains(const struct rig_reading *in, json_t *gains)
{
	struct daq_config *daq = &in->config->daq;
	const char *name;
	json_t *pair;
	char path[64];

	daq->gain = calloc(json_object_size(gains) + 1, sizeof(*daq->gain));
	if (!daq->gain)
		return no_memory(in);
	json_object_foreach(gains, name, pair)
	{
		struct daq_gain *gain = &daq->gain[daq->n_gain++];

		snprintf(path, sizeof(path), "/daq/gain/%.40s", name);
		gain->gain = json_number_value(json_array_get(pair, 0));
		gain->offset_V = json_number_value(json_array_get(pair, 1));
		if (daq_channel_parse(name, &gain->channel) < 0 ||
		    (gain->channel.kind != DAQ_AO && gain->channel.kind != DAQ_AI))
			return problem_set(in->p, PROBLEM_PARAMS, path,
					   "'%s' is not an analogue channel, as ao0 or ai0", name);
		if (!(gain->gain > 0.5 && gain->gain < 2))
			return problem_set(in->p, PROBLEM_PARAMS, path,
					   "%s: a gain of %g is not 0.5 to 2", name, gain->gain);
	}
	return 0;
}

static int read_daq(const struct rig_reading *in)
{
	json_t *json = json_object_get(in->json, "daq");
	struct daq_config *daq = &in->config->daq;

	if (!json)
		return problem_set(in->p, PROBLEM_PARAMS, "/backend",
				   "backend: bench needs a section `daq`");
	daq->settle_s = json_number_value(json_object_get(json, "settle_s"));
	daq->average = (unsigned)json_integer_value(json_object_get(json, "average"));
	daq->discard = (unsigned)json_integer_value(json_object_get(json, "discard"));
	daq->relay_s = json_number_value(json_object_get(json, "relay_s"));
	daq->patch = json_is_true(json_object_get(json, "patch"));
	if (copy_name(in, "/daq/driver", json_object_get(json, "driver"), daq->driver,
		      sizeof(daq->driver)) < 0 ||
	    copy_name(in, "/daq/device", json_object_get(json, "device"), daq->device,
		      sizeof(daq->device)) < 0 ||
	    copy_name(in, "/daq/digital_device", json_object_get(json, "digital_device"),
		      daq->digital_device, sizeof(daq->digital_device)) < 0 ||
	    channel(in, "/daq/bias", json_object_get(json, "bias"), WANT_OUTPUT, &daq->bias) < 0 ||
	    read_clock(in, json_object_get(json, "clock")) < 0 || read_wires(in, json) < 0 ||
	    read_gains(in, json_object_get(json, "gain")) < 0)
		return -1;
	return check_channels(in);
}

/* ---- the boards ---- */

static int read_devices(const struct rig_reading *in, json_t *device)
{
	struct boards_config *boards = &in->config->boards;
	size_t n = json_is_array(device) ? json_array_size(device) : 1;

	boards->n_devices = n;
	boards->device = calloc(n + 1, sizeof(*boards->device));
	if (!boards->device)
		return no_memory(in);
	for (size_t i = 0; i < n; i++)
		if (copy_name(in, "/boards/device",
			      json_is_array(device) ? json_array_get(device, i) : device,
			      boards->device[i], sizeof(boards->device[i])) < 0)
			return -1;
	return 0;
}

/* "1-16", "7", "1-8,10,12": ascending or not, each once. */
static int addresses_of_text(const char *text, uint8_t ret[247], size_t *ret_n)
{
	*ret_n = 0;
	for (;;) {
		char *end;
		unsigned long first = strtoul(text, &end, 10), last = first;

		if (end == text)
			return -EINVAL;
		if (*end == '-') {
			text = end + 1;
			last = strtoul(text, &end, 10);
			if (end == text)
				return -EINVAL;
		}
		if (first < 1 || last > 247 || last < first || *ret_n + last - first + 1 > 247)
			return -EINVAL;
		for (unsigned long a = first; a <= last; a++)
			ret[(*ret_n)++] = (uint8_t)a;
		if (*end == '\0')
			return 0;
		if (*end != ',')
			return -EINVAL;
		text = end + 1;
	}
}

int rig_file_addresses(const json_t *json, uint8_t ret[247], size_t *ret_n)
{
	if (json_is_string(json))
		return addresses_of_text(json_string_value(json), ret, ret_n);
	*ret_n = json_array_size(json);
	for (size_t i = 0; i < *ret_n && i < 247; i++)
		ret[i] = (uint8_t)json_integer_value(json_array_get(json, i));
	return 0;
}

static int read_addresses(const struct rig_reading *in, const json_t *json)
{
	struct boards_config *boards = &in->config->boards;
	uint8_t address[247];
	bool seen[248] = {false};
	size_t n;

	if (rig_file_addresses(json, address, &n) < 0)
		return problem_set(
			in->p, PROBLEM_PARAMS, "/boards/addresses",
			"'%s' is not a list of addresses 1 to 247, as \"1-16\" or \"1-8,10\"",
			json_string_value(json));
	if (n > 247)
		return problem_set(in->p, PROBLEM_PARAMS, "/boards/addresses",
				   "%zu addresses: a bus has 1 to 247", n);
	for (size_t i = 0; i < n; i++) {
		if (seen[address[i]])
			return problem_set(in->p, PROBLEM_PARAMS, "/boards/addresses",
					   "address %u is there twice", address[i]);
		seen[address[i]] = true;
	}
	boards->address = malloc(n + 1);
	if (!boards->address)
		return no_memory(in);
	memcpy(boards->address, address, n);
	boards->n_boards = n;
	return 0;
}

static int read_serials(const struct rig_reading *in, const json_t *list)
{
	struct boards_config *boards = &in->config->boards;

	boards->serial = calloc(boards->n_boards + 1, sizeof(uint32_t));
	if (!boards->serial)
		return no_memory(in);
	if (list && json_array_size(list) != boards->n_boards)
		return problem_set(in->p, PROBLEM_PARAMS, "/boards/serials",
				   "%zu serial numbers for %zu boards", json_array_size(list),
				   boards->n_boards);
	for (size_t i = 0; list && i < boards->n_boards; i++)
		boards->serial[i] = (uint32_t)json_integer_value(json_array_get(list, i));
	return 0;
}

/* One board's edges follow the other's: as many boards as the edges need, no more. */
static int check_boards(const struct rig_reading *in)
{
	const struct boards_config *boards = &in->config->boards;
	size_t n_edges = in->config->network->n_edges, per = boards->edges_per_board;
	size_t needed = (n_edges + per - 1) / per;

	if (boards->n_boards != needed)
		return problem_set(in->p, PROBLEM_PARAMS, "/boards/addresses",
				   "%zu boards of %zu edges, but the network's %zu edges need %zu",
				   boards->n_boards, per, n_edges, needed);
	if (boards->n_devices != 1 &&
	    (boards->driver == BOARDS_RTU || boards->n_devices != boards->n_boards))
		return problem_set(in->p, PROBLEM_PARAMS, "/boards/device",
				   "%zu devices for %zu boards: a serial line is one device; "
				   "HOST:PORT is one for all boards or one for each",
				   boards->n_devices, boards->n_boards);
	if (in->config->edge.taps > 128)
		return problem_set(in->p, PROBLEM_PARAMS, "/edge/taps",
				   "%d taps: the boards' registers carry 128",
				   in->config->edge.taps);
	return 0;
}

static int read_boards(const struct rig_reading *in)
{
	json_t *json = json_object_get(in->json, "boards");
	struct boards_config *boards = &in->config->boards;
	const char *driver = json_string_value(json_object_get(json, "driver"));

	if (!json)
		return problem_set(in->p, PROBLEM_PARAMS, "/backend",
				   "backend: bench needs a section `boards`");
	boards->driver = strcmp(driver, "modbus-rtu") == 0 ? BOARDS_RTU : BOARDS_TCP;
	boards->baud = (unsigned)json_integer_value(json_object_get(json, "baud"));
	boards->edges_per_board =
		(unsigned)json_integer_value(json_object_get(json, "edges_per_board"));
	boards->reply_timeout_s = json_number_value(json_object_get(json, "reply_timeout_s"));
	boards->tries = (unsigned)json_integer_value(json_object_get(json, "tries"));
	boards->watchdog_s = json_number_value(json_object_get(json, "watchdog_s"));
	boards->read_every = (unsigned)json_integer_value(json_object_get(json, "read_every"));
	boards->noise_V = json_number_value(json_object_get(json, "noise_V"));
	if (!(boards->reply_timeout_s > 0 && boards->reply_timeout_s <= 10))
		return problem_set(in->p, PROBLEM_PARAMS, "/boards/reply_timeout_s",
				   "boards.reply_timeout_s is %g, not above 0 and at most 10 s",
				   boards->reply_timeout_s);
	if (boards->watchdog_s > 65)
		return problem_set(in->p, PROBLEM_PARAMS, "/boards/watchdog_s",
				   "boards.watchdog_s is %g, more than the boards' 65 s",
				   boards->watchdog_s);
	if (read_devices(in, json_object_get(json, "device")) < 0 ||
	    read_addresses(in, json_object_get(json, "addresses")) < 0 ||
	    read_serials(in, json_object_get(json, "serials")) < 0)
		return -1;
	return check_boards(in);
}

/* ---- the bank and the bias ---- */

static int check_bank(const struct rig_reading *in)
{
	const struct rig_config *config = in->config;
	char path[64];

	for (size_t i = 0; i < config->n_capacitance; i++) {
		bool there = false;

		for (size_t k = 0; k < sizeof(bank_F) / sizeof(bank_F[0]); k++)
			there |= fabs(config->capacitance_F[i] - bank_F[k]) <= 1e-9 * bank_F[k];
		snprintf(path, sizeof(path), "/capacitors_F/%zu", i);
		if (!there)
			return problem_set(
				in->p, PROBLEM_PARAMS, path,
				"%g F: the boards have 0, 2.2e-6, 22e-6, 220e-6 and 2200e-6 F",
				config->capacitance_F[i]);
	}
	return 0;
}

static int read_bias(const struct rig_reading *in)
{
	struct rig_config *config = in->config;
	const json_t *curve = json_object_get(json_object_get(in->json, "bias"), "curve");
	char path[64];

	if (!json_is_array(curve))
		return 0;
	config->bias = calloc(json_array_size(curve) + 1, sizeof(*config->bias));
	if (!config->bias)
		return no_memory(in);
	for (size_t i = 0; i < json_array_size(curve); i++) {
		const json_t *pair = json_array_get(curve, i);
		struct rig_bias_point *point = &config->bias[config->n_bias++];

		*point = (struct rig_bias_point){json_number_value(json_array_get(pair, 0)),
						 json_number_value(json_array_get(pair, 1))};
		snprintf(path, sizeof(path), "/bias/curve/%zu", i);
		if (!(point->p >= 0 && point->p <= 1))
			return problem_set(in->p, PROBLEM_PARAMS, path, "p is %g, not 0 to 1",
					   point->p);
		if (i && !(point->bias_V > point[-1].bias_V))
			return problem_set(in->p, PROBLEM_PARAMS, path,
					   "%g V after %g V: the volts must ascend", point->bias_V,
					   point[-1].bias_V);
	}
	return 0;
}

int rig_file_bench(const struct rig_reading *in)
{
	struct rig_config *config = in->config;

	config->bipolar =
		json_is_true(json_object_get(json_object_get(in->json, "relaxation"), "bipolar"));
	config->discharge_s = json_number_value(
		json_object_get(json_object_get(in->json, "relaxation"), "discharge_s"));
	config->pause_on_fault =
		strcmp(json_string_value(json_object_get(in->json, "on_fault")), "pause") == 0;
	if (!isfinite(config->limits.min_V) || !isfinite(config->limits.max_V))
		return problem_set(
			in->p, PROBLEM_PARAMS, "/limits/volts",
			"a bench needs limits.volts in numbers: the card's range is chosen by them");
	if (read_daq(in) < 0 || read_boards(in) < 0 || check_bank(in) < 0)
		return -1;
	return read_bias(in);
}

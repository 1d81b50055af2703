/* drivers/daq_open.c - opens a card: has it every channel of the rig file, and with which ranges? */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "drivers/daq_impl.h"

static const char *const kinds[DAQ_KINDS] = {"", "analogue outputs", "analogue inputs",
					     "digital lines (dio)", "digital outputs (do)"};
static const char *const prefixes[DAQ_KINDS] = {"", "ao", "ai", "dio", "do"};

int daq_refuse_channel(const struct daq_facts *facts, struct daq_channel c, struct rig_error *err)
{
	char name[16];
	unsigned n = c.kind < DAQ_KINDS ? facts->n_channels[c.kind] : 0;
	bool line = c.kind == DAQ_DIO || c.kind == DAQ_DO;
	const char *card = line && facts->lines[0] ? facts->lines : facts->name;

	daq_channel_name(c, name);
	if (n == 0)
		return rig_fail(err, -EINVAL, "%s: %s has no %s", name, card,
				c.kind < DAQ_KINDS && c.kind ? kinds[c.kind] : "such channel");
	return rig_fail(err, -EINVAL, "%s: %s has %u %s, %s0 to %s%u", name, card, n, kinds[c.kind],
			prefixes[c.kind], prefixes[c.kind], n - 1);
}

/* ---- channels ---- */

static int check_wire(const struct daq *daq, const struct daq_wire *wire, bool used[DAQ_KINDS],
		      struct rig_error *err)
{
	const struct daq_channel all[] = {wire->drive, wire->relay, wire->measure};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (all[i].kind == DAQ_NONE)
			continue;
		if (!daq_has(daq, all[i]))
			return daq_refuse_channel(&daq->facts, all[i], err);
		used[all[i].kind] = true;
	}
	return 0;
}

static int check_channels(const struct daq *daq, size_t n_nodes, bool used[DAQ_KINDS],
			  struct rig_error *err)
{
	const struct daq_config *config = daq->config;
	const struct daq_wire bias = {.drive = config->bias}, clock = {.relay = config->clock.line};
	int r;

	for (int side = 0; side < 2; side++)
		for (size_t i = 0; config->wire[side] && i < n_nodes; i++) {
			r = check_wire(daq, &config->wire[side][i], used, err);
			if (r < 0)
				return r;
		}
	r = check_wire(daq, &bias, used, err);
	if (r == 0)
		r = check_wire(daq, &clock, used, err);
	for (size_t i = 0; r == 0 && i < config->n_gain; i++)
		if (!daq_has(daq, config->gain[i].channel))
			r = daq_refuse_channel(&daq->facts, config->gain[i].channel, err);
	return r;
}

/* ---- ranges ---- */

enum { no_range = DAQ_RANGES_MOST };

/* The smallest that holds min_V .. max_V; no_range if none does.  NAN bounds hold nothing. */
static unsigned smallest_range(const struct daq_facts *facts, enum daq_kind kind, double min_V,
			       double max_V)
{
	const struct daq_range *range = facts->analogue[kind].range;
	unsigned best = no_range;

	for (unsigned i = 0; i < facts->analogue[kind].n; i++)
		if (range[i].min_V <= min_V && range[i].max_V >= max_V &&
		    (best == no_range ||
		     range[i].max_V - range[i].min_V < range[best].max_V - range[best].min_V))
			best = i;
	return best;
}

static int refuse_ranges(const struct daq *daq, enum daq_kind kind, struct rig_error *err)
{
	const struct rig_limits *limits = daq->limits;
	const struct daq_facts *facts = &daq->facts;
	char list[128] = "none in volts";
	int n = 0;

	for (unsigned i = 0; i < facts->analogue[kind].n && n < (int)sizeof(list) - 32; i++) {
		const struct daq_range *range = &facts->analogue[kind].range[i];

		if (isfinite(range->min_V))
			n += snprintf(list + n, sizeof(list) - (size_t)n, "%s%g to %g V",
				      n ? ", " : "", range->min_V, range->max_V);
	}
	return rig_fail(err, -ERANGE,
			"no range of %s's %s holds the limits of %g to %g V%s%s; it has %s",
			facts->name, kinds[kind], limits->min_V, limits->max_V,
			limits->where[0] ? ", " : "", limits->where, list);
}

/* Inputs and outputs by the same rule, so that a card whose input shows an output's code (comedi_test) reads true. */
static int choose_range(struct daq *daq, enum daq_kind kind, bool used, struct rig_error *err)
{
	const struct rig_limits *limits = daq->limits;
	double spare_V = 0.02 * (limits->max_V - limits->min_V);
	unsigned best =
		smallest_range(&daq->facts, kind, limits->min_V - spare_V, limits->max_V + spare_V);

	if (best == no_range)
		best = smallest_range(&daq->facts, kind, limits->min_V, limits->max_V);
	if (best == no_range && used)
		return refuse_ranges(daq, kind, err);
	daq->range[kind] = best == no_range ? 0 : best;
	return 0;
}

/* ---- lines ---- */

/* The clock at its idle level, relays open. */
static int prepare(struct daq *daq, size_t n_nodes, struct rig_error *err)
{
	const struct daq_config *config = daq->config;
	struct daq_level *level = calloc(2 * n_nodes + 1, sizeof(*level));
	size_t n = 0;
	int r;

	if (!level)
		return rig_fail(err, -ENOMEM, "out of memory");
	if (config->clock.line.kind)
		level[n++] = (struct daq_level){config->clock.line, config->clock.idle_high};
	for (int side = 0; side < 2; side++)
		for (size_t i = 0; config->wire[side] && i < n_nodes; i++)
			if (config->wire[side][i].relay.kind)
				level[n++] = (struct daq_level){config->wire[side][i].relay, false};
	r = daq->driver->prepare(daq->self, daq->range, level, n, err);
	free(level);
	return r;
}

/* ---- open and close ---- */

static int allocate(struct daq *daq)
{
	const unsigned *n = daq->facts.n_channels;

	daq->scale[DAQ_AO] = calloc(n[DAQ_AO] + 1, sizeof(struct daq_scale));
	daq->scale[DAQ_AI] = calloc(n[DAQ_AI] + 1, sizeof(struct daq_scale));
	daq->nominal = calloc(n[DAQ_AO] + 1, sizeof(*daq->nominal));
	daq->n_reading = n[DAQ_AO] + n[DAQ_AI] + 1;
	daq->reading_V = calloc(daq->n_reading, sizeof(double));
	return daq->scale[DAQ_AO] && daq->scale[DAQ_AI] && daq->nominal && daq->reading_V ? 0
											  : -ENOMEM;
}

static int set_up(struct daq *daq, size_t n_nodes, struct rig_error *err)
{
	bool used[DAQ_KINDS] = {false};
	int r = check_channels(daq, n_nodes, used, err);

	if (r == 0)
		r = choose_range(daq, DAQ_AO, used[DAQ_AO], err);
	if (r == 0)
		r = choose_range(daq, DAQ_AI, used[DAQ_AI], err);
	if (r == 0 && allocate(daq) < 0)
		r = rig_fail(err, -ENOMEM, "out of memory");
	if (r < 0)
		return r;
	daq_set_gains(daq, daq->config->gain, daq->config->n_gain);
	return prepare(daq, n_nodes, err);
}

int daq_open_with(const struct daq_driver *driver, const struct daq_config *config,
		  const struct rig_limits *limits, size_t n_nodes, int wake_fd, struct daq **ret,
		  struct rig_error *err)
{
	struct daq *daq = calloc(1, sizeof(*daq));
	int r;

	if (!daq)
		return rig_fail(err, -ENOMEM, "out of memory");
	*daq = (struct daq){
		.driver = driver, .config = config, .limits = limits, .wake_fd = wake_fd};
	r = driver->open(config->device, config->digital_device, &daq->self, &daq->facts, err);
	if (r == 0)
		r = set_up(daq, n_nodes, err);
	if (r < 0) {
		daq_close(daq);
		return r;
	}
	*ret = daq;
	return 0;
}

int daq_open(const struct daq_config *config, const struct rig_limits *limits, size_t n_nodes,
	     int wake_fd, struct daq **ret, struct rig_error *err)
{
	const struct daq_driver *driver = daq_driver_find(config->driver);

	if (!driver)
		return rig_fail(err, -EINVAL, "there is no driver '%s' for a card; there is %s",
				config->driver, daq_driver_names());
	return daq_open_with(driver, config, limits, n_nodes, wake_fd, ret, err);
}

void daq_close(struct daq *daq)
{
	if (!daq)
		return;
	if (daq->self)
		daq->driver->close(daq->self);
	free(daq->scale[DAQ_AO]);
	free(daq->scale[DAQ_AI]);
	free(daq->nominal);
	free(daq->reading_V);
	free(daq);
}

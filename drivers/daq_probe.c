/* drivers/daq_probe.c - what a card has, and a rig file to begin with, as one text: comments, then YAML. */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drivers/daq.h"

struct plan { /* a rig as large as the card can carry */
	unsigned n_nodes, n_driven, n_edges;
	enum daq_kind line; /* of the clock and the relays */
	bool relays;
	double min_V, max_V;
};

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* ---- the card ---- */

static void print_analogue(FILE *out, const struct daq_facts *facts, enum daq_kind kind,
			   const char *prefix)
{
	const char *between = "";
	unsigned n = facts->n_channels[kind];

	if (n == 0)
		return;
	fprintf(out, "# %s0 to %s%u: %u bits;", prefix, prefix, n - 1, facts->analogue[kind].bits);
	for (unsigned i = 0; i < facts->analogue[kind].n; i++) {
		const struct daq_range *range = &facts->analogue[kind].range[i];

		if (isfinite(range->min_V))
			fprintf(out, "%s %g to %g V", between, range->min_V, range->max_V);
		between = ",";
	}
	if (kind == DAQ_AO)
		fputs(facts->reads_back ? "; read back" : "; no read-back", out);
	fputs("\n", out);
}

static void print_lines(FILE *out, unsigned n, const char *prefix)
{
	if (n)
		fprintf(out, "# %s0 to %s%u: digital lines\n", prefix, prefix, n - 1);
}

/* Each line of the text becomes a comment, so that the whole is a rig file. */
static void print_comment(FILE *out, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		fprintf(out, "# %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void print_card(FILE *out, const struct daq_driver *driver, void *card,
		       const struct daq_facts *facts)
{
	char *more = driver->describe ? driver->describe(card) : NULL;

	fprintf(out, "# %s%s%s\n", facts->name, facts->lines[0] ? ", lines of " : "", facts->lines);
	if (more)
		print_comment(out, more);
	free(more);
	fputs("#\n# Channels as a rig file names them:\n", out);
	print_analogue(out, facts, DAQ_AO, "ao");
	print_analogue(out, facts, DAQ_AI, "ai");
	print_lines(out, facts->n_channels[DAQ_DIO], "dio");
	print_lines(out, facts->n_channels[DAQ_DO], "do");
}

/* ---- the plan ---- */

static void widest(const struct daq_facts *facts, enum daq_kind kind, double *min_V, double *max_V)
{
	*min_V = INFINITY;
	*max_V = -INFINITY;
	for (unsigned i = 0; i < facts->analogue[kind].n; i++) {
		*min_V = fmin(*min_V, facts->analogue[kind].range[i].min_V);
		*max_V = fmax(*max_V, facts->analogue[kind].range[i].max_V);
	}
}

/* Every node measured in both networks, one output kept for the bias; false: too small for any rig. */
static bool make_plan(const struct daq_facts *facts, struct plan *ret)
{
	const unsigned *n = facts->n_channels;
	double ao_V[2], ai_V[2];

	widest(facts, DAQ_AO, &ao_V[0], &ao_V[1]);
	widest(facts, DAQ_AI, &ai_V[0], &ai_V[1]);
	*ret = (struct plan){
		.n_nodes = least(n[DAQ_AI] / 2, 64),
		.line = n[DAQ_DIO] ? DAQ_DIO : DAQ_DO,
		.min_V = fmax(0, fmax(ao_V[0], ai_V[0])),
		.max_V = fmin(5, fmin(ao_V[1], ai_V[1])),
	};
	if (ret->n_nodes < 2 || n[DAQ_AO] < 2 || !n[ret->line] || !(ret->min_V < ret->max_V))
		return false;
	ret->n_edges = ret->n_nodes > 2 ? ret->n_nodes : 1;
	ret->n_driven = least(ret->n_nodes, n[DAQ_AO] - 1);
	ret->relays = n[ret->line] > 2 * ret->n_driven;
	return true;
}

/* ---- the rig file ---- */

static void print_network(FILE *out, const struct plan *plan)
{
	fputs("network:                 # an example, a ring: put yours here\n  edges: [", out);
	for (unsigned i = 0; i < plan->n_edges; i++)
		fprintf(out, "%s[%u, %u]", i ? ", " : "", i, (i + 1) % plan->n_nodes);
	fputs("]\n", out);
}

static void print_limits(FILE *out, const struct plan *plan)
{
	fprintf(out,
		"edge: {taps: 128, r_step_ohm: 781.25, r_min_ohm: 781.25, initial_tap: 63}\n"
		"limits:\n"
		"  volts: [%g, %g]\n"
		"  slew_V_per_s: 1000\n"
		"  edge_power_W: 0.03       # of one resistor: its data sheet\n"
		"  source_current_A: 0.005  # what one output gives: the card's data sheet\n"
		"  discrepancy_V: 0.02      # measured minus commanded\n"
		"  measure_slack_V: 0.01\n"
		"bias: {curve: calibration, always_V: %g, never_V: %g}\n"
		"safe: {volts: %g, ramp_s: 0.1}\n",
		plan->min_V, plan->max_V, plan->min_V, plan->max_V, plan->min_V);
}

static void print_wires(FILE *out, const struct plan *plan)
{
	const char *line = plan->line == DAQ_DIO ? "dio" : "do";

	fprintf(out, "  drive:%s\n",
		plan->relays ? "                 # switch: a relay at each, closed when high"
			     : "                 # no relays: a wired node is held, so plugs move");
	for (unsigned i = 0; i < plan->n_driven; i++) {
		/* without relays a target wants an output for the clamped network alone */
		bool alone = !plan->relays && i > 0 && i == plan->n_driven - 1;

		fprintf(out, "    %u: {%s: ao%u", i, alone ? "clamped" : "both", i);
		if (plan->relays)
			fprintf(out, ", switch: {free: %s%u, clamped: %s%u}", line, 1 + i, line,
				1 + plan->n_driven + i);
		fputs("}\n", out);
	}
	fputs("  measure:\n", out);
	for (unsigned i = 0; i < plan->n_nodes; i++)
		fprintf(out, "    %u: {free: ai%u, clamped: ai%u}\n", i, i, plan->n_nodes + i);
	if (!plan->relays)
		fputs("  patch: true\n", out);
	fprintf(out,
		"  bias: ao%u\n"
		"  clock: {line: %s0, idle: high, active: falling, pulse_s: 0.01, done_s: 0.01}\n",
		plan->n_driven, line);
}

static void print_rig(FILE *out, const char *driver, const char *device, const char *digital,
		      const struct plan *plan)
{
	fputs("#\n# A rig file to begin with; docs/FILES.md tells each member, docs/BENCH.md the wires.\n"
	      "rig: bench\nbackend: bench\n",
	      out);
	print_network(out, plan);
	print_limits(out, plan);
	fprintf(out, "daq:\n  driver: %s\n  device: \"%s\"\n", driver, device);
	if (digital[0])
		fprintf(out, "  digital_device: \"%s\"\n", digital);
	fputs("  settle_s: 0.001\n  average: 4\n  discard: 1\n", out);
	print_wires(out, plan);
	fprintf(out,
		"boards:                  # one board for each edge\n"
		"  driver: modbus-rtu\n  device: /dev/ttyUSB0\n  addresses: \"1-%u\"\n"
		"  edges_per_board: 1\n",
		plan->n_edges);
}

/* ---- the whole ---- */

static int print_all(const struct daq_driver *driver, void *card, const struct daq_facts *facts,
		     const char *device, const char *digital, char **ret)
{
	struct plan plan;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return -ENOMEM;
	print_card(out, driver, card, facts);
	if (make_plan(facts, &plan))
		print_rig(out, driver->name, device, digital, &plan);
	else
		fputs("#\n# No rig file: a rig takes 2 analogue outputs (a source, the bias), 4 "
		      "analogue inputs\n# (2 nodes in both networks) and a digital line (the "
		      "clock).  Lines may be of another\n# device: --probe DEVICE,DIGITAL_DEVICE\n",
		      out);
	if (fclose(out) != 0) {
		free(text);
		return -ENOMEM;
	}
	*ret = text;
	return 0;
}

int daq_probe(const char *name, const char *device, const char *digital, char **ret_text,
	      struct rig_error *err)
{
	const struct daq_driver *driver = daq_driver_find(name);
	struct daq_facts facts;
	void *card;
	int r;

	if (!driver)
		return rig_fail(err, -EINVAL, "there is no driver '%s' for a card; there is %s",
				name, daq_driver_names());
	r = driver->open(device, digital, &card, &facts, err);
	if (r < 0)
		return r;
	r = print_all(driver, card, &facts, device, digital, ret_text);
	driver->close(card);
	return r < 0 ? rig_fail(err, r, "out of memory") : 0;
}

int rig_probe(const char *driver, const char *device, char **ret_text, struct rig_error *err)
{
	const char *comma = strchr(device, ',');
	char *analogue = strndup(device, comma ? (size_t)(comma - device) : strlen(device));
	int r;

	if (!analogue)
		return rig_fail(err, -ENOMEM, "out of memory");
	r = daq_probe(driver, analogue, comma ? comma + 1 : "", ret_text, err);
	free(analogue);
	return r;
}

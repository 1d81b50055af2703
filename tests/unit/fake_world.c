/* tests/unit/fake_world.c - what card.c calls of world.h, without physics. */
#include "config.h"

#include "tests/unit/fake_world.h"

static void seen(struct world *w, int64_t now_ns)
{
	if (w->first_ns == 0)
		w->first_ns = now_ns;
	w->last_ns = now_ns;
}

void fake_world_forget(struct world *w)
{
	w->writes = w->conversions = w->line_calls = w->line_changes = 0;
	w->first_ns = w->last_ns = 0;
}

void world_set_output(struct world *w, unsigned ao, double volts, int64_t now_ns)
{
	seen(w, now_ns);
	w->writes++;
	w->output_V[ao] = volts;
}

double world_output(const struct world *w, unsigned ao)
{
	return w->output_V[ao];
}

double world_read_input(struct world *w, unsigned ai, int64_t now_ns)
{
	seen(w, now_ns);
	return w->input_V[ai] + w->drift_V * w->conversions++;
}

void world_set_line(struct world *w, unsigned line, bool high, int64_t now_ns)
{
	seen(w, now_ns);
	w->line_calls++;
	w->line_changes += w->line[line] != high;
	w->line[line] = high;
}

bool world_line(const struct world *w, unsigned line)
{
	return w->line[line];
}

bool world_card_present(const struct world *w, int64_t now_ns)
{
	(void)now_ns;
	return w->present;
}

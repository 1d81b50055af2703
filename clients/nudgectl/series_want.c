/* clients/nudgectl/series_want.c - which columns of a run an experiment looks at. */
#include "config.h"

#include <string.h>

#include "clients/nudgectl/series_want.h"

static bool is_in(const char *word, const char *const *words)
{
	for (; word && *words; words++)
		if (!strcmp(word, *words))
			return true;
	return false;
}

void series_want_of(const struct trials *all, const struct trial *t, struct series_want *ret)
{
	static const char *const volts[] = {"steps_within", "crossings_per_s", "v_V", NULL};
	static const char *const edges[] = {"moves_per_edge", "travel_kohm", "mean_r_kohm",
					    "distance",       "taps",        NULL};
	static const char *const updates[] = {"pearson_mean", "pearson_most", "p_measured", NULL};
	static const char *const steady[] = {"equilibrium", NULL};
	const json_t *rig = json_object_get(t->root, "rig"), *edge = json_object_get(rig, "edge");
	const char *rule = json_string_value(json_object_get(json_object_get(rig, "sim"), "rule"));
	const char *y = json_string_value(json_object_get(experiment_part(all->e, "figure"), "y"));
	const char *name;
	json_t *what;

	*ret = (struct series_want){
		.volts =
			is_in(y, volts) || !strcmp(experiment_text(all->e, "procedure"), "teacher"),
		.edges = is_in(y, edges),
		.equilibrium = is_in(y, steady),
		.tests = true,
		.r_min_ohm = json_number_value(json_object_get(edge, "r_min_ohm")),
		.r_step_ohm = json_number_value(json_object_get(edge, "r_step_ohm")),
	};
	json_object_foreach((json_t *)experiment_part(all->e, "measures"), name, what)
	{
		const char *kind = json_string_value(json_object_get(what, "kind"));
		const char *of = json_string_value(json_object_get(what, "of"));

		ret->volts = ret->volts || is_in(kind, volts);
		ret->edges = ret->edges || is_in(kind, edges);
		ret->updated = ret->updated || is_in(kind, updates);
		ret->equilibrium = ret->equilibrium || is_in(of, steady);
	}
	ret->r_ohm = ret->edges && rule && strcmp(rule, "discrete");
}

/* daemon/params.c - eta, p, tau and C: ranges, ratios, and changes that are made whole or not at all. */
#include "config.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "daemon/params.h"
#include "protocol/reply.h"

void params_default(struct params *ret)
{
	*ret = (struct params){
		.eta = 0.5, .p = 1.0, .tau_s = 0.25, .alpha_per_s = NAN, .bias_V = NAN};
}

double params_relaxation_rate_per_s(const struct params *params, double r0_ohm)
{
	if (params->alpha_per_s > 0)
		return 1;
	return params->capacitance_F > 0 ? 1.0 / (r0_ohm * params->capacitance_F) : NAN;
}

double params_alpha_over_gamma(const struct params *params, double r0_ohm)
{
	if (params->alpha_per_s > 0)
		return params->alpha_per_s;
	return params->capacitance_F > 0 ? r0_ohm * params->capacitance_F / params->tau_s : NAN;
}

json_t *params_json(const struct params *params, double r0_ohm)
{
	json_t *json = json_object();

	reply_set_real(json, "eta", params->eta);
	reply_set_real(json, "p", params->p);
	reply_set_real(json, "tau_s", params->tau_s);
	reply_set_real(json, "capacitance_F", params->capacitance_F);
	reply_set_real(json, "relaxation_rate_per_s", params_relaxation_rate_per_s(params, r0_ohm));
	reply_set_real(json, "alpha_over_gamma", params_alpha_over_gamma(params, r0_ohm));
	reply_set_real(json, "bias_V", params->bias_V);
	/* At C = 0 the rate is null because there is none, not because a number went wrong; nor is a bias. */
	json_object_del(json, "invalid");
	json_object_set_new(json, "rev", json_integer((json_int_t)params->rev));
	return json;
}

static bool given(const json_t *change, const char *name, double *ret)
{
	const json_t *value = json_object_get(change, name);

	if (!json_is_number(value))
		return false;
	*ret = json_number_value(value);
	return true;
}

bool params_given(const json_t *change)
{
	static const char *const names[] = {
		"eta", "p", "tau_s", "capacitance_F", "relaxation_rate_per_s", "alpha_over_gamma"};
	double ignored;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (given(change, names[i], &ignored))
			return true;
	return false;
}

int params_check_rev(const struct params *params, long long if_rev, struct problem *p)
{
	if (if_rev < 0 || (uint64_t)if_rev == params->rev)
		return 0;
	problem_set(p, PROBLEM_CONFLICT, "",
		    "the parameters' revision is %llu, not %lld: read them again",
		    (unsigned long long)params->rev, if_rev);
	problem_add(p, "rev", json_integer((json_int_t)params->rev));
	return -1;
}

static int refuse(struct problem *p, const char *name, double value, const char *expected)
{
	char path[64];

	snprintf(path, sizeof(path), "/%s", name);
	return problem_set(p, PROBLEM_PARAMS, path, "%s is %g; it must be %s", name, value,
			   expected);
}

/* The bank as text for people: "0, 2.2e-06, 2.2e-05 F". */
static void list_bank(const struct rig_info *info, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < info->n_capacitance && used + 16 < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%g", i ? ", " : "",
					 info->capacitance_F[i]);
}

/* The capacitor of the bank that is wanted, exactly (to rounding of its text) or the closest by ratio. */
static int pick_capacitor(const struct rig_info *info, const char *name, double wanted_F,
			  bool nearest, double *ret_F, struct problem *p)
{
	char bank[256], path[64];
	double best = INFINITY;

	for (size_t i = 0; i < info->n_capacitance; i++) {
		double farad = info->capacitance_F[i];
		double distance = farad == wanted_F ? 0 : fabs(log(farad / wanted_F));

		if (distance < best) {
			best = distance;
			*ret_F = farad;
		}
	}
	if (best <= 1e-9 || (nearest && isfinite(best)))
		return 0;
	list_bank(info, bank, sizeof(bank));
	snprintf(path, sizeof(path), "/%s", name);
	return problem_set(p, PROBLEM_PARAMS, path,
			   "%s asks for %g F, which is not in the rig's bank: %s F%s", name,
			   wanted_F, bank, nearest ? "" : " (nearest: true takes the closest)");
}

static int apply_plain(struct params *new_, const json_t *change, struct problem *p)
{
	if (given(change, "eta", &new_->eta) && !(new_->eta > 0 && new_->eta <= 1))
		return refuse(p, "eta", new_->eta, "above 0 and at most 1");
	if (given(change, "p", &new_->p) && !(new_->p >= 0 && new_->p <= 1))
		return refuse(p, "p", new_->p, "from 0 to 1");
	if (given(change, "tau_s", &new_->tau_s) && !(new_->tau_s > 0 && isfinite(new_->tau_s)))
		return refuse(p, "tau_s", new_->tau_s, "above 0 s");
	return 0;
}

/* The capacitor by its value or by the relaxation rate that it makes. */
static int apply_capacitor(struct params *new_, const json_t *change, const struct rig_info *info,
			   struct problem *p)
{
	bool nearest = json_is_true(json_object_get(change, "nearest"));
	double farad, rate, from_rate_F;
	bool by_value = given(change, "capacitance_F", &farad);
	bool by_rate = given(change, "relaxation_rate_per_s", &rate);

	if (by_value &&
	    pick_capacitor(info, "capacitance_F", farad, nearest, &new_->capacitance_F, p) < 0)
		return -1;
	if (!by_rate)
		return 0;
	if (info->overdamped)
		return rate == 1
			       ? 0
			       : refuse(p, "relaxation_rate_per_s", rate,
					"1 per second: the overdamped rule takes alpha_over_gamma");
	if (!(rate > 0 && isfinite(rate)))
		return refuse(p, "relaxation_rate_per_s", rate, "above 0 per second");
	if (pick_capacitor(info, "relaxation_rate_per_s", 1.0 / (info->r0_ohm * rate), nearest,
			   &from_rate_F, p) < 0)
		return -1;
	if (by_value && from_rate_F != new_->capacitance_F)
		return problem_set(
			p, PROBLEM_PARAMS, "/relaxation_rate_per_s",
			"relaxation_rate_per_s %g asks for %g F, but capacitance_F is %g: "
			"give one of them",
			rate, from_rate_F, new_->capacitance_F);
	new_->capacitance_F = from_rate_F;
	return 0;
}

/* alpha/gamma moves tau; C stays.  The overdamped rule has a learning rate of its own. */
static int apply_ratio(struct params *new_, const json_t *change, const struct rig_info *info,
		       struct problem *p)
{
	double ratio, tau_s;

	if (!given(change, "alpha_over_gamma", &ratio))
		return 0;
	if (!(ratio > 0 && isfinite(ratio)))
		return refuse(p, "alpha_over_gamma", ratio, "above 0");
	if (info->overdamped) {
		new_->alpha_per_s = ratio;
		return 0;
	}
	if (!(new_->capacitance_F > 0))
		return problem_set(p, PROBLEM_PARAMS, "/alpha_over_gamma",
				   "alpha_over_gamma is %g, but without a capacitor there is no "
				   "relaxation to compare with: set capacitance_F first",
				   ratio);
	tau_s = info->r0_ohm * new_->capacitance_F / ratio;
	if (json_object_get(change, "tau_s") && fabs(tau_s - new_->tau_s) > 1e-9 * tau_s)
		return problem_set(p, PROBLEM_PARAMS, "/alpha_over_gamma",
				   "alpha_over_gamma %g asks for tau_s %g, but tau_s is %g: give "
				   "one of them",
				   ratio, tau_s, new_->tau_s);
	new_->tau_s = tau_s;
	return 0;
}

int params_apply(struct params *params, const json_t *change, const struct rig_info *info,
		 struct problem *p)
{
	struct params new_ = *params;

	if (apply_plain(&new_, change, p) < 0 || apply_capacitor(&new_, change, info, p) < 0 ||
	    apply_ratio(&new_, change, info, p) < 0)
		return -1;
	if (new_.tau_s < info->min_step_s)
		return problem_set(p, PROBLEM_LIMIT, "/tau_s",
				   "tau_s would be %g s, shorter than the %g s that a step of %s "
				   "takes",
				   new_.tau_s, info->min_step_s, info->name);
	*params = new_;
	return 0;
}

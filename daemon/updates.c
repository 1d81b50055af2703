/* daemon/updates.c - in a run's summary: how often edges updated, and how alike they did. */
#include "config.h"

#include <math.h>

#include "daemon/updates.h"
#include "protocol/reply.h"

struct shares {
	size_t n;
	double sum, least, most;
};

static struct shares count_shares(const struct rig_updates *u, const uint8_t *mode, size_t n_edges)
{
	struct shares shares = {0, 0, INFINITY, -INFINITY};

	for (size_t j = 0; u->updated && j < n_edges; j++) {
		double share = (double)u->updated[j] / (double)u->ticks;

		if (mode[j] != RIG_LEARN)
			continue;
		shares.n++;
		shares.sum += share;
		shares.least = fmin(shares.least, share);
		shares.most = fmax(shares.most, share);
	}
	return shares;
}

/* NAN: one of them never varied.  Counts are whole numbers far below 2^53: nothing is lost here. */
static double pearson(const struct rig_updates *u, size_t n_edges, size_t i, size_t j)
{
	double n = (double)u->ticks, a = (double)u->updated[i], b = (double)u->updated[j];
	double both = (double)u->together[i * n_edges + j];
	double spread = a * (n - a) * b * (n - b);

	return spread > 0 ? (n * both - a * b) / sqrt(spread) : NAN;
}

struct pairs {
	size_t n;
	double sum_abs, sum_square, most;
};

static struct pairs count_pairs(const struct rig_updates *u, const uint8_t *mode, size_t n_edges)
{
	struct pairs pairs = {0};

	for (size_t i = 0; u->together && i < n_edges; i++)
		for (size_t j = i + 1; j < n_edges && mode[i] == RIG_LEARN; j++) {
			double r = fabs(pearson(u, n_edges, i, j));

			if (mode[j] != RIG_LEARN || isnan(r))
				continue;
			pairs.n++;
			pairs.sum_abs += r;
			pairs.sum_square += r * r;
			pairs.most = fmax(pairs.most, r);
		}
	return pairs;
}

json_t *updates_json(const struct rig_updates *u, const uint8_t *mode, size_t n_edges)
{
	json_t *json = json_object();
	struct shares shares = {0};
	struct pairs pairs = {0};

	if (u->ticks) {
		shares = count_shares(u, mode, n_edges);
		pairs = count_pairs(u, mode, n_edges);
	}
	json_object_set_new(json, "ticks", json_integer((json_int_t)u->ticks));
	reply_set_real(json, "p_mean", shares.n ? shares.sum / (double)shares.n : NAN);
	reply_set_real(json, "p_min", shares.n ? shares.least : NAN);
	reply_set_real(json, "p_max", shares.n ? shares.most : NAN);
	json_object_set_new(json, "pairs", json_integer((json_int_t)pairs.n));
	reply_set_real(json, "pearson_mean_abs", pairs.n ? pairs.sum_abs / (double)pairs.n : NAN);
	reply_set_real(json, "pearson_rms",
		       pairs.n ? sqrt(pairs.sum_square / (double)pairs.n) : NAN);
	reply_set_real(json, "pearson_max", pairs.n ? pairs.most : NAN);
	/* null says "none" here; nothing is invalid */
	json_object_del(json, "invalid");
	return json;
}

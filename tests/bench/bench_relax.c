/* tests/bench/bench_relax.c - P8: a step with capacitors against a static step, in turns, and its error.
 *
 * A step: drive, clamp, tau / 2, compare and move, tau / 2; both networks relax.  `bench_relax NETWORK` prints the
 * microseconds of such a step alone, for bench_relax.py to compare with.
 */
#include "config.h"

#include <math.h>
#include <string.h>

#include "drivers/rig.h"
#include "sim_backend/network.h"
#include "sim_backend/random.h"
#include "tests/bench/bench.h"
#include "tests/unit/dense_rc.h"

#define MOST     160
#define N_ROUNDS 300
#define FARAD    22e-6
#define RC_S     (50e3 * FARAD) /* of the middle tap */
#define TAU_S    0.25

struct subject {
	struct rig *rig;
	const struct network *net;
	uint32_t sources[3], targets[2], all_nodes[MOST];
	uint8_t wiper[MOST], updated[MOST], raised[MOST];
	double free_V[MOST], clamped_V[MOST], target_free_V[2], clamp_V[2];
	uint64_t step;
};

static const double source_V[] = {5, 1, 0}, other_V[] = {0, 3, 4}, target_V[] = {2.9, 1.7};

static void must(struct rig *rig, int r)
{
	if (r < 0)
		bench_die("bench_relax: %s", rig_error(rig)->text);
}

static void open_subject(const char *name, double farad, struct subject *s)
{
	double bank_F[] = {0, FARAD};
	struct rig_config config = {.name = "bench",
				    .backend = "sim",
				    .edge = {128, 781.25, 781.25, 63},
				    .limits = {0, 5, INFINITY, INFINITY, INFINITY, INFINITY, 0, ""},
				    .capacitance_F = bank_F,
				    .n_capacitance = 2,
				    .r0_ohm = 1e4};
	struct network_error why;
	struct rig_error err;
	uint32_t n;

	*s = (struct subject){0};
	if (network_shipped(name, &config.network, &why) < 0)
		bench_die("bench_relax: %s", why.text);
	if (rig_open(&config, &s->rig, &err) < 0)
		bench_die("bench_relax: %s", err.text);
	network_free(config.network);
	s->net = rig_info(s->rig)->network;
	n = (uint32_t)s->net->n_nodes;
	for (uint32_t i = 0; i < n; i++)
		s->all_nodes[i] = i;
	memcpy(s->sources, (const uint32_t[]){0, n / 4, n - 2}, sizeof(s->sources));
	memcpy(s->targets, (const uint32_t[]){n / 2 - 1, n / 2 + 1}, sizeof(s->targets));
	const struct rig_session session = {s->sources, 3, s->targets, 2, s->all_nodes, n, 1, 0};
	must(s->rig, rig_begin(s->rig, &session));
	must(s->rig, rig_set_capacitance(s->rig, farad));
	for (size_t j = 0; j < s->net->n_edges; j++)
		s->wiper[j] = (uint8_t)random_below(1, RANDOM_INITIAL, j, 0, 128);
	must(s->rig, rig_write_edges(s->rig, s->wiper, s->net->n_edges));
}

/* Seconds a step; with capacitors a step takes tau of the rig's own time. */
static double time_steps(struct subject *s, double tau_s, unsigned n)
{
	struct rig_record record = {.free_V = s->free_V,
				    .clamped_V = s->clamped_V,
				    .target_free_V = s->target_free_V,
				    .clamp_V = s->clamp_V,
				    .wiper = s->wiper,
				    .updated = s->updated,
				    .raised = s->raised};
	struct rig_request request = {.step = s->step,
				      .n_examples = 1,
				      .target_V = target_V,
				      .eta = 0.2,
				      .hold_s = tau_s / 2,
				      .ticks = 1,
				      .clamp = true};
	double start = bench_now_s();

	for (unsigned i = 0; i < n; i++, request.step++) {
		request.source_V = request.step % 2 ? source_V : other_V;
		must(s->rig, rig_step(s->rig, &request, &record));
		must(s->rig, rig_wait_until(s->rig, record.apply_ns + llround(tau_s * 1e9)));
	}
	s->step = request.step;
	return (bench_now_s() - start) / n;
}

static void compare(const char *name, double *ret_static_s, double *ret_rc_s)
{
	struct subject plain, charged;

	open_subject(name, 0, &plain);
	open_subject(name, FARAD, &charged);
	*ret_static_s = *ret_rc_s = INFINITY;
	for (int round = 0; round < N_ROUNDS; round++) {
		unsigned n = (unsigned)(3200 / plain.net->n_edges);

		*ret_static_s = fmin(*ret_static_s, time_steps(&plain, 0, n));
		*ret_rc_s = fmin(*ret_rc_s, time_steps(&charged, TAU_S, n));
	}
	rig_close(plain.rig);
	rig_close(charged.rig);
}

/* The worst node of the free network, tau after its sources have stepped, at random taps. */
static double error_at(const char *name, double ratio)
{
	double farad[MOST], g[MOST], V[MOST] = {0}, held_V[MOST] = {0}, worst = 0;
	int64_t tau_ns = llround(ratio * RC_S * 1e9);
	char held[MOST] = {0};
	struct subject s;

	open_subject(name, FARAD, &s);
	for (size_t j = 0; j < s.net->n_edges; j++) {
		farad[j] = FARAD;
		g[j] = 1 / (781.25 * (s.wiper[j] + 1));
	}
	for (int i = 0; i < 3; i++) {
		held[s.sources[i]] = 1;
		V[s.sources[i]] = source_V[i];
		held_V[s.sources[i]] = other_V[i];
	}
	must(s.rig, rig_drive(s.rig, RIG_FREE, source_V, 3));
	must(s.rig, rig_measure(s.rig, RIG_FREE, s.all_nodes, s.net->n_nodes, s.free_V));
	dense_solve(s.net, g, held, V);
	must(s.rig, rig_drive(s.rig, RIG_FREE, other_V, 3));
	dense_jump(s.net, farad, held, held_V, V);
	must(s.rig, rig_wait_until(s.rig, rig_now_ns(s.rig) + tau_ns));
	dense_relax(s.net, g, farad, held, (double)tau_ns * 1e-9, V);
	must(s.rig, rig_measure(s.rig, RIG_FREE, s.all_nodes, s.net->n_nodes, s.free_V));
	for (size_t i = 0; i < s.net->n_nodes; i++)
		worst = fmax(worst, fabs(s.free_V[i] - V[i]));
	rig_close(s.rig);
	return worst;
}

int main(int argc, char **argv)
{
	static const char *const all[] = {"king9_16", "own_64_143"};
	static const double ratio[] = {0.01, 0.03, 0.1, 0.3, 1, 3, 5};
	double static_s, rc_s;

	if (argc > 1) {
		compare(argv[1], &static_s, &rc_s);
		printf("%.4f\n", rc_s * 1e6);
		return 0;
	}
	for (size_t i = 0; i < 2; i++) {
		compare(all[i], &static_s, &rc_s);
		bench_row("P8", all[i], "us", rc_s * 1e6, static_s * 1e6,
			  "static step (goal at most 16)");
	}
	printf("P8   error against an eigendecomposition (V; goal 1e-8)\n     %-10s", "tau/RC");
	for (size_t k = 0; k < sizeof(ratio) / sizeof(ratio[0]); k++)
		printf(" %8g", ratio[k]);
	for (size_t i = 0; i < 2; i++) {
		printf("\n     %-10s", all[i]);
		for (size_t k = 0; k < sizeof(ratio) / sizeof(ratio[0]); k++)
			printf(" %8.1e", error_at(all[i], ratio[k]));
	}
	printf("\n");
	bench_load();
	return 0;
}

/* sim_backend/sim_flow.c - steps of the simulated rig under rule: overdamped. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim_backend/overdamped.h"
#include "sim_backend/sim.h"
#include "sim_backend/sim_flow.h"

/* Without the published clip a conductance still cannot pass 0.  A wall would stop the integrator at every touch; this
 * is one that it can follow, as steep as nothing else is: in units of gamma + alpha. */
#define STEEPEST 1e3

struct sim_flow {
	double alpha_per_s, tolerance;
	bool clip;
	double *g;          /* [n_edges] 0 where open */
	uint8_t *none;      /* [n_edges] nobody learns */
	double *free_V;     /* [n_nodes] */
	double *response_V; /* [n_nodes] (V_C - V_F) / eta */
	double *clamped_V;  /* [n_nodes] */
	double *target_V;   /* [n_targets] V_F of the targets, before the DAQ */
	/* of a session */
	struct overdamped *overdamped;
	bool placed; /* it has a state */
	double eta;  /* of the last step: the state's */
};

/* ---- life ---- */

int sim_flow_new(const struct rig_config *config, struct sim_flow **ret)
{
	size_t n_nodes = config->network->n_nodes, n_edges = config->network->n_edges;
	struct sim_flow *flow = calloc(1, sizeof(*flow));

	if (!flow)
		return -ENOMEM;
	flow->alpha_per_s = isnan(config->sim.learning_rate) ? 1 : config->sim.learning_rate;
	flow->tolerance = config->sim.tolerance;
	flow->clip = config->sim.clip;
	flow->g = calloc(n_edges + 1, sizeof(double));
	flow->none = calloc(n_edges + 1, 1);
	flow->free_V = calloc(n_nodes + 1, sizeof(double));
	flow->response_V = calloc(n_nodes + 1, sizeof(double));
	flow->clamped_V = calloc(n_nodes + 1, sizeof(double));
	flow->target_V = calloc(n_nodes + 1, sizeof(double));
	if (!flow->g || !flow->none || !flow->free_V || !flow->response_V || !flow->clamped_V ||
	    !flow->target_V) {
		sim_flow_free(flow);
		return -ENOMEM;
	}
	*ret = flow;
	return 0;
}

void sim_flow_free(struct sim_flow *flow)
{
	if (!flow)
		return;
	overdamped_free(flow->overdamped);
	free(flow->g);
	free(flow->none);
	free(flow->free_V);
	free(flow->response_V);
	free(flow->clamped_V);
	free(flow->target_V);
	free(flow);
}

int sim_flow_begin(struct sim *sim, const struct rig_session *session, struct rig_error *err)
{
	struct sim_flow *flow = sim->flow;
	struct overdamped *overdamped;
	int r = overdamped_new(sim->network, session->sources, session->n_sources, session->targets,
			       session->n_targets, flow->tolerance, &overdamped);

	if (r < 0)
		return rig_fail(err, r, "out of memory for the integrator of %zu edges",
				sim->network->n_edges);
	overdamped_free(flow->overdamped);
	flow->overdamped = overdamped;
	flow->placed = false;
	return 0;
}

double sim_flow_alpha(const struct sim_flow *flow)
{
	return flow->alpha_per_s;
}

int sim_flow_set_alpha(void *self, double alpha_per_s, struct rig_error *err)
{
	struct sim *sim = self;

	(void)err;
	sim->flow->alpha_per_s = alpha_per_s;
	return 0;
}

/* ---- before the flow ---- */

static struct overdamped_drive drive_of(const struct sim *sim, const struct rig_request *request)
{
	const struct sim_flow *flow = sim->flow;

	return (struct overdamped_drive){
		.alpha_per_s = flow->alpha_per_s,
		.eta = request->eta,
		.fall_per_s = flow->clip ? 1 : STEEPEST * (1 + flow->alpha_per_s),
		.clamped = request->clamp,
		.source_V = request->source_V,
		.target_V = request->target_V,
		.learns = flow->none,
	};
}

/* A run starts at rest in its first example: the response to eta = 1, for the network is linear. */
static int put_at_rest(struct sim *sim, const struct rig_request *request, struct rig_error *err)
{
	int r;

	twins_clamp(sim->twins, request->clamp ? request->target_V : NULL);
	r = twins_solve(sim->twins, RIG_CLAMPED, err);
	if (r < 0)
		return r;
	overdamped_put(sim->flow->overdamped, twins_V(sim->twins, RIG_FREE),
		       twins_change_V(sim->twins));
	sim->flow->placed = true;
	return 0;
}

/* The state as this step finds it: charge stays, whatever the request changes. */
static int take_up(struct sim *sim, const struct rig_request *request, struct rig_error *err)
{
	struct sim_flow *flow = sim->flow;
	int r = 0;

	if (!flow->placed)
		r = put_at_rest(sim, request, err);
	else if (flow->eta != request->eta)
		overdamped_scale_response(flow->overdamped, flow->eta / request->eta);
	flow->eta = request->eta;
	return r;
}

static void look(struct sim *sim, const struct overdamped_drive *drive)
{
	struct sim_flow *flow = sim->flow;
	const uint32_t *floating;
	size_t n_floating = twins_floating(sim->twins, &floating);

	overdamped_voltages(flow->overdamped, drive, flow->free_V, flow->response_V);
	for (size_t i = 0; i < n_floating; i++)
		flow->free_V[floating[i]] = NAN;
	for (size_t v = 0; v < sim->network->n_nodes; v++)
		flow->clamped_V[v] = flow->free_V[v] + drive->eta * flow->response_V[v];
	for (size_t i = 0; i < sim->n_targets; i++)
		flow->target_V[i] = flow->free_V[sim->target[i]];
}

static void read_out(const struct sim *sim, struct rig_record *ret)
{
	const struct sim_flow *flow = sim->flow;

	daq_model_read(&sim->daq, sim->draw.seed, RANDOM_MEASURE_FREE, sim->draw.step, 0,
		       flow->free_V, sim->measured, sim->n_measured, ret->free_V);
	daq_model_read(&sim->daq, sim->draw.seed, RANDOM_MEASURE_FREE, sim->draw.step, 0,
		       flow->free_V, sim->target, sim->n_targets, ret->target_free_V);
	daq_model_read(&sim->daq, sim->draw.seed, RANDOM_MEASURE_CLAMPED, sim->draw.step, 0,
		       flow->clamped_V, sim->measured, sim->n_measured, ret->clamped_V);
}

/* What the row shows: the state before its flow. */
static int show(struct sim *sim, const struct rig_request *request,
		const struct overdamped_drive *drive, struct rig_record *ret, struct rig_error *err)
{
	struct sim_flow *flow = sim->flow;
	int r;

	look(sim, drive);
	/* the clamp follows the free voltage itself, at each instant, whatever the DAQ makes of it */
	r = sim_nudge(sim, request, request->target_V, flow->target_V, ret->clamp_V, &ret->flags,
		      err);
	if (r < 0)
		return r;
	read_out(sim, ret);
	if (ret->batch_mse_V2)
		ret->batch_mse_V2[0] =
			sim_mean_square(request->target_V, ret->target_free_V, sim->n_targets);
	return ret->equilibrium_V
		       ? twins_respond(sim->twins, 1, request->source_V, ret->equilibrium_V, err)
		       : 0;
}

/* ---- the flow ---- */

static int flow_on(struct sim *sim, struct overdamped_drive *drive,
		   const struct rig_request *request, struct rig_error *err)
{
	struct sim_flow *flow = sim->flow;
	const double *g = edges_free_g(sim->edges);
	const uint8_t *open = edges_cut(sim->edges);
	struct overdamped_error why;
	int r;

	for (size_t j = 0; j < sim->network->n_edges; j++)
		flow->g[j] = open[j] ? 0 : g[j];
	if (request->ticks)
		drive->learns = edges_flow_draw(sim->edges, &sim->draw);
	r = overdamped_flow(flow->overdamped, drive, request->flow_s, flow->g, &why);
	if (r < 0)
		return rig_fail(err, r, "step %llu: %s", (unsigned long long)request->step,
				why.text);
	if (!request->ticks)
		return 0;
	edges_flow_keep(sim->edges, flow->g, drive->learns, &sim->draw);
	twins_moved(sim->twins);
	return 0;
}

int sim_flow_step(struct sim *sim, const struct rig_request *request, struct rig_record *ret,
		  struct rig_error *err)
{
	struct overdamped_drive drive = drive_of(sim, request);
	struct rig_edges edges = {.wiper = ret->wiper,
				  .updated = ret->updated,
				  .raised = ret->raised,
				  .r_ohm = ret->r_ohm};
	int r = sim_mark_step(sim, request->step, err);

	if (r < 0)
		return r;
	ret->flags = 0;
	ret->apply_ns = ret->free_ns = ret->clamped_ns = clock_now_ns(&sim->clock);
	twins_drive_both(sim->twins, request->source_V);
	r = take_up(sim, request, err);
	if (r == 0)
		r = show(sim, request, &drive, ret, err);
	sim->draw.time_ns = ret->apply_ns - sim->begun_ns;
	if (r ==
	    0) /* first: a wait that is interrupted leaves the state as the row would have it */
		r = sim_wait_until(sim, ret->apply_ns + llround(request->flow_s * 1e9), err);
	if (r == 0)
		r = flow_on(sim, &drive, request, err);
	ret->tick_ns = clock_now_ns(&sim->clock);
	return r < 0 ? r : sim_read_edges(sim, &edges, err);
}

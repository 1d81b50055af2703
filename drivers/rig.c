/* drivers/rig.c - the seam: checks everything once on its way in, then hands it to the rig's own operations. */
#include "config.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "drivers/rig_check.h"
#include "sim_backend/network.h"

#define LONGEST_WAIT_S 1e9 /* 30 years: the nanoseconds still fit */

/* A sign of life. */
static int ended(struct rig *rig, int r)
{
	atomic_fetch_add_explicit(&rig->activity, 1, memory_order_relaxed);
	return r;
}

/* ---- life ---- */

int rig_open(const struct rig_config *config, struct rig **ret, struct rig_error *err)
{
	const struct rig_ops *ops = rig_list_find(config->backend);
	struct rig *rig;
	int r;

	if (!ops)
		return rig_fail(err, -ENOTSUP, "rig %s: backend '%s' is not built in", config->name,
				config->backend);
	r = rig_check_config(config, err);
	if (r < 0)
		return r;
	rig = calloc(1, sizeof(*rig));
	if (!rig)
		return rig_fail(err, -ENOMEM, "out of memory for a rig");
	rig->ops = ops;
	rig_fail(&rig->error, 0, "no error");
	rig->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = rig->wake_fd < 0 ? rig_fail(err, -errno, "eventfd: %s", strerror(errno))
			     : ops->open(config, rig->wake_fd, &rig->self, &rig->info, err);
	if (r < 0) {
		if (rig->wake_fd >= 0)
			close(rig->wake_fd);
		free(rig);
		return r;
	}
	rig->info.whole_step = ops->step != NULL;
	rig->info.batch_evaluate = ops->evaluate != NULL;
	*ret = rig;
	return 0;
}

void rig_close(struct rig *rig)
{
	if (!rig)
		return;
	rig->ops->close(rig->self);
	close(rig->wake_fd);
	free(rig->source);
	free(rig->target);
	free(rig);
}

const struct rig_info *rig_info(const struct rig *rig)
{
	return &rig->info;
}

const struct rig_error *rig_error(const struct rig *rig)
{
	return &rig->error;
}

/* ---- checks ---- */

static int need_session(struct rig *rig, const char *call)
{
	return rig->begun ? 0
			  : rig_fail(&rig->error, -EPERM, "%s was called before rig_begin()", call);
}

static int check_count(struct rig *rig, const char *what, size_t n, size_t want)
{
	return n == want ? 0
			 : rig_fail(&rig->error, -EINVAL, "%zu %s given, but there are %zu", n,
				    what, want);
}

static int check_nodes(struct rig *rig, const char *role, const uint32_t *nodes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (nodes[i] < rig->info.n_nodes)
			continue;
		rig_fail(&rig->error, -EINVAL, "%s node %u does not exist: the nodes are 0 to %zu",
			 role, nodes[i], rig->info.n_nodes - 1);
		rig->error.node = nodes[i];
		return -EINVAL;
	}
	return 0;
}

static int check_outputs(struct rig *rig, const char *role, const uint32_t *nodes,
			 const double *volts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int r = rig_check_output(&rig->info.limits, role, (long)nodes[i], volts[i],
					 &rig->error);
		if (r < 0)
			return r;
	}
	return 0;
}

static int check_desired(struct rig *rig, const double *target_V)
{
	for (size_t i = 0; i < rig->n_targets; i++)
		if (!isfinite(target_V[i]))
			return rig_fail(&rig->error, -EINVAL,
					"target node %u: the desired voltage is not a number",
					rig->target[i]);
	return 0;
}

static int check_eta(struct rig *rig, double eta)
{
	return eta > 0 && eta <= 1 ? 0
				   : rig_fail(&rig->error, -EINVAL,
					      "eta is %g, not above 0 and at most 1", eta);
}

static int check_wait(struct rig *rig, double seconds)
{
	return seconds >= 0 && seconds <= LONGEST_WAIT_S
		       ? 0
		       : rig_fail(&rig->error, -EINVAL, "a wait of %g s is not 0 to %g s", seconds,
				  LONGEST_WAIT_S);
}

static int not_there(struct rig *rig, const char *what)
{
	return rig_fail(&rig->error, -ENOTSUP, "a rig of backend '%s' cannot %s", rig->ops->backend,
			what);
}

static int check_interrupt(struct rig *rig)
{
	return atomic_load_explicit(&rig->interrupted, memory_order_acquire)
		       ? rig_fail(&rig->error, -EINTR, "interrupted")
		       : 0;
}

/* ---- sessions ---- */

static int replace_nodes(uint32_t **list, const uint32_t *nodes, size_t n)
{
	uint32_t *copy = malloc((n + 1) * sizeof(*copy));

	if (!copy)
		return -ENOMEM;
	if (n)
		memcpy(copy, nodes, n * sizeof(*copy));
	free(*list);
	*list = copy;
	return 0;
}

int rig_begin(struct rig *rig, const struct rig_session *session)
{
	int r = check_nodes(rig, "source", session->sources, session->n_sources);

	if (r < 0)
		return r;
	r = check_nodes(rig, "target", session->targets, session->n_targets);
	if (r < 0)
		return r;
	r = check_nodes(rig, "measured", session->measured, session->n_measured);
	if (r < 0)
		return r;
	rig->begun = false;
	if (replace_nodes(&rig->source, session->sources, session->n_sources) < 0 ||
	    replace_nodes(&rig->target, session->targets, session->n_targets) < 0)
		return rig_fail(&rig->error, -ENOMEM, "out of memory for a session");
	r = rig->ops->begin(rig->self, session, &rig->error);
	if (r < 0)
		return r;
	rig->n_sources = session->n_sources;
	rig->n_targets = session->n_targets;
	rig->n_measured = session->n_measured;
	rig->begun = true;
	return 0;
}

const char *rig_method(const struct rig *rig)
{
	return rig->begun && rig->ops->method ? rig->ops->method(rig->self) : "";
}

int rig_updates(struct rig *rig, struct rig_updates *ret)
{
	if (!rig->begun || !rig->ops->updates)
		return not_there(rig, "count its updates");
	rig->ops->updates(rig->self, ret);
	return 0;
}

int rig_directions(struct rig *rig, struct rig_directions *ret)
{
	if (!rig->begun || !rig->ops->directions)
		return not_there(rig, "compare directions");
	return rig->ops->directions(rig->self, ret, &rig->error);
}

size_t rig_devices(struct rig *rig, const struct rig_device **ret)
{
	return rig->ops->devices ? rig->ops->devices(rig->self, ret) : 0;
}

bool rig_take_note(struct rig *rig, struct rig_note *ret)
{
	return rig->ops->take_note && rig->ops->take_note(rig->self, ret);
}

unsigned rig_step_flags(struct rig *rig)
{
	return rig->ops->step_flags ? rig->ops->step_flags(rig->self) : 0;
}

size_t rig_floating(const struct rig *rig, const uint32_t **nodes)
{
	return rig->begun ? rig->ops->floating(rig->self, nodes) : 0;
}

/* ---- time ---- */

int64_t rig_now_ns(struct rig *rig)
{
	return rig->ops->now_ns(rig->self);
}

void rig_stamps(struct rig *rig, int64_t *ret_written_ns, int64_t *ret_tick_ns)
{
	*ret_written_ns = *ret_tick_ns = rig_now_ns(rig);
	if (rig->ops->stamps)
		rig->ops->stamps(rig->self, ret_written_ns, ret_tick_ns);
}

int rig_wait_until(struct rig *rig, int64_t when_ns)
{
	int r = check_interrupt(rig);

	if (r < 0)
		return r;
	return ended(rig, rig->ops->wait_until(rig->self, when_ns, &rig->error));
}

int rig_settle(struct rig *rig, double seconds)
{
	int r = check_wait(rig, seconds);

	if (r < 0)
		return r;
	return rig_wait_until(rig, rig_now_ns(rig) + llround(seconds * 1e9));
}

void rig_interrupt(struct rig *rig)
{
	int saved = errno;
	uint64_t one = 1;

	atomic_store_explicit(&rig->interrupted, true, memory_order_release);
	/* a full counter is readable too, so a failure to add to it loses nothing */
	if (write(rig->wake_fd, &one, sizeof(one)) < 0)
		errno = saved;
}

void rig_clear_interrupt(struct rig *rig)
{
	uint64_t count;

	while (read(rig->wake_fd, &count, sizeof(count)) > 0)
		;
	atomic_store_explicit(&rig->interrupted, false, memory_order_release);
}

/* ---- one step by hand ---- */

int rig_mark_step(struct rig *rig, uint64_t step)
{
	return rig->ops->mark_step(rig->self, step, &rig->error);
}

int rig_drive(struct rig *rig, enum rig_side side, const double *volts, size_t n)
{
	int r = need_session(rig, "rig_drive()");

	if (r < 0)
		return r;
	r = check_count(rig, "source voltages", n, rig->n_sources);
	if (r < 0)
		return r;
	r = check_outputs(rig, "source", rig->source, volts, n);
	if (r < 0)
		return r;
	return rig->ops->drive(rig->self, side, volts, &rig->error);
}

int rig_clamp(struct rig *rig, const double *volts, size_t n)
{
	int r = need_session(rig, "rig_clamp()");

	if (r < 0)
		return r;
	r = check_count(rig, "clamp voltages", n, n ? rig->n_targets : 0);
	if (r < 0)
		return r;
	r = check_outputs(rig, "clamped target", rig->target, volts, n);
	if (r < 0)
		return r;
	return rig->ops->clamp(rig->self, volts, n, &rig->error);
}

int rig_measure(struct rig *rig, enum rig_side side, const uint32_t *nodes, size_t n, double *ret_V)
{
	int r = need_session(rig, "rig_measure()");

	if (r < 0)
		return r;
	r = check_nodes(rig, "measured", nodes, n);
	if (r < 0)
		return r;
	return ended(rig, rig->ops->measure(rig->self, side, nodes, n, ret_V, &rig->error));
}

int rig_tick(struct rig *rig)
{
	int r = need_session(rig, "rig_tick()");

	if (r < 0)
		return r;
	return rig->ops->tick(rig->self, &rig->error);
}

int rig_read_edges(struct rig *rig, struct rig_edges *ret)
{
	return ended(rig, rig->ops->read_edges(rig->self, ret, &rig->error));
}

int rig_nudge(struct rig *rig, double eta, const double *free_V, const double *target_V, size_t n,
	      double *ret_V, unsigned *flags)
{
	int r = need_session(rig, "rig_nudge()");

	if (r < 0)
		return r;
	r = check_count(rig, "target voltages", n, rig->n_targets);
	if (r < 0)
		return r;
	r = check_eta(rig, eta);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = rig_nudge_one(&rig->info.limits, (long)rig->target[i], eta, free_V[i],
				  target_V[i], &ret_V[i], flags, &rig->error);
	return r;
}

/* ---- the same at once ---- */

static int check_examples(struct rig *rig, const struct rig_request *request)
{
	int r = 0;

	if (request->n_examples > 1 && !rig->info.batches)
		return not_there(rig, "sum several examples in one step");
	for (size_t i = 0; r == 0 && i < request->n_examples; i++) {
		r = check_outputs(rig, "source", rig->source,
				  request->source_V + i * rig->n_sources, rig->n_sources);
		if (r == 0 && request->clamp)
			r = check_desired(rig, request->target_V + i * rig->n_targets);
	}
	return r;
}

int rig_step(struct rig *rig, const struct rig_request *request, struct rig_record *ret)
{
	int r = need_session(rig, "rig_step()");

	if (r < 0)
		return r;
	if (!rig->ops->step)
		return not_there(rig, "make a whole step");
	r = check_interrupt(rig);
	if (r < 0)
		return r;
	r = check_eta(rig, request->eta);
	if (r < 0)
		return r;
	r = check_wait(rig, request->settle_s);
	if (r < 0)
		return r;
	r = check_wait(rig, request->hold_s);
	if (r < 0)
		return r;
	r = check_wait(rig, request->flow_s);
	if (r < 0)
		return r;
	if (request->n_examples == 0)
		return rig_fail(&rig->error, -EINVAL, "a step without an example");
	r = check_examples(rig, request);
	if (r < 0)
		return r;
	return ended(rig, rig->ops->step(rig->self, request, ret, &rig->error));
}

int rig_evaluate(struct rig *rig, size_t n, const double *source_V, double *ret_V)
{
	int r = need_session(rig, "rig_evaluate()");

	if (r < 0)
		return r;
	if (!rig->ops->evaluate)
		return not_there(rig, "evaluate a set at once");
	for (size_t i = 0; r == 0 && i < n; i++)
		r = check_outputs(rig, "source", rig->source, source_V + i * rig->n_sources,
				  rig->n_sources);
	if (r < 0)
		return r;
	return ended(rig, rig->ops->evaluate(rig->self, n, source_V, ret_V, &rig->error));
}

/* ---- settings ---- */

int rig_set_update(struct rig *rig, double p, double bias_V)
{
	const struct rig_limits *limits = &rig->info.limits;

	if (!(p >= 0 && p <= 1))
		return rig_fail(&rig->error, -EINVAL, "p is %g, not 0 to 1", p);
	if (isinf(bias_V) || bias_V < limits->min_V || bias_V > limits->max_V)
		return rig_fail(&rig->error, -ERANGE, "a bias of %g V is not %g to %g V", bias_V,
				limits->min_V, limits->max_V);
	return rig->ops->set_update(rig->self, p, bias_V, &rig->error);
}

int rig_set_capacitance(struct rig *rig, double farad)
{
	const struct rig_info *info = &rig->info;

	for (size_t i = 0; i < info->n_capacitance; i++)
		if (info->capacitance_F[i] == farad)
			return rig->ops->set_capacitance(rig->self, farad, &rig->error);
	return rig_fail(&rig->error, isfinite(farad) ? -ERANGE : -EINVAL,
			"no capacitor of %g F in the bank of %zu", farad, info->n_capacitance);
}

int rig_write_edges(struct rig *rig, const uint8_t *wiper, size_t n)
{
	int r = check_count(rig, "taps", n, rig->info.n_edges);

	if (r < 0)
		return r;
	for (size_t j = 0; j < n; j++) {
		if (wiper[j] < rig->info.edge.taps)
			continue;
		rig_fail(&rig->error, -EINVAL, "edge %zu: tap %u is not 0 to %d", j, wiper[j],
			 rig->info.edge.taps - 1);
		rig->error.edge = (long)j;
		return -EINVAL;
	}
	return rig->ops->write_edges(rig->self, wiper, &rig->error);
}

int rig_write_resistances(struct rig *rig, const double *r_ohm, size_t n)
{
	int r = check_count(rig, "resistances", n, rig->info.n_edges);

	if (r < 0)
		return r;
	if (!rig->ops->write_resistances || !rig->info.continuous)
		return not_there(rig, "take any resistance: its edges have taps");
	for (size_t j = 0; j < n; j++) {
		if (r_ohm[j] > 0 && isfinite(r_ohm[j]))
			continue;
		rig_fail(&rig->error, -EINVAL, "edge %zu: %g ohm is not above 0", j, r_ohm[j]);
		rig->error.edge = (long)j;
		return -EINVAL;
	}
	return rig->ops->write_resistances(rig->self, r_ohm, &rig->error);
}

int rig_set_alpha(struct rig *rig, double alpha_per_s)
{
	if (!rig->ops->set_alpha || !rig->info.overdamped)
		return not_there(rig, "take a learning rate: its learning is in steps");
	if (!(alpha_per_s > 0 && isfinite(alpha_per_s)))
		return rig_fail(&rig->error, -EINVAL, "alpha is %g per second, not above 0",
				alpha_per_s);
	return rig->ops->set_alpha(rig->self, alpha_per_s, &rig->error);
}

int rig_set_edge_mode(struct rig *rig, size_t edge, enum rig_edge_mode mode)
{
	if (edge >= rig->info.n_edges)
		return rig_fail(&rig->error, -EINVAL,
				"edge %zu does not exist: the edges are 0 to %zu", edge,
				rig->info.n_edges - 1);
	if (mode != RIG_LEARN && mode != RIG_HOLD && mode != RIG_CUT)
		return rig_fail(&rig->error, -EINVAL, "edge %zu: no edge mode %d", edge, (int)mode);
	return rig->ops->set_edge_mode(rig->self, edge, mode, &rig->error);
}

int rig_home(struct rig *rig)
{
	return rig->ops->home(rig->self, &rig->error);
}

/* ---- safety ---- */

enum rig_safe rig_make_safe(struct rig *rig)
{
	return rig->ops->make_safe(rig->self);
}

int rig_idle(struct rig *rig)
{
	return ended(rig, rig->ops->idle(rig->self, &rig->error));
}

uint64_t rig_activity(const struct rig *rig)
{
	return atomic_load_explicit(&rig->activity, memory_order_relaxed);
}

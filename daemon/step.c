/* daemon/step.c - one learning step, as the experiment makes it (Wycoff 2022; Dillavou 2022). */
#include "config.h"

#include <math.h>
#include <string.h>

#include "daemon/runner.h"
#include "sim_backend/random.h"

/* What one step shows and does. */
struct showing {
	uint32_t example;            /* the first of the batch */
	size_t n;                    /* examples */
	double *source_V, *target_V; /* [n][...] as applied, noise included */
	unsigned ticks;
	bool learn, clamp;
};

/* Gaussian, drawn anew where it would leave the limits: what is applied never does, and nothing is clamped. */
static double with_noise(const struct rig_limits *limits, const struct run *run,
			 enum random_stream stream, double rms_V, uint64_t i, double volts)
{
	for (uint64_t redraw = 0; redraw < 64; redraw++) {
		double noisy = volts + rms_V * random_normal(run->seed, stream, run->step,
							     i | redraw << 32);

		if (noisy >= limits->min_V && noisy <= limits->max_V)
			return noisy;
	}
	return volts;
}

/* k: which example of the batch. */
static void add_noise(const struct rig_limits *limits, const struct run *run, size_t k,
		      double *source_V, double *target_V)
{
	const struct task *task = run->task;
	uint64_t place = (uint64_t)k << 40;

	for (size_t i = 0; task->source_noise_V > 0 && i < task->n_sources; i++)
		if (!task->quiet[i])
			source_V[i] = with_noise(limits, run, RANDOM_SOURCE_NOISE,
						 task->source_noise_V, place | i, source_V[i]);
	for (size_t i = 0; task->target_noise_V > 0 && i < task->n_targets; i++)
		target_V[i] = with_noise(limits, run, RANDOM_TARGET_NOISE, task->target_noise_V,
					 place | i, target_V[i]);
}

/* The examples whose turn it is, as they will be applied. */
static struct showing show_next(const struct rig_limits *limits, struct run *run)
{
	const struct task *task = run->task;
	const struct examples *train = &run->data.train;
	size_t n = data_batch(task, &run->data, run->step, run->batch_row), n_sources, n_targets;
	uint32_t first = run->batch_row[0];
	struct showing show = {
		.example = first,
		.n = n ? n : 1,
		.source_V = run->batch_source_V,
		.target_V = run->batch_target_V,
		.learn = n && train->learn[first],
		.clamp = train->clamp[first],
	};

	n_sources = task->n_sources;
	n_targets = task->n_targets;
	show.ticks = show.learn ? task->ticks : 0;
	for (size_t k = 0; k < show.n; k++) {
		double *source_V = show.source_V + k * n_sources;
		double *target_V = show.target_V + k * n_targets;
		uint32_t i = run->batch_row[k];

		memcpy(source_V, train->source_V + i * n_sources, n_sources * sizeof(double));
		memcpy(target_V, train->target_V + i * n_targets, n_targets * sizeof(double));
		add_noise(limits, run, k, source_V, target_V);
	}
	return show;
}

/* update_when: misclassified.  Its own class must be the nearest by more than the margin. */
static bool is_misclassified(const struct run *run, uint32_t example, const double *free_V)
{
	double margin_V;

	evaluate_nearest(run->data.class_V, run->data.n_classes, run->task->n_targets, free_V,
			 run->data.train.class_[example], &margin_V);
	return margin_V <= run->task->margin_V;
}

/* With capacitors the pause of tau is made half before and half after the edges compare (PHYSICS, equation 8). */
static double hold_s(const struct params *params)
{
	return params->capacitance_F > 0 ? params->tau_s / 2 : 0;
}

/* The rig makes the step by itself. */
static int step_at_once(struct runner *r, struct showing *show, struct rig_record *record)
{
	struct rig_request request = {
		.step = r->run->step,
		.n_examples = show->n,
		.source_V = show->source_V,
		.target_V = show->target_V,
		.eta = r->params.eta,
		.hold_s = hold_s(&r->params),
		.flow_s = r->info->overdamped ? r->params.tau_s : 0,
		.ticks = show->ticks,
		.clamp = show->clamp,
	};

	return rig_step(r->rig, &request, record);
}

/* The same, one thing after the other. */
static int step_by_hand(struct runner *r, struct showing *show, struct rig_record *record)
{
	struct rig *rig = r->rig;
	const struct task *task = r->run->task;
	/* on a bench a target cannot float, or by a relay: it is clamped where it would be */
	bool held = r->info->targets_held || r->info->interlocks;
	size_t n_targets = show->clamp || held ? task->n_targets : 0;
	int64_t begun_ns = rig_now_ns(rig), apply_ns, tick_ns;
	int e;

	/* drive the sources of both networks, the clamped one's targets still floating if they can */
	if ((e = rig_mark_step(rig, r->run->step)) < 0 ||
	    (e = held ? 0 : rig_clamp(rig, NULL, 0)) < 0 ||
	    (e = rig_drive(rig, RIG_FREE, show->source_V, task->n_sources)) < 0 ||
	    (e = rig_drive(rig, RIG_CLAMPED, show->source_V, task->n_sources)) < 0)
		return e;
	rig_stamps(rig, &record->apply_ns, &tick_ns);
	if (record->apply_ns < begun_ns) /* nothing had to be written */
		record->apply_ns = rig_now_ns(rig);

	/* measure the free state */
	if ((e = rig_measure(rig, RIG_FREE, task->measured, task->n_measured, record->free_V)) < 0)
		return e;
	record->free_ns = rig_now_ns(rig);
	memcpy(record->target_free_V, record->free_V, task->n_targets * sizeof(double));
	memcpy(record->clamp_V, record->free_V, task->n_targets * sizeof(double));
	if (task->only_misclassified && !is_misclassified(r->run, show->example, record->free_V))
		show->ticks = 0;

	/* nudge the targets: V_C = V_F + eta (V_D - V_F), and clamp them there */
	if ((e = rig_nudge(rig, r->params.eta, record->free_V,
			   show->clamp ? show->target_V : record->free_V, task->n_targets,
			   record->clamp_V, &record->flags)) < 0 ||
	    (e = rig_clamp(rig, record->clamp_V, n_targets)) < 0)
		return e;

	/* let it relax, and measure the clamped state */
	if ((e = runner_settle(r, hold_s(&r->params))) < 0 ||
	    (e = rig_measure(rig, RIG_CLAMPED, task->measured, task->n_measured,
			     record->clamped_V)) < 0)
		return e;
	record->clamped_ns = rig_now_ns(rig);

	/* tick the clock: each edge compares its own two drops and moves its own wiper */
	r->ticked = show->ticks > 0;
	for (unsigned i = 0; i < show->ticks; i++)
		if ((e = rig_tick(rig)) < 0)
			return e;
	rig_stamps(rig, &apply_ns, &tick_ns);
	record->tick_ns = show->ticks ? tick_ns : rig_now_ns(rig);
	return 0;
}

/* Where the boards fail after the tick the step was made, and its row says that no edge was read. */
static int read_edges(struct runner *r, struct rig_record *record)
{
	struct rig_edges edges = {.wiper = record->wiper, .updated = record->updated};
	int e = rig_read_edges(r->rig, &edges);

	if (runner_is_device(e)) {
		r->after_step = e;
		record->flags |= RIG_WIPER_UNREAD;
		e = 0;
	}
	record->flags |= rig_step_flags(r->rig);
	return e;
}

static uint32_t row_flags(const struct showing *show, const struct rig_record *record)
{
	return (record->flags & RIG_CLAMP_LIMITED ? RECORD_CLAMP_LIMITED : 0u) |
	       (record->flags & RIG_DISCREPANCY ? RECORD_DISCREPANCY : 0u) |
	       (record->flags & RIG_WIPER_UNREAD ? RECORD_WIPER_UNREAD : 0u) |
	       (record->flags & RIG_TICK_MISMATCH ? RECORD_TICK_MISMATCH : 0u) |
	       (show->ticks ? 0u : RECORD_NOT_LEARNT) | (show->clamp ? 0u : RECORD_NOT_CLAMPED);
}

static double mean_square(const double *desired_V, const double *free_V, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double d = desired_V[i] - free_V[i];

		sum += d * d;
	}
	return sum / (double)n;
}

/* Of a batch: the mean over its examples. */
static double error_of(const struct run *run, const struct showing *show)
{
	double sum = 0;

	if (show->n == 1)
		return mean_square(show->target_V, run->target_free_V, run->layout.n_targets);
	for (size_t k = 0; k < show->n; k++)
		sum += run->batch_mse_V2[k];
	return sum / (double)show->n;
}

static void keep_applied(const struct run *run, const struct showing *show, void *row)
{
	const struct record_layout *layout = &run->layout;

	memcpy(record_reals(row, layout->source_V), show->source_V,
	       layout->n_sources * sizeof(double));
	memcpy(record_reals(row, layout->target_V), show->target_V,
	       layout->n_targets * sizeof(double));
}

int step_make(struct runner *r, void *row)
{
	struct run *run = r->run;
	const struct record_layout *layout = &run->layout;
	struct record_head *head = record_head(row);
	struct showing show = show_next(&r->info->limits, run);
	struct rig_record record = {
		.free_V = record_reals(row, layout->free_V),
		.clamped_V = record_reals(row, layout->clamped_V),
		.target_free_V = run->target_free_V,
		.clamp_V = record_reals(row, layout->clamp_V),
		.wiper = layout->n_wipers ? record_bytes(row, layout->wiper) : run->no_wiper,
		.updated = record_bytes(row, layout->updated),
		.r_ohm = layout->n_r_ohm ? record_reals(row, layout->r_ohm) : NULL,
		.equilibrium_V = layout->equilibrium ? run->equilibrium_V : NULL,
		.batch_mse_V2 = show.n > 1 ? run->batch_mse_V2 : NULL,
	};
	bool at_once = r->info->whole_step && !run->task->only_misclassified;
	int e;

	for (size_t t = 0; !at_once && t < layout->n_targets; t++)
		run->equilibrium_V[t] = NAN; /* nobody works it out */
	e = at_once ? step_at_once(r, &show, &record) : step_by_hand(r, &show, &record);
	if (e == 0 && !at_once)
		e = read_edges(r, &record);
	if (e < 0)
		return e;
	keep_applied(run, &show, row);
	if (show.ticks == 0 || record.flags & RIG_WIPER_UNREAD)
		memset(record.updated, 0, layout->mask_bytes);
	if (record.flags & RIG_WIPER_UNREAD)
		memset(record.wiper, 0, layout->n_wipers); /* unknown, never guessed */
	*head = (struct record_head){
		.step = run->step,
		.t_mono_ns = record.tick_ns,
		.t_apply_ns = record.apply_ns,
		.t_free_ns = record.free_ns,
		.t_clamped_ns = record.clamped_ns,
		.t_tick_ns = record.tick_ns,
		.example = show.example,
		.rev = (uint32_t)r->params.rev,
		.flags = row_flags(&show, &record) |
			 (record_has_edges(layout, run->step) ? 0u : RECORD_WIPER_UNREAD),
		.mse_V2 = error_of(run, &show),
		.mse_equilibrium_V2 =
			record.equilibrium_V
				? mean_square(show.target_V, run->equilibrium_V, layout->n_targets)
				: NAN,
	};
	return 0;
}

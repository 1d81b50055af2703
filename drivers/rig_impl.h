/* drivers/rig_impl.h - what a rig fills in: the table behind drivers/rig.h.
 *
 * rig.c has checked counts, finiteness and limits before any of these is called.  An operation that
 * fails returns -errno and writes a sentence into *err.  Optional ones may be NULL.
 */
#ifndef DRIVERS_RIG_IMPL_H
#define DRIVERS_RIG_IMPL_H

#include <math.h>

#include "drivers/rig.h"

struct rig_ops {
	const char *backend;
	/* wake_fd: readable once interrupted; a real wait polls it.  *ret_info is filled in. */
	int (*open)(const struct rig_config *config, int wake_fd, void **ret,
		    struct rig_info *ret_info, struct rig_error *err);
	void (*close)(void *self);
	int (*begin)(void *self, const struct rig_session *session, struct rig_error *err);
	size_t (*floating)(const void *self, const uint32_t **nodes);
	int64_t (*now_ns)(void *self);
	int (*wait_until)(void *self, int64_t when_ns, struct rig_error *err);
	int (*mark_step)(void *self, uint64_t step, struct rig_error *err);
	int (*drive)(void *self, enum rig_side side, const double *volts, struct rig_error *err);
	int (*clamp)(void *self, const double *volts, size_t n, struct rig_error *err);
	int (*measure)(void *self, enum rig_side side, const uint32_t *nodes, size_t n,
		       double *ret_V, struct rig_error *err);
	int (*tick)(void *self, struct rig_error *err);
	int (*read_edges)(void *self, struct rig_edges *ret, struct rig_error *err);
	int (*write_edges)(void *self, const uint8_t *wiper, struct rig_error *err);
	int (*write_resistances)(void *self, const double *r_ohm,
				 struct rig_error *err); /* optional */
	int (*home)(void *self, struct rig_error *err);
	int (*set_edge_mode)(void *self, size_t edge, enum rig_edge_mode mode,
			     struct rig_error *err);
	int (*set_update)(void *self, double p, double bias_V, struct rig_error *err);
	int (*set_capacitance)(void *self, double farad, struct rig_error *err);
	int (*set_alpha)(void *self, double alpha_per_s, struct rig_error *err); /* optional */
	const char *(*method)(const void *self);                                 /* optional */
	void (*updates)(void *self, struct rig_updates *ret);                    /* optional */
	enum rig_safe (*make_safe)(void *self);
	int (*idle)(void *self, struct rig_error *err);
	int (*step)(void *self, const struct rig_request *request, struct rig_record *ret,
		    struct rig_error *err); /* optional */
	int (*evaluate)(void *self, size_t n, const double *source_V, double *ret_V,
			struct rig_error *err); /* optional */

	/* a real rig's; all optional */
	unsigned (*step_flags)(void *self); /* since mark_step */
	int (*directions)(void *self, struct rig_directions *ret, struct rig_error *err);
	size_t (*devices)(void *self, const struct rig_device **ret);
	bool (*take_note)(void *self, struct rig_note *ret);
	void (*stamps)(void *self, int64_t *ret_written_ns, int64_t *ret_tick_ns);
	int (*bias)(void *self, double *ret_V, struct rig_error *err);
	int (*set_step_time)(void *self, double step_s, struct rig_error *err);
	int (*wire)(void *self, const struct rig_wiring *wiring, struct rig_error *err);
	int (*wired)(void *self, struct rig_wiring *ret);
	int (*channel_write)(void *self, struct daq_channel output, double volts,
			     struct rig_error *err);
	int (*channels_read)(void *self, const struct daq_channel *inputs, size_t n,
			     double settle_s, double *ret_V, struct rig_error *err);
	int (*set_gains)(void *self, const struct daq_gain *gain, size_t n, struct rig_error *err);
	int (*set_noise)(void *self, const double *noise_V, struct rig_error *err);
};

extern const struct rig_ops sim_rig_ops;                  /* sim_backend/sim.c */
extern const struct rig_ops bench_rig_ops;                /* drivers/bench.c */
const struct rig_ops *rig_list_find(const char *backend); /* NULL: not built in */

/* Writes a sentence; returns r, so that "return rig_fail(err, -EIO, ...)" reads well. */
int rig_fail(struct rig_error *err, int r, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Every output value passes here, whoever makes it: -EINVAL when not finite, -ERANGE outside the limits.
 * role: "source", "target", for the sentence.  Inline, like rig_nudge_one(): each step makes several of these. */
int rig_refuse_output(const struct rig_limits *limits, const char *role, long node, double volts,
		      struct rig_error *err);

static inline bool rig_within(const struct rig_limits *limits, double volts)
{
	return volts >= limits->min_V && volts <= limits->max_V && isfinite(volts);
}

static inline int rig_check_output(const struct rig_limits *limits, const char *role, long node,
				   double volts, struct rig_error *err)
{
	return rig_within(limits, volts) ? 0 : rig_refuse_output(limits, role, node, volts, err);
}

/* V_C of one target node, for rig_nudge() and for rigs that make the whole step. */
int rig_nudge_outside(const struct rig_limits *limits, long node, double volts, double *ret_V,
		      unsigned *flags, struct rig_error *err);

static inline int rig_nudge_one(const struct rig_limits *limits, long node, double eta,
				double free_V, double target_V, double *ret_V, unsigned *flags,
				struct rig_error *err)
{
	double volts = free_V + eta * (target_V - free_V);

	if (!rig_within(limits, volts))
		return rig_nudge_outside(limits, node, volts, ret_V, flags, err);
	*ret_V = volts;
	return 0;
}

#endif

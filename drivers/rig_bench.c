/* drivers/rig_bench.c - the part of the seam that only real rigs have behind it: wiring, channels, the bias read back. */
#include "config.h"

#include <errno.h>
#include <math.h>

#include "drivers/rig_check.h"

static int cannot(struct rig *rig, const char *what)
{
	return rig_fail(&rig->error, -ENOTSUP, "a rig of backend '%s' cannot %s", rig->ops->backend,
			what);
}

int rig_bias(struct rig *rig, double *ret_V)
{
	return rig->ops->bias ? rig->ops->bias(rig->self, ret_V, &rig->error)
			      : cannot(rig, "read its bias voltage");
}

int rig_set_step_time(struct rig *rig, double step_s)
{
	if (!(step_s >= 0) || !isfinite(step_s))
		return rig_fail(&rig->error, -EINVAL, "a step of %g s is not 0 s or more", step_s);
	return rig->ops->set_step_time ? rig->ops->set_step_time(rig->self, step_s, &rig->error)
				       : 0;
}

int rig_wire(struct rig *rig, const struct rig_wiring *wiring)
{
	int r;

	if (!rig->ops->wire || !rig->info.patch)
		return cannot(rig, "be plugged otherwise");
	r = rig->ops->wire(rig->self, wiring, &rig->error);
	if (r == 0)
		rig->begun = false;
	return r;
}

int rig_wired(struct rig *rig, struct rig_wiring *ret)
{
	return rig->ops->wired ? rig->ops->wired(rig->self, ret)
			       : cannot(rig, "tell its wiring: it has none");
}

int rig_channel_write(struct rig *rig, struct daq_channel output, double volts)
{
	int r;

	if (!rig->ops->channel_write)
		return cannot(rig, "write a channel of a card");
	r = rig_check_output(&rig->info.limits, "channel", (long)output.number, volts, &rig->error);
	return r < 0 ? r : rig->ops->channel_write(rig->self, output, volts, &rig->error);
}

int rig_channels_read(struct rig *rig, const struct daq_channel *inputs, size_t n, double settle_s,
		      double *ret_V)
{
	if (!rig->ops->channels_read)
		return cannot(rig, "read a channel of a card");
	if (!(settle_s >= 0 && settle_s <= 3600))
		return rig_fail(&rig->error, -EINVAL, "settle_s is %g, not 0 to 3600 s", settle_s);
	return rig->ops->channels_read(rig->self, inputs, n, settle_s, ret_V, &rig->error);
}

int rig_set_gains(struct rig *rig, const struct daq_gain *gain, size_t n)
{
	if (!rig->ops->set_gains)
		return cannot(rig, "calibrate a card");
	for (size_t i = 0; i < n; i++)
		if (!(gain[i].gain > 0.5 && gain[i].gain < 2) || !isfinite(gain[i].offset_V))
			return rig_fail(
				&rig->error, -EINVAL,
				"channel %u: a gain of %g and an offset of %g V are no calibration",
				gain[i].channel.number, gain[i].gain, gain[i].offset_V);
	return rig->ops->set_gains(rig->self, gain, n, &rig->error);
}

int rig_set_noise(struct rig *rig, const double *noise_V, size_t n)
{
	if (!rig->ops->set_noise)
		return 0; /* a simulator checks no directions */
	if (n != rig->info.n_edges)
		return rig_fail(&rig->error, -EINVAL, "%zu noises given, but there are %zu edges",
				n, rig->info.n_edges);
	return rig->ops->set_noise(rig->self, noise_V, &rig->error);
}

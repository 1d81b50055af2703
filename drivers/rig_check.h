/* drivers/rig_check.h - what the files of the seam share: a rig, and its own checks of what passes. */
#ifndef DRIVERS_RIG_CHECK_H
#define DRIVERS_RIG_CHECK_H

#include <stdatomic.h>

#include "drivers/rig_impl.h"

struct rig {
	const struct rig_ops *ops;
	void *self;
	struct rig_info info;
	struct rig_error error;
	int wake_fd;
	atomic_bool interrupted;
	atomic_ullong activity; /* calls that ended */
	bool begun;
	uint32_t *source, *target; /* of the session */
	size_t n_sources, n_targets, n_measured;
};

/* 0, -EINVAL or -ERANGE, naming the key of the rig file. */
int rig_check_config(const struct rig_config *config, struct rig_error *err);

#endif

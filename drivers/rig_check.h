/* drivers/rig_check.h - rig.c's own checks of what passes the seam. */
#ifndef DRIVERS_RIG_CHECK_H
#define DRIVERS_RIG_CHECK_H

#include "drivers/rig_impl.h"

/* 0, -EINVAL or -ERANGE, naming the key of the rig file. */
int rig_check_config(const struct rig_config *config, struct rig_error *err);

#endif

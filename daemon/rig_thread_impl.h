/* daemon/rig_thread_impl.h - who can stand behind a struct rig_thread: the thread of a rig, or a replay of what one did. */
#ifndef DAEMON_RIG_THREAD_IMPL_H
#define DAEMON_RIG_THREAD_IMPL_H

#include "daemon/rig_thread.h"

/* Each as the function of its name in rig_thread.h says. */
struct rig_thread_ops {
	const struct rig_info *(*info)(const struct rig_thread *t);
	int64_t (*alive_ns)(const struct rig_thread *t);
	uint64_t (*alive)(const struct rig_thread *t);
	bool (*post)(struct rig_thread *t, const struct rig_command *command);
	void (*interrupt)(struct rig_thread *t);
	enum rig_safe (*abort)(struct rig_thread *t, uint64_t only, const char *who,
			       const char *why, uint64_t *ret_run, uint64_t *ret_step);
	void (*join)(struct rig_thread *t);
	bool (*edges)(struct rig_thread *t, uint8_t *wiper, uint8_t *mode, double *r_ohm);
	int (*wires)(struct rig_thread *t, struct wiring **ret);
};

/* The first member of whoever it is. */
struct rig_thread {
	const struct rig_thread_ops *ops;
};

#endif

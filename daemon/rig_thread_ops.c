/* daemon/rig_thread_ops.c - what the other threads ask of a rig's thread, handed to whoever it is. */
#include "config.h"

#include "daemon/rig_thread_impl.h"

const struct rig_info *rig_thread_info(const struct rig_thread *t)
{
	return t->ops->info(t);
}

int64_t rig_thread_alive_ns(const struct rig_thread *t)
{
	return t->ops->alive_ns(t);
}

uint64_t rig_thread_alive(const struct rig_thread *t)
{
	return t->ops->alive(t);
}

bool rig_thread_post(struct rig_thread *t, const struct rig_command *command)
{
	return t->ops->post(t, command);
}

void rig_thread_interrupt(struct rig_thread *t)
{
	t->ops->interrupt(t);
}

enum rig_safe rig_thread_abort(struct rig_thread *t, uint64_t only, const char *who,
			       const char *why, uint64_t *ret_run, uint64_t *ret_step)
{
	return t->ops->abort(t, only, who, why, ret_run, ret_step);
}

void rig_thread_join(struct rig_thread *t)
{
	t->ops->join(t);
}

bool rig_thread_edges(struct rig_thread *t, uint8_t *wiper, uint8_t *mode, double *r_ohm)
{
	return t->ops->edges(t, wiper, mode, r_ohm);
}

int rig_thread_wires(struct rig_thread *t, struct wiring **ret)
{
	return t->ops->wires(t, ret);
}

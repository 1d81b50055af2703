/* sim_backend/benchd/standin/standin_missing.c - what this card cannot do: fails by name, so that every program loads.
 *
 * Without <comedilib.h>: none of them looks at its arguments.
 */
#include "config.h"

#include <errno.h>

int standin_fail(int error); /* standin.h */

#define MISSING(name, error)                                                                       \
	int name(void);                                                                            \
	int name(void)                                                                             \
	{                                                                                          \
		return standin_fail(error);                                                        \
	}

/* No subdevice takes commands: what the kernel says then */
MISSING(comedi_command, EIO)
MISSING(comedi_command_test, EIO)
MISSING(comedi_get_cmd_generic_timed, EIO)
MISSING(comedi_get_cmd_src_mask, EIO)
MISSING(standin_get_cmd_generic_timed_0_7_18, EIO)
__asm__(".symver standin_get_cmd_generic_timed_0_7_18, comedi_get_cmd_generic_timed@v0.7.18");

/* And none has a buffer */
MISSING(comedi_cancel, EINVAL)
MISSING(comedi_get_buffer_contents, EINVAL)
MISSING(comedi_get_buffer_offset, EINVAL)
MISSING(comedi_get_buffer_read_count, EINVAL)
MISSING(comedi_get_buffer_read_offset, EINVAL)
MISSING(comedi_get_buffer_size, EINVAL)
MISSING(comedi_get_buffer_write_count, EINVAL)
MISSING(comedi_get_buffer_write_offset, EINVAL)
MISSING(comedi_get_max_buffer_size, EINVAL)
MISSING(comedi_mark_buffer_read, EINVAL)
MISSING(comedi_mark_buffer_written, EINVAL)
MISSING(comedi_poll, EINVAL)
MISSING(comedi_set_buffer_size, EINVAL)
MISSING(comedi_set_max_buffer_size, EINVAL)

/* Counters, triggers, routes, calibration DACs, and calls that comedi itself calls deprecated */
MISSING(comedi_apply_calibration, ENOSYS)
MISSING(comedi_apply_parsed_calibration, ENOSYS)
MISSING(comedi_arm, ENOSYS)
MISSING(comedi_arm_channel, ENOSYS)
MISSING(comedi_digital_trigger_disable, ENOSYS)
MISSING(comedi_digital_trigger_enable_edges, ENOSYS)
MISSING(comedi_digital_trigger_enable_levels, ENOSYS)
MISSING(comedi_disarm, ENOSYS)
MISSING(comedi_disarm_channel, ENOSYS)
MISSING(comedi_get_clock_source, ENOSYS)
MISSING(comedi_get_front_count, ENOSYS)
MISSING(comedi_get_gate_source, ENOSYS)
MISSING(comedi_get_hardware_buffer_size, ENOSYS)
MISSING(comedi_get_rangetype, ENOSYS)
MISSING(comedi_get_routing, ENOSYS)
MISSING(comedi_get_timer, ENOSYS)
MISSING(comedi_internal_trigger, ENOSYS)
MISSING(comedi_reset, ENOSYS)
MISSING(comedi_reset_channel, ENOSYS)
MISSING(comedi_set_clock_source, ENOSYS)
MISSING(comedi_set_counter_mode, ENOSYS)
MISSING(comedi_set_filter, ENOSYS)
MISSING(comedi_set_gate_source, ENOSYS)
MISSING(comedi_set_other_source, ENOSYS)
MISSING(comedi_set_read_subdevice, ENOSYS)
MISSING(comedi_set_routing, ENOSYS)
MISSING(comedi_set_write_subdevice, ENOSYS)
MISSING(comedi_sv_init, ENOSYS)
MISSING(comedi_sv_measure, ENOSYS)
MISSING(comedi_sv_update, ENOSYS)
MISSING(comedi_timed_1chan, ENOSYS)
MISSING(comedi_trigger, ENOSYS)
MISSING(standin_get_clock_source_0_9_0, ENOSYS)
MISSING(standin_set_clock_source_0_9_0, ENOSYS)
__asm__(".symver standin_get_clock_source_0_9_0, comedi_get_clock_source@v0.9.0");
__asm__(".symver standin_set_clock_source_0_9_0, comedi_set_clock_source@v0.9.0");

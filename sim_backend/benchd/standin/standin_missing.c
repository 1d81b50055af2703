/* sim_backend/benchd/standin/standin_missing.c - what this card cannot do: fails with ENOSYS, so that every program loads.
 *
 * Commands and their buffers, counters, triggers, calibration DACs, and calls that comedi itself calls deprecated.  Without
 * <comedilib.h>: none of them looks at its arguments.
 */
#include "config.h"

#include <errno.h>

int standin_fail(int error); /* standin.h */

#define MISSING(name)                                                                              \
	int name(void);                                                                            \
	int name(void)                                                                             \
	{                                                                                          \
		return standin_fail(ENOSYS);                                                       \
	}

MISSING(comedi_apply_calibration)
MISSING(comedi_apply_parsed_calibration)
MISSING(comedi_arm)
MISSING(comedi_arm_channel)
MISSING(comedi_cancel)
MISSING(comedi_command)
MISSING(comedi_command_test)
MISSING(comedi_digital_trigger_disable)
MISSING(comedi_digital_trigger_enable_edges)
MISSING(comedi_digital_trigger_enable_levels)
MISSING(comedi_disarm)
MISSING(comedi_disarm_channel)
MISSING(comedi_get_buffer_contents)
MISSING(comedi_get_buffer_offset)
MISSING(comedi_get_buffer_read_count)
MISSING(comedi_get_buffer_read_offset)
MISSING(comedi_get_buffer_size)
MISSING(comedi_get_buffer_write_count)
MISSING(comedi_get_buffer_write_offset)
MISSING(comedi_get_clock_source)
MISSING(comedi_get_cmd_generic_timed)
MISSING(comedi_get_cmd_src_mask)
MISSING(comedi_get_front_count)
MISSING(comedi_get_gate_source)
MISSING(comedi_get_hardware_buffer_size)
MISSING(comedi_get_max_buffer_size)
MISSING(comedi_get_rangetype)
MISSING(comedi_get_routing)
MISSING(comedi_get_timer)
MISSING(comedi_internal_trigger)
MISSING(comedi_mark_buffer_read)
MISSING(comedi_mark_buffer_written)
MISSING(comedi_poll)
MISSING(comedi_reset)
MISSING(comedi_reset_channel)
MISSING(comedi_set_buffer_size)
MISSING(comedi_set_clock_source)
MISSING(comedi_set_counter_mode)
MISSING(comedi_set_filter)
MISSING(comedi_set_gate_source)
MISSING(comedi_set_max_buffer_size)
MISSING(comedi_set_other_source)
MISSING(comedi_set_read_subdevice)
MISSING(comedi_set_routing)
MISSING(comedi_set_write_subdevice)
MISSING(comedi_sv_init)
MISSING(comedi_sv_measure)
MISSING(comedi_sv_update)
MISSING(comedi_timed_1chan)
MISSING(comedi_trigger)

/* Their older selves */
MISSING(standin_get_cmd_generic_timed_0_7_18)
MISSING(standin_get_clock_source_0_9_0)
MISSING(standin_set_clock_source_0_9_0)
__asm__(".symver standin_get_cmd_generic_timed_0_7_18, comedi_get_cmd_generic_timed@v0.7.18");
__asm__(".symver standin_get_clock_source_0_9_0, comedi_get_clock_source@v0.9.0");
__asm__(".symver standin_set_clock_source_0_9_0, comedi_set_clock_source@v0.9.0");

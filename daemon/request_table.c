/* daemon/request_table.c - which function answers which method. */
#include "config.h"

#include "daemon/request_handlers.h"

static request_handler *const handlers[N_METHODS] = {
	[METHOD_SERVER_HELLO] = request_server_hello,
	[METHOD_SERVER_PING] = request_server_ping,
	[METHOD_RPC_DISCOVER] = request_rpc_discover,
	[METHOD_STATE_SNAPSHOT] = request_state_snapshot,
	[METHOD_LEASE_ACQUIRE] = request_lease_acquire,
	[METHOD_LEASE_RENEW] = request_lease_renew,
	[METHOD_LEASE_RELEASE] = request_lease_release,
	[METHOD_PARAM_GET] = request_param_get,
	[METHOD_PARAM_SET] = request_param_set,
	[METHOD_TASK_CHECK] = request_task_check,
	[METHOD_RUN_SUBMIT] = request_run_submit,
	[METHOD_RUN_GET] = request_run_get,
	[METHOD_RUN_WAIT] = request_run_wait,
	[METHOD_RUN_PAUSE] = request_run_pause,
	[METHOD_RUN_RESUME] = request_run_resume,
	[METHOD_RUN_STOP] = request_run_stop,
	[METHOD_RUN_ABORT] = request_run_abort,
	[METHOD_RUN_ANNOTATE] = request_run_annotate,
	[METHOD_QUEUE_LIST] = request_queue_list,
	[METHOD_QUEUE_MOVE] = request_queue_move,
	[METHOD_QUEUE_REMOVE] = request_queue_remove,
	[METHOD_QUEUE_CLEAR] = request_queue_clear,
	[METHOD_QUEUE_HOLD] = request_queue_hold,
	[METHOD_QUEUE_RELEASE] = request_queue_release,
	[METHOD_RIG_DESCRIBE] = request_rig_describe,
	[METHOD_RIG_READ] = request_rig_read,
	[METHOD_RIG_APPLY] = request_rig_apply,
	[METHOD_RIG_EDGE] = request_rig_edge,
	[METHOD_RIG_SAFE] = request_rig_safe,
	[METHOD_RIG_WIRING] = request_rig_wiring,
	[METHOD_HISTORY_RUNS] = request_history_runs,
	[METHOD_HISTORY_RUN] = request_history_run,
	[METHOD_HISTORY_STEPS] = request_history_steps,
	[METHOD_HISTORY_EVENTS] = request_history_events,
	[METHOD_STREAM_FETCH] = request_stream_fetch,
	[METHOD_CALIBRATE_P] = request_calibrate,
	[METHOD_CALIBRATE_RELAXATION] = request_calibrate,
	[METHOD_CALIBRATE_EDGES] = request_calibrate,
	[METHOD_CALIBRATE_DAQ] = request_calibrate,
	[METHOD_CALIBRATE_SETTLE] = request_calibrate,
	[METHOD_CALIBRATE_LIST] = request_calibrate_list,
	[METHOD_CALIBRATE_GET] = request_calibrate_get,
	[METHOD_KEY_ADD] = request_key_add,
	[METHOD_KEY_LIST] = request_key_list,
	[METHOD_KEY_REVOKE] = request_key_revoke,
	[METHOD_AUDIT_LIST] = request_audit_list,
};

request_handler *request_handler_of(enum method_id id)
{
	return handlers[id];
}

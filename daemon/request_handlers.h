/* daemon/request_handlers.h - one handler a method, by family; request_table.c says which is whose. */
#ifndef DAEMON_REQUEST_HANDLERS_H
#define DAEMON_REQUEST_HANDLERS_H

#include "daemon/server.h"

request_handler request_server_hello, request_server_ping, request_rpc_discover,
	request_state_snapshot; /* request_server.c */
request_handler request_lease_acquire, request_lease_renew,
	request_lease_release;                        /* request_lease.c */
request_handler request_param_get, request_param_set; /* request_param.c */
request_handler request_task_check, request_run_submit, request_run_check, request_run_fork,
	request_rig_wiring; /* request_submit.c */
request_handler request_run_get, request_run_wait, request_run_pause, request_run_resume,
	request_run_stop, request_run_abort, request_run_annotate; /* request_run.c */
request_handler request_queue_list, request_queue_move, request_queue_remove, request_queue_clear,
	request_queue_hold, request_queue_release;     /* request_queue.c */
request_handler request_alarm_list, request_alarm_ack; /* request_alarm.c */
request_handler request_checkpoint_save, request_checkpoint_list, request_checkpoint_restore,
	request_checkpoint_delete; /* request_checkpoint.c */
request_handler request_rig_describe, request_rig_read, request_rig_apply, request_rig_edge,
	request_rig_safe; /* request_rig.c */
request_handler request_history_runs, request_history_run, request_history_steps,
	request_history_events, request_stream_fetch, request_audit_list; /* request_history.c */
request_handler request_history_du, request_history_retain;               /* request_retain.c */
request_handler request_key_add, request_key_list, request_key_revoke;    /* request_key.c */
request_handler request_calibrate, request_calibrate_list,
	request_calibrate_get; /* request_calibrate.c; the first: every kind */

/* request_fetch.c: answers from the ring, if that has what the database does not; false: nothing was answered. */
bool request_fetch_ring(struct server *server, struct pending *pending);

#endif

# methods.pyi - types of the methods of nudged; made from its table by `make reference`
from typing import Any, Dict, List, Literal, Mapping, NamedTuple, Optional, Sequence, TypedDict, Union

from typing_extensions import NotRequired

class Method(NamedTuple):
    changes: bool
    keyed: bool
    lease: bool
    urgent: bool
    role: str

TABLE: Dict[str, Method]

ServerHelloEndpoints = TypedDict("ServerHelloEndpoints", {
    "control": str,
    "urgent": str,
    "stream": str,
})
ServerHelloReplay = TypedDict("ServerHelloReplay", {
    "run": int,
    "speed": Union[float, None],
    "loop": bool,
    "pass": int,
})
ServerHello = TypedDict("ServerHello", {
    "name": str,
    "version": str,
    "protocol": int,
    "boot": str,
    "backend": str,
    "rig": str,
    "database": NotRequired[Union[str, None]],
    "role": str,
    "who": str,
    "database": NotRequired[str],
    "endpoints": ServerHelloEndpoints,
    "replay": NotRequired[ServerHelloReplay],
})
ServerPing = TypedDict("ServerPing", {
    "t_utc": str,
})
RpcDiscover = TypedDict("RpcDiscover", {
    "openrpc": str,
    "info": Dict[str, Any],
    "methods": List[Dict[str, Any]],
})
StateSnapshotLease = TypedDict("StateSnapshotLease", {
    "holder": str,
    "note": str,
    "since_utc": str,
    "expires_utc": str,
})
StateSnapshotReplay = TypedDict("StateSnapshotReplay", {
    "run": int,
    "speed": Union[float, None],
    "loop": bool,
    "pass": int,
})
StateSnapshot = TypedDict("StateSnapshot", {
    "state": Literal["idle", "running", "paused", "stopping", "aborting", "fault"],
    "run": Union[int, None],
    "step": Union[int, None],
    "steps_total": Union[int, None],
    "params": ParamGet,
    "rev": int,
    "queue_length": int,
    "queue_held": bool,
    "devices": List[Any],
    "alarms": List[Any],
    "lease": Union[StateSnapshotLease, None],
    "on_lease_loss": Union[Literal["continue", "pause", "safe"], None],
    "retaining": NotRequired[Union[Dict[str, Any], None]],
    "seq": int,
    "durable_seq": int,
    "replay": NotRequired[StateSnapshotReplay],
})
LeaseAcquire = TypedDict("LeaseAcquire", {
    "lease": str,
    "holder": str,
    "note": str,
    "since_utc": str,
    "expires_utc": str,
})
LeaseRenew = TypedDict("LeaseRenew", {
    "lease": str,
    "holder": str,
    "note": str,
    "since_utc": str,
    "expires_utc": str,
})
ParamGet = TypedDict("ParamGet", {
    "eta": float,
    "p": float,
    "tau_s": float,
    "capacitance_F": float,
    "relaxation_rate_per_s": Union[float, None],
    "alpha_over_gamma": Union[float, None],
    "bias_V": Union[float, None],
    "rev": int,
})
ParamSet = TypedDict("ParamSet", {
    "params": ParamGet,
    "rev": int,
    "effective_step": Union[int, None],
})
TaskCheckPredicted = TypedDict("TaskCheckPredicted", {
    "example": int,
    "free_V": Dict[str, Union[float, None]],
    "clamped_V": Dict[str, Union[float, None]],
})
TaskCheckWiring = TypedDict("TaskCheckWiring", {
    "channel": str,
    "from": Union[int, None],
    "from_side": Union[Literal["free", "clamped", "both"], None],
    "to": Union[int, None],
    "to_side": Union[Literal["free", "clamped", "both"], None],
    "what": str,
})
TaskCheck = TypedDict("TaskCheck", {
    "task": Dict[str, Any],
    "warnings": List[str],
    "predicted": List[TaskCheckPredicted],
    "edge_power_W": List[Union[float, None]],
    "source_current_A": Dict[str, Union[float, None]],
    "wiring": NotRequired[List[TaskCheckWiring]],
})
RunSubmit = TypedDict("RunSubmit", {
    "run": int,
    "uuid": str,
    "position": int,
    "seed": int,
})
RunCheckItems = TypedDict("RunCheckItems", {
    "item": str,
    "ok": bool,
    "level": Literal["ok", "warning", "error"],
    "what": str,
    "cure": Union[str, None],
    "code": Union[float, None],
})
RunCheck = TypedDict("RunCheck", {
    "ready": bool,
    "items": List[RunCheckItems],
})
RunGet = TypedDict("RunGet", {
    "run": int,
    "name": str,
    "kind": str,
    "status": Literal["queued", "running", "paused", "done", "stopped", "aborted", "interrupted", "failed"],
    "reason": Union[str, None],
    "seed": Union[int, None],
    "steps": int,
    "steps_total": Union[int, None],
    "mse_V2": Union[float, None],
    "scaled_error": Union[float, None],
    "mse_first_V2": Union[float, None],
    "mse_last_V2": Union[float, None],
    "mse_min_V2": Union[float, None],
    "mse_final_V2": Union[float, None],
    "test_first_V2": Union[float, None],
    "test_best_V2": Union[float, None],
    "test_final_V2": Union[float, None],
    "accuracy_best": Union[float, None],
    "accuracy_final": Union[float, None],
    "on_lease_loss": Literal["continue", "pause", "safe"],
    "started_utc": Union[str, None],
    "ended_utc": Union[str, None],
    "position": Union[int, None],
})
RunWait = TypedDict("RunWait", {
    "run": int,
    "name": str,
    "kind": str,
    "status": Literal["queued", "running", "paused", "done", "stopped", "aborted", "interrupted", "failed"],
    "reason": Union[str, None],
    "seed": Union[int, None],
    "steps": int,
    "steps_total": Union[int, None],
    "mse_V2": Union[float, None],
    "scaled_error": Union[float, None],
    "mse_first_V2": Union[float, None],
    "mse_last_V2": Union[float, None],
    "mse_min_V2": Union[float, None],
    "mse_final_V2": Union[float, None],
    "test_first_V2": Union[float, None],
    "test_best_V2": Union[float, None],
    "test_final_V2": Union[float, None],
    "accuracy_best": Union[float, None],
    "accuracy_final": Union[float, None],
    "on_lease_loss": Literal["continue", "pause", "safe"],
    "started_utc": Union[str, None],
    "ended_utc": Union[str, None],
    "position": Union[int, None],
})
RunPause = TypedDict("RunPause", {
    "run": int,
    "state": Literal["idle", "running", "paused", "stopping", "aborting", "fault"],
    "step": int,
})
RunResume = TypedDict("RunResume", {
    "run": int,
    "state": Literal["idle", "running", "paused", "stopping", "aborting", "fault"],
    "step": int,
})
RunStop = TypedDict("RunStop", {
    "run": int,
    "state": Literal["idle", "running", "paused", "stopping", "aborting", "fault"],
    "step": int,
})
RunAbort = TypedDict("RunAbort", {
    "run": int,
    "state": Literal["idle", "running", "paused", "stopping", "aborting", "fault"],
    "step": int,
})
QueueListRuns = TypedDict("QueueListRuns", {
    "run": int,
    "name": str,
    "position": int,
})
QueueList = TypedDict("QueueList", {
    "held": bool,
    "runs": List[QueueListRuns],
})
QueueMoveRuns = TypedDict("QueueMoveRuns", {
    "run": int,
    "name": str,
    "position": int,
})
QueueMove = TypedDict("QueueMove", {
    "held": bool,
    "runs": List[QueueMoveRuns],
})
QueueRemoveRuns = TypedDict("QueueRemoveRuns", {
    "run": int,
    "name": str,
    "position": int,
})
QueueRemove = TypedDict("QueueRemove", {
    "held": bool,
    "runs": List[QueueRemoveRuns],
})
QueueClearRuns = TypedDict("QueueClearRuns", {
    "run": int,
    "name": str,
    "position": int,
})
QueueClear = TypedDict("QueueClear", {
    "held": bool,
    "runs": List[QueueClearRuns],
})
QueueHoldRuns = TypedDict("QueueHoldRuns", {
    "run": int,
    "name": str,
    "position": int,
})
QueueHold = TypedDict("QueueHold", {
    "held": bool,
    "runs": List[QueueHoldRuns],
})
QueueReleaseRuns = TypedDict("QueueReleaseRuns", {
    "run": int,
    "name": str,
    "position": int,
})
QueueRelease = TypedDict("QueueRelease", {
    "held": bool,
    "runs": List[QueueReleaseRuns],
})
RigDescribeNodes = TypedDict("RigDescribeNodes", {
    "node": int,
    "x": Union[float, None],
    "y": Union[float, None],
})
RigDescribeEdges = TypedDict("RigDescribeEdges", {
    "edge": int,
    "a": int,
    "b": int,
    "mode": Literal["learn", "hold", "cut"],
    "tap": Union[int, None],
    "r_ohm": Union[float, None],
})
RigDescribeChannelsNodesFree = TypedDict("RigDescribeChannelsNodesFree", {
    "drive": Union[str, None],
    "switch": Union[str, None],
    "measure": Union[str, None],
})
RigDescribeChannelsNodesClamped = TypedDict("RigDescribeChannelsNodesClamped", {
    "drive": Union[str, None],
    "switch": Union[str, None],
    "measure": Union[str, None],
})
RigDescribeChannelsNodes = TypedDict("RigDescribeChannelsNodes", {
    "node": int,
    "free": RigDescribeChannelsNodesFree,
    "clamped": RigDescribeChannelsNodesClamped,
})
RigDescribeChannels = TypedDict("RigDescribeChannels", {
    "nodes": List[RigDescribeChannelsNodes],
    "bias": Union[str, None],
    "clock": Union[str, None],
})
RigDescribeBoards = TypedDict("RigDescribeBoards", {
    "address": int,
    "device": str,
    "first_edge": int,
    "n_edges": int,
})
RigDescribe = TypedDict("RigDescribe", {
    "name": str,
    "backend": str,
    "nodes": List[RigDescribeNodes],
    "edges": List[RigDescribeEdges],
    "taps": int,
    "r_step_ohm": float,
    "r_min_ohm": float,
    "initial_tap": int,
    "r0_ohm": float,
    "min_step_s": float,
    "real_time": bool,
    "limits": Dict[str, Any],
    "capacitors_F": List[float],
    "method": Union[str, None],
    "channels": NotRequired[RigDescribeChannels],
    "boards": NotRequired[List[RigDescribeBoards]],
})
RigRead = TypedDict("RigRead", {
    "free_V": Dict[str, Union[float, None]],
    "clamped_V": Dict[str, Union[float, None]],
    "wiper": List[int],
    "r_ohm": NotRequired[Any],
    "capacitance_F": float,
    "invalid": NotRequired[List[str]],
    "floating": NotRequired[List[int]],
})
RigApply = TypedDict("RigApply", {
    "free_V": Dict[str, Union[float, None]],
    "clamped_V": Dict[str, Union[float, None]],
    "wiper": List[int],
    "r_ohm": NotRequired[Any],
    "capacitance_F": float,
    "invalid": NotRequired[List[str]],
    "floating": NotRequired[List[int]],
})
RigEdge = TypedDict("RigEdge", {
    "edge": int,
    "mode": Literal["learn", "hold", "cut"],
})
RigSafe = TypedDict("RigSafe", {
    "safe": Literal["confirmed", "commanded", "unknown"],
})
RigWiringWiresFree = TypedDict("RigWiringWiresFree", {
    "drive": Union[str, None],
    "switch": Union[str, None],
    "measure": Union[str, None],
})
RigWiringWiresClamped = TypedDict("RigWiringWiresClamped", {
    "drive": Union[str, None],
    "switch": Union[str, None],
    "measure": Union[str, None],
})
RigWiringWires = TypedDict("RigWiringWires", {
    "node": int,
    "free": RigWiringWiresFree,
    "clamped": RigWiringWiresClamped,
})
RigWiringMoves = TypedDict("RigWiringMoves", {
    "channel": str,
    "from": Union[int, None],
    "from_side": Union[Literal["free", "clamped", "both"], None],
    "to": Union[int, None],
    "to_side": Union[Literal["free", "clamped", "both"], None],
    "what": str,
})
RigWiring = TypedDict("RigWiring", {
    "patch": bool,
    "wires": List[RigWiringWires],
    "moves": List[RigWiringMoves],
})
HistoryRuns = TypedDict("HistoryRuns", {
    "rows": List[Dict[str, Any]],
    "next": Union[int, None],
})
HistoryRun = TypedDict("HistoryRun", {
    "run": int,
    "status": Literal["queued", "running", "paused", "done", "stopped", "aborted", "interrupted", "failed"],
    "task_json": Dict[str, Any],
    "rig_json": Dict[str, Any],
    "params_json": Union[Dict[str, Any], None],
    "descriptor": Union[Dict[str, Any], None],
    "params": List[Dict[str, Any]],
    "tests": List[Dict[str, Any]],
    "events": List[Dict[str, Any]],
    "calibrations": List[Dict[str, Any]],
    "cut": NotRequired[bool],
})
HistoryStepsArrays = TypedDict("HistoryStepsArrays", {
    "name": str,
    "dtype": str,
    "shape": List[int],
    "unit": Union[str, None],
    "values": NotRequired[List[Any]],
})
HistorySteps = TypedDict("HistorySteps", {
    "run": int,
    "n": int,
    "every": int,
    "arrays": List[HistoryStepsArrays],
    "others": NotRequired[str],
    "keep_every": NotRequired[int],
    "left_out": NotRequired[int],
    "next": Union[int, None],
})
HistoryDu = TypedDict("HistoryDu", {
    "rows": List[Dict[str, Any]],
    "runs": int,
    "total_B": int,
    "file_B": int,
    "free_in_file_B": int,
    "log_B": int,
    "disk_free_B": Union[int, None],
    "gives_back": bool,
})
HistoryRetain = TypedDict("HistoryRetain", {
    "runs": List[Dict[str, Any]],
    "left_alone": List[Dict[str, Any]],
    "rows_to_go": int,
    "bytes_to_go": int,
    "gives_back": bool,
})
HistoryEvents = TypedDict("HistoryEvents", {
    "rows": List[Dict[str, Any]],
    "next": Union[int, None],
})
StreamFetchArrays = TypedDict("StreamFetchArrays", {
    "name": str,
    "dtype": str,
    "shape": List[int],
    "unit": Union[str, None],
    "values": NotRequired[List[Any]],
})
StreamFetch = TypedDict("StreamFetch", {
    "run": int,
    "step": int,
    "n": int,
    "desc": int,
    "arrays": List[StreamFetchArrays],
    "keep_every": int,
    "next": Union[int, None],
})
AlarmListAlarms = TypedDict("AlarmListAlarms", {
    "alarm": str,
    "severity": Literal["notice", "warning", "critical"],
    "text": str,
    "since_utc": str,
    "acknowledged_by": Union[str, None],
    "acknowledged_utc": Union[str, None],
})
AlarmList = TypedDict("AlarmList", {
    "alarms": List[AlarmListAlarms],
})
AlarmAck = TypedDict("AlarmAck", {
    "alarm": str,
    "severity": Literal["notice", "warning", "critical"],
    "text": str,
    "since_utc": str,
    "acknowledged_by": Union[str, None],
    "acknowledged_utc": Union[str, None],
})
RunFork = TypedDict("RunFork", {
    "run": int,
    "uuid": str,
    "position": int,
    "seed": int,
})
CheckpointSave = TypedDict("CheckpointSave", {
    "name": str,
    "taps": NotRequired[List[int]],
    "r_ohm": NotRequired[List[Any]],
})
CheckpointList = TypedDict("CheckpointList", {
    "rows": List[Dict[str, Any]],
})
CheckpointRestore = TypedDict("CheckpointRestore", {
    "name": str,
    "taps": NotRequired[List[int]],
    "r_ohm": NotRequired[List[Any]],
})
CalibrateP = TypedDict("CalibrateP", {
    "run": int,
    "rig": str,
    "settings": Dict[str, Any],
    "warnings": List[str],
    "curve": List[Dict[str, Any]],
    "edges": List[Dict[str, Any]],
})
CalibrateRelaxation = TypedDict("CalibrateRelaxation", {
    "run": int,
    "rig": str,
    "settings": Dict[str, Any],
    "warnings": List[str],
    "capacitors": List[Dict[str, Any]],
    "sources": List[int],
    "taps": List[int],
})
CalibrateEdges = TypedDict("CalibrateEdges", {
    "run": int,
    "rig": str,
    "settings": Dict[str, Any],
    "warnings": List[str],
    "edges": List[Dict[str, Any]],
    "known": int,
})
CalibrateDaq = TypedDict("CalibrateDaq", {
    "run": int,
    "rig": str,
    "settings": Dict[str, Any],
    "warnings": List[str],
    "loops": List[Dict[str, Any]],
    "gains": List[Dict[str, Any]],
})
CalibrateSettle = TypedDict("CalibrateSettle", {
    "run": int,
    "rig": str,
    "settings": Dict[str, Any],
    "warnings": List[str],
    "settle_s": List[Any],
    "channels": List[Dict[str, Any]],
})
CalibrateList = TypedDict("CalibrateList", {
    "rows": List[Dict[str, Any]],
    "next": Union[int, None],
})
CalibrateGet = TypedDict("CalibrateGet", {
    "id": int,
    "kind": str,
    "t_utc": str,
    "run": Union[int, None],
    "values": Dict[str, Any],
})
KeyAdd = TypedDict("KeyAdd", {
    "public_key": str,
    "name": str,
    "role": str,
})
KeyList = TypedDict("KeyList", {
    "rows": List[Dict[str, Any]],
    "file": str,
})
KeyRevoke = TypedDict("KeyRevoke", {
    "public_key": str,
    "name": str,
    "role": str,
})
AuditList = TypedDict("AuditList", {
    "rows": List[Dict[str, Any]],
    "next": Union[int, None],
})

class Methods:
    def call(self, method: str, params: Optional[Mapping[str, Any]] = ..., *,
             meta: Optional[Mapping[str, Any]] = ..., timeout_s: Optional[float] = ...) -> Any: ...
    def server_hello(self, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> ServerHello: ...
    def server_ping(self, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> ServerPing: ...
    def rpc_discover(self, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> RpcDiscover: ...
    def state_snapshot(self, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> StateSnapshot: ...
    def lease_acquire(self, *, ttl_s: Optional[float] = ..., note: Optional[str] = ..., take_over: Optional[bool] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> LeaseAcquire: ...
    def lease_renew(self, lease: str, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> LeaseRenew: ...
    def lease_release(self, lease: str, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> Dict[str, Any]: ...
    def param_get(self, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> ParamGet: ...
    def param_set(self, *, eta: Optional[float] = ..., p: Optional[float] = ..., tau_s: Optional[float] = ..., capacitance_F: Optional[float] = ..., relaxation_rate_per_s: Optional[float] = ..., alpha_over_gamma: Optional[float] = ..., nearest: Optional[bool] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> ParamSet: ...
    def task_check(self, task: Mapping[str, Any], *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> TaskCheck: ...
    def run_submit(self, task: Mapping[str, Any], *, name: Optional[str] = ..., seed: Optional[int] = ..., tags: Optional[Sequence[str]] = ..., params: Optional[Mapping[str, Any]] = ..., at: Optional[Literal["end", "front"]] = ..., on_lease_loss: Optional[Literal["continue", "pause", "safe"]] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> RunSubmit: ...
    def run_check(self, task: Mapping[str, Any], *, name: Optional[str] = ..., seed: Optional[int] = ..., tags: Optional[Sequence[str]] = ..., params: Optional[Mapping[str, Any]] = ..., at: Optional[Literal["end", "front"]] = ..., on_lease_loss: Optional[Literal["continue", "pause", "safe"]] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> RunCheck: ...
    def run_get(self, run: int, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> RunGet: ...
    def run_wait(self, run: int, *, timeout_s: Optional[float] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> RunWait: ...
    def run_pause(self, *, run: Optional[int] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> RunPause: ...
    def run_resume(self, *, run: Optional[int] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> RunResume: ...
    def run_stop(self, *, run: Optional[int] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> RunStop: ...
    def run_abort(self, *, run: Optional[int] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> RunAbort: ...
    def run_annotate(self, run: int, *, note: Optional[str] = ..., tags: Optional[Sequence[str]] = ..., add_tags: Optional[Sequence[str]] = ..., remove_tags: Optional[Sequence[str]] = ..., star: Optional[bool] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> Dict[str, Any]: ...
    def queue_list(self, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> QueueList: ...
    def queue_move(self, run: int, position: int, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> QueueMove: ...
    def queue_remove(self, run: int, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> QueueRemove: ...
    def queue_clear(self, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> QueueClear: ...
    def queue_hold(self, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> QueueHold: ...
    def queue_release(self, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> QueueRelease: ...
    def rig_describe(self, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> RigDescribe: ...
    def rig_read(self, *, settle_s: Optional[float] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> RigRead: ...
    def rig_apply(self, source_V: Mapping[str, float], *, target_V: Optional[Mapping[str, float]] = ..., settle_s: Optional[float] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> RigApply: ...
    def rig_edge(self, edge: int, mode: Literal["learn", "hold", "cut"], *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> RigEdge: ...
    def rig_safe(self, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> RigSafe: ...
    def rig_wiring(self, *, task: Optional[Mapping[str, Any]] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> RigWiring: ...
    def history_runs(self, *, where: Optional[Union[Mapping[str, Any], str]] = ..., status: Optional[Literal["queued", "running", "paused", "done", "stopped", "aborted", "interrupted", "failed"]] = ..., task: Optional[str] = ..., kind: Optional[Literal["allostery", "regression", "classification", "calibration"]] = ..., tag: Optional[str] = ..., order: Optional[str] = ..., limit: Optional[int] = ..., after: Optional[int] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> HistoryRuns: ...
    def history_run(self, run: int, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> HistoryRun: ...
    def history_steps(self, run: int, *, from_: Optional[int] = ..., to: Optional[int] = ..., from_step: Optional[int] = ..., to_step: Optional[int] = ..., columns: Optional[Sequence[str]] = ..., max_points: Optional[int] = ..., encoding: Optional[Literal["arrays", "json"]] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> HistorySteps: ...
    def history_du(self, *, run: Optional[int] = ..., where: Optional[str] = ..., limit: Optional[int] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> HistoryDu: ...
    def history_retain(self, keep_every: int, *, runs: Optional[Sequence[int]] = ..., where: Optional[str] = ..., after_days: Optional[float] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> HistoryRetain: ...
    def history_events(self, *, run: Optional[int] = ..., kind: Optional[str] = ..., from_: Optional[str] = ..., to: Optional[str] = ..., from_utc: Optional[str] = ..., to_utc: Optional[str] = ..., limit: Optional[int] = ..., after: Optional[int] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> HistoryEvents: ...
    def stream_fetch(self, run: int, from_step: int, *, to_step: Optional[int] = ..., encoding: Optional[Literal["arrays", "json"]] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> StreamFetch: ...
    def alarm_list(self, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> AlarmList: ...
    def alarm_ack(self, name: str, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> AlarmAck: ...
    def run_fork(self, run: int, step: int, *, params: Optional[Mapping[str, Any]] = ..., steps: Optional[int] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> RunFork: ...
    def checkpoint_save(self, name: str, *, taps: Optional[Sequence[int]] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> CheckpointSave: ...
    def checkpoint_list(self, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> CheckpointList: ...
    def checkpoint_restore(self, name: str, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> CheckpointRestore: ...
    def checkpoint_delete(self, name: str, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> Dict[str, Any]: ...
    def calibrate_p(self, *, bias_V: Optional[Union[int, Sequence[float]]] = ..., trials: Optional[int] = ..., interval_s: Optional[float] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> CalibrateP: ...
    def calibrate_relaxation(self, *, capacitance_F: Optional[float] = ..., samples: Optional[int] = ..., taps: Optional[Literal["spread", "present"]] = ..., step_V: Optional[float] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> CalibrateRelaxation: ...
    def calibrate_edges(self, *, trials: Optional[int] = ..., points: Optional[int] = ..., patterns: Optional[int] = ..., span_V: Optional[float] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> CalibrateEdges: ...
    def calibrate_daq(self, channels: Sequence[Sequence[str]], *, points: Optional[int] = ..., reference: Optional[Literal["input", "output"]] = ..., bits: Optional[int] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> CalibrateDaq: ...
    def calibrate_settle(self, *, settle_s: Optional[float] = ..., step_V: Optional[float] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> CalibrateSettle: ...
    def calibrate_list(self, *, kind: Optional[Literal["p", "relaxation", "edges", "daq", "settle"]] = ..., limit: Optional[int] = ..., after: Optional[int] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> CalibrateList: ...
    def calibrate_get(self, id: int, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> CalibrateGet: ...
    def key_add(self, public_key: str, name: str, role: Literal["observer", "operator", "admin"], *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> KeyAdd: ...
    def key_list(self, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> KeyList: ...
    def key_revoke(self, name: str, *, meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> KeyRevoke: ...
    def audit_list(self, *, run: Optional[int] = ..., who: Optional[str] = ..., kind: Optional[str] = ..., from_: Optional[str] = ..., to: Optional[str] = ..., limit: Optional[int] = ..., after: Optional[int] = ..., meta: Optional[Mapping[str, Any]] = ..., deadline_s: Optional[float] = ...) -> AuditList: ...

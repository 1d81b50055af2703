"""methods.py - the methods of nudged; made from its table by `make reference`."""

from collections import namedtuple

Method = namedtuple("Method", "changes keyed lease urgent role")

TABLE = {
    "server.hello": Method(False, False, False, False, "observer"),
    "server.ping": Method(False, False, False, True, "observer"),
    "rpc.discover": Method(False, False, False, False, "observer"),
    "state.snapshot": Method(False, False, False, False, "observer"),
    "lease.acquire": Method(True, False, False, False, "operator"),
    "lease.renew": Method(True, False, False, False, "operator"),
    "lease.release": Method(True, False, False, False, "operator"),
    "param.get": Method(False, False, False, False, "observer"),
    "param.set": Method(True, True, True, False, "operator"),
    "task.check": Method(False, False, False, False, "observer"),
    "run.submit": Method(True, True, True, False, "operator"),
    "run.check": Method(False, False, False, False, "observer"),
    "run.get": Method(False, False, False, False, "observer"),
    "run.wait": Method(False, False, False, False, "observer"),
    "run.pause": Method(True, True, True, False, "operator"),
    "run.resume": Method(True, True, True, False, "operator"),
    "run.stop": Method(True, True, False, False, "operator"),
    "run.abort": Method(True, False, False, True, "operator"),
    "run.annotate": Method(True, True, False, False, "operator"),
    "queue.list": Method(False, False, False, False, "observer"),
    "queue.move": Method(True, True, True, False, "operator"),
    "queue.remove": Method(True, True, True, False, "operator"),
    "queue.clear": Method(True, True, True, False, "operator"),
    "queue.hold": Method(True, True, True, False, "operator"),
    "queue.release": Method(True, True, True, False, "operator"),
    "rig.describe": Method(False, False, False, False, "observer"),
    "rig.read": Method(False, False, False, False, "observer"),
    "rig.apply": Method(True, True, True, False, "operator"),
    "rig.edge": Method(True, True, True, False, "operator"),
    "rig.safe": Method(True, False, False, True, "operator"),
    "rig.wiring": Method(False, False, False, False, "observer"),
    "history.runs": Method(False, False, False, False, "observer"),
    "history.run": Method(False, False, False, False, "observer"),
    "history.steps": Method(False, False, False, False, "observer"),
    "history.du": Method(False, False, False, False, "observer"),
    "history.retain": Method(True, True, False, False, "operator"),
    "history.events": Method(False, False, False, False, "observer"),
    "stream.fetch": Method(False, False, False, False, "observer"),
    "alarm.list": Method(False, False, False, False, "observer"),
    "alarm.ack": Method(True, True, False, False, "operator"),
    "run.fork": Method(True, True, True, False, "operator"),
    "checkpoint.save": Method(True, True, True, False, "operator"),
    "checkpoint.list": Method(False, False, False, False, "observer"),
    "checkpoint.restore": Method(True, True, True, False, "operator"),
    "checkpoint.delete": Method(True, True, True, False, "operator"),
    "calibrate.p": Method(True, True, True, False, "operator"),
    "calibrate.relaxation": Method(True, True, True, False, "operator"),
    "calibrate.edges": Method(True, True, True, False, "operator"),
    "calibrate.daq": Method(True, True, True, False, "operator"),
    "calibrate.settle": Method(True, True, True, False, "operator"),
    "calibrate.list": Method(False, False, False, False, "observer"),
    "calibrate.get": Method(False, False, False, False, "observer"),
    "key.add": Method(True, True, False, False, "admin"),
    "key.list": Method(False, False, False, False, "admin"),
    "key.revoke": Method(True, True, False, False, "admin"),
    "audit.list": Method(False, False, False, False, "observer"),
}


class Methods:
    """Each method of the table; None: a member that is left out."""

    def call(self, method, params=None, *, meta=None, timeout_s=None):
        raise NotImplementedError

    def server_hello(self, *, meta=None, deadline_s=None):
        """Who the server is: name, version, protocol, boot, backend, rig, your role, endpoints.

        Least role: observer.
        """
        return self.call("server.hello", {}, meta=meta, timeout_s=deadline_s)

    def server_ping(self, *, meta=None, deadline_s=None):
        """Answers with the time.

        Least role: observer.  Goes to the urgent socket.
        """
        return self.call("server.ping", {}, meta=meta, timeout_s=deadline_s)

    def rpc_discover(self, *, meta=None, deadline_s=None):
        """This interface as an OpenRPC document.

        Least role: observer.
        """
        return self.call("rpc.discover", {}, meta=meta, timeout_s=deadline_s)

    def state_snapshot(self, *, meta=None, deadline_s=None):
        """The present state: run, step, parameters, queue, devices, alarms, lease, seq.

        Least role: observer.
        """
        return self.call("state.snapshot", {}, meta=meta, timeout_s=deadline_s)

    def lease_acquire(self, *, ttl_s=None, note=None, take_over=None, meta=None, deadline_s=None):
        """Takes the control lease, so that nobody else steers.

        Least role: operator.
        ttl_s: a number from 1 to 86400, in s; by default 30. The lease ends so long after its last renewal.
        note: a string of 0 to 4096 bytes; by default "". What for; others see it.
        take_over: true or false; by default false. Take it from whoever holds it.
        """
        return self.call("lease.acquire", {"ttl_s": ttl_s, "note": note, "take_over": take_over}, meta=meta, timeout_s=deadline_s)

    def lease_renew(self, lease, *, meta=None, deadline_s=None):
        """Keeps the lease for another ttl_s.

        Least role: operator.
        lease: a string of 1 to 64 bytes. The lease's token.
        """
        return self.call("lease.renew", {"lease": lease}, meta=meta, timeout_s=deadline_s)

    def lease_release(self, lease, *, meta=None, deadline_s=None):
        """Gives the lease back.

        Least role: operator.
        lease: a string of 1 to 64 bytes. The lease's token.
        """
        return self.call("lease.release", {"lease": lease}, meta=meta, timeout_s=deadline_s)

    def param_get(self, *, meta=None, deadline_s=None):
        """The parameters as they are now, and their revision.

        Least role: observer.
        """
        return self.call("param.get", {}, meta=meta, timeout_s=deadline_s)

    def param_set(self, *, eta=None, p=None, tau_s=None, capacitance_F=None, relaxation_rate_per_s=None, alpha_over_gamma=None, nearest=None, meta=None, deadline_s=None):
        """Changes parameters between two steps; the reply says from which step on.

        Least role: operator.  Needs the lease while somebody holds it.
        eta: a number above 0 and at most 1. Nudge: the clamped voltage is V_F + eta (V_D - V_F).
        p: a number from 0 to 1. Probability that an edge updates at a tick.
        tau_s: a number above 0 and at most 604800, in s. Step period; alpha = 1 / tau_s.
        capacitance_F: a number from 0 to 1, in F. Capacitor in parallel with each edge, one of the rig's bank; 0 is none.
        relaxation_rate_per_s: a number above 0, in 1/s. Relaxation rate 1 / (R0 C) of the edges; in a change it chooses the capacitor.
        alpha_over_gamma: a number above 0. Learning rate over relaxation rate, R0 C / tau; in a change it moves tau_s.
        nearest: true or false. With relaxation_rate_per_s: take the nearest capacitor of the bank.
        """
        return self.call("param.set", {"eta": eta, "p": p, "tau_s": tau_s, "capacitance_F": capacitance_F, 
            "relaxation_rate_per_s": relaxation_rate_per_s, "alpha_over_gamma": alpha_over_gamma, 
            "nearest": nearest}, meta=meta, timeout_s=deadline_s)

    def task_check(self, task, *, meta=None, deadline_s=None):
        """Checks a task against this rig and predicts voltages and edge powers; moves nothing.

        Least role: observer.
        task: a task. The task; tables in place of CSV files.
        """
        return self.call("task.check", {"task": task}, meta=meta, timeout_s=deadline_s)

    def run_submit(self, task, *, name=None, seed=None, tags=None, params=None, at=None, on_lease_loss=None, meta=None, deadline_s=None):
        """Puts a task into the queue; it starts when its turn comes.

        Least role: operator.  Needs the lease while somebody holds it.
        task: a task. The task; tables in place of CSV files.
        name: a string of 1 to 200 bytes. Name of the run; else the task's.
        seed: an integer from 0 to 2^53. Of all draws; else the task's, else the run's number.
        tags: a list of 0 to 100 items, each a string of 1 to 200 bytes. Words to find the run by.
        params: parameters. Parameters from the first step on, over the task's.
        at: end or front; by default "end". Where in the queue.
        on_lease_loss: continue, pause or safe. What becomes of the run when the lease that it is steered under expires; else the task's.
        """
        return self.call("run.submit", {"task": task, "name": name, "seed": seed, "tags": tags, "params": params, 
            "at": at, "on_lease_loss": on_lease_loss}, meta=meta, timeout_s=deadline_s)

    def run_check(self, task, *, name=None, seed=None, tags=None, params=None, at=None, on_lease_loss=None, meta=None, deadline_s=None):
        """What run.submit and the run's beginning would look at: devices, disk, limits, calibrations and more; moves nothing.

        Least role: observer.
        task: a task. The task; tables in place of CSV files.
        name: a string of 1 to 200 bytes. Name of the run; else the task's.
        seed: an integer from 0 to 2^53. Of all draws; else the task's, else the run's number.
        tags: a list of 0 to 100 items, each a string of 1 to 200 bytes. Words to find the run by.
        params: parameters. Parameters from the first step on, over the task's.
        at: end or front; by default "end". Where in the queue.
        on_lease_loss: continue, pause or safe. What becomes of the run when the lease that it is steered under expires; else the task's.
        """
        return self.call("run.check", {"task": task, "name": name, "seed": seed, "tags": tags, "params": params, 
            "at": at, "on_lease_loss": on_lease_loss}, meta=meta, timeout_s=deadline_s)

    def run_get(self, run, *, meta=None, deadline_s=None):
        """A run's status and figures.

        Least role: observer.
        run: an integer from 1 to 2^53. The run.
        """
        return self.call("run.get", {"run": run}, meta=meta, timeout_s=deadline_s)

    def run_wait(self, run, *, timeout_s=None, meta=None, deadline_s=None):
        """The same, when the run has ended or the time is up.

        Least role: observer.
        run: an integer from 1 to 2^53. The run.
        timeout_s: a number from 0 to 86400, in s; by default 60. Longest wait.
        """
        return self.call("run.wait", {"run": run, "timeout_s": timeout_s}, meta=meta, timeout_s=deadline_s)

    def run_pause(self, *, run=None, meta=None, deadline_s=None):
        """Pauses after the present step; outputs stay as they are.

        Least role: operator.  Needs the lease while somebody holds it.
        run: an integer from 1 to 2^53. The run meant; without it the one that is active.
        """
        return self.call("run.pause", {"run": run}, meta=meta, timeout_s=deadline_s)

    def run_resume(self, *, run=None, meta=None, deadline_s=None):
        """Goes on with a paused run.

        Least role: operator.  Needs the lease while somebody holds it.
        run: an integer from 1 to 2^53. The run meant; without it the one that is active.
        """
        return self.call("run.resume", {"run": run}, meta=meta, timeout_s=deadline_s)

    def run_stop(self, *, run=None, meta=None, deadline_s=None):
        """Ends a run after its present step.

        Least role: operator.
        run: an integer from 1 to 2^53. The run meant; without it the one that is active.
        """
        return self.call("run.stop", {"run": run}, meta=meta, timeout_s=deadline_s)

    def run_abort(self, *, run=None, meta=None, deadline_s=None):
        """Ends a run now, makes the rig safe, and holds the queue.

        Least role: operator.  Goes to the urgent socket.
        run: an integer from 1 to 2^53. The run meant; without it the one that is active.
        """
        return self.call("run.abort", {"run": run}, meta=meta, timeout_s=deadline_s)

    def run_annotate(self, run, *, note=None, tags=None, add_tags=None, remove_tags=None, star=None, meta=None, deadline_s=None):
        """Adds a note, tags or a star to a run.

        Least role: operator.
        run: an integer from 1 to 2^53. The run.
        note: a string of 0 to 4096 bytes. Replaces the note.
        tags: a list of 0 to 100 items, each a string of 1 to 200 bytes. Replace the tags.
        add_tags: a list of 0 to 100 items, each a string of 1 to 200 bytes. Tags that the run gets, beside those it has.
        remove_tags: a list of 0 to 100 items, each a string of 1 to 200 bytes. Tags that it loses.
        star: true or false. Marks or unmarks the run.
        """
        return self.call("run.annotate", {"run": run, "note": note, "tags": tags, "add_tags": add_tags, 
            "remove_tags": remove_tags, "star": star}, meta=meta, timeout_s=deadline_s)

    def queue_list(self, *, meta=None, deadline_s=None):
        """The queued runs, in order, and whether the queue is held.

        Least role: observer.
        """
        return self.call("queue.list", {}, meta=meta, timeout_s=deadline_s)

    def queue_move(self, run, position, *, meta=None, deadline_s=None):
        """Moves a queued run to another position.

        Least role: operator.  Needs the lease while somebody holds it.
        run: an integer from 1 to 2^53. A queued run.
        position: an integer from 0 to 2^53. 0 is the next to start; beyond the last: the last.
        """
        return self.call("queue.move", {"run": run, "position": position}, meta=meta, timeout_s=deadline_s)

    def queue_remove(self, run, *, meta=None, deadline_s=None):
        """Takes a run out of the queue.

        Least role: operator.  Needs the lease while somebody holds it.
        run: an integer from 1 to 2^53. The run.
        """
        return self.call("queue.remove", {"run": run}, meta=meta, timeout_s=deadline_s)

    def queue_clear(self, *, meta=None, deadline_s=None):
        """Takes all runs out of the queue.

        Least role: operator.  Needs the lease while somebody holds it.
        """
        return self.call("queue.clear", {}, meta=meta, timeout_s=deadline_s)

    def queue_hold(self, *, meta=None, deadline_s=None):
        """Starts no further run until queue.release.

        Least role: operator.  Needs the lease while somebody holds it.
        """
        return self.call("queue.hold", {}, meta=meta, timeout_s=deadline_s)

    def queue_release(self, *, meta=None, deadline_s=None):
        """Lets the queue go on.

        Least role: operator.  Needs the lease while somebody holds it.
        """
        return self.call("queue.release", {}, meta=meta, timeout_s=deadline_s)

    def rig_describe(self, *, meta=None, deadline_s=None):
        """Nodes, edges, limits, capacitors, and what the rig can do.

        Least role: observer.
        """
        return self.call("rig.describe", {}, meta=meta, timeout_s=deadline_s)

    def rig_read(self, *, settle_s=None, meta=None, deadline_s=None):
        """Voltages and taps now; during a run those of its last step.

        Least role: observer.
        settle_s: a number from 0 to 3600, in s; by default 0. Waited before reading; not during a run.
        """
        return self.call("rig.read", {"settle_s": settle_s}, meta=meta, timeout_s=deadline_s)

    def rig_apply(self, source_V, *, target_V=None, settle_s=None, meta=None, deadline_s=None):
        """Drives nodes, waits, and measures all nodes; only while no run is active.

        Least role: operator.  Needs the lease while somebody holds it.
        source_V: a mapping of node numbers to a number, in V. Driven in both networks.
        target_V: a mapping of node numbers to a number, in V. Driven in the clamped network alone.
        settle_s: a number from 0 to 3600, in s; by default 0. Waited before measuring.
        """
        return self.call("rig.apply", {"source_V": source_V, "target_V": target_V, "settle_s": settle_s}, meta=meta, timeout_s=deadline_s)

    def rig_edge(self, edge, mode, *, meta=None, deadline_s=None):
        """Sets an edge to learn, hold or cut.

        Least role: operator.  Needs the lease while somebody holds it.
        edge: an integer from 0 to 999999999. The edge.
        mode: learn, hold or cut. It learns, keeps its tap, or is disconnected.
        """
        return self.call("rig.edge", {"edge": edge, "mode": mode}, meta=meta, timeout_s=deadline_s)

    def rig_safe(self, *, meta=None, deadline_s=None):
        """Aborts what runs and brings every output to its safe value.

        Least role: operator.  Goes to the urgent socket.
        """
        return self.call("rig.safe", {}, meta=meta, timeout_s=deadline_s)

    def rig_wiring(self, *, task=None, meta=None, deadline_s=None):
        """How nodes are wired to the card, and what to plug elsewhere before a task.

        Least role: observer.
        task: a task. What to run; without it the reply has no moves.
        """
        return self.call("rig.wiring", {"task": task}, meta=meta, timeout_s=deadline_s)

    def history_runs(self, *, where=None, status=None, task=None, kind=None, tag=None, order=None, limit=None, after=None, meta=None, deadline_s=None):
        """Runs of the past, newest first.

        Least role: observer.
        where: a mapping with status, task, kind, tag or a string of 1 to 4096 bytes. Which runs: a filter as a text, or a mapping whose members may also stand beside it.
        status: queued, running, paused, done, stopped, aborted, interrupted or failed. Only runs with this status.
        task: a string of 1 to 200 bytes. Only runs of the task of this name.
        kind: allostery, regression, classification or calibration. Only runs of this kind of task.
        tag: a string of 1 to 200 bytes. Only runs that have this tag.
        order: a string of 1 to 200 bytes; by default "newest". newest, oldest, or a field of the filter with or without asc, desc: which come first.
        limit: an integer from 1 to 10000; by default 100. At most so many rows.
        after: an integer from 1 to 2^53. Go on behind this run: `next` of the reply before.
        """
        return self.call("history.runs", {"where": where, "status": status, "task": task, "kind": kind, "tag": tag, 
            "order": order, "limit": limit, "after": after}, meta=meta, timeout_s=deadline_s)

    def history_run(self, run, *, meta=None, deadline_s=None):
        """Everything that is known about a run.

        Least role: observer.
        run: an integer from 1 to 2^53. The run.
        """
        return self.call("history.run", {"run": run}, meta=meta, timeout_s=deadline_s)

    def history_steps(self, run, *, from_=None, to=None, from_step=None, to_step=None, columns=None, max_points=None, encoding=None, meta=None, deadline_s=None):
        """Columns of a run's steps, as arrays, all or decimated.

        Least role: observer.
        run: an integer from 1 to 2^53. The run.
        from_: an integer from 0 to 2^53; by default 0. First step.
        to: an integer from 0 to 2^53. Last step, included; without it the last there is.
        from_step: an integer from 0 to 2^53. The same as `from`, and goes before it.
        to_step: an integer from 0 to 2^53. The same as `to`, and goes before it.
        columns: a non-empty list, each a string of 1 to 200 bytes; by default ["step","mse_V2"]. Columns of the table `steps`.
        max_points: an integer from 1 to 100000. More rows than this are binned: min, max, mean, first, last and count of each bin; over 65,536 steps a bin of 256 steps or more begins at a multiple of 256. A bin whose count is below `every` lacks steps; one without any is left out.
        encoding: arrays or json; by default "arrays". Payload frames behind the JSON frame, or lists inside it (at most 1e5 numbers).
        """
        return self.call("history.steps", {"run": run, "from": from_, "to": to, "from_step": from_step, 
            "to_step": to_step, "columns": columns, "max_points": max_points, "encoding": encoding}, meta=meta, timeout_s=deadline_s)

    def history_du(self, *, run=None, where=None, limit=None, meta=None, deadline_s=None):
        """How many bytes runs take in the database, the largest first, and what room there is.

        Least role: observer.
        run: an integer from 1 to 2^53. Only this run.
        where: a string of 1 to 4096 bytes. Only runs of which this filter is true.
        limit: an integer from 1 to 10000; by default 100. At most so many rows.
        """
        return self.call("history.du", {"run": run, "where": where, "limit": limit}, meta=meta, timeout_s=deadline_s)

    def history_retain(self, keep_every, *, runs=None, where=None, after_days=None, meta=None, deadline_s=None):
        """Thins the rows of ended runs to every so many steps, for good; bins, tests, events and parameters stay.

        Least role: operator.
        runs: a list of 1 to 1000 items, each an integer from 1 to 2^53. These runs, starred or not.
        where: a string of 1 to 4096 bytes. All runs of which this filter is true, but starred ones and those that have not ended.
        keep_every: an integer from 2 to 1000000000. The steps that stay: those that this divides.
        after_days: a number from 0 to 36500, in d; by default 0. Only runs that ended so many days ago.
        """
        return self.call("history.retain", {"runs": runs, "where": where, "keep_every": keep_every, 
            "after_days": after_days}, meta=meta, timeout_s=deadline_s)

    def history_events(self, *, run=None, kind=None, from_=None, to=None, from_utc=None, to_utc=None, limit=None, after=None, meta=None, deadline_s=None):
        """What happened: parameter changes, faults, cuts, notes.

        Least role: observer.
        run: an integer from 1 to 2^53. Only events of this run.
        kind: a string of 1 to 200 bytes. Only events of this kind.
        from_: a string of 20 to 27 bytes. Only events from this time on.
        to: a string of 20 to 27 bytes. Only events up to this time.
        from_utc: a string of 20 to 27 bytes. The same as `from`, and goes before it.
        to_utc: a string of 20 to 27 bytes. The same as `to`, and goes before it.
        limit: an integer from 1 to 10000; by default 100. At most so many rows.
        after: an integer from 0 to 2^53. Go on behind this event: `next` of the reply before.
        """
        return self.call("history.events", {"run": run, "kind": kind, "from": from_, "to": to, 
            "from_utc": from_utc, "to_utc": to_utc, "limit": limit, "after": after}, meta=meta, timeout_s=deadline_s)

    def stream_fetch(self, run, from_step, *, to_step=None, encoding=None, meta=None, deadline_s=None):
        """Steps again, as the records that were published.

        Least role: observer.
        run: an integer from 1 to 2^53. The run.
        from_step: an integer from 0 to 2^53. First step.
        to_step: an integer from 0 to 2^53. Last step, included; without it the last there is.
        encoding: arrays or json; by default "arrays". Payload frames behind the JSON frame, or lists inside it (at most 1e5 numbers).
        """
        return self.call("stream.fetch", {"run": run, "from_step": from_step, "to_step": to_step, 
            "encoding": encoding}, meta=meta, timeout_s=deadline_s)

    def alarm_list(self, *, meta=None, deadline_s=None):
        """What is wrong now, since when, and who has seen it.

        Least role: observer.
        """
        return self.call("alarm.list", {}, meta=meta, timeout_s=deadline_s)

    def alarm_ack(self, name, *, meta=None, deadline_s=None):
        """Says that you have seen an alarm; it stays until its cause is gone.

        Least role: operator.
        name: a string of 1 to 200 bytes. The alarm, as alarm.list names it.
        """
        return self.call("alarm.ack", {"name": name}, meta=meta, timeout_s=deadline_s)

    def run_fork(self, run, step, *, params=None, steps=None, meta=None, deadline_s=None):
        """Queues the task of a run again, from the edge states and with the parameters of one of its steps.

        Least role: operator.  Needs the lease while somebody holds it.
        run: an integer from 1 to 2^53. The run to start from.
        step: an integer from 0 to 2^53. Its step whose edge states are taken.
        params: parameters. Parameters from the first step on, over that step's.
        steps: an integer from 1 to 1000000000000. In place of the task's stop: steps.
        """
        return self.call("run.fork", {"run": run, "step": step, "params": params, "steps": steps}, meta=meta, timeout_s=deadline_s)

    def checkpoint_save(self, name, *, taps=None, meta=None, deadline_s=None):
        """Keeps the edge states under a new name.

        Least role: operator.  Needs the lease while somebody holds it.
        name: a string of 1 to 200 bytes. A new name.
        taps: a non-empty list, each an integer from 0 to 255. These instead of the present ones.
        """
        return self.call("checkpoint.save", {"name": name, "taps": taps}, meta=meta, timeout_s=deadline_s)

    def checkpoint_list(self, *, meta=None, deadline_s=None):
        """The checkpoints, oldest first.

        Least role: observer.
        """
        return self.call("checkpoint.list", {}, meta=meta, timeout_s=deadline_s)

    def checkpoint_restore(self, name, *, meta=None, deadline_s=None):
        """Puts the edge states of a checkpoint back; only while no run is active.

        Least role: operator.  Needs the lease while somebody holds it.
        name: a string of 1 to 200 bytes. As checkpoint.list has it.
        """
        return self.call("checkpoint.restore", {"name": name}, meta=meta, timeout_s=deadline_s)

    def checkpoint_delete(self, name, *, meta=None, deadline_s=None):
        """Deletes a checkpoint.

        Least role: operator.  Needs the lease while somebody holds it.
        name: a string of 1 to 200 bytes. As checkpoint.list has it.
        """
        return self.call("checkpoint.delete", {"name": name}, meta=meta, timeout_s=deadline_s)

    def calibrate_p(self, *, bias_V=None, trials=None, interval_s=None, meta=None, deadline_s=None):
        """Measures p over the bias voltage; p is set by that curve from then on.

        Least role: operator.  Needs the lease while somebody holds it.
        bias_V: an integer from 2 to 1000 or a list of 2 to 1000 items, each a number, in V; by default 21. Bias voltages, or how many, evenly from rail to rail.
        trials: an integer from 1 to 1000000; by default 400. Ticks at each of them.
        interval_s: a number above 0 and at most 60, in s; by default 0.02. Mean time between ticks; each is drawn from half to one and a half of it.
        """
        return self.call("calibrate.p", {"bias_V": bias_V, "trials": trials, "interval_s": interval_s}, meta=meta, timeout_s=deadline_s)

    def calibrate_relaxation(self, *, capacitance_F=None, samples=None, taps=None, step_V=None, meta=None, deadline_s=None):
        """Measures the relaxation rate of each node from its transient.

        Least role: operator.  Needs the lease while somebody holds it.
        capacitance_F: a number above 0 and at most 1, in F. One of the bank; without it each that is not 0.
        samples: an integer from 5 to 1000; by default 40. Readings of a transient, at times of equal ratio.
        taps: spread or present; by default "spread". Taps drawn for the measurement, or those that are there: equal ones do not relax.
        step_V: a number, in V. What the first source steps to; the middle of the limits.
        """
        return self.call("calibrate.relaxation", {"capacitance_F": capacitance_F, "samples": samples, "taps": taps, 
            "step_V": step_V}, meta=meta, timeout_s=deadline_s)

    def calibrate_edges(self, *, trials=None, points=None, patterns=None, span_V=None, meta=None, deadline_s=None):
        """Measures bias and noise of each comparator from its decisions.

        Least role: operator.  Needs the lease while somebody holds it.
        trials: an integer from 1 to 10000; by default 10. Ticks at each point.
        points: an integer from 3 to 1001; by default 21. Pushes from -span_V to span_V.
        patterns: an integer from 1 to 100; by default 4. Ways to share the push among the targets; the first pushes all alike.
        span_V: a number above 0, in V; by default 0.05. The largest push on a target.
        """
        return self.call("calibrate.edges", {"trials": trials, "points": points, "patterns": patterns, 
            "span_V": span_V}, meta=meta, timeout_s=deadline_s)

    def calibrate_daq(self, channels, *, points=None, reference=None, bits=None, meta=None, deadline_s=None):
        """Measures gain and offset of card channels that are looped.

        Least role: operator.  Needs the lease while somebody holds it.
        channels: a list of 1 to 256 items, each a list of 2 items, each a string of 1 to 200 bytes. Loops: [output, input].
        points: an integer from 3 to 1001; by default 11. Voltages over the limits.
        reference: input or output; by default "input". The side that is believed: the other one gets the gain and the offset.
        bits: an integer from 4 to 32; by default 16. Of the card: an LSB is the limits' range over 2^bits.
        """
        return self.call("calibrate.daq", {"channels": channels, "points": points, "reference": reference, 
            "bits": bits}, meta=meta, timeout_s=deadline_s)

    def calibrate_settle(self, *, settle_s=None, step_V=None, meta=None, deadline_s=None):
        """Reads every input after 1, 2 and 5 times settle_s, in two orders.

        Least role: operator.  Needs the lease while somebody holds it.
        settle_s: a number above 0 and at most 60, in s. The wait that is examined; else that of the rig file.
        step_V: a number, in V. What the sources step to; the middle of the limits.
        """
        return self.call("calibrate.settle", {"settle_s": settle_s, "step_V": step_V}, meta=meta, timeout_s=deadline_s)

    def calibrate_list(self, *, kind=None, limit=None, after=None, meta=None, deadline_s=None):
        """Calibrations of the past, newest first.

        Least role: observer.
        kind: p, relaxation, edges, daq or settle. Only calibrations of this kind.
        limit: an integer from 1 to 10000; by default 100. At most so many rows.
        after: an integer from 0 to 2^53. Go on behind this one: `next` of the reply before.
        """
        return self.call("calibrate.list", {"kind": kind, "limit": limit, "after": after}, meta=meta, timeout_s=deadline_s)

    def calibrate_get(self, id, *, meta=None, deadline_s=None):
        """A calibration with all its values.

        Least role: observer.
        id: an integer from 1 to 2^53. As calibrate.list has it.
        """
        return self.call("calibrate.get", {"id": id}, meta=meta, timeout_s=deadline_s)

    def key_add(self, public_key, name, role, *, meta=None, deadline_s=None):
        """Lets a key in over TCP, under a name and with a role.

        Least role: admin.
        public_key: a string of 40 bytes. 40 characters of Z85.
        name: a string of 1 to 32 bytes. Whose it is: letters, digits and . _ @ -
        role: observer, operator or admin. What it may do.
        """
        return self.call("key.add", {"public_key": public_key, "name": name, "role": role}, meta=meta, timeout_s=deadline_s)

    def key_list(self, *, meta=None, deadline_s=None):
        """The keys that may come in over TCP, with names and roles.

        Least role: admin.
        """
        return self.call("key.list", {}, meta=meta, timeout_s=deadline_s)

    def key_revoke(self, name, *, meta=None, deadline_s=None):
        """Takes a key off the list; its connections end at once.

        Least role: admin.
        name: a string of 1 to 32 bytes. Whose key.
        """
        return self.call("key.revoke", {"name": name}, meta=meta, timeout_s=deadline_s)

    def audit_list(self, *, run=None, who=None, kind=None, from_=None, to=None, limit=None, after=None, meta=None, deadline_s=None):
        """Who changed what, when, from where, at which step.

        Least role: observer.
        run: an integer from 1 to 2^53. Only changes of this run.
        who: a string of 1 to 200 bytes. Only what this person or key did.
        kind: a string of 1 to 200 bytes. Only changes of this kind: param, run, key, handshake, ...
        from_: a string of 20 to 27 bytes. Only changes from this time on.
        to: a string of 20 to 27 bytes. Only changes up to this time.
        limit: an integer from 1 to 10000; by default 100. At most so many rows.
        after: an integer from 0 to 2^53. Go on behind this row: `next` of the reply before.
        """
        return self.call("audit.list", {"run": run, "who": who, "kind": kind, "from": from_, "to": to, 
            "limit": limit, "after": after}, meta=meta, timeout_s=deadline_s)

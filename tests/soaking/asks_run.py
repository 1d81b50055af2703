"""asks_run.py - runs and the queue: submitted, steered, moved, forked, annotated."""

import states
from states import Plan, Refusal, closure, ended, settled, starts
from asking import Ask, refused

SOURCES = {"sources": [0, 2, 7], "targets": [3, 5, 4], "train": {"examples": [{"source_V": [5, 1, 0], "target_V": [3, 3, 3]}]}}
TARGET8 = {"sources": [0, 2], "targets": [8], "train": {"examples": [{"source_V": [5, 0], "target_V": [3]}]}}


def draw_params(dice, bad=0.1):
    wanted = {}
    if dice.random() < 0.6:
        wanted["eta"] = dice.choice((0.1, 0.2, 0.25, 0.5, 1.0))
    if dice.random() < 0.3:
        wanted["p"] = dice.choice((0.0, 0.5, 0.75, 1.0))
    if dice.random() < 0.3:
        wanted["tau_s"] = dice.choice((0.01, 0.125, 0.25, 0.3))
    if dice.random() < 0.2:
        wanted["capacitance_F"] = 1e-6 if dice.random() < bad else dice.choice(states.BANK_F)
    return wanted


# ---- run.submit and run.fork ----

def draw_schedule(dice, steps, target8):
    moves, last, entries = [], 0, []
    for _ in range(dice.choice((0, 0, 0, 1, 2))):
        last += dice.randint(1, max(1, steps // 4))
        if last >= steps:
            break
        if dice.random() < 0.5:
            wanted = {"eta": dice.choice((0.3, 0.4, 0.6))}
            entries.append({"at": last, "set": wanted})
            moves.append(("set", wanted))
        else:
            edge = 11 if target8 else dice.choice((1, 2, 3))
            mode = "cut" if target8 else dice.choice(("hold", "learn"))
            entries.append({"at": last, mode: edge})
            moves.append(("mode", edge, mode))
    return entries, moves


def draw_task(world):
    """(task, plan) of a run that is short, or that goes on until it is ended."""
    dice = world.dice
    endless, target8 = dice.random() < 0.35, dice.random() < 0.25
    steps = 10**9 if endless else dice.choice((1, 5, 5, 60, 60, 300, 300, 300, 3000, 20000))
    kept = steps <= 3000 and dice.random() < 0.8
    task = dict(TARGET8 if target8 else SOURCES, task="soak", kind="allostery", stop={"steps": steps})
    entries, moves = draw_schedule(dice, 400 if endless else steps, target8)
    if entries:
        task["schedule"] = entries
    if not kept:
        task["log"] = "every %d" % (5000 if endless else 7)
    taps = None
    if world.model.checkpoints and dice.random() < 0.2:
        task["initial"] = {"checkpoint": dice.choice(list(world.model.checkpoints))}
    start = draw_params(dice, 0)
    if start:
        task["params"] = start
    return task, Plan("soak", steps, start, moves, target8, kept, taps)


def taken_in(world, plan, front, reply, c, dry):
    """It is numbered and queued."""
    if dry:
        return [c] if reply.result == {} else []
    if reply.result["run"] != world.model.last_run + 1:
        return []
    world.model.plans[reply.result["run"]] = plan
    found = []
    for then in closure(world.model.plans, [c]):
        if reply.result["position"] != (0 if front else len(then.queue)):
            continue
        for at_last in closure(world.model.plans, [then]):
            queue = (reply.result["run"],) + at_last.queue if front else at_last.queue + (reply.result["run"],)
            found.append(at_last._replace(queue=queue))
    return found


def count_run(world):
    def then(reply, *_):
        if "run" in reply.result:
            world.model.last_run = reply.result["run"]
    return then


DEVICE = -32015  # the rig failed, and has not been made safe yet


def submit(world):
    dice = world.dice
    task, plan = draw_task(world)
    over, front, meta = draw_params(dice), dice.random() < 0.2, world.meta()
    params = {"task": task}
    if over:
        params["params"] = over
        plan = Plan(plan.name, plan.steps, dict(plan.start, **over), plan.scheduled, plan.target8, plan.kept)
    if front:
        params["at"] = "front"
    if dice.random() < 0.3:
        params["name"] = plan.name = world.name("run ")

    def step(c, r):
        try:
            states.change(c.params, plan.start)
        except Refusal as why:
            return [c] if r.code == why.code else []
        if c.state == "fault" and r.code == DEVICE:
            return [c]
        return [] if r.code else taken_in(world, plan, front, r, c, meta.get("dry_run"))
    ask = Ask("run.submit", params, step, durable=True, then=count_run(world), **meta)
    ask.plan = plan
    return ask


def submit_wrong(world):
    """A task that no rig could do: refused with its place."""
    task, _ = draw_task(world)
    task.pop("initial", None)
    change, path, code, early = world.dice.choice((
        ({"sources": [0, 99]}, "/task/sources/1", -32602, False), ({"targets": [0]}, None, -32602, False),
        ({"sources": "0"}, "/task/sources", -32602, True), ({"stop": {"steps": 0}}, "/task/stop/steps", -32602, True),
        ({"params": {"eta": 2}}, "/task/params/eta", -32602, True), ({"colour": "blue"}, "/task/colour", -32602, True),
        ({"initial": {"checkpoint": "nobody saved this"}}, "/task/initial/checkpoint", -32017, False)))
    method = world.dice.choice(("run.submit", "task.check"))
    return Ask(method, {"task": dict(task, **change)}, refused(code, path), early=early, **(world.meta() if method == "run.submit" else {}))


def fork(world):
    """From a step of a run that is over; all parameters given, so that it is known with which it begins."""
    model, dice, meta = world.model, world.dice, world.meta()
    whole = [run for run in model.finished() if model.status[run] == "done" and model.plans[run].kept and
             not model.plans[run].scheduled and not model.plans[run].calibration]
    if not whole or dice.random() < 0.15:
        run = model.last_run + dice.randint(1, 5)
        return Ask("run.fork", {"run": run, "step": 0}, refused(-32017), **meta)
    run = dice.choice(whole)
    source = model.plans[run]
    at = dice.randrange(source.steps) if dice.random() < 0.85 else source.steps + dice.randint(0, 9)
    start = dict(eta=dice.choice((0.2, 0.5)), p=1.0, tau_s=0.25, capacitance_F=0.0)
    plan = Plan("soak", dice.choice((2, 30, 200)), start, (), source.target8)
    plan.name = None  # that of its task

    def step(c, r):
        if at >= source.steps:
            return [c] if r.code == -32017 else []
        if c.state == "fault" and r.code == DEVICE:
            return [c]
        return [] if r.code else taken_in(world, plan, False, r, c, meta.get("dry_run"))
    return Ask("run.fork", {"run": run, "step": at, "params": start, "steps": plan.steps}, step, durable=True,
               then=count_run(world), **meta)


# ---- steering ----

VERBS = {"run.pause": {"running": "paused"}, "run.resume": {"paused": "running"},
         "run.stop": {"running": "stopping", "paused": "stopping"},
         "run.abort": {"running": "idle", "paused": "idle", "stopping": "idle"}}


def draw_run(world):
    """Mostly none or the active one; sometimes another, or one that never was."""
    c, dice = world.model.some(), world.dice
    return dice.choice((None, None, None, None, c.run or None, c.run or None, c.queue[0] if c.queue else None,
                        dice.randint(1, world.model.last_run + 2)))


def not_active(world, c, run):
    """The code, if the main thread refuses it by itself."""
    if c.run and run in (None, c.run):
        return 0
    return -32017 if run and run not in c.queue and run > world.model.last_run else -32013


def steer(world):
    method = world.dice.choice(("run.pause", "run.pause", "run.resume", "run.resume", "run.resume", "run.stop", "run.stop", "run.abort"))
    run, meta, plans = draw_run(world), world.meta(), world.model.plans
    dry, abort = meta.get("dry_run"), method == "run.abort"

    def step(c, r):
        code = not_active(world, c, run)
        if code:
            return [c] if r.code == code else []
        found = []
        for at in settled(plans, c):
            then = at._replace(held=True) if abort and not dry else at
            if at.run != c.run:
                found += [then] if r.code == -32017 else []
            elif at.state not in VERBS[method]:
                found += [then] if r.code == -32013 else []
            elif r.code == 0 and r.result["run"] == c.run:
                state = at.state if dry else VERBS[method][at.state]
                if r.result["state"] == state:
                    found.append(at if dry else ended(plans, then, "aborted", "idle", True) if abort else at._replace(state=state))
        return found
    return Ask(method, {} if run is None else {"run": run}, step, durable=not abort, **meta)


def urgent_abort(world):
    run, plans, dry = draw_run(world), world.model.plans, world.dice.random() < 0.1

    def step(c, r):
        if not (c.run and run in (None, c.run)):
            return [c] if r.code == -32013 else []
        found = []
        for at in ([c] if dry else settled(plans, c)):
            # the next one may begin before the rig hears of it: without a number that one is meant as well
            for on in [at] + ([more for begun in starts(at) for more in settled(plans, begun)] if not dry else []):
                if r.code == 0 and on.run == r.result["run"] and (run in (None, on.run)):
                    found.append(on if dry else ended(plans, on, "aborted", "idle", True))
                elif r.code == -32013 and on.run == 0 and not dry:
                    found += [after._replace(held=True) for after in [on] + list(starts(on))]
                elif r.code == -32013 and run not in (None, on.run):
                    found.append(on)
        return found
    return Ask("run.abort", {} if run is None else {"run": run}, step, urgent=True, dry_run=True if dry else None)


def annotate(world):
    dice, meta = world.dice, world.meta()
    run = dice.randint(1, world.model.last_run + 2)
    given = {}
    if dice.random() < 0.6:
        given["note"] = world.name("note ")
    if dice.random() < 0.3:
        given["star"] = dice.random() < 0.5
    if dice.random() < 0.3:
        given["tags"] = [dice.choice("abc")]
    code = -32602 if not given else -32017 if run > world.model.last_run else 0

    def step(c, r):
        return [c] if r.code == code and (code or r.result == {}) else []

    def then(*_):
        plan = world.model.plans.get(run)
        if plan and not meta.get("dry_run"):
            for name, value in given.items():
                setattr(plan, name, value)
    return Ask("run.annotate", dict(given, run=run), step, durable=True, then=then, **meta)


# ---- the queue ----

def same_queue(told, c):
    return told["held"] == c.held and tuple(row["run"] for row in told["runs"]) == c.queue and \
        [row["position"] for row in told["runs"]] == list(range(len(c.queue)))


def queue_list(world):
    return Ask("queue.list", {}, lambda c, r: [c] if r.code == 0 and same_queue(r.result, c) else [])


def queue_change(world):
    dice, meta, c0 = world.dice, world.meta(), world.model.some()
    verb = dice.choice(("move", "move", "remove", "clear", "hold", "release", "release", "release", "release"))
    params = {}
    if verb in ("move", "remove"):
        params["run"] = dice.choice(c0.queue) if c0.queue and dice.random() < 0.85 else dice.randint(1, world.model.last_run + 2)
    if verb == "move":
        params["position"] = dice.randint(0, 6)

    def changed(c):
        if verb == "move":
            rest = [run for run in c.queue if run != params["run"]]
            rest.insert(params["position"], params["run"])
            return c._replace(queue=tuple(rest))
        if verb == "remove":
            return c._replace(queue=tuple(run for run in c.queue if run != params["run"]), ends=c.ends + ((params["run"], "stopped"),))
        if verb == "clear":
            return c._replace(queue=(), ends=c.ends + tuple((run, "stopped") for run in c.queue))
        return c._replace(held=verb == "hold")

    def step(c, r):
        if "run" in params and params["run"] not in c.queue:
            return [c] if r.code == -32017 else []
        then = c if meta.get("dry_run") else changed(c)
        return [then] if r.code == 0 and same_queue(r.result, then) else []
    return Ask("queue." + verb, params, step, durable=True, **meta)

"""asks_read.py - questions: the state, runs of the past, streams of the past; and requests that are none."""

from states import closure
from asking import Ask, refused


def snapshot(world):
    def step(c, r):
        s = r.result
        ok = r.code == 0 and s["state"] == c.state and (s["run"] or 0) == c.run and s["queue_length"] == len(c.queue) and \
            s["queue_held"] == c.held and s["rev"] == c.rev and world.same_params(c, s["params"]) and \
            (s["lease"] is None) == (c.lease is None) and s["durable_seq"] <= s["seq"]
        if ok and c.run and s["steps_total"] not in (None, world.model.plans[c.run].steps):
            ok = False
        if ok and c.run and c.at < 2 and s["step"]:
            ok = False
        return [c] if ok else []

    def then(reply, *_):
        if reply.result["run"] and reply.result["step"]:
            world.stepped.add(reply.result["run"])
    return Ask("state.snapshot", {}, step, then=then)


# ---- a run's row ----

def told(world, c, run):
    """The statuses that may be read of it, in this config."""
    if run in c.queue:
        return {"queued"}
    if run == c.run:
        return {"queued", "running"} if c.at == 0 else {"paused"} if c.state == "paused" else {"running"}
    end = world.model.end_of(c, run)
    return {end}


def row_goes(world, before, c, run, row, live):
    """live: what the main thread knows stands over what was read."""
    model, status = world.model, row["status"]
    if run in model.status:
        allowed = {model.status[run]}
    elif live and run == c.run:
        allowed = {"paused"} if c.state == "paused" else {"running"}
    else:
        allowed = told(world, c, run) | told(world, before, run)
        if world.model.end_of(c, run):  # its end may be on its way to the disk
            allowed |= {"running", "queued", "paused"}
    plan = model.plans[run]
    if status == "done" and not plan.calibration and (row["steps"] != plan.steps if live else row.get("steps") not in (None, plan.steps)):
        return False
    if plan.name and row["name"] != plan.name:
        return False
    return status in allowed


def run_get(world, run=None):
    model, dice = world.model, world.dice
    c0 = model.some()
    run = run or dice.choice([c0.run or 1] * 2 + [dice.randint(1, model.last_run + 2) for _ in range(3)] + list(c0.queue))
    wait = dice.random() < 0.4
    params = {"run": run}
    if wait:
        params["timeout_s"] = dice.choice((0, 0.01, 0.1, 0.3))

    def step(c, r):
        if run > model.last_run:
            return [c] if r.code == -32017 else []
        if r.code:
            return []
        found = []
        for then in closure(model.plans, [c]):
            place = then.queue.index(run) if run in then.queue else None
            if r.result["position"] == place and row_goes(world, c, then, run, r.result, True):
                found.append(then)
        return found
    return Ask("run.wait" if wait else "run.get", params, step)


def history_run(world):
    model, run = world.model, world.dice.randint(1, world.model.last_run + 2)

    def step(c, r):
        if run > model.last_run:
            return [c] if r.code == -32017 else []
        plan = model.plans[run]
        if r.code or not plan.calibration and (r.result["note"] or "", bool(r.result["star"]), r.result["tags"] or []) != \
           (plan.note, bool(plan.star), plan.tags):
            return []
        return [then for then in closure(model.plans, [c]) if row_goes(world, c, then, run, r.result, False)]
    return Ask("history.run", {"run": run}, step)


def history_runs(world):
    model, dice = world.model, world.dice
    limit, oldest = dice.choice((1, 5, 100, 1000)), dice.random() < 0.2
    numbers = list(range(1, model.last_run + 1))
    want = (numbers if oldest else numbers[::-1])[:limit]

    def step(c, r):
        if r.code or [row["run"] for row in r.result["rows"]] != want:
            return []
        if any(row["run"] in model.status and row["status"] != model.status[row["run"]] for row in r.result["rows"]):
            return []
        return [c] if (r.result["next"] is None) == (len(want) == len(numbers)) or len(want) == limit else []
    return Ask("history.runs", {"limit": limit, "order": "oldest" if oldest else "newest"}, step)


def finished(world):
    model = world.model
    runs = [run for run in model.finished() if model.status[run] == "done" and model.plans[run].kept and not model.plans[run].calibration]
    return world.dice.choice(runs) if runs and world.dice.random() < 0.9 else None


def history_steps(world):
    run = finished(world)
    if not run:
        return Ask("history.steps", {"run": world.model.last_run + 3}, refused(-32017))
    steps, points = world.model.plans[run].steps, world.dice.choice((None, 10, 1000))
    params = {"run": run}
    if points:
        params["max_points"] = points

    def step(c, r):
        n = steps if not points or steps <= points else None
        return [c] if r.code == 0 and (r.result["n"] == n if n else 0 < r.result["n"] <= points) and \
            len(r.frames) == len(r.result["arrays"]) else []
    return Ask("history.steps", params, step)


def stream_fetch(world):
    run = finished(world)
    if not run:
        return Ask("stream.fetch", {"run": world.model.last_run + 3, "from_step": 0}, refused(-32017))
    steps = world.model.plans[run].steps
    first = world.dice.randrange(steps)
    last = min(steps - 1, first + world.dice.randint(0, 50))

    def step(c, r):
        return [c] if r.code == 0 and r.result["step"] == first and r.result["n"] == last - first + 1 and \
            len(r.frames) == len(r.result["arrays"]) and r.result["keep_every"] == 1 else []
    return Ask("stream.fetch", {"run": run, "from_step": first, "to_step": last}, step)


def lists(world):
    """Rows at most as many as asked for, each of the run that is meant."""
    dice = world.dice
    method = dice.choice(("history.events", "audit.list"))
    params = {"limit": dice.choice((1, 10, 100))}
    if dice.random() < 0.6:
        params["run"] = dice.randint(1, world.model.last_run + 1)

    def step(c, r):
        ok = r.code == 0 and len(r.result["rows"]) <= params["limit"] and \
            all(row["run"] == params["run"] for row in r.result["rows"] if "run" in params)
        return [c] if ok else []
    return Ask(method, params, step)


def room(world):
    """history.du has every run; history.retain of one that is not there is refused, and says of others what would go."""
    model, dice = world.model, world.dice
    if dice.random() < 0.4:
        return Ask("history.du", {"limit": 3}, lambda c, r: [c] if r.code == 0 and r.result["runs"] == model.last_run and
                   len(r.result["rows"]) == min(3, model.last_run) else [])
    run = finished(world)
    if not run or dice.random() < 0.3:
        return Ask("history.retain", {"runs": [model.last_run + 3], "keep_every": 10}, refused(-32017))
    return Ask("history.retain", {"runs": [run], "keep_every": 1000}, lambda c, r: [c] if r.code == 0 and
               len(r.result["runs"]) + len(r.result["left_alone"]) == 1 else [], dry_run=True)


def calibrations(world):
    n, dice = world.model.calibrations, world.dice
    if dice.random() < 0.5:
        limit = dice.choice((1, 5, 1000))
        return Ask("calibrate.list", {"limit": limit}, lambda c, r: [c] if r.code == 0 and len(r.result["rows"]) == min(limit, n) else [])
    number = dice.randint(1, n + 2)
    return Ask("calibrate.get", {"id": number}, refused(-32017 if number > n else 0))


def plain(world):
    """Whatever the state is, they answer."""
    method = world.dice.choice(("server.ping", "server.ping", "server.hello", "rpc.discover", "rig.wiring"))
    return Ask(method, {}, refused(-32013 if method == "rig.wiring" else 0), urgent=method == "server.ping" and world.dice.random() < 0.5)


def task_check(world):
    task = {"task": "soak", "kind": "allostery", "sources": [0, 2, 7], "targets": [3, 5, 4], "stop": {"steps": 10},
            "train": {"examples": [{"source_V": [5, 1, 0], "target_V": [3, 3, 3]}]}}
    return Ask("task.check", {"task": task}, lambda c, r: [c] if r.code == 0 and len(r.result["edge_power_W"]) == 16 else [])


# ---- what is no request, or not one that can be ----

ALTERNATIVES = {"history.retain": ("runs", "where")}  # both at once are refused, whatever they are
WRONG = {"integer": "7", "number": "7", "string": 7, "boolean": 1, "object": [], "array": {}}


def wrong_params(world):
    """Any method of the table, with a member that it does not know, lacks, or has of a wrong type."""
    dice = world.dice
    method = world.methods[dice.choice(list(world.methods))]
    example = {e["name"]: e["value"] for one in method.get("examples", [])[:1] for e in one["params"]}
    params, needed = dict(example), [p["name"] for p in method["params"] if p["required"] and p["name"] in example]
    typed = [p for p in method["params"] if p["schema"].get("type") in WRONG and
             not (p["name"] in ALTERNATIVES.get(method["name"], ()) and p["name"] not in example)]
    how = dice.choice(("unknown", "lacks", "type"))
    if how == "lacks" and needed:
        params.pop(dice.choice(needed))
        path = ""
    elif how == "type" and typed:
        member = dice.choice(typed)
        params[member["name"]] = WRONG[member["schema"]["type"]]
        path = "/" + member["name"]
    else:
        params["colour"] = "blue"
        path = "/colour"
    return Ask(method["name"], params, refused(-32602, path), early=True)


def no_method(world):
    method = world.dice.choice(("run.begin", "server", "rig.", "STATE.SNAPSHOT", "x" * 300))
    return Ask(method, {}, refused(-32601, "/method"), early=True)


def wrong_meta(world):
    meta, path = world.dice.choice((({"lease": 5}, "/meta/lease"), ({"key": ""}, "/meta/key"), ({"key": "k" * 65}, "/meta/key"),
                                    ({"if_rev": -1}, "/meta/if_rev"), ({"colour": 1}, "/meta/colour"), ({"dry_run": 1}, "/meta/dry_run")))
    return Ask("state.snapshot", {}, refused(-32600, path), early=True, **meta)

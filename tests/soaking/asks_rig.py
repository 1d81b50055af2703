"""asks_rig.py - parameters, edges, volts, checkpoints, calibrations, the lease, keys and alarms."""

import states
from asks_run import count_run, draw_params
from states import CUT_OFF, Plan, Refusal, closure, ended, set_mode, set_params, settled, starts
from asking import Ask, refused

CUTTABLE = (0, 15) + CUT_OFF
PUBLIC = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{h"


def rig_alone(plans, c):
    return states.close([c], lambda one: list(states.rig_moves(plans, one)))


# ---- parameters ----

def param_get(world):
    return Ask("param.get", {}, lambda c, r: [c] if r.code == 0 and world.same_params(c, r.result) else [])


def param_set(world):
    dice, meta, plans = world.dice, world.meta(), world.model.plans
    wanted = draw_params(dice)
    if dice.random() < 0.15:
        wanted["alpha_over_gamma"] = dice.choice((0.05, 0.1, 1.0))
    given, dry = meta.get("if_rev"), meta.get("dry_run")

    def step(c, r):
        if not wanted:
            return [c] if r.code == -32602 else []
        found = []
        for at in settled(plans, c):
            if given is not None and given != at.rev:
                found += [at] if r.code == -32014 else []
                continue
            try:
                then = set_params(at, wanted)
            except Refusal as why:
                found += [at] if r.code == why.code else []
                continue
            told = then._replace(rev=at.rev) if dry else then
            if r.code == 0 and r.result["rev"] == told.rev and (r.result["effective_step"] is None) == (at.run == 0) and \
               world.same_params(told, dict(r.result["params"], rev=r.result["rev"])):
                found.append(at if dry else then)
        return found
    return Ask("param.set", wanted, step, durable=True, **meta)


# ---- edges and volts ----

def rig_edge(world):
    dice, meta, plans = world.dice, world.meta(), world.model.plans
    mode = dice.choice(("learn", "learn", "hold", "cut"))
    edge = dice.choice(CUTTABLE) if mode == "cut" or dice.random() < 0.5 else dice.randint(0, 17)

    def step(c, r):
        if edge > 15:
            return [c] if r.code == -32017 else []
        found = []
        for at in settled(plans, c):
            no = states.cut_refused(at, edge, mode) if not meta.get("dry_run") else False
            if r.code == -32602 and no is not False:
                found.append(at)
            elif r.code == 0 and no is not True and r.result == {"edge": edge, "mode": mode}:
                found.append(at if meta.get("dry_run") else set_mode(at, edge, mode))
        return found
    return Ask("rig.edge", {"edge": edge, "mode": mode}, step, durable=True, **meta)


def knows(c, wiper):
    """The config with the taps that were read; None when it knew others."""
    if c.run or len(wiper) != 16 or not all(0 <= tap <= 127 for tap in wiper):
        return c if c.run and len(wiper) in (0, 16) else None
    if c.taps is not None and c.taps != tuple(wiper):
        return None
    return c._replace(taps=tuple(wiper))


def rig_read(world):
    plans = world.model.plans

    def step(c, r):
        if c.run:
            if r.code == -32013:
                return [] if c.run in world.stepped else [c]
            return [c] if r.code == 0 else []
        if r.code:
            return []
        return [k for k in (knows(at, r.result["wiper"]) for at in settled(plans, c)) if k]
    return Ask("rig.read", {"settle_s": 0.01} if world.dice.random() < 0.3 else {}, step)


def rig_apply(world):
    dice, meta, plans = world.dice, world.meta(), world.model.plans
    nodes = dice.sample(range(9), dice.randint(2, 5))
    volts = {str(n): round(dice.uniform(0, 5), 3) for n in nodes}
    fault = dice.choice((None, None, None, "limit", "node"))
    if fault == "limit":
        volts[str(nodes[0])] = dice.choice((5.001, -0.001, 7.5, 1e300))
    if fault == "node":
        volts["9"] = 1.0
    code = {None: 0, "limit": -32010, "node": -32017}[fault]
    params = {"source_V": volts}
    others = [n for n in range(9) if n not in nodes]
    if dice.random() < 0.4:
        params["target_V"] = {str(others[0]): 2.5}

    def step(c, r):
        if c.run:
            return [c] if r.code == -32013 else []
        found = []
        for at in settled(plans, c):
            if r.code == -32602 and not code and not meta.get("dry_run") and "8" in params.get("target_V", {}) and states.lost(at):
                found.append(at._replace(target8=None))
            if r.code != code or at.run:
                continue
            if code or meta.get("dry_run"):
                found.append(at)
            elif all(abs(r.result["free_V"][n] - volts[n]) < 0.01 for n in volts):
                found.append(knows(at._replace(target8="8" in params.get("target_V", {})), r.result["wiper"]))
        return [k for k in found if k]
    return Ask("rig.apply", params, step, durable=True, **meta)


def rig_safe(world):
    plans, urgent, dry = world.model.plans, world.dice.random() < 0.5, world.dice.random() < 0.15

    def step(c, r):
        if r.code or r.result["safe"] != ("unknown" if dry else "confirmed"):
            return []
        if dry:
            return [c]
        found = []
        for at in settled(plans, c):
            then = ended(plans, at, "aborted", "idle", True) if at.run else at
            # on the urgent socket the hold comes behind: the main thread may be starting the next one
            found += [after._replace(held=True) for after in [then] + (list(starts(then)) if urgent else [])]
            if urgent:
                for begun in starts(then):
                    found += [ended(plans, more, "aborted", "idle", True) for more in settled(plans, begun) if more.run]
        return found
    return Ask("rig.safe", {}, step, urgent=urgent, dry_run=True if dry else None)


def rig_describe(world):
    plans = world.model.plans

    def step(c, r):
        if r.code:
            return []
        modes = tuple(e["mode"] for e in r.result["edges"])
        found = []
        for at in rig_alone(plans, c):
            if at.modes == modes:
                found.append(knows(at, [e["tap"] for e in r.result["edges"]]))
        return [k for k in found if k]
    return Ask("rig.describe", {}, step)


# ---- checkpoints ----

def checkpoint_save(world):
    model, dice, meta = world.model, world.dice, world.meta()
    name = dice.choice(list(model.checkpoints)) if model.checkpoints and dice.random() < 0.2 else world.name("c")
    if len(model.checkpoints) > 12:
        return checkpoint_delete(world)
    params, code = {"name": name}, 0
    if dice.random() < 0.5:
        params["taps"] = [dice.randrange(128) for _ in range(dice.choice((16, 16, 16, 3)))]
        if len(params["taps"]) == 16 and dice.random() < 0.2:
            params["taps"][5] = 128
            code = -32010
        code = -32602 if len(params["taps"]) == 3 else code
    code = -32013 if name in model.checkpoints else code

    def step(c, r):
        if r.code or code:
            return [c] if r.code == code else []
        if "taps" in params:
            return [c] if r.result == params else []
        found = [knows(at, r.result["taps"]) for then in closure(model.plans, [c]) for at in rig_alone(model.plans, then)]
        return [k for k in found if k]

    def then(reply, *_):
        if not meta.get("dry_run"):
            model.checkpoints[name] = tuple(reply.result["taps"])
    return Ask("checkpoint.save", params, step, durable=True, then=then, **meta)


def checkpoint_list(world):
    names = list(world.model.checkpoints)
    return Ask("checkpoint.list", {}, lambda c, r: [c] if r.code == 0 and [row["name"] for row in r.result["rows"]] == names else [])


def draw_checkpoint(world):
    names = list(world.model.checkpoints)
    return world.dice.choice(names) if names and world.dice.random() < 0.85 else "nobody saved this"


def checkpoint_restore(world):
    model, name, meta = world.model, draw_checkpoint(world), world.meta()

    def step(c, r):
        if c.run:
            return [c] if r.code == -32013 else []
        if name not in model.checkpoints:
            return [c] if r.code == -32017 else []
        found = []
        for then in closure(model.plans, [c]):
            for at in settled(model.plans, then):
                if at.run:
                    found += [at] if r.code == -32013 else []
                elif r.code == 0 and tuple(r.result["taps"]) == model.checkpoints[name]:
                    found.append(at if meta.get("dry_run") else at._replace(taps=model.checkpoints[name]))
        return found
    return Ask("checkpoint.restore", {"name": name}, step, durable=True, **meta)


def checkpoint_delete(world):
    model, name, meta = world.model, draw_checkpoint(world), world.meta()
    code = 0 if name in model.checkpoints else -32017

    def then(*_):
        if not meta.get("dry_run"):
            model.checkpoints.pop(name)
    return Ask("checkpoint.delete", {"name": name}, refused(code), durable=True, then=then, **meta)


# ---- calibrations ----

CALIBRATIONS = {"p": {"bias_V": [0, 2.5, 5], "trials": 20}, "edges": {"trials": 1, "points": 3, "patterns": 1}, "settle": {},
                "relaxation": {"capacitance_F": 2.2e-6, "samples": 5}, "daq": {"channels": [["ao0", "ai0"]]}}


def calibrate(world):
    model, meta = world.model, world.meta()
    kind = world.dice.choice(list(CALIBRATIONS))
    method, dry = "calibrate." + kind, meta.get("dry_run")
    if any(states.lost(c) for c in closure(model.plans, model.configs)):  # nor can the rig be measured
        return rig_describe(world)

    def step(c, r):
        if kind == "daq":
            return [c] if r.code == -32602 else []
        if c.run or c.state != "idle" or (c.queue and not c.held):
            return [c] if r.code == -32013 else []
        if r.code:
            return []
        if dry:
            return [c]
        if r.result["run"] != model.last_run + 1:
            return []
        run = r.result["run"]
        model.plans[run] = Plan(method, 0, {}, calibration=True)
        after = c._replace(ends=c.ends + ((run, "done"),), target8=None)
        found = [after, after._replace(rev=after.rev + 1)]  # the bias voltage may be another one, or known at last
        return found + [f._replace(state="running") for f in found]

    def then(reply, *_):
        if not dry:
            count_run(world)(reply)
            model.calibrations += 1
    return Ask(method, CALIBRATIONS[kind], step, durable=True, then=then, **meta)


# ---- the lease ----

def lease_acquire(world):
    model, dice = world.model, world.dice
    ttl_s, over, dry = dice.choice((1, 2, 5, 20)), dice.random() < 0.3, dice.random() < 0.1

    def step(c, r):
        if c.lease and not over:
            return [c] if r.code == -32011 else []
        if r.code:
            return []
        return [c] if dry else [c._replace(lease=r.result["lease"])]

    def then(reply, sent_s, heard_s):
        if not dry:
            model.lease_s = (sent_s + ttl_s - 0.005, heard_s + ttl_s + 0.005)
            world.ttl_s = ttl_s
    return Ask("lease.acquire", {"ttl_s": ttl_s, "take_over": over, "note": "soak"}, step, then=then, dry_run=True if dry else None)


def lease_keep(world):
    """Renewed or released, with the right token or another."""
    model, dice = world.model, world.dice
    verb = dice.choice(("renew", "release"))
    token = model.some().lease if dice.random() < 0.8 and model.some().lease else "0" * 32

    def step(c, r):
        code = -32017 if not c.lease else -32011 if c.lease != token else 0
        if r.code != code:
            return []
        return [c._replace(lease=None)] if code == 0 and verb == "release" else [c]

    def then(reply, sent_s, heard_s):
        if verb == "renew":
            model.lease_s = (sent_s + world.ttl_s - 0.005, heard_s + world.ttl_s + 0.005)
    return Ask("lease." + verb, {"lease": token}, step, then=then)


# ---- keys and alarms ----

def key_change(world):
    dice, there, meta = world.dice, world.keys_in, {"dry_run": True} if world.dice.random() < 0.1 else {}
    name = dice.choice(("ann", "bob", "eve", "dan"))
    if dice.random() < 0.5:
        code = 0 if name in there else -32017 if not meta else 0
        return Ask("key.revoke", {"name": name}, refused(code), then=None if meta else lambda *_: there.pop(name), **meta)
    line = (PUBLIC + dice.choice(("ID", "IE", "IF")), dice.choice(("observer", "operator", "admin")))
    free = name not in there and line[0] not in [public for public, _ in there.values()]
    code = 0 if meta or free or there.get(name) == line else -32014

    def then(*_):
        if not meta:
            there[name] = line
    return Ask("key.add", {"public_key": line[0], "name": name, "role": line[1]}, refused(code), then=then, **meta)


def key_list(world):
    return Ask("key.list", {}, lambda c, r: [c] if r.code == 0 and
               {row["name"]: (row["public_key"], row["role"]) for row in r.result["rows"]} == world.keys_in else [])


def alarm_list(world):
    def step(c, r):
        names = {row["alarm"] for row in r.result["alarms"]} if r.code == 0 else {"?"}
        return [c] if names <= ({"rig"} if c.state == "fault" else set()) else []
    return Ask("alarm.list", {}, step)


def alarm_ack(world):
    return Ask("alarm.ack", {"name": "no such alarm"}, refused(-32017), **world.meta())

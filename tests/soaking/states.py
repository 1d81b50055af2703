"""states.py - the daemon's state machine in Python: what a client may find next.

A Config is one state that the daemon may be in.  Some things happen by themselves (the next run begins, a run makes its
schedule's changes, ends, or fails): closure() adds them.  The model keeps the set of all configs that agree with every answer
so far; an answer that agrees with none of them is a deviation.
"""

from collections import namedtuple

CUT_OFF = (5, 11)  # the edges of king9_16 that lead to node 8
LEARN = ("learn",) * 16
HOME = (63,) * 16
R0_OHM = 10000.0
BANK_F = (0.0, 2.2e-6, 2.2e-5)

# run: the active one or 0; at: how many of its plan's moves are made; queue: numbers in order; params: eta, p, tau_s, C;
# before: the edges' modes when the run began; ends: ((run, status), ...) of runs whose end is not settled; taps: None if unknown;
# target8: the rig's session, the last run's or rig.apply's, has node 8 as a target: None if unknown
Config = namedtuple("Config", "run state at queue held rev params modes before ends taps lease target8")


class Plan:
    """A run as it was submitted: what it does, move by move."""

    def __init__(self, name, steps, start, moves=(), target8=False, kept=True, taps=None, calibration=False):
        self.name, self.steps, self.target8, self.kept, self.calibration = name, steps, target8, kept, calibration
        self.start, self.scheduled = start, tuple(moves)
        self.moves = (("begin", taps), ("set", start)) + self.scheduled + ((("end", "done"),) if steps < 10**8 else ())
        self.note, self.star, self.tags = "", False, []


def first():
    return Config(0, "idle", 0, (), False, 0, (0.5, 1.0, 0.25, 0.0), LEARN, LEARN, (), HOME, None, False)


class Refusal(Exception):
    """What is asked for cannot be: the code that the daemon answers."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


def change(params, wanted):
    """The parameters with a change; raises Refusal."""
    eta, p, tau_s, farad = params
    eta, p, tau_s = wanted.get("eta", eta), wanted.get("p", p), wanted.get("tau_s", tau_s)
    if "capacitance_F" in wanted:
        farad = wanted["capacitance_F"]
        if farad not in BANK_F:
            raise Refusal(-32602)
    if "alpha_over_gamma" in wanted:
        if farad == 0:
            raise Refusal(-32602)
        asked_s = R0_OHM * farad / wanted["alpha_over_gamma"]
        if "tau_s" in wanted and abs(asked_s - tau_s) > 1e-9 * asked_s:
            raise Refusal(-32602)
        tau_s = asked_s
    return (eta, p, tau_s, farad)


def set_params(c, wanted):
    params = change(c.params, wanted)
    return c if params == c.params else c._replace(params=params, rev=c.rev + 1)


def set_mode(c, edge, mode):
    return c._replace(modes=c.modes[:edge] + (mode,) + c.modes[edge + 1:])


def lost(c):
    """Node 8 has no path to a source: no rig takes it for a target."""
    return all(c.modes[edge] == "cut" for edge in CUT_OFF)


def doomed(plan, c):
    """The run has just begun with a target that no rig takes: it fails before a command is heard."""
    return plan.target8 and c.state == "running" and lost(c)


def cut_refused(c, edge, mode):
    """Whether the mode is refused, for the session's target's sake: True, False, or None if that cannot be known."""
    return c.target8 if mode == "cut" and edge in CUT_OFF and lost(set_mode(c, edge, mode)) else False


def ended(plans, c, status, state, held=False):
    """The active run is over; what its schedule did to edges is undone."""
    plan, modes = plans[c.run], list(c.modes)
    for i in range(2, min(c.at, len(plan.moves))):
        if plan.moves[i][0] != "mode":
            continue
        edge, old = plan.moves[i][1], modes[plan.moves[i][1]]
        modes[edge] = c.before[edge]
        if plan.target8 and edge in CUT_OFF and lost(c._replace(modes=tuple(modes))):
            modes[edge] = old  # somebody cut the other meanwhile: the rig keeps a path to the target that it knows
    return c._replace(run=0, state=state, at=0, modes=tuple(modes), ends=c.ends + ((c.run, status),), held=c.held or held)


def starts(c):
    """The main thread hands the next run to the rig."""
    if c.run == 0 and c.state == "idle" and c.queue and not c.held:
        yield c._replace(run=c.queue[0], queue=c.queue[1:], at=0)


def rig_moves(plans, c):
    """What the rig's thread does by itself next."""
    if c.run == 0:
        if c.state != "idle":
            yield c._replace(state="idle")
        return
    plan = plans[c.run]
    move = plan.moves[c.at] if c.at < len(plan.moves) else ("none",)
    if move[0] == "begin":
        yield c._replace(state="running", at=1, before=c.modes, taps=None)
        return
    if move[0] == "set" and c.at == 1:  # the beginning is one for commands: see settled()
        try:
            yield set_params(c, move[1])._replace(at=2, target8=plan.target8)
        except Refusal:
            yield c._replace(state="fault", at=2)
        return
    if doomed(plan, c):
        yield c._replace(state="fault", target8=None)
        return
    if c.state == "fault":
        yield ended(plans, c, "failed", "fault", held=True)
        return
    if c.state == "stopping":
        yield ended(plans, c, "stopped", "stopping")
        if move[0] == "end":  # it was at its end already
            yield ended(plans, c, "done", "stopping")
    if c.state == "running":
        if move[0] == "set":
            yield set_params(c, move[1])._replace(at=c.at + 1)
        elif move[0] == "mode":
            refused = cut_refused(c, move[1], move[2])
            yield c._replace(state="fault") if refused else set_mode(c, move[1], move[2])._replace(at=c.at + 1)
        elif move[0] == "end":
            yield ended(plans, c, "done", "running")


def close(configs, moves):
    found, todo = set(configs), list(configs)
    while todo:
        for c in moves(todo.pop()):
            if c not in found:
                found.add(c)
                todo.append(c)
    return found


def closure(plans, configs):
    """All that may have come of them by itself."""
    return close(configs, lambda c: list(starts(c)) + list(rig_moves(plans, c)))


def settled(plans, c):
    """What the rig's thread may find when it comes to a command: between two moves, the beginning made whole."""
    for found in close([c], lambda one: list(rig_moves(plans, one))):
        if found.run and found.at >= 2 and found.state != "fault" and not doomed(plans[found.run], found):
            yield found
        elif found.run == 0 and found.state == "idle":
            yield found


def crashed(plans, c):
    """What the next daemon may find: everything up to here is on disk, the rest is not."""
    fresh = c._replace(run=0, state="idle", at=0, held=True, modes=LEARN, before=LEARN, taps=HOME, lease=None, target8=False)
    if c.run == 0:
        return fresh
    if c.state == "idle" and c.at == 0:  # handed over, not begun
        return fresh._replace(queue=(c.run,) + c.queue)
    return fresh._replace(ends=c.ends + ((c.run, "interrupted"),))


def stopped(plans, c):
    """After SIGTERM: the run ends as stopped, the queue stays."""
    found = [c]
    if c.run and c.state == "idle":
        found = close([c], lambda one: list(rig_moves(plans, one)) if one.at < 2 else [])
    for one in found:
        fresh = one._replace(run=0, state="idle", at=0, modes=LEARN, before=LEARN, taps=HOME, lease=None, target8=False)
        if one.run == 0:
            yield fresh
            continue
        if one.state == "idle":  # it was handed over and did not begin
            yield fresh._replace(queue=(one.run,) + one.queue)
            continue
        yield fresh._replace(ends=one.ends + ((one.run, "stopped"),))
        if one.at < len(plans[one.run].moves) and plans[one.run].moves[one.at][0] == "end":
            yield fresh._replace(ends=one.ends + ((one.run, "done"),))

"""acts_more.py - what takes more than one request: keys retried and shared, requests in flight at a kill, calibrations that are
aborted, bytes that are no request.  Each asks and compares by itself."""

import json
import time

import asks_read
import asks_run
import states
from states import Plan, closure
from model import Deviation
from asking import Ask, Reply


def must(condition, what, *values):
    if not condition:
        raise Deviation("%s: %s" % (what, "; ".join(str(value) for value in values)))


def count(world, method, reply):
    world.model.answers += 1
    world.model.refused += reply.code != 0
    world.model.by_method[method] = world.model.by_method.get(method, 0) + 1


# ---- keys: a request acts once ----

def retry(world):
    """A key of the past, perhaps of another life of the daemon: the first reply again, or a refusal of another request."""
    if not world.model.kept:
        return
    key = world.dice.choice(list(world.model.kept))
    method, params, result = world.model.kept[key]
    client, other = world.dice.choice(world.clients), world.dice.random() < 0.3
    if other:
        method, params = "run.annotate", {"run": 1, "note": "another request"}
    whole, frames = client.exchange(method, params, 60, key=key)
    reply = Reply(whole, frames)
    world.last.append("%s %s, key %s again -> %s" % (method, json.dumps(params)[:200], key, reply))
    count(world, method, reply)
    if other:
        must(reply.code == -32602 and reply.path == "/meta/key", "another request with key " + key, reply)
    else:
        must(reply.code == 0 and reply.result == result and reply.meta["replayed"], "a retry with key " + key, reply, result)
    world.retried += 1


def keyed_submit(world):
    """A run.submit that acts for certain, but for its parameters."""
    while True:
        ask = asks_run.submit(world)
        if not ask.meta.get("dry_run"):
            break
    ask.meta = {name: value for name, value in ask.meta.items() if name != "if_rev"}
    ask.meta["key"] = world.name("k")
    return ask


def twins(world):
    """Two clients send one request with one key at one time."""
    ask = keyed_submit(world)
    one, two = world.dice.sample(world.clients, 2)
    sent_s = time.monotonic()
    replies = []
    for client in (one, two):
        client.send(ask.method, ask.params, **ask.meta)
    for client in (one, two):
        replies.append(Reply(*client.receive(60)))
    replies.sort(key=lambda r: r.meta["replayed"])
    first, second = replies
    world.last.append("%s, twice at once -> %s; %s" % (ask, first, second))
    count(world, ask.method, second)
    world.judge(ask, first, sent_s, time.monotonic())
    must(second.code == first.code and second.result == first.result, "the same request at once", first, second)
    must(second.meta["replayed"] or first.code, "one of two acted, the other was told of it", first, second)
    world.retried += 1


class InFlight:
    """A run.submit on its way while the daemon is killed: sent again, it must have acted once."""

    def __init__(self, world):
        self.world, self.ask = world, keyed_submit(world)
        model = world.model
        self.may = model.last_run + 1
        self.before = closure(model.plans, model.floor)
        client = world.clients[0]
        client.send(self.ask.method, self.ask.params, **self.ask.meta)

    def after(self):
        """All that the next daemon may find if it acted; call before the model forgets."""
        model, plan = self.world.model, self.ask.plan
        model.plans[self.may] = plan
        front = self.ask.params.get("at") == "front"
        with_it = {c._replace(queue=(self.may,) + c.queue if front else c.queue + (self.may,)) for c in self.before}
        self.acted = {states.crashed(model.plans, c) for c in closure(model.plans, with_it)}

    def again(self):
        world, model, ask = self.world, self.world.model, self.ask
        client = world.clients[1]
        meta = {"key": ask.meta["key"]}
        sent_s = time.monotonic()
        reply = Reply(*client.exchange(ask.method, ask.params, 60, **meta))
        world.last.append("%s, again after the kill -> %s" % (ask, reply))
        world.retried += 1
        if not reply.meta["replayed"]:
            ask.meta = meta
            world.judge(ask, reply, sent_s, time.monotonic())
            return False
        count(world, ask.method, reply)
        must(reply.code == 0 and reply.result["run"] == self.may, "a request that was in flight", reply)
        model.last_run = self.may
        model.kept[meta["key"]] = (ask.method, ask.params, reply.result)
        model.configs = self.acted
        model.narrow(world.in_state(self.acted, reply.meta["state"]), self.acted)
        return True


# ---- calibrations that are aborted ----

def broken_calibration(world):
    """Begun by one client, in the way of another, aborted by a third."""
    model = world.model
    configs = closure(model.plans, model.configs)
    if any(c.run or c.state != "idle" or (c.queue and not c.held) or c.lease or states.lost(c) for c in configs):
        return
    number = model.last_run + 1
    one, two = world.clients[:2]
    one.send("calibrate.p", {"bias_V": 1000, "trials": 300})
    # seen in its course, or over before anybody looked
    two.wait_for("calibration %d" % number, lambda s: s["run"] == number or one.socket.poll(0), 60)
    refused = two.refused("param.set", {"p": 0.5})
    must(refused is None or refused.code == -32013, "param.set while the rig is calibrated", refused)
    whole, frames = world.urgent.exchange("run.abort", {"run": number}, 60)
    abort, reply = Reply(whole, frames), Reply(*one.receive(60))
    world.last.append("calibrate.p, aborted -> %s; %s" % (abort, reply))
    for method, answer in (("run.abort", abort), ("calibrate.p", reply)):
        count(world, method, answer)
    model.last_run = number
    model.plans[number] = Plan("calibrate.p", 0, {}, calibration=True)
    if reply.code == 0:  # it was quicker
        must(abort.code == -32013 and reply.result["run"] == number, "an abort that came too late", abort, reply)
        model.calibrations += 1
        after = {c._replace(held=held, target8=None, ends=c.ends + ((number, "done"),)) for c in configs for held in (c.held, True)}
    else:
        must(refused and abort.code == 0 and abort.result["run"] == number and reply.code == -32013,
             "a calibration that is aborted", refused, abort, reply)
        after = {c._replace(held=True, target8=None, ends=c.ends + ((number, "aborted"),)) for c in configs}
    after |= {c._replace(rev=c.rev + 1) for c in after}
    model.also(after)
    model.narrow(states.closure(model.plans, after))
    world.seq = max(world.seq, reply.meta["seq"])
    # its refusal waited for no disk, run.get does: from now on its row is there, whoever asks, and whatever happens
    world.ask(asks_read.run_get(world, number))
    model.floor = set(model.configs)


# ---- what is no request ----

GARBAGE = ((b"", -32700), (b"{", -32700), (b"\xff\xfe", -32700), (b"[]", -32600), (b"7", -32600), (b'{"jsonrpc":"2.0"}', -32600),
           (b'{"jsonrpc":"1.0","id":1,"method":"server.ping"}', -32600), (b'{"jsonrpc":"2.0","method":"server.ping"}', -32600),
           (b'[{"jsonrpc":"2.0","id":1,"method":"server.ping"}]', -32600), (b"[" * 40 + b"]" * 40, -32600),
           (b'{"jsonrpc":"2.0","id":1,"id":2,"method":"server.ping"}', -32600), (b" " * 1048577, -32600))


def garbage(world):
    bytes_, code = world.dice.choice(GARBAGE)
    client = world.dice.choice(world.clients + [world.urgent])
    client.socket.send(bytes_)
    reply = Reply(*client.receive(60))
    world.last.append("%r -> %s" % (bytes_[:60], reply))
    count(world, "(none)", reply)
    must(reply.code == code and reply.result is None, "garbage %r" % bytes_[:60], reply)


def any_ask(world, maker):
    """An ask of the table, for whoever keeps a list of both kinds."""
    made = maker(world)
    if isinstance(made, Ask):
        world.ask(made)

"""asking.py - the daemon, its clients and the model in one place: asks, compares each answer, and keeps the last fifty."""

import collections
import json
import time

import states
from model import Deviation, Model
from wire import Client

PARAM_NAMES = ("eta", "p", "tau_s", "capacitance_F")
KEYED = "x-changes"


class Ask:
    """A request and what the model says to each answer: step(config, reply) gives the configs that go with it."""

    def __init__(self, method, params=None, step=None, urgent=False, durable=False, then=None, early=False, **meta):
        self.method, self.params, self.step = method, params or {}, step
        self.early = early  # refused by its form, before anybody asks for lease or revision
        self.urgent, self.durable, self.then = urgent, durable, then
        self.meta = {name: value for name, value in meta.items() if value is not None}

    def __str__(self):
        return "%s%s %s %s" % (self.method, " (urgent)" if self.urgent else "", json.dumps(self.params)[:600],
                               json.dumps(self.meta) if self.meta else "")


class Reply:
    def __init__(self, whole, frames):
        error = whole.get("error") or {}
        self.code, self.result, self.frames = error.get("code", 0), whole.get("result"), frames
        self.path = (error.get("data") or {}).get("path")
        self.message = error.get("message", "")
        self.meta, self.id = whole["meta"], whole["id"]

    def __str__(self):
        return "%s [%s]" % ("%d %s" % (self.code, self.message) if self.code else json.dumps(self.result)[:300],
                            self.meta["state"])


def refused(code, path=None):
    """The step of a request that is refused whatever the state is."""
    return lambda c, r: [c] if r.code == code and (path is None or r.path == path) else []


class World:
    def __init__(self, daemon, dice):
        self.daemon, self.dice, self.model = daemon, dice, Model()
        self.clients, self.urgent = [], None
        self.boot, self.seq = None, 0
        self.last = collections.deque(maxlen=50)
        self.methods = {}
        self.stepped = set()    # runs that were seen to have made a step
        self.keys_in = {}       # keys that may come in over TCP: name: public key
        self.names = self.retried = 0

    # ---- clients ----

    def connect(self):
        self.clients = [Client(self.daemon) for _ in range(4)]
        self.urgent = Client(self.daemon, "urgent")
        hello = self.clients[0].call("server.hello")
        self.boot, self.seq = hello["boot"], 0
        self.methods = {m["name"]: m for m in self.clients[0].call("rpc.discover")["methods"]}

    def disconnect(self):
        for client in self.clients + ([self.urgent] if self.urgent else []):
            client.close()
        self.clients, self.urgent = [], None

    def name(self, prefix):
        self.names += 1
        return "%s%d" % (prefix, self.names)

    # ---- one request ----

    def ask(self, ask, client=None):
        client = self.urgent if ask.urgent else client or self.dice.choice(self.clients)
        sent_s = time.monotonic()
        whole, frames = client.exchange(ask.method, ask.params, 60, **ask.meta)
        reply = Reply(whole, frames)
        self.last.append("%s -> %s" % (ask, reply))
        self.judge(ask, reply, sent_s, time.monotonic())
        return reply

    def judge(self, ask, reply, sent_s, heard_s):
        model = self.model
        model.answers += 1
        model.refused += reply.code != 0
        model.by_method[ask.method] = model.by_method.get(ask.method, 0) + 1
        self.look_at_meta(ask, reply)
        before = model.may_be(sent_s, heard_s)
        after = set()
        for c in before:
            after.update(self.gate(ask, c, reply))
        decided = after
        if not ask.urgent:
            after = self.in_state(after, reply.meta["state"])
        acts = self.acts(ask) and reply.code == 0
        if not after:
            raise Deviation("%s\n  answer: %s, path %s\n  all of it: %.6000s\n  of %d states, such as\n  %s" % (
                ask, reply, reply.path, json.dumps(reply.result), len(before), "\n  ".join(str(c) for c in sorted(before, key=str)[:3])))
        if self.acts(ask) and not ask.durable:
            model.also(after)
        # its change was posted when it was decided: what came behind is seen, and need not be on disk
        model.narrow(after, decided if acts and ask.durable else None)
        if reply.code == 0 and ask.then:
            ask.then(reply, sent_s, heard_s)
        self.keep(ask, reply)

    def acts(self, ask):
        return bool(self.methods.get(ask.method, {}).get("x-changes")) and not ask.meta.get("dry_run")

    def look_at_meta(self, ask, reply):
        if reply.meta["boot"] != self.boot:
            raise Deviation("boot is %s, was %s" % (reply.meta["boot"], self.boot))
        if not ask.urgent and reply.meta["seq"] < self.seq:
            raise Deviation("seq went back from %d to %d" % (self.seq, reply.meta["seq"]))
        self.seq = max(self.seq, reply.meta["seq"])
        if reply.meta["replayed"]:
            raise Deviation("%s: replayed, and its key is new" % ask)
        if reply.code == 0 and ask.method in self.methods:
            for name in self.methods[ask.method]["result"]["schema"].get("required", []):
                if name not in reply.result and not ask.meta.get("dry_run"):
                    raise Deviation("%s: the result has no %s" % (ask, name))

    def in_state(self, configs, state):
        """Those that may be in the state that the reply tells; what happened since it was decided goes on."""
        found = states.closure(self.model.plans, configs)
        return {c for c in found if c.state == state}

    def gate(self, ask, c, reply):
        """The lease and the revision stand in front of every method that they concern."""
        told = {} if ask.early else self.methods.get(ask.method, {})
        if told.get("x-lease") and c.lease and ask.meta.get("lease") != c.lease:
            return [c] if reply.code == -32011 else []
        if "if_rev" in ask.meta and not ask.early and ask.method != "param.set" and not told.get("x-urgent") and ask.meta["if_rev"] != c.rev:
            return [c] if reply.code == -32014 else []
        return ask.step(c, reply)

    def keep(self, ask, reply):
        """What a retry with this key must get."""
        key = ask.meta.get("key")
        if key and reply.code == 0 and self.acts(ask) and not ask.method.startswith("lease.") and not ask.urgent and \
           ask.method not in ("run.abort", "rig.safe"):
            self.model.kept[key] = (ask.method, ask.params, reply.result)

    # ---- what most requests carry ----

    def meta(self, **more):
        """A lease mostly right, now and then a key, a revision, a dry run."""
        dice, c = self.dice, self.model.some()
        found = {"lease": c.lease if dice.random() < 0.95 else "0123456789abcdef"}
        if dice.random() < 0.3:
            found["key"] = self.name("k")
        if dice.random() < 0.1:
            found["if_rev"] = c.rev if dice.random() < 0.7 else c.rev + dice.choice((-1, 1, 5)) if c.rev else 1
        if dice.random() < 0.07:
            found["dry_run"] = True
        found.update(more)
        return found

    def same_params(self, c, told):
        return told["rev"] == c.rev and all(abs(told[name] - value) <= 1e-12 * abs(value)
                                            for name, value in zip(PARAM_NAMES, c.params))

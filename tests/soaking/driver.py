"""driver.py - the soak itself: lives of a daemon, requests at random, subscribers that come and go; and what is judged."""

import json
import os
import random
import signal
import time

import zmq

import acts_more
import asks_read
import asks_rig
import asks_run
from bench import Daemon, directory, write
from growth import Growth
from model import Deviation
from tap import note, ok, same
from asking import World

RIG = """rig: soak
backend: sim
network: {file: king9_16.csv}
capacitors_F: [0, 2.2e-6, 22e-6]
limits: {volts: [0, 5], slew_V_per_s: none, edge_power_W: none, source_current_A: none, discrepancy_V: 0.02, measure_slack_V: 0.01}
bias: {always_V: 0, never_V: 5}
sim: {update: oscillators, seed: 3}
"""

# how often, of what
ACTS = ((14, asks_run.submit), (2, asks_run.submit_wrong), (2, asks_run.fork), (26, asks_run.steer), (2, asks_run.urgent_abort),
        (4, asks_run.annotate), (4, asks_run.queue_list), (16, asks_run.queue_change), (3, asks_rig.param_get),
        (12, asks_rig.param_set), (10, asks_rig.rig_edge), (5, asks_rig.rig_read), (5, asks_rig.rig_apply), (2, asks_rig.rig_safe),
        (4, asks_rig.rig_describe), (3, asks_rig.checkpoint_save), (1, asks_rig.checkpoint_list), (2, asks_rig.checkpoint_restore),
        (2, asks_rig.checkpoint_delete), (1, asks_rig.calibrate), (1, asks_rig.lease_acquire), (2, asks_rig.lease_keep),
        (1, asks_rig.alarm_list), (1, asks_rig.alarm_ack), (12, asks_read.snapshot), (12, asks_read.run_get),
        (3, asks_read.history_run), (1, asks_read.history_runs), (2, asks_read.history_steps), (3, asks_read.stream_fetch),
        (3, asks_read.lists), (1, asks_read.calibrations), (2, asks_read.room), (3, asks_read.plain), (2, asks_read.task_check),
        (4, asks_read.wrong_params), (1, asks_read.no_method), (1, asks_read.wrong_meta),
        (2, asks_rig.key_change), (1, asks_rig.key_list), (4, acts_more.retry), (2, acts_more.twins),
        (1, acts_more.broken_calibration), (2, acts_more.garbage))


class Crowd:
    """Subscribers that come, read a little or nothing, and go."""

    def __init__(self, daemon, dice):
        self.daemon, self.dice, self.there, self.came, self.heard = daemon, dice, [], 0, 0
        self.context = zmq.Context()

    def stir(self):
        if len(self.there) < 6 and self.dice.random() < 0.6:
            s = self.context.socket(zmq.SUB)
            s.linger, s.rcvhwm = 0, self.dice.choice((10, 1000))
            s.connect(self.daemon.endpoint("stream"))
            for topic in self.dice.choice((["step."], [""], ["event.", "state.", "welcome.%d." % self.came], ["latest.", "hb."])):
                s.subscribe(topic)
            self.there.append(s)
            self.came += 1
        elif self.there:
            self.there.pop(self.dice.randrange(len(self.there))).close()
        for s in self.there:
            for _ in range(self.dice.choice((0, 200))):
                if not s.poll(0):
                    break
                json.loads(s.recv_multipart()[1])
                self.heard += 1

    def leave(self):
        for s in self.there:
            s.close()
        self.there = []


class Soak:
    def __init__(self, seconds, seed):
        self.dice, self.seconds = random.Random(seed), seconds
        folder = directory()
        public, secret = zmq.curve_keypair()
        key = write(folder, "server.key", "public %s\nsecret %s\n" % (public.decode(), secret.decode()))
        os.chmod(key, 0o600)
        self.daemon = Daemon(rig=write(folder, "soak.yaml", RIG), folder=folder,
                             options=["--config", write(folder, "n.yaml", "key: server.key\n")])
        self.world = World(self.daemon, self.dice)
        self.crowd = Crowd(self.daemon, self.dice)
        self.growth = Growth(self.daemon)
        self.kills = self.stops = self.hups = self.lives = self.acted = 0
        self.in_flight = None
        self.weights, self.makers = zip(*ACTS)

    def one(self):
        maker = self.dice.choices(self.makers, self.weights)[0]
        acts_more.any_ask(self.world, maker)
        if len(self.world.model.configs) > 8:  # how runs ended that nobody asked for since
            for run in self.world.model.open_ends():
                self.world.ask(asks_read.run_get(self.world, run))

    def live(self, until):
        """One life of the daemon, up to its end."""
        self.lives += 1
        self.daemon.start()
        self.world.connect()
        if self.in_flight:
            self.acted += self.in_flight.again()
            self.in_flight = None
        begun = stirred = time.monotonic()
        self.growth.begin()
        while time.monotonic() < until:
            self.one()
            now = time.monotonic()
            if now - stirred > 0.5:
                stirred = now
                self.crowd.stir()
                self.growth.look(now - begun)
                if self.dice.random() < 0.02:
                    self.daemon.signal(signal.SIGHUP)
                    self.hups += 1
        self.growth.end()
        note("life %d: %.0f s, %d answers so far" % (self.lives, time.monotonic() - begun, self.world.model.answers))
        self.crowd.leave()
        if self.dice.random() < 0.6:
            if self.dice.random() < 0.5:
                self.in_flight = acts_more.InFlight(self.world)
                for _ in range(self.dice.choice((0, 1, 5))):  # how far it gets meanwhile is left to chance
                    self.world.urgent.call("server.ping")
            self.daemon.kill()
            self.kills += 1
            self.world.disconnect()
            if self.in_flight:
                self.in_flight.after()
            self.world.model.killed()
        else:
            self.world.disconnect()
            same(self.daemon.stop(), 0, "life %d: stops when asked to" % self.lives)
            self.stops += 1
            self.world.model.terminated()

    def ends(self, begin):
        """When each life ends: short ones, and one that takes more than half of the time."""
        long_s, at, found = 0.55 * self.seconds, begin, []
        while at < begin + self.seconds - long_s:
            at = min(at + self.dice.uniform(0.02, 0.12) * self.seconds, begin + self.seconds - long_s)
            found.append(at)
        return found + [begin + self.seconds]


def report(soak, begin):
    model = soak.world.model
    note("R1..R13: soak of %.3g h: %d answers of %d methods compared with the model, %d of them refusals; %d runs, %d lives, "
         "%d kill -9, %d SIGTERM, %d SIGHUP, %d subscribers: no answer that the model does not allow"
         % ((time.monotonic() - begin) / 3600, model.answers, len(model.by_method), model.refused, model.last_run, soak.lives,
            soak.kills, soak.stops, soak.hups, soak.crowd.came))
    note("R5: %d keys retried, shared or sent again after a kill in flight (%d of those had acted): each acted once"
         % (soak.world.retried, soak.acted))
    note("most states at once that the answers left open: %d" % model.widest)
    missing = set(soak.world.methods) - set(model.by_method)
    note("by method: %s" % ", ".join("%s %d" % pair for pair in sorted(model.by_method.items())))
    return missing


def soak(seconds, seed):
    it, begin = Soak(seconds, seed), time.monotonic()
    try:
        for end in it.ends(begin):
            it.live(end)
    except (Deviation, Exception) as why:
        note("after %d answers: the last requests:" % it.world.model.answers)
        note("\n".join(it.world.last))
        note("what happened in the daemon: ...%s" % it.daemon.log_text()[-2000:])
        note("seed %d" % seed)
        raise
    missing = report(it, begin)
    ok(True, "each of %d answers is one that the model allows" % it.world.model.answers)
    if seconds >= 60:
        same(sorted(missing), [], "each method of rpc.discover was asked")
    it.growth.judge()

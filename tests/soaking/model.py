"""model.py - all that the daemon may be, given all that it has answered; and what a wrong answer is."""

import time

import states


class Deviation(Exception):
    """The daemon answered what the model does not allow."""


class Model:
    def __init__(self):
        self.plans = {}         # run: Plan
        self.status = {}        # run: status, once it is settled
        self.configs = {states.first()}
        self.floor = set(self.configs)  # what may be the last that is on disk
        self.last_run = 0
        self.checkpoints = {}   # name: taps, in order
        self.calibrations = 0
        self.kept = {}          # key: (method, params, result)
        self.lease_s = (0.0, 0.0)       # when it may, and when it must have ended
        self.answers = self.widest = 0
        self.by_method = {}
        self.refused = 0

    # ---- before and after an answer ----

    def may_be(self, sent_s=None, heard_s=None):
        """All that the daemon may have been between the request and its answer."""
        found = states.closure(self.plans, self.configs)
        now = heard_s or time.monotonic()
        if any(c.lease for c in found):
            without = {c._replace(lease=None) for c in found}
            if (sent_s or now) > self.lease_s[1]:
                found = without
            elif now >= self.lease_s[0]:
                found |= without
        return found

    def narrow(self, configs, durable=None):
        """Only these are left.  durable: those that it was when what is on disk now was posted; None: nothing is known of it."""
        if not configs:
            raise Deviation("no state that the daemon may be in goes with this answer")
        self.configs = set(configs)
        self.widest = max(self.widest, len(self.configs))
        self.floor = set(durable) if durable else self.floor
        self._settle()

    def also(self, configs):
        """They may or may not have reached the disk."""
        self.floor |= set(configs)

    def _settle(self):
        """Ends that every config has are no question any more."""
        both = self.configs | self.floor
        common = set.intersection(*[set(c.ends) for c in both])
        if not common:
            return
        self.status.update(dict(common))
        self.configs = {self._without(c, common) for c in self.configs}
        self.floor = {self._without(c, common) for c in self.floor}

    @staticmethod
    def _without(c, common):
        return c._replace(ends=tuple(e for e in c.ends if e not in common))

    # ---- the daemon's own ends ----

    def killed(self):
        after = {states.crashed(self.plans, c) for c in states.closure(self.plans, self.floor)}
        self.configs, self.floor = after, set(after)
        self._settle()

    def terminated(self):
        after = set()
        for c in self.may_be():
            after.update(states.stopped(self.plans, c))
        self.configs, self.floor = after, set(after)
        self._settle()

    # ---- what of a run is known in a config ----

    def end_of(self, c, run):
        return self.status.get(run) or dict(c.ends).get(run)

    def finished(self):
        """Runs of which all is known."""
        return [run for run in self.status if run in self.plans]

    def open_ends(self):
        """Runs that are over, in one way or another."""
        ways = {end for c in self.configs for end in c.ends}
        return sorted({run for run, _ in ways if len([1 for other, _ in ways if other == run]) > 1})

    def some(self):
        """Any of the configs, for drawing requests that mean something."""
        return next(iter(self.configs))

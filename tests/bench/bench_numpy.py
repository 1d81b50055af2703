#!/usr/bin/env python3
"""P2: one learning step by numpy's dense solver and by ngspice against a step through the seam.

bench_numpy.py BENCH_KERNEL NETWORKS: the built bench_kernel and the folder of network files.
numpy gets what a careful author would give it: indices made once, no Python loop over edges.
"""
import os
import subprocess
import sys
import tempfile
import time

import numpy as np

ETA, R_STEP = 0.2, 781.25
SOURCE_V, TARGET_V = np.array([5.0, 1.0, 0.0]), np.array([2.9, 1.7])


def read_network(path):
    n, ends = 0, {}
    for line in open(path):
        field = line.split("#")[0].strip().split(",")
        n += field[0] == "node"
        if field[0] == "edge":
            ends[int(field[1])] = (int(field[2]), int(field[3]))
    return n, np.array([ends[j] for j in range(len(ends))])


def picked(n):
    """The nodes that bench_kernel.c picks."""
    return [0, n // 4, n - 2], [n // 2 - 1, n // 2 + 1]


class Dense:
    def __init__(self, n, ends):
        sources, targets = picked(n)
        self.n, (self.a, self.b) = n, ends.T
        self.sources, self.targets = np.array(sources), np.array(targets)
        self.free = np.setdiff1d(np.arange(n), sources)
        self.inner = np.setdiff1d(self.free, targets)
        self.held = np.concatenate([sources, targets])
        self.flat = np.concatenate([self.a * n + self.b, self.b * n + self.a,
                                    self.a * n + self.a, self.b * n + self.b])
        self.ff, self.fs = np.ix_(self.free, self.free), np.ix_(self.free, self.sources)
        self.ii, self.ih = np.ix_(self.inner, self.inner), np.ix_(self.inner, self.held)
        self.tap = np.random.default_rng(1).integers(0, 128, len(ends))

    def step(self):
        g = 1 / (R_STEP * (self.tap + 1))
        lap = np.bincount(self.flat, np.concatenate([-g, -g, g, g]), self.n ** 2)
        lap = lap.reshape(self.n, self.n)
        v_free, v_clamped = np.empty(self.n), np.empty(self.n)
        v_free[self.sources] = v_clamped[self.sources] = SOURCE_V
        v_free[self.free] = np.linalg.solve(lap[self.ff], -lap[self.fs] @ SOURCE_V)
        v_t = v_free[self.targets]
        v_clamped[self.targets] = v_t + ETA * (TARGET_V - v_t)
        v_clamped[self.inner] = np.linalg.solve(lap[self.ii], -lap[self.ih] @ v_clamped[self.held])
        up = np.abs(v_clamped[self.a] - v_clamped[self.b]) > np.abs(v_free[self.a] - v_free[self.b])
        self.tap = np.clip(self.tap + np.where(up, 1, -1), 0, 127)


def seconds_a_step(step, n):
    start = time.perf_counter()
    for _ in range(n):
        step()
    return (time.perf_counter() - start) / n


def ngspice_seconds(n, ends, steps):
    """One ngspice that alters every resistor of both networks and solves, `steps` times."""
    sources, targets = picked(n)
    deck = ["both networks"]
    for side in "fc":
        deck += [f"R{side}{j} {side}{a} {side}{b} 50k" for j, (a, b) in enumerate(ends)]
        deck += [f"V{side}{i} {side}{s} 0 DC {SOURCE_V[i]}" for i, s in enumerate(sources)]
    deck += [f"Vt{i} c{t} 0 DC {TARGET_V[i]}" for i, t in enumerate(targets)]
    deck += [".control", f"repeat {steps}"]
    deck += [f"alter R{side}{j} = 51k" for side in "fc" for j in range(len(ends))]
    deck += ["op", "destroy all", "end", "quit 0", ".endc", ".end", ""]
    with tempfile.NamedTemporaryFile("w", suffix=".cir") as file:
        file.write("\n".join(deck))
        file.flush()
        start = time.perf_counter()
        subprocess.run([os.environ.get("NGSPICE") or "ngspice", "-b", file.name], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return time.perf_counter() - start


def report(name, other, other_s, ours_s, goal):
    print(f"{name:<12} {other:<10} {other_s * 1e6:>10.1f} {ours_s * 1e6:>10.3f} "
          f"{other_s / ours_s:>8.0f} {goal:>6}")


def main():
    kernel, networks = sys.argv[1:3]
    print("# P2: one step (us)")
    print(f"{'network':<12} {'by':<10} {'theirs':>10} {'rig_step':>10} {'ratio':>8} {'goal':>6}")
    for name, goal in (("king9_16", 300), ("own_64_143", 100)):
        n, ends = read_network(os.path.join(networks, name + ".csv"))
        dense = Dense(n, ends)
        ours, theirs = [], []
        for _ in range(5):  # in turns
            theirs += [seconds_a_step(dense.step, 500) for _ in range(3)]
            run = subprocess.run([kernel, name], check=True, capture_output=True, text=True)
            ours.append(float(run.stdout) * 1e-6)
        report(name, "numpy", min(theirs), min(ours), goal)
        if name == "king9_16":
            empty = min(ngspice_seconds(n, ends, 1) for _ in range(3))
            full = min(ngspice_seconds(n, ends, 401) for _ in range(3))
            report(name, "ngspice", (full - empty) / 400, min(ours), 3000)
    print(f"# load average {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""P8: relaxation by numpy's eigendecomposition against a step with capacitors through the seam.

bench_relax.py BENCH_RELAX NETWORKS: the built bench_relax and the folder of network files.
numpy gets what does not change from step to step for nothing: the capacitors' factor and every index.
"""
import os
import subprocess
import sys

import numpy as np

from bench_numpy import R_STEP, picked, read_network, report, seconds_a_step


class Eigen:
    """Both networks, one eigendecomposition each, used for both halves of tau."""

    def __init__(self, n, ends, tau_s=0.25, farad=22e-6):
        sources, targets = picked(n)
        self.n, (a, b) = n, ends.T
        self.flat = np.concatenate([a * n + b, b * n + a, a * n + a, b * n + b])
        self.half_s = tau_s / 2
        self.networks = []
        for held in (sources, sources + targets):
            free = np.setdiff1d(np.arange(n), held)
            pick = np.ix_(free, free)
            factor = np.linalg.cholesky(self.laplacian(np.full(len(ends), farad))[pick])
            self.networks.append((pick, np.linalg.inv(factor), factor.T, np.ones(len(free))))
        self.tap = np.random.default_rng(1).integers(0, 128, len(ends))

    def laplacian(self, weight):
        return np.bincount(self.flat, np.concatenate([-weight, -weight, weight, weight]),
                           self.n ** 2).reshape(self.n, self.n)

    def step(self):
        conductance = self.laplacian(1 / (R_STEP * (self.tap + 1)))
        for pick, inverse, transposed, e in self.networks:
            rate, vectors = np.linalg.eigh(inverse @ conductance[pick] @ inverse.T)
            decay = np.exp(-rate * self.half_s)
            for _ in range(2):
                e = inverse.T @ (vectors @ (decay * (vectors.T @ (transposed @ e))))


def main():
    relax, networks = sys.argv[1:3]
    print("# P8: one step with capacitors (us)")
    print(f"{'network':<12} {'by':<10} {'theirs':>10} {'rig_step':>10} {'ratio':>8} {'goal':>6}")
    for name in ("king9_16", "own_64_143"):
        n, ends = read_network(os.path.join(networks, name + ".csv"))
        eigen = Eigen(n, ends)
        ours, theirs = [], []
        for _ in range(3):  # in turns
            theirs += [seconds_a_step(eigen.step, 100) for _ in range(3)]
            run = subprocess.run([relax, name], check=True, capture_output=True, text=True)
            ours.append(float(run.stdout) * 1e-6)
        report(name, "eigh", min(theirs), min(ours), "-")
    print(f"# load average {os.getloadavg()[0]:.2f}")


main()

#!/usr/bin/env python3
"""The whole supervisor as one would write it in an afternoon: numpy, pyzmq and sqlite3 in one loop.

Same network (16 edges), same task, same row, same durability (WAL, synchronous=FULL, a commit every 10 ms), one
PUB socket with one subscriber.  Prints the steps a second.

usage: daemon_python.py NETWORK.csv DATABASE STEPS
"""
import json
import sqlite3
import sys
import threading
import time

import numpy as np
import zmq


def read_network(path):
    edges = []
    nodes = 0
    for line in open(path):
        cell = line.strip().split(",")
        if cell[0] == "edge":
            edges.append((int(cell[2]), int(cell[3])))
        elif cell[0] == "node":
            nodes += 1
    return nodes, np.array(edges)


def drain(context, address, ready, stop):
    socket = context.socket(zmq.SUB)
    socket.connect(address)
    socket.subscribe(b"")
    ready.set()
    while not stop.is_set():
        if socket.poll(100):
            socket.recv_multipart()
    socket.close(0)


def solve(laplacian, held, volts, free):
    v = np.zeros(len(laplacian))
    v[held] = volts
    v[free] = np.linalg.solve(laplacian[np.ix_(free, free)], -laplacian[np.ix_(free, held)] @ volts)
    return v


def main():
    nodes, edges = read_network(sys.argv[1])
    steps = int(sys.argv[3])
    sources, targets = [0, 2, 7], [3, 5, 4]
    source_V, target_V = np.array([5.0, 1.0, 0.0]), np.array([3.0, 3.0, 3.0])
    eta = 0.2
    free = [n for n in range(nodes) if n not in sources]
    clamped_held = sources + targets
    interior = [n for n in free if n not in targets]
    measured = targets + [n for n in range(nodes) if n not in targets]
    incidence = np.zeros((len(edges), nodes))
    incidence[np.arange(len(edges)), edges[:, 0]] = 1
    incidence[np.arange(len(edges)), edges[:, 1]] = -1
    tap = np.full(len(edges), 63)

    database = sqlite3.connect(sys.argv[2], isolation_level=None)
    database.execute("pragma journal_mode = wal")
    database.execute("pragma synchronous = full")
    database.execute("create table steps (run integer, step integer, t_mono_ns integer, t_apply_ns integer, "
                     "t_free_ns integer, t_clamped_ns integer, t_tick_ns integer, lateness_ns integer, example integer, "
                     "rev integer, mse_V2 real, flags integer, source_V blob, target_V blob, clamp_V blob, v_free_V blob, "
                     "v_clamped_V blob, wiper blob, updated blob, primary key (run, step))")
    insert = "insert into steps values (" + ",".join("?" * 19) + ")"

    context = zmq.Context()
    publisher = context.socket(zmq.PUB)
    address = "ipc://" + sys.argv[2] + ".sock"
    publisher.bind(address)
    ready, stop = threading.Event(), threading.Event()
    thread = threading.Thread(target=drain, args=(context, address, ready, stop))
    thread.start()
    ready.wait()

    began = committed = time.monotonic()
    database.execute("begin")
    for step in range(steps):
        t_apply = time.monotonic_ns()
        g = 1 / (781.25 * (tap + 1))
        laplacian = incidence.T @ (g[:, None] * incidence)
        v_free = solve(laplacian, sources, source_V, free)
        t_free = time.monotonic_ns()
        clamp_V = v_free[targets] + eta * (target_V - v_free[targets])
        v_clamped = solve(laplacian, clamped_held, np.concatenate((source_V, clamp_V)), interior)
        t_clamped = time.monotonic_ns()
        up = np.abs(incidence @ v_clamped) > np.abs(incidence @ v_free)
        tap = np.clip(tap + np.where(up, 1, -1), 0, 127)
        t_tick = time.monotonic_ns()
        mse = float(np.mean((target_V - v_free[targets]) ** 2))
        arrays = (v_free[measured].tobytes(), v_clamped[measured].tobytes(), tap.astype(np.uint8).tobytes(), b"\xff\xff")
        database.execute(insert, (1, step, t_tick, t_apply, t_free, t_clamped, t_tick, 0, 0, 1, mse, 0,
                                  source_V.tobytes(), target_V.tobytes(), clamp_V.tobytes(), *arrays))
        header = json.dumps({"v": 1, "kind": "step", "seq": step + 1, "prev": step, "run": 1, "step": step, "n": 1})
        publisher.send_multipart((b"step.00000001.", header.encode(), np.float64(mse).tobytes(), *arrays))
        now = time.monotonic()
        if now - committed >= 0.01:
            database.execute("commit")
            database.execute("begin")
            committed = now
    database.execute("commit")
    print("%.1f" % (steps / (time.monotonic() - began)))
    stop.set()
    thread.join()
    publisher.close(0)


main()

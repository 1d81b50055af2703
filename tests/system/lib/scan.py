"""scan.py RUNTIME RUN KIND - asks for whole tables, or sends floods of pings, until its standard input ends.

Says "asking" when it begins; at the end one line of JSON: how many were answered, and for queries the begin and the end of each in
CLOCK_MONOTONIC ns.
"""

import json
import os
import select
import sys
import time

import zmq

QUERIES = (
    ("history.steps", {"columns": ["step", "mse_V2", "t_mono_ns", "lateness_ns"], "max_points": 500}),
    ("audit.list", {"limit": 10000}),
    ("history.steps", {"columns": ["step", "rev", "flags", "mse_V2"], "max_points": 100}),
    ("history.runs", {"limit": 1000}),
    ("history.events", {"limit": 10000}),
)
PINGS = 64  # on their way at a time


def socket_of(context, folder, name):
    s = context.socket(zmq.DEALER)
    s.linger = 0
    s.connect("ipc://%s/%s.sock" % (folder, name))
    return s


def send(s, i, method, params):
    s.send(json.dumps({"jsonrpc": "2.0", "id": i, "method": method, "params": params}).encode())


def asked_to_end():
    return bool(select.select([0], [], [], 0)[0])


def queries(context, folder, run):
    s, spans, refused = socket_of(context, folder, "control"), [], []
    for i in range(1 << 30):
        method, params = QUERIES[i % len(QUERIES)]
        began = time.monotonic_ns()
        send(s, i, method, dict(params, run=run) if method == "history.steps" else params)
        while not s.poll(200):
            if asked_to_end():
                spans.append((began, time.monotonic_ns()))  # unanswered to this moment
                return spans, refused
        reply = json.loads(s.recv_multipart()[0])
        spans.append((began, time.monotonic_ns()))
        if "error" in reply:
            refused.append(reply["error"])
        if asked_to_end():
            return spans, refused
    return spans, refused


def pings(context, folder):
    sockets, answered = [socket_of(context, folder, name) for name in ("urgent", "control")], 0
    for s in sockets:
        for i in range(PINGS):
            send(s, i, "server.ping", {})
    poller = zmq.Poller()
    for s in sockets:
        poller.register(s, zmq.POLLIN)
    while not asked_to_end():
        for s, _ in poller.poll(200):
            s.recv_multipart()
            answered += 1
            send(s, answered, "server.ping", {})
    return answered


def main():
    folder, run, kind = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    context = zmq.Context()
    print("asking", flush=True)
    if kind == "pings":
        print(json.dumps({"answered": pings(context, folder)}), flush=True)
    else:
        spans, refused = queries(context, folder, run)
        print(json.dumps({"answered": len(spans), "spans": spans, "refused": refused[:3]}), flush=True)
    context.destroy(linger=0)


if __name__ == "__main__":
    main()

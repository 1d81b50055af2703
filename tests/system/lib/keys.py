"""keys.py - clients of nudged over TCP, with CURVE keys of all kinds, in nothing but pyzmq."""

import os
import socket

import zmq

from bench import SLOW, write
from tap import ok, same
from wire import Client

FORBIDDEN = -32012
TOPICS = ("", "hb.", "state.", "desc.", "step.", "latest.", "test.", "event.", "log.", "welcome.")


def free_ports():
    """A port whose two successors are free as well."""
    while True:
        sockets = [socket.socket() for _ in range(3)]
        try:
            sockets[0].bind(("127.0.0.1", 0))
            port = sockets[0].getsockname()[1]
            for i in (1, 2):
                sockets[i].bind(("127.0.0.1", port + i))
            return port
        except (OSError, OverflowError):
            pass
        finally:
            for s in sockets:
                s.close()


class Keys:
    """A client's pair and the server's key, for a socket."""

    def __init__(self, server, pair=None):
        self.public, self.secret = pair or zmq.curve_keypair()
        self.server = server

    def put(self, s):
        s.curve_serverkey, s.curve_publickey, s.curve_secretkey = self.server, self.public, self.secret


class Wire(Client):
    """A client over TCP; keys None: without CURVE."""

    def __init__(self, daemon, port, keys):
        self.daemon, self.context = daemon, zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        if keys:
            keys.put(self.socket)
        self.socket.connect("tcp://127.0.0.1:%d" % port)
        self.lease, self.meta, self.count = None, {}, 0


def subscriber(port, keys, topics=TOPICS):
    context = zmq.Context()
    s = context.socket(zmq.SUB)
    s.linger = 0
    if keys:
        keys.put(s)
    s.connect("tcp://127.0.0.1:%d" % port)
    for topic in topics:
        s.subscribe(topic)
    return context, s


def examples(client):
    """(name, params, x-role) of every method, from rpc.discover."""
    for m in client.call("rpc.discover")["methods"]:
        params = {p["name"]: p["value"] for p in m["examples"][0]["params"]}
        yield m["name"], params, m["x-role"]


def hears(daemon, port, keys, name):
    context, s = subscriber(port, keys, ("hb.",))
    got = s.poll(int(10000 * SLOW))
    s.close()
    context.term()
    return ok(got, name)


def stranger(daemon, port, keys, methods, name):
    """Sends every method to both request sockets and asks for every topic, while others are served."""
    clients = [Wire(daemon, port, keys), Wire(daemon, port + 1, keys)]
    context, s = subscriber(port + 2, keys)
    for client in clients:
        client.socket.sndtimeo = 0
        for method, params, _ in methods:
            try:
                client.send(method, params)
            except zmq.Again:  # libzmq has given this server up
                break
    with Client(daemon) as inside:  # three heartbeats for those who may
        sub = inside.context.socket(zmq.SUB)
        sub.linger = 0
        sub.connect(daemon.endpoint("stream"))
        sub.subscribe("hb.")
        for _ in range(3):
            sub.recv_multipart()
        sub.close()
    got = sum(bool(x.poll(0)) for x in [clients[0].socket, clients[1].socket, s])
    same(got, 0, "%s gets nothing from any of %d methods on both sockets, and of %d topics" % (name, len(methods), len(TOPICS)))
    for client in clients:
        client.close()
    s.close()
    context.term()
    return got


def key_files(folder, name, pair=None):
    """FILE with mode 0600 and FILE.pub, as nudgectl key new writes them; returns (FILE, public key, secret key)."""
    public, secret = (x.decode() for x in pair or new_pair())
    path = write(folder, name, "public %s\nsecret %s\n" % (public, secret))
    os.chmod(path, 0o600)
    write(folder, name + ".pub", "public %s\n" % public)
    return path, public, secret


def new_pair():
    """A pair whose public key begins no comment."""
    while True:
        pair = zmq.curve_keypair()
        if not pair[0].startswith(b"#"):
            return pair

"""lossy.py - two bad lines between a client and a daemon: one loses whole messages, the other one hangs up.

Both stand in a directory of their own with the daemon's socket names, so that `nudgectl --to ipc://DIR` goes through them.
"""

import os
import random
import socket
import threading

import zmq

from bench import directory


class Letters(threading.Thread):
    """control.sock, message by message: loses requests on their way and replies on their way back."""

    def __init__(self, daemon, seed, request_share, reply_share):
        super().__init__(daemon=True)
        self.dir = directory()
        self.target, self.dice = daemon.endpoint("control"), random.Random(seed)
        self.shares = request_share, reply_share
        self.requests = self.replies = self.lost_requests = self.lost_replies = 0
        self.passed = threading.Event()  # set when `kill_at` requests have gone through
        self.kill_at = None
        self.over = threading.Event()
        self.start()

    def endpoint(self, name):
        return "ipc://%s/%s.sock" % (self.dir, name)

    def run(self):
        context = zmq.Context()
        front = context.socket(zmq.ROUTER)
        front.linger = 0
        front.bind(self.endpoint("control"))
        poller, backs, clients = zmq.Poller(), {}, {}
        poller.register(front, zmq.POLLIN)
        while not self.over.is_set():
            for which, _ in poller.poll(50):
                if which is front:
                    client, *frames = front.recv_multipart()
                    if client not in backs:
                        back = backs[client] = context.socket(zmq.DEALER)
                        back.linger = 0
                        back.connect(self.target)
                        clients[back] = client
                        poller.register(back, zmq.POLLIN)
                    self._request(backs[client], frames)
                else:
                    self._reply(front, clients[which], which.recv_multipart())
        for s in [front] + list(clients):
            s.close()
        context.term()

    def _request(self, back, frames):
        self.requests += 1
        if self.dice.random() < self.shares[0]:
            self.lost_requests += 1
            return
        back.send_multipart(frames)
        if self.kill_at is not None and self.requests >= self.kill_at:
            self.kill_at = None
            self.passed.set()

    def _reply(self, front, client, frames):
        self.replies += 1
        if self.dice.random() < self.shares[1]:
            self.lost_replies += 1
            return
        front.send_multipart([client] + frames)

    def stop(self):
        self.over.set()
        self.join()


class Greeting:
    """Counts the messages in a stream of ZMTP 3 bytes (mechanism NULL): a greeting of 64 bytes, then frames."""

    def __init__(self):
        self.left, self.head, self.messages = 64, b"", 0

    def feed(self, data):
        """How many messages began in these bytes."""
        began = 0
        while data:
            if self.left:
                n = min(self.left, len(data))
                self.left -= n
                data = data[n:]
                continue
            self.head += data[:1]
            data = data[1:]
            need = 9 if self.head[0] & 2 else 2
            if len(self.head) < need:
                continue
            self.left = int.from_bytes(self.head[1:], "big")
            began += not self.head[0] & 4
            self.head = b""
        self.messages += began
        return began


class Cutter:
    """control.sock, byte by byte: hangs up instead of handing a request on, or instead of handing its reply back."""

    def __init__(self, daemon, seed, request_share, reply_share):
        self.dir = directory()
        self.target = daemon.endpoint("control")[len("ipc://"):]
        self.dice, self.shares, self.lock = random.Random(seed), (request_share, reply_share), threading.Lock()
        self.requests = self.lost_requests = self.lost_replies = 0
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(self.dir, "control.sock"))
        self.listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            try:
                far.connect(self.target)
            except OSError:  # the daemon is not there just now
                near.close()
                far.close()
                continue
            for source, sink, share in ((near, far, 0), (far, near, 1)):
                threading.Thread(target=self._pump, args=(source, sink, share), daemon=True).start()

    def _cuts(self, share):
        with self.lock:
            if share == 0:
                self.requests += 1
            if self.dice.random() >= self.shares[share]:
                return False
            if share == 0:
                self.lost_requests += 1
            else:
                self.lost_replies += 1
            return True

    def _pump(self, source, sink, share):
        frames = Greeting()
        try:
            while True:
                data = source.recv(65536)
                if not data or (frames.feed(data) and self._cuts(share)):
                    break
                sink.sendall(data)
        except OSError:
            pass
        for s in (source, sink):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()

    def stop(self):
        self.listener.close()

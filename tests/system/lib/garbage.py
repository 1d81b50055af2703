"""garbage.py - what comes in at a port that anybody can reach: bytes, bodies and shapes that no client of ours would send."""

import json
import ssl

MECHANISMS = (b"NULL", b"PLAIN", b"CURVE", b"GSSAPI", b"X" * 20, b"\xff" * 20, b"")
SOCKET_TYPES = (b"DEALER", b"REQ", b"SUB", b"XSUB", b"PUB", b"ROUTER", b"PAIR", b"NONSENSE", b"")


def greeting(mechanism=b"NULL", version=(3, 0), as_server=0):
    return b"\xff" + 8 * b"\x00" + b"\x7f" + bytes(version) + mechanism.ljust(20, b"\x00") + bytes([as_server]) + 31 * b"\x00"


def command(name, body):
    body = bytes([len(name)]) + name + body
    return b"\x04" + bytes([len(body)]) + body if len(body) < 256 else b"\x06" + len(body).to_bytes(8, "big") + body


def ready(socket_type=b"DEALER", more=b""):
    return command(b"READY", b"\x0bSocket-Type" + len(socket_type).to_bytes(4, "big") + socket_type + more)


def frame(body, more=False, length=None):
    length = len(body) if length is None else length
    return bytes([2 | more]) + length.to_bytes(8, "big") + body


def tls_hello():
    out = ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


def cut_greetings():
    """A greeting and a READY, cut at each byte."""
    whole = greeting() + ready()
    return [whole[:n] for n in range(len(whole) + 1)]


def raw_bytes(dice):
    """What a connection sends before it hangs up."""
    hand = greeting() + ready(dice.choice(SOCKET_TYPES))
    return dice.choice((
        lambda: b"",
        lambda: dice.randbytes(dice.randrange(1, 4096)),
        lambda: b"GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: scan\r\n\r\n",
        lambda: b"POST /%s HTTP/1.0\r\nContent-Length: 99999999\r\n\r\n{}" % dice.randbytes(20),
        lambda: b"SSH-2.0-OpenSSH_9.2\r\n",
        tls_hello,
        lambda: b"\x01\x00" + dice.randbytes(dice.randrange(80)),  # as ZMTP 1 began
        lambda: greeting(version=(dice.randrange(256), dice.randrange(256))) + dice.randbytes(40),
        lambda: greeting(dice.choice(MECHANISMS), as_server=dice.randrange(2)) + ready() + dice.randbytes(dice.randrange(300)),
        lambda: greeting() + ready(more=b"\xff" + dice.randbytes(200)),
        lambda: greeting() + ready(more=b"\x01a\xff\xff\xff\xff"),
        lambda: greeting() + command(dice.choice((b"ERROR", b"PING", b"HELLO", b"INITIATE", b"", b"SUBSCRIBE")), dice.randbytes(dice.randrange(300))),
        lambda: hand + frame(b"", length=dice.choice((1 << 63, (1 << 64) - 1, 1 << 40, 100 << 20, (1 << 20) + 65537))) + dice.randbytes(100),
        lambda: hand + frame(dice.randbytes(10), more=True),  # the rest never comes
        lambda: hand + b"".join(frame(dice.randbytes(dice.randrange(50)), more=i < 19) for i in range(20)),
        lambda: hand + dice.randbytes(dice.randrange(500)),
        lambda: hand + bytes([dice.randrange(256)]) * dice.randrange(1, 2000),
    ))()


IDS = (1, "a", None, True, 1.5, [], {}, "", "x" * 100000, -1, 1 << 70, "\u0000", "\ud7ff")
READS = ("server.ping", "server.hello", "state.snapshot", "queue.list", "param.get", "history.runs", "run.get", "rig.describe",
         "stream.fetch", "history.steps", "audit.list", "lease.renew", "no.such", "", "run.abort\u0000", "\u202eping")


def value(dice, depth=0):
    """A JSON value of any kind."""
    kinds = (
        lambda: dice.choice((None, True, False, 0, -1, 1e308, -0.0, 5e-324, 1 << 63, -(1 << 63), "", "x", "\u0000", "\u2028", "\U0001f600")),
        lambda: dice.randrange(-1 << 53, 1 << 53),
        lambda: "".join(chr(dice.randrange(1, 0xd7ff)) for _ in range(dice.randrange(40))),
        lambda: [value(dice, depth + 1) for _ in range(dice.randrange(5))],
        lambda: {dice.choice(("run", "step", "from", "to", "columns", "limit", "where", "a", "", "é")): value(dice, depth + 1)
                 for _ in range(dice.randrange(5))},
    )
    return dice.choice(kinds[:3] if depth > 3 else kinds)()


def request(dice):
    whole = {"jsonrpc": dice.choice(("2.0", "2.0", "2.0", "1.0", 2)), "id": dice.choice(IDS), "method": dice.choice(READS),
             "params": value(dice) if dice.random() < 0.5 else {}}
    if dice.random() < 0.3:
        whole["meta"] = value(dice)
    if dice.random() < 0.2:
        whole.pop(dice.choice(list(whole)))
    return whole


def body(dice):
    """One frame that is no request, or nearly one."""
    good = json.dumps(request(dice)).encode()
    at = dice.randrange(len(good) + 1)

    def mutated():
        some = bytearray(good)
        for _ in range(dice.randrange(1, 6)):
            some[dice.randrange(len(some))] = dice.randrange(256)
        return bytes(some)

    depth = dice.choice((31, 32, 33, 100, 2000, 100000))
    return dice.choice((
        lambda: good,
        lambda: good,
        lambda: good[:at],
        mutated,
        mutated,
        lambda: good[:at] + b"\x00" + good[at:],
        lambda: good[:at] + dice.choice((b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82")) + good[at:],
        lambda: b"",
        lambda: dice.randbytes(dice.randrange(200)),
        lambda: b"[" * depth + b"]" * dice.choice((0, depth)),
        lambda: b'{"a":' * depth + b"1" + b"}" * dice.choice((0, depth)),
        lambda: b'{"jsonrpc":"2.0","id":1,"method":"server.ping","params":' + b"[" * depth + b"]" * depth + b"}",
        lambda: b'{"jsonrpc":"2.0","id":1,"id":2,"method":"server.ping","params":{}}',
        lambda: b'{"jsonrpc":"2.0","id":1,"method":"run.get","params":{"run":1,"run":2}}',
        lambda: b'{"jsonrpc":"2.0","id":1,"method":"run.get","params":{"run":%s}}'
        % dice.choice((b"1e999", b"-1e999", b"9" * 400, b"0.1e-999", b"NaN", b"Infinity", b"01", b"1.", b"0x1")),
        lambda: b"[" + good + b"," + good + b"]",
        lambda: good + good,
        lambda: b"\xef\xbb\xbf" + good,
        lambda: good.decode().encode("utf-16"),
        lambda: b'"' + b"\\u0000" * dice.randrange(1000) + b'"',
    ))()


def shape(dice):
    """Frames of a message, 1 to 20."""
    return [dice.choice((b"", b"", dice.randbytes(dice.randrange(300)), body(dice))) for _ in range(dice.randrange(1, 21))]


def subscription(dice):
    """A message that a subscriber sends to a publisher, or one that it never would."""
    topic = dice.choice((b"", b"step.", b"hb.", b"welcome.%x." % dice.getrandbits(64), b"welcome." + dice.randbytes(20) + b".", b"welcome..",
                         dice.randbytes(dice.randrange(300)), dice.randbytes(dice.randrange(4000)), b"x" * dice.randrange(4090)))
    return dice.choice(([b"\x01" + topic], [b"\x01" + topic], [b"\x00" + topic], [b"\x00" + topic], [bytes([dice.randrange(2, 256)]) + topic],
                        [b""], [topic], [b"\x01" + topic, topic], [b"\x01a", b"\x01b", b"\x00a", b""]))

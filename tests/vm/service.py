"""service.py - what service.test runs in the VM as root, in its work directory: the installed tree becomes a service of the
VM's systemd, which is process 1, and trains on the kernel's card with boards over Modbus TCP; then it is killed, stopped in
its tracks, told to read its files again, and stopped.

usage: service.py CONFIGURATION-DIRECTORY
"""

import json
import os
import pwd
import shutil
import signal
import sqlite3
import stat
import sys

import zmq

from bench import Deadline
from comedi import AO, DO, Device
from daemon import ETA, FREE_V, RIG, SAFE_V, SOURCE_V, TARGET_V, Boards, code
from port import Port
from systemd import (UNIT, await_entry, await_next, await_state, command, cursor, drop_in, journal, pid, process_status,
                     show, systemctl, tell_journal)
from tap import note, ok, run, same
from wire import Client, Stream

CONF, STATE, RUNTIME, WORK = sys.argv[1], "/var/lib/nudged", "/run/nudged", os.getcwd()
DATABASE, KEYS, CREDENTIAL = STATE + "/nudged.db", STATE + "/authorized_keys", "/etc/credstore/nudged.server.key"
TCP_PORT, INSIDE, WITNESS = 7310, "/usr/local/lib/nudged-test", WORK + "/witness"
WATCHDOG_S, STEPS = 10, 5
SETTINGS = "key: /run/credentials/%s/server.key\n" % UNIT
SAFE = [code(SAFE_V)] * 4
RUN = {"task": "a step's way", "kind": "allostery", "sources": [0, 2], "targets": [1],
       "train": {"examples": [{"source_V": list(SOURCE_V), "target_V": [TARGET_V]}]}, "initial": "midscale",
       "params": {"eta": ETA, "p": 1, "tau_s": 0.5}, "stop": {"steps": 100000}}


def put(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)
    return path


def configure(text):
    """The configuration, with the sockets over TCP."""
    return put(CONF + "/nudged.yaml", "rig: rig.yaml\ntcp: '127.0.0.1:%d'\n" % TCP_PORT + text)


def rows(question):
    connection = sqlite3.connect("file:%s?mode=ro" % DATABASE, uri=True)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


class Service:
    """What wire.py wants to know of a daemon."""

    def endpoint(self, name):
        return "ipc://%s/%s.sock" % (RUNTIME, name)

    def alive(self):
        pass


class Wire(Client):
    """A client over TCP, with CURVE."""

    def __init__(self, server, pair):
        self.daemon, self.context = Service(), zmq.Context()
        self.socket = self.context.socket(zmq.DEALER)
        self.socket.linger = 0
        self.socket.curve_serverkey, (self.socket.curve_publickey, self.socket.curve_secretkey) = server, pair
        self.socket.connect("tcp://127.0.0.1:%d" % TCP_PORT)
        self.lease, self.meta, self.count = None, {}, 0


class Bench:
    """The card beside the daemon, by raw codes; its outputs 0, 1, 2 and 6 are the rig's."""

    def __init__(self):
        self.port, self.boards = Port(), Boards()
        self.card, lines = Device("/dev/comedi0"), Device("/dev/comedi1")
        for line in (3, 2):  # on line, so that do0 strobes
            lines.set_line(DO, line, True)
        lines.close()
        for output in range(8):
            self.card.set_code(AO, output, code(FREE_V))

    def outputs(self):
        codes = self.card.codes(AO)
        return [codes[0], codes[1], codes[2], codes[6]]

    def close(self):
        self.boards.stop()
        self.card.close()


def witnessed():
    """What stood at the outputs when nudge-safe had ended and nothing else had begun: the newest look."""
    with open(WITNESS) as f:
        seen = json.loads(f.readlines()[-1])
    return [seen["codes"][i] for i in (0, 1, 2, 6)], seen["result"]


# ---- the tree becomes a service ----


def install():
    """make install has filled tree/; the rest is what a package's scripts do."""
    command("sh", "-c", "tar -C tree -c . | tar -C / -x --keep-directory-symlink")
    command("systemd-sysusers")
    command("systemd-tmpfiles", "--create", "nudged.conf")
    user = pwd.getpwnam("nudged")
    same(sorted(command("id", "-nG", "nudged").split()), ["dialout", "iocard", "nudged"],
         "sysusers: user nudged is in the groups of the cards and of the serial lines")
    for path, owner, mode in ((STATE, user.pw_uid, 0o750), (CONF, 0, 0o755)):
        found = os.stat(path)
        same((found.st_uid, stat.S_IMODE(found.st_mode)), (owner, mode), "tmpfiles: %s has its owner and mode" % path)
    command("modprobe", "ftdi_sio")
    deadline = Deadline(20, "the serial adapter")
    while deadline.left() > 0 and not os.path.exists("/dev/ttyUSB0"):  # a hub is asked in its own time
        command("udevadm", "settle")
    command("udevadm", "control", "--reload")
    command("udevadm", "trigger", "--settle", "--subsystem-match=tty")
    command("systemctl", "daemon-reload")


def names():
    """udev's rules: a serial adapter that was there before them, and a card on the PCI bus that comes (any function that a
    driver takes)."""
    command("modprobe", "contec_pci_dio")
    with open("/sys/bus/pci/drivers/contec_pci_dio/new_id", "w") as f:
        f.write("1b36 0005")
    command("udevadm", "settle")
    found = sorted(os.listdir("/dev/nudged")) if os.path.isdir("/dev/nudged") else []
    same([name.split("-")[0] for name in found], ["card", "serial"], "udev: a card and a serial adapter have their names")
    note(" ".join("/dev/nudged/%s -> %s" % (name, os.readlink("/dev/nudged/" + name)) for name in found) or "none")
    same(os.path.realpath("/dev/nudged/serial-NUDGED7"), "/dev/ttyUSB0", "udev: a serial adapter is known by its serial number")
    card = os.path.realpath("/dev/nudged/" + found[0])
    ok(os.path.basename(card).startswith("comedi") and "pci-0000:00:" in found[0],
       "udev: a card on the bus is known by its place", (found, card))
    same(pwd.getpwuid(os.stat(card).st_uid).pw_name + " %o" % stat.S_IMODE(os.stat(card).st_mode), "root 660",
         "udev: its mode lets its group in, and nobody else")


# ---- starts ----


def refused(since, file, text, said, name):
    """A start with this file: status 2, no other try, nothing at the outputs."""
    good = open(file).read() if file else None
    if file:
        put(file, text)
    status = systemctl("start")
    state, again, code_2 = show("ActiveState", "NRestarts", "ExecMainStatus")
    same((status != 0, state, again, code_2), (True, "failed", "0", "2"), "%s: status 2, and no other try" % name)
    entry = await_entry(since, "", said)
    same((entry["PRIORITY"], entry["_COMM"]), ("3", "nudged"), "%s: the journal has the reason as an error: %s" %
         (name, entry["MESSAGE"]))
    if file:
        put(file, good)


def starts_that_fail(bench):
    since = cursor()
    refused(since, CONF + "/nudged.yaml", "rig: rig.yaml\nlog_level: loud\n", CONF + "/nudged.yaml:2:1: ", "a configuration that is wrong")
    refused(since, CONF + "/rig.yaml", open(CONF + "/rig.yaml").read().replace("on_fault: fail", "on_fault: hope"),
            CONF + "/rig.yaml:", "a rig file that is wrong")
    same(bench.outputs(), [code(FREE_V)] * 4, "and no output moved")
    refused(since, None, None, "server.key", "a key that is not in the credential store")
    same(bench.outputs(), SAFE, "and every output is safe")


def sandbox():
    """What the probe, in the daemon's own sandbox, could reach; and what the kernel says of the daemon."""
    with open(STATE + "/probe") as f:
        got = json.load(f)
    os.remove(STATE + "/probe")
    want = {"home": "EACCES", "root's home": "EACCES", "memory": "EPERM", "card": "yes", "serial": "yes",
            "write anywhere": "EROFS", "write state": "yes", "another's /tmp": "ENOENT", "another's process": "ENOENT",
            "affinity": "EPERM", "namespace": "EPERM", "another kind of socket": "EAFNOSUPPORT", "code in data": "EPERM"}
    for what, answer in want.items():
        same(got.get(what), answer, "sandbox: %s: %s" % (what, answer))
    status, user = process_status(pid()), pwd.getpwnam("nudged")
    same([status["Uid"].split()[0], status["Gid"].split()[0]], [str(user.pw_uid), str(user.pw_gid)], "it runs as nudged")
    same([status[name] for name in ("CapEff", "CapBnd", "NoNewPrivs", "Seccomp")], ["0" * 16, "0" * 16, "1", "2"],
         "without any capability, with a filter of system calls")


def first_start(keys):
    os.mknod("/dev/nudged-test-memory", 0o666 | stat.S_IFCHR, os.makedev(1, 1))
    os.chmod("/dev/nudged-test-memory", 0o666)
    os.makedirs("/srv/open")
    os.chmod("/srv/open", 0o777)
    os.makedirs(os.path.join("/home", "somebody"), 0o755, exist_ok=True)
    put("/tmp/of-another", "")
    put(CREDENTIAL, "public %s\nsecret %s\n" % tuple(k.decode() for k in keys["server"]), 0o600)
    put(KEYS, "%s otto operator\n" % keys["otto"][0].decode())
    drop_in("probe", "ExecStartPre=%s -S -B %s/inside.py probe %s/probe\n" % (sys.executable, INSIDE, STATE))
    if not same(systemctl("start"), 0, "systemctl start: the service starts"):
        raise RuntimeError("without it there is nothing to see")
    same(show("Type", "ActiveState", "SubState"), ["notify", "active", "running"], "it is ready by its own word (READY=1)")
    sandbox()
    drop_in("probe", None)
    with Client(Service()) as client:
        same(client.call("server.hello")["role"], "admin", "root is let in over the Unix socket, as an admin")
    with Wire(keys["server"][0], keys["otto"]) as client:
        same(client.call("server.hello")["who"], "otto", "with the key of the credential store TCP speaks CURVE")
    for name in ("control", "urgent", "stream"):
        found = os.stat("%s/%s.sock" % (RUNTIME, name))
        same((found.st_gid, stat.S_IMODE(found.st_mode)), (pwd.getpwnam("nudged").pw_gid, 0o660),
             "%s.sock is for the group nudged" % name)


# ---- a run, and its ends ----


def train(client):
    """Submits a run, or releases the one that waits, and follows it until steps of it are on disk: (run, steps on disk)."""
    with Stream(Service(), ["step.", "hb."]) as stream:
        if client.call("state.snapshot")["queue_held"]:
            client.call("queue.release")
        else:
            client.submit(RUN)
        made, durable, deadline = [], 0, Deadline(60, "steps on disk")
        while deadline.open():
            record = stream.next(deadline.left())
            durable = max(durable, record.header["durable_seq"])
            if record.kind == "step":
                made.append((record.header["seq"], record.header["step"] + record.header["n"] - 1, record.header["run"]))
            kept = [(step, run) for seq, step, run in made if seq <= durable]
            if kept and kept[-1][0] >= STEPS:
                return kept[-1][1], kept[-1][0]


def nothing_lost(number, durable, strobes, how):
    """The run's rows after the end of a daemon that could not say good-bye."""
    steps = [step for (step,) in rows("select step from steps where run = %d order by step" % number)]
    ok(len(steps) >= durable and steps == list(range(steps[0], steps[0] + len(steps))),
       "%s: the %d steps that were told as durable are in the database, without a hole" % (how, durable), steps)
    ok(len(steps) <= strobes, "%s: no row without its strobe of the clock" % how, "%d rows, %d strobes" % (len(steps), strobes))
    note("%s: %d strobes, %d rows, %d of them told as durable" % (how, strobes, len(steps), durable))
    same(rows("select status from runs where run = %d" % number), [("interrupted",)], "%s: the run is interrupted" % how)
    return durable - sum(step < steps[0] + durable for step in steps)


def ends_badly(bench, number, result, name):
    """A daemon in mid-run that is sent this signal; systemd does the rest."""
    before, old = bench.port.strobes(), pid()
    with Client(Service()) as client:
        run_number, durable = train(client)
        waiting = client.submit(dict(RUN, task="the next one"))
        since = cursor()
        ok(bench.outputs()[:3] != SAFE[:3], "%s: before, the outputs are the run's" % name, bench.outputs())
        os.kill(old, number)
    new = await_next(old)
    same(witnessed(), (SAFE, result), "%s: nudge-safe makes every output safe before the next start" % name)
    ok(await_entry(since, "safe: confirmed")["_COMM"].startswith("nudge-safe"), "%s: and has it confirmed" % name)
    ok(new != old, "%s: systemd starts it again" % name)
    strobes = bench.port.strobes() - before
    lost = nothing_lost(run_number, durable, strobes, name)
    with Client(Service()) as client:
        snapshot = client.call("state.snapshot")
        same((snapshot["state"], snapshot["queue_held"], snapshot["queue_length"]), ("idle", True, 1), "%s: the queue is held" % name)
        same(client.call("queue.list")["runs"][0]["run"], waiting, "%s: what waited waits" % name)
    same(bench.outputs(), SAFE, "%s: the new daemon leaves the outputs safe" % name)
    same(bench.port.strobes() - before, strobes, "%s: and makes no clock edge" % name)
    return durable, lost


def crashes(bench):
    told = ends_badly(bench, signal.SIGKILL, "signal", "kill -9")
    drop_in("watchdog", "WatchdogSec=%gs\n" % WATCHDOG_S)
    same(systemctl("restart"), 0, "a shorter watchdog is in force")
    again = ends_badly(bench, signal.SIGSTOP, "watchdog", "SIGSTOP")
    note("R1: %d steps told as durable before kill -9 and the watchdog's kill under systemd: %d lost" %
         (told[0] + again[0], told[1] + again[1]))
    drop_in("watchdog", None)


def stops(bench):
    with Client(Service()) as client:
        number, _ = train(client)
    same(systemctl("stop"), 0, "systemctl stop")
    same(show("ActiveState", "Result", "ExecMainStatus"), ["inactive", "success", "0"], "stop: it ends well")
    same(witnessed(), (SAFE, "success"), "stop: every output is safe")
    status = rows("select status, steps = (select count(*) from steps where steps.run = runs.run) from runs where run = %d" % number)
    same(status, [("stopped", 1)], "stop: the run is stopped, with all its steps")
    ok(not os.path.exists(RUNTIME), "stop: %s is gone" % RUNTIME)


# ---- reload ----


def reload(keys):
    good, late = open(KEYS).read(), zmq.curve_keypair()
    since = cursor()
    put(KEYS, good + "nonsense\n")
    same(systemctl("reload"), 0, "systemctl reload")
    entry = await_entry(since, "keys.refused: ")
    ok("%s:2: " % KEYS in entry["MESSAGE"] and entry["PRIORITY"] == "4",
       "reload: a bad list of keys is told with file and line, as a warning", entry)
    with Wire(keys["server"][0], keys["otto"]) as client:
        same(client.call("server.hello")["who"], "otto", "reload: and the old list stays in force")
    put(KEYS, good + "%s late observer\n" % late[0].decode())
    systemctl("reload")
    await_entry(since, "keys.reread: ")
    with Wire(keys["server"][0], late) as client:
        same(client.call("server.hello")["role"], "observer", "reload: a good list comes into force")
    configure(SETTINGS + "log_level: chatty\n")
    since = cursor()
    systemctl("reload")
    entry = await_entry(since, "settings.refused: ")
    ok("%s/nudged.yaml:4:1: " % CONF in entry["MESSAGE"] and entry["PRIORITY"] == "4",
       "reload: a bad configuration is told with file and line, as a warning", entry)
    configure(SETTINGS + "log_level: info\n")
    since = cursor()
    systemctl("reload")
    same(await_entry(since, "settings.reread: ")["PRIORITY"], "5", "reload: a good configuration is told as a notice")
    return since


def journals(since):
    """The lines since a cursor: those of level info came with the new configuration."""
    found = {}
    for entry in journal(since):
        if entry["_COMM"] == "nudged" and ": " in entry["MESSAGE"]:
            found.setdefault(entry["MESSAGE"].split(": ")[0], set()).add(entry["PRIORITY"])
    same([found.get(name) for name in ("run.begin", "state.change", "run.end", "daemon.stop")], [{"5"}, {"6"}, {"5"}, {"5"}],
         "the journal has each line with its own priority, and its name in front")
    bad = [entry["MESSAGE"] for entry in journal() if entry["MESSAGE"].startswith("<")]
    same(bad, [], "and no line with a prefix that was not understood")


def crash_loop(bench):
    """As many deaths as the unit allows, which are fewer here."""
    drop_in("limit", "StartLimitBurst=2\n", "Unit")
    same(systemctl("start"), 0, "a unit that may be started twice starts")
    first = pid()
    os.kill(first, signal.SIGKILL)
    os.kill(await_next(first), signal.SIGKILL)
    await_state("failed")
    same((bench.outputs(), witnessed()[0]), (SAFE, SAFE), "a crash loop ends with a service that is down, and safe outputs")
    drop_in("limit", None, "Unit")


def other_credential(keys):
    """As a drop-in with a path: what SERVICE.md offers to those who keep the key elsewhere."""
    os.rename(CREDENTIAL, CONF + "/server.key")
    drop_in("key", "LoadCredential=\nLoadCredential=server.key:%s/server.key\n" % CONF)
    same(systemctl("start"), 0, "a drop-in with another path for the key: the service starts")
    with Wire(keys["server"][0], keys["otto"]) as client:
        same(client.call("server.hello")["who"], "otto", "and TCP speaks CURVE")
    same(attempt_to_read(CONF + "/server.key"), False, "though user nudged cannot read the file itself")
    same(systemctl("stop"), 0, "systemctl stop, with nothing to do")
    os.remove(CONF + "/server.key")
    ok(systemctl("start") != 0 and show("Result", "ExecMainStatus")[1] == "243",
       "without the file that a path names systemd refuses the start (243/CREDENTIALS)", show("Result", "ExecMainStatus"))


def attempt_to_read(path):
    return command("setpriv", "--reuid=nudged", "--regid=nudged", "--clear-groups", "sh", "-c",
                   "cat %s > /dev/null 2>&1 && echo yes || true" % path) != ""


def facts(bench):
    keys = {"server": zmq.curve_keypair(), "otto": zmq.curve_keypair()}
    while any(pair[0].startswith(b"#") for pair in keys.values()):
        keys = {name: zmq.curve_keypair() for name in keys}
    install()
    names()
    put(CONF + "/rig.yaml", RIG % {"port": bench.boards.port, "safe_V": SAFE_V, "pulse_s": 0.0005})
    configure(SETTINGS)
    os.makedirs(INSIDE)
    for name in ("inside.py", "comedi.py"):
        shutil.copy(name, INSIDE)
    starts_that_fail(bench)
    drop_in("witness", "ExecStopPost=+%s -S -B %s/inside.py witness %s\n" % (sys.executable, INSIDE, WITNESS))
    first_start(keys)
    crashes(bench)
    since = reload(keys)
    stops(bench)
    journals(since)
    crash_loop(bench)
    other_credential(keys)
    note("R3: the outputs after kill -9, a watchdog's kill and a stop, each in mid-run under systemd: safe 3 times of 3")


def story():
    bench = Bench()
    try:
        facts(bench)
    except BaseException:
        tell_journal()
        raise
    finally:
        bench.close()


if __name__ == "__main__":
    run(story)

"""slurm.py - a Slurm of a test's own: one node, on the loopback, its key, sockets and state in one folder."""

import atexit
import os
import shutil
import socket
import subprocess

from bench import Deadline, directory

PACKAGES = ["slurm-wlm", "munge"]
CONFIGURATION = """ClusterName=nudge
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
SlurmctldPort={control}
SlurmdPort={node}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SchedulerParameters=sched_interval=1,batch_sched_delay=0
ReturnToService=2
MinJobAge=10
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=test Nodes=ALL Default=YES MaxTime=30 State=UP
"""


def install():
    """Gets what is missing; raises when it cannot."""
    if all(map(find, ("munged", "slurmctld", "slurmd", "sbatch", "squeue"))):
        return
    subprocess.run(["apt-get", "update", "-q"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["apt-get", "install", "-y", "-q", "--no-install-recommends"] + PACKAGES, check=True,
                   stdout=subprocess.DEVNULL, env=dict(os.environ, DEBIAN_FRONTEND="noninteractive"))


def find(name):
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def free_ports(n):
    sockets = [socket.socket() for _ in range(n)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Slurm:
    """`with Slurm() as slurm: ...`; slurm.environment is for its clients."""

    def __init__(self):
        self.folder = directory()
        self.processes = []
        self.environment = {"SLURM_CONF": os.path.join(self.folder, "slurm.conf")}
        atexit.register(self.stop)

    def start(self, *arguments):
        name = os.path.basename(arguments[0])
        with open(os.path.join(self.folder, name + ".log"), "ab") as log:
            self.processes.append(subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                   cwd=self.folder, env=dict(os.environ, **self.environment)))

    def __enter__(self):
        host = socket.gethostname().split(".")[0]
        control, node = free_ports(2)
        for name in ("state", "spool"):
            os.mkdir(os.path.join(self.folder, name))
        with open(self.environment["SLURM_CONF"], "w") as f:
            f.write(CONFIGURATION.format(host=host, folder=self.folder, control=control, node=node))
        key = os.path.join(self.folder, "munge.key")
        with open(os.open(key, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as f:
            f.write(os.urandom(128))
        self.start(find("munged"), "--foreground", "--force", "--key-file", key,
                   "--socket", os.path.join(self.folder, "munge.socket"),
                   "--pid-file", os.path.join(self.folder, "munge.pid"),
                   "--log-file", os.path.join(self.folder, "munge.log"),
                   "--seed-file", os.path.join(self.folder, "munge.seed"))
        self.wait("munged's socket", lambda: os.path.exists(os.path.join(self.folder, "munge.socket")))
        self.start(find("slurmctld"), "-D", "-f", self.environment["SLURM_CONF"])
        self.wait("slurmctld", lambda: self.ask("scontrol", "ping")[0] == 0)
        self.start(find("slurmd"), "-D", "-f", self.environment["SLURM_CONF"])
        self.wait("an idle node", lambda: "idle" in self.ask("sinfo", "-h", "-o", "%T")[1])
        return self

    def ask(self, name, *arguments):
        done = subprocess.run([find(name)] + list(arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=dict(os.environ, **self.environment))
        return done.returncode, done.stdout.decode(errors="replace")

    def wait(self, what, there):
        deadline = Deadline(60, what)
        while not there():
            for process in self.processes:
                try:
                    process.wait(0.05)
                except subprocess.TimeoutExpired:
                    continue
                raise RuntimeError("while waiting for %s a daemon ended:\n%s" % (what, self.logs()))
            try:
                deadline.open()
            except TimeoutError as late:
                raise RuntimeError("%s\n%s" % (late, self.logs()))

    def logs(self):
        text = ""
        for name in sorted(os.listdir(self.folder)):
            if name.endswith(".log"):
                with open(os.path.join(self.folder, name), errors="replace") as f:
                    text += "== %s\n%s" % (name, f.read()[-2000:])
        return text

    def stop(self):
        while self.processes:
            process = self.processes.pop()
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def __exit__(self, *_):
        self.stop()

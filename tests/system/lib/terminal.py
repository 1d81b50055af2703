"""terminal.py - a terminal of a test's own, by tmux: a shell in it, keys in, the screen as text out."""

import atexit
import os
import re
import shutil
import subprocess
import time

from bench import Deadline, directory


class Terminal:
    def __init__(self, width=80, height=24, environment=None):
        if not shutil.which("tmux"):
            raise RuntimeError("there is no tmux here: apt install tmux")
        self.socket = os.path.join(directory(), "tmux")
        env = dict(os.environ, LANG="C.UTF-8", LC_ALL="C.UTF-8", **(environment or {}))
        env.pop("NO_COLOR", None)
        env.pop("TMUX", None)
        atexit.register(self.close)
        subprocess.run(self.command("-u", "new-session", "-d", "-x", str(width), "-y", str(height), "bash --norc -i"),
                       env=env, check=True, stdin=subprocess.DEVNULL)
        self.wait(r"[$#]", "a shell's prompt")
        self.line("PS1='$ '; clear; echo ready")
        self.wait(r"^ready", "a shell")

    def command(self, *words):
        return ["tmux", "-S", self.socket, "-f", "/dev/null"] + list(words)

    def ask(self, *words):
        return subprocess.run(self.command(*words), check=True, stdout=subprocess.PIPE).stdout.decode()

    def close(self):
        if self.socket:
            subprocess.run(self.command("kill-server"), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.socket = None

    def screen(self, *flags):
        return self.ask("capture-pane", "-p", *flags)

    def shape(self):
        """(width, height) of the lines as they are: the longest, and how many."""
        lines = self.screen("-N").split("\n")
        return max(len(line) for line in lines), len(lines) - 1

    def keys(self, *keys):
        self.ask("send-keys", *keys)

    def type(self, text):
        self.ask("send-keys", "-l", text)

    def line(self, text):
        self.type(text)
        self.keys("Enter")

    def resize(self, width, height):
        self.ask("resize-window", "-x", str(width), "-y", str(height))

    def wait(self, condition, what, seconds=20):
        """The screen once it fulfils a condition (a function, or a text or expression that it shows)."""
        found = condition if callable(condition) else lambda text: re.search(condition, text, re.M)
        deadline, text = Deadline(seconds, what), ""
        try:
            while deadline.open():
                text = self.screen()
                if found(text):
                    return text
                time.sleep(0.05)
        except TimeoutError as error:
            raise TimeoutError("%s\n%s" % (error, text)) from None

    def full_screen(self):
        return self.ask("display-message", "-p", "#{alternate_on}").strip() == "1"

    def child(self):
        """The process that the shell waits for."""
        shell = self.ask("display-message", "-p", "#{pane_pid}").strip()
        with open("/proc/%s/task/%s/children" % (shell, shell)) as f:
            return int(f.read().split()[-1])

    def record(self, path):
        """From now on what the program sends, byte by byte, into a file; None: no longer."""
        self.ask("pipe-pane", "-O", *(["cat > " + path] if path else []))

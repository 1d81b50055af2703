"""shells.py - a real bash or zsh on a terminal of its own: types a line, presses Tab, and sees what became of it."""

import atexit
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios

from bench import TOP, Deadline

SOURCES = os.path.join(TOP, "clients", "completion")
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\x07|\x0f|\x1b\(B")
BASH = """PS1='%s'; PS2=; unset HISTFILE; bind 'set bell-style none'; bind 'set enable-bracketed-paste off'
bind 'set completion-query-items 0'; bind 'set page-completions off'; bind 'set completion-display-width 0'
__told() { printf '\\n<<%%s>>\\n' "$READLINE_LINE"; }; bind -x '"\\C-g": __told'
%s
"""
ZSH = """PS1='%s'; unsetopt beep promptcr promptsp; fpath=(%s $fpath); autoload -U compinit; compinit -u -d %s/dump
__told() { print -rn -- "<<$BUFFER>>" >$TTY; }; zle -N __told; bindkey '^G' __told; bindkey '^U' kill-whole-line
LISTMAX=1000
"""
PROMPT = "tab> "


class Shell:
    """One shell that stays; `complete` and `offered` each begin with an empty line."""

    def __init__(self, name, folder, environment, begin=""):
        """begin: lines that a bash reads first, and that make it know the completion."""
        self.name, self.folder = name, folder
        words = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[name]
        own, other = pty.openpty()
        # So wide that nothing is broken, so high that nothing is asked
        fcntl.ioctl(own, termios.TIOCSWINSZ, struct.pack("HHHH", 400, 250, 0, 0))
        env = dict(os.environ, TERM="dumb" if name == "bash" else "xterm", LC_ALL="C.UTF-8", **environment)
        env.pop("COLUMNS", None)
        self.process = subprocess.Popen(words, stdin=other, stdout=other, stderr=other, cwd=folder, env=env,
                                        start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(other)
        self.terminal = own
        atexit.register(self.close)
        setup = BASH % (PROMPT, begin) if name == "bash" else ZSH % (PROMPT, SOURCES, folder)
        path = os.path.join(folder, "." + name + "-setup")
        with open(path, "w") as f:
            f.write(setup)
        self.write(". %s\n" % path)
        self.write("\x15\x07") if name == "bash" else self.write("\n")
        self.write("echo rea''dy\n")
        self.until("ready\r\n")

    def write(self, text):
        os.write(self.terminal, text.encode())

    def until(self, mark, seconds=60):
        """What the terminal got up to and with mark, a text or a pattern."""
        deadline, got = Deadline(seconds, "%s says %r" % (self.name, mark)), ""
        try:
            while deadline.open():
                if select.select([self.terminal], [], [], min(1.0, deadline.left()))[0]:
                    got += os.read(self.terminal, 65536).decode(errors="replace")
                if mark in got:
                    return ESCAPES.sub("", got)
        except (TimeoutError, OSError) as why:
            raise RuntimeError("%s; it said %r" % (why, got[-2000:]))

    def press(self, line, tabs):
        """(what the terminal showed, what the line is then)."""
        self.write("\x15" + line + "\t" * tabs + "\x07")
        shown = self.until("<<")
        if ">>" not in shown.split("<<")[1]:
            shown += self.until(">>")
        return shown.split("<<")[0], re.search(r"<<(.*?)>>", shown, re.S).group(1)

    def complete(self, line):
        """The line behind one Tab."""
        return self.press(line, 1)[1]

    @staticmethod
    def rows(shown, line):
        """What the terminal showed beside prompt and line."""
        rows = [re.sub(r".\x08", "", row).strip() for row in shown.replace("\r", "\n").split("\n")]
        return [row for row in rows if row and PROMPT.strip() not in row and row != line.strip()]

    def offered(self, line):
        """{candidate: description} of a line that has several."""
        shown, _ = self.press(line, 2 if self.name == "bash" else 1)
        found = {}
        for row in self.rows(shown, line):
            match = re.match(r"(\S+) +\((.*)\)$" if self.name == "bash" else r"(\S+) +-- (.*)$", row)
            if match:
                found[match.group(1)] = match.group(2)
            else:
                found.update((word, "") for word in row.split())
        return found

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            os.close(self.terminal)

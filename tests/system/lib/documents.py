"""documents.py - a document as its reader takes it: its blocks, the commands in them, a shell that has each of them run.

Above a block an HTML comment may say more of it: `not run: WHY`; `file: NAME`, the block is that file; `exit: N`.
"""

import os
import re
import select
import signal
import subprocess
import time

from bench import SLOW, Deadline

SHELL = ("sh", "console", "bash")
COMMANDS = re.compile(r"^\s*(\$ |sudo |nudge[a-z-]* |nudged |build/|\./|git |make |apt-get |systemctl |pip |ssh |export )")


class Block:
    """A fenced block: its language, its text, the line it begins at, and what the comment above says."""

    def __init__(self, language, text, line, says):
        self.language, self.text, self.line, self.says = language, text, line, says

    def is_shell(self):
        """Whether a reader would type it: by its language, or, without one, by how its first line looks."""
        return self.language in SHELL or (not self.language and COMMANDS.match(self.text) is not None)

    def commands(self):
        """[(command, output that stands below it or None)]"""
        return _typed(self.text) if self.language == "console" else [(c, None) for c in _whole(self.text.splitlines())]


def blocks(path):
    """The blocks of a document, and one more of no language for each paragraph of commands that is only indented."""
    with open(path, encoding="utf-8") as f:
        lines = f.read().splitlines()
    found, i, above = [], 0, ""
    while i < len(lines):
        comment = re.match(r" *<!-- (.*) -->$", lines[i])
        fence = re.match(r"( *)(`{3,})(\w*)$", lines[i])
        if comment:
            above = comment.group(1)
        elif fence:
            margin, ticks, language = fence.groups()
            end = lines.index(margin + ticks, i + 1)
            text = "".join(line[len(margin):] + "\n" for line in lines[i + 1:end])
            found.append(Block(language, text, i + 2, dict(re.findall(r"^(not run|file|exit): (.*)$", above))))
            i, above = end, ""
        elif re.match(r"    ", lines[i]) and COMMANDS.match(lines[i]) and (i == 0 or not lines[i - 1].strip()):
            found.append(Block("", lines[i] + "\n", i + 1, dict(re.findall(r"^(not run): (.*)$", above))))
        elif lines[i].strip():
            above = ""
        i += 1
    return found


def _open(text):
    """Whether a shell would wait for more lines."""
    if text.endswith("\\\n"):
        return True
    looked = subprocess.run(["bash", "-n", "-c", text], stderr=subprocess.PIPE, check=False).stderr.decode()
    return "unexpected EOF" in looked or "unexpected end of file" in looked or "delimited by end-of-file" in looked


def _whole(lines):
    """The commands that these lines are, some of several lines."""
    found, text = [], ""
    for line in lines:
        if text or (line.strip() and not line.lstrip().startswith("#")):
            text += line + "\n"
            if not _open(text):
                found.append(text)
                text = ""
    return found + ([text] if text else [])


def _typed(text):
    """Commands behind `$ `, those that go on behind `> `, and what was answered."""
    found = []
    for line in text.splitlines():
        if line.startswith("$ "):
            found.append([line[2:] + "\n", []])
        elif line.startswith("> ") and found and not found[-1][1] and _open(found[-1][0]):
            found[-1][0] += line[2:] + "\n"
        elif found:
            found[-1][1].append(line)
    return [(command, "\n".join(output).strip("\n") or None) for command, output in found]


def fits(wanted, got):
    """Whether an output is the one shown: `...` in a line is any text, a line of it alone any lines."""
    pattern = ""
    for line in wanted.splitlines():
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += r"\s+".join(".*?".join(re.escape(part) for part in word.split("..."))
                                   for word in line.split()) + r"[ \t]*\n"
    lines = "".join(line.strip() + "\n" for line in got.splitlines() if line.strip())
    return re.fullmatch(r"\s*" + pattern.replace(r"\n\s*\n", r"\n"), lines) is not None


class Shell:
    """A bash that stays: directories and variables are kept between commands, and each ends by a deadline."""

    MARK = re.compile(rb"\n?<<nudged-documents (\d+)>>\n")

    def __init__(self, folder, environment):
        self.folder, self.text = folder, b""
        # what make ran in the background would ignore Ctrl-C otherwise
        self.process = subprocess.Popen(["env", "--default-signal=INT", "bash", "--noprofile", "--norc"], cwd=folder,
                                        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, start_new_session=True)

    def run(self, command, seconds, interrupt=False):
        """(exit status, all that it and those behind it said); `interrupt`: Ctrl-C once it has said something."""
        path = os.path.join(self.folder, ".command")
        with open(path, "w", encoding="utf-8") as f:
            f.write(command)
        self.process.stdin.write(b". '%s' < /dev/null; printf '\\n<<nudged-documents %%d>>\\n' $?\n" % path.encode())
        self.process.stdin.flush()
        deadline, behind = Deadline(seconds, command.strip()), re.search(r"[^&]&\s*(#.*)?$", command) is not None
        while deadline.open():
            done = self.MARK.search(self.text)
            if done and not (behind and not (self.text[:done.start()] + self.text[done.end():]).strip()):
                said = self.text[:done.start()] + b"\n" + self.text[done.end():]
                self.text = b""
                return int(done.group(1)), said.decode(errors="replace").strip("\n")
            if interrupt and self.text.strip():
                self._interrupt()
                interrupt = False
            if select.select([self.process.stdout], [], [], min(1.0, deadline.left()))[0]:
                self._read(command)
        return None

    def _read(self, command):
        part = os.read(self.process.stdout.fileno(), 65536)
        if not part:
            raise RuntimeError("the shell ended at: %s\n%s" % (command, self.text.decode(errors="replace")))
        self.text += part

    def _interrupt(self):
        """What Ctrl-C does: the newest child of the shell is the command in front."""
        children = subprocess.run(["pgrep", "-n", "-P", str(self.process.pid)], stdout=subprocess.PIPE, check=False).stdout
        for pid in children.split():
            os.kill(int(pid), signal.SIGINT)

    def end(self):
        """Ends all that was started behind it, daemons by their own way out."""
        end = time.monotonic() + 10 * SLOW
        try:
            self.run("kill $(jobs -p) 2> /dev/null; wait; echo\n", 10)
        except (TimeoutError, RuntimeError, OSError):
            end = 0
        try:
            self.process.stdin.close()
            self.process.wait(timeout=max(0.1, end - time.monotonic()))
        except (subprocess.TimeoutExpired, OSError):
            pass
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.process.stdout.close()

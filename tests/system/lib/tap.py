"""tap.py - the Test Anything Protocol, as automake's driver reads it."""

import sys
import time
import traceback

_count = 0
_failed = 0
_began = time.monotonic()


def note(text):
    """Figures and seeds for whoever reads the log."""
    for line in str(text).splitlines():
        print("# " + line, flush=True)


def ok(condition, name, why=None):
    """One fact; `why` is shown when it does not hold.  Returns whether it does."""
    global _count, _failed
    _count += 1
    if not condition:
        _failed += 1
    print("%s %d - %s" % ("ok" if condition else "not ok", _count, name.replace("#", "no.")), flush=True)
    if not condition and why is not None:
        note(why)
    return bool(condition)


def same(got, want, name):
    return ok(got == want, name, "got  %r\nwant %r" % (got, want))


def between(got, low, high, name):
    return ok(got is not None and low <= got <= high, name, "%r is not in %r .. %r" % (got, low, high))


def run(story):
    """Runs the test's story; an exception is a failed fact.  Prints the plan and ends the program."""
    global _count, _failed
    try:
        story()
    except BaseException:  # also a SystemExit in the story: the plan must be printed
        _count += 1
        _failed += 1
        print("not ok %d - came to its end" % _count)
        note(traceback.format_exc())
    note("%.1f s" % (time.monotonic() - _began))
    print("1..%d" % _count, flush=True)
    sys.exit(1 if _failed else 0)

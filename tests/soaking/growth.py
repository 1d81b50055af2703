"""growth.py - whether a life of the daemon needs more and more: memory, descriptors, threads, the database's log (-wal)."""

import os
import statistics

from tap import note, ok

WARM_S, LEAST_S = 120, 600  # what comes before is warming up; a shorter life is not judged
MIB = 1024.0
RING_MIB = 16   # runs that end have their rows in a ring of so much until they are on disk: up to eight come and go
WAL_MIB = 64    # to this the daemon cuts its log down when it begins anew; the file is no smaller once it was larger


class Growth:
    def __init__(self, daemon):
        self.daemon, self.lives, self.rows, self.next_s = daemon, [], [], 0

    def begin(self):
        self.rows, self.next_s = [], 0

    def look(self, age_s):
        if age_s < self.next_s:
            return
        self.next_s = age_s + 5
        pid = self.daemon.process.pid
        status = dict(line.split(":", 1) for line in open("/proc/%d/status" % pid) if ":" in line)
        pss = [line for line in open("/proc/%d/smaps_rollup" % pid) if line.startswith("Pss:")]
        wal = self.daemon.db + "-wal"
        self.rows.append({"age_s": age_s, "rss_kB": int(status["VmRSS"].split()[0]), "pss_kB": int(pss[0].split()[1]),
                          "threads": int(status["Threads"]), "descriptors": len(os.listdir("/proc/%d/fd" % pid)),
                          "wal_kB": os.path.getsize(wal) // 1024 if os.path.exists(wal) else 0,
                          "db_kB": os.path.getsize(self.daemon.db) // 1024})

    def end(self):
        self.lives.append(self.rows)

    def judge(self):
        """Within each life that is long enough: the last quarter beside the first after warming up."""
        for number, rows in enumerate(self.lives, 1):
            if not rows or rows[-1]["age_s"] < LEAST_S:
                continue
            warm = [row for row in rows if row["age_s"] >= WARM_S]
            quarter = max(1, len(warm) // 4)
            early, late = warm[:quarter], warm[-quarter:]
            for row in warm[::max(1, len(warm) // 12)]:
                note("life %d at %5.0f s: rss %.1f MiB, pss %.1f MiB, %d threads, %d descriptors, wal %.1f MiB, database %.0f MiB" % (
                    number, row["age_s"], row["rss_kB"] / MIB, row["pss_kB"] / MIB, row["threads"], row["descriptors"],
                    row["wal_kB"] / MIB, row["db_kB"] / MIB))
            self.compare(number, early, late, warm)

    def compare(self, number, early, late, warm):
        def middle(rows, name):
            return statistics.median(row[name] for row in rows)
        for name in ("rss_kB", "pss_kB"):
            a, b = middle(early, name) / MIB, middle(late, name) / MIB
            ok(b <= 1.1 * a + RING_MIB, "life %d: %s does not grow: %.1f MiB, then %.1f MiB" % (number, name[:3], a, b))
        for name, slack in (("threads", 0), ("descriptors", 16)):
            a, b = max(row[name] for row in early), max(row[name] for row in late)
            ok(b <= a + slack, "life %d: %s do not grow: %d, then %d" % (number, name, a, b))
        note("growth: life %d, %.0f min, %.1f MiB of database: rss %.1f, then %.1f MiB, descriptors %.0f, then %.0f, threads %.0f, then %.0f" % (
            (number, warm[-1]["age_s"] / 60, warm[-1]["db_kB"] / MIB, middle(early, "rss_kB") / MIB, middle(late, "rss_kB") / MIB) +
            tuple(middle(rows, name) for name in ("descriptors", "threads") for rows in (early, late))))
        sizes = [row["wal_kB"] / MIB for row in warm]
        least = min(sizes[-len(sizes) // 4:])
        ok(least <= WAL_MIB, "life %d: the wal returns to %d MiB or less: %.1f to %.1f MiB, at last %.1f" % (
            number, WAL_MIB, min(sizes), max(sizes), least))

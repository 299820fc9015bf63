"""Programs that are killed and paused, and started again as a supervisor would."""

import contextlib
import os
import shutil
import signal
import time
from pathlib import Path

from conftest import BINARIES
from replicas import PostgresProcess, Program, RedisProcess, free_port, is_serving, metrics

#: Seconds between two starts of a program that ends by itself.
PAUSE = 0.5
#: Exit code of a program that a second signal ended: 128 and the number of SIGTERM.
TOLD_TWICE = 143


class Supervised:
    """Mixed into a `Program` that has a `start` of its own."""

    #: Exit codes that may follow a polite end, and those that may come of themselves.
    polite = frozenset({0})
    unasked = frozenset()
    politely = signal.SIGTERM

    ledger = None
    is_held_down = False
    was_told = False
    is_judged = False
    started_at = 0.0

    def supervise(self):
        """Judges an end, and starts the program again unless a fault holds it down."""
        code = self.process.poll()
        if code is None:
            return
        if not self.is_judged:
            self.is_judged = True
            self.judge(code)
        if not self.is_held_down and time.monotonic() > self.started_at + PAUSE:
            self.was_told = False
            self.is_judged = False
            self.started_at = time.monotonic()
            self.start()

    def judge(self, code):
        """An end that no fault explains is a trouble."""
        self.ledger.count(f"{self.name} ended with {code}")
        # A program that is told before it listens to signals ends by them.
        told = self.polite | {-signal.SIGKILL, -self.politely}
        allowed = told if self.was_told else self.unasked
        if code not in allowed:
            self.ledger.trouble(f"{self.name} ended with {code}: {self.tail()}")

    def tail(self):
        """The last that it logged."""
        return self.log.read_text(errors="replace")[-1500:]

    def processes(self):
        """Ids of all its processes."""
        return [self.process.pid]

    def signal_all(self, number):
        """Sends a signal to all its processes, whichever still run."""
        if self.process.poll() is not None:
            return
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

    # Faults

    def kill(self):
        """Ends it at once, and keeps it down."""
        self.was_told = self.is_held_down = True
        self.signal_all(signal.SIGKILL)

    def terminate(self):
        """Asks it to end, and keeps it down."""
        self.was_told = self.is_held_down = True
        self.process.send_signal(self.politely)

    def revive(self):
        """Lets it start again."""
        self.is_held_down = False

    def freeze(self):
        """Pauses it."""
        self.signal_all(signal.SIGSTOP)

    def thaw(self):
        """Lets it go on."""
        self.signal_all(signal.SIGCONT)


class Server(Supervised, Program):
    """A server of the build. It ends with 5 when its database is away at its start, with 1 when
    what a fault holds keeps it from ending in time, and at once when it is told a second time."""

    polite = frozenset({0, 1, 5, TOLD_TWICE})
    unasked = frozenset({5})

    def __init__(self, folder, name, ledger, *flags, environment=None):
        super().__init__(folder, name)
        self.ledger = ledger
        self.port, self.metrics_port = free_port(), free_port()
        self.command = [
            BINARIES / "benchfront-server", "serve", "--listen", f"127.0.0.1:{self.port}",
            "--metrics-listen", f"127.0.0.1:{self.metrics_port}", "--loops", "2",
            "--drain-grace", "1", *flags,
        ]
        self.environment = {**os.environ, **(environment or {})}
        self.start()
        self.wait_for(lambda: is_serving(f"127.0.0.1:{self.metrics_port}"))

    def start(self):
        """Starts it, and does not wait."""
        self.logged = self.log.stat().st_size if self.log.exists() else 0
        self.run(*self.command, env=self.environment)

    def judge(self, code):
        """One that has served does not end with its database."""
        if code == 5 and "serving on" in self.log.read_text(errors="replace")[self.logged:]:
            self.ledger.trouble(f"{self.name} ended with 5 behind its start: {self.tail()}")
        super().judge(code)

    def metrics(self):
        """Its metrics; empty while it does not answer."""
        return metrics(f"127.0.0.1:{self.metrics_port}")


class Agent(Supervised, Program):
    """An agent of the build with its engine, which is not its problem here. It ends with 75 when
    it had work left, and at once when it is told a second time."""

    polite = frozenset({0, 75, TOLD_TWICE})

    def __init__(self, folder, name, ledger, addresses, policy, engine):
        super().__init__(folder, name)
        self.ledger = ledger
        self.spool = Path(folder) / f"{name}-spool"
        self.command = [
            BINARIES / "benchfront-agent", "run", "--server", ",".join(addresses),
            "--load-balancing", policy, "--spool", self.spool, "--hardware", "cpu-x1",
            "--engine", "simulated", "--endpoint", engine,
        ]
        self.start()

    def start(self):
        """Starts it, and does not wait."""
        self.run(*self.command)


class Postgres(Supervised, PostgresProcess):
    """PostgreSQL, which does not start before the last process of its predecessor has ended."""

    unasked = frozenset({1})
    politely = signal.SIGINT

    def __init__(self, folder, ledger):
        self.ledger = ledger
        self.kept_log = Path(folder) / "postgres.log"
        super().__init__()

    def __exit__(self, *reason):
        shutil.copy(self.log, self.kept_log)
        super().__exit__(*reason)

    def processes(self):
        """The postmaster, and its children."""
        own = self.process.pid
        try:
            children = Path(f"/proc/{own}/task/{own}/children").read_text()
        except FileNotFoundError:
            children = ""
        return [own, *map(int, children.split())]

    def freeze_postmaster(self):
        """Pauses what takes connections; those that are open go on."""
        self.process.send_signal(signal.SIGSTOP)

    def kill_backend(self, dice):
        """Kills one of its processes, whereupon it throws everybody out and recovers."""
        _, *children = self.processes()
        if children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(dice.choice(children), signal.SIGKILL)


class Redis(Supervised, RedisProcess):
    """Redis, which keeps nothing."""

    def __init__(self, folder, ledger):
        self.ledger = ledger
        super().__init__(folder, "save ''\n")

    def flush(self):
        """Loses what it has; one that does not run has lost it."""
        self.ask("flushall", password=None)

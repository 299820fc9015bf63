"""PostgreSQL and our server, as processes in a folder of the benchmark's."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import typing
from pathlib import Path

from rpcbench.processes import TICK_US

POSTGRES = Path("/usr/lib/postgresql/15/bin")
# Durable, as a team would run it, and no checkpoint in the middle of a case.
SETTINGS = {
    "listen_addresses": "127.0.0.1", "shared_buffers": "512MB", "max_wal_size": "8GB",
    "checkpoint_timeout": "1h", "autovacuum": "off",
}


def free_port():
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Usage(typing.NamedTuple):
    """CPU of a process: user and system time of its own, and of its children that ended."""

    parent: int
    times_us: list


def usage(process):
    """What the kernel counts of a process; it ticks in 10 ms."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return Usage(int(fields[1]), [int(field) * TICK_US for field in fields[11:15]])


class Postgres:
    """A fresh cluster of Debian's PostgreSQL 15."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="benchfront-ingest-"))
        self.port = free_port()
        self.user = []
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
            self.user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
        data = self.folder / "data"
        subprocess.run(
            [*self.user, POSTGRES / "initdb", "-D", data, "-U", "benchfront", "-A", "trust",
             "-E", "UTF8", "--locale", "C", "--no-instructions"],
            check=True, stdout=subprocess.DEVNULL)
        options = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        self.log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(
            [*self.user, POSTGRES / "postgres", "-D", data, "-p", str(self.port),
             f"-cunix_socket_directories={self.folder}", *options],
            stdout=self.log, stderr=self.log)
        ready = [POSTGRES / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        deadline = time.monotonic() + 60
        while subprocess.run(ready, check=False).returncode:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL does not start, see {self.folder}/log")
            time.sleep(0.1)
        self.url = f"postgresql://benchfront@127.0.0.1:{self.port}/postgres"

    def cpu_us(self):
        """User and system time of all of its processes so far, those that ended included."""
        while True:
            own = usage(self.process.pid)
            used = sum(own.times_us) + sum(map(self._child_us, Path("/proc").glob("[0-9]*")))
            # One that ended meanwhile may be in neither count.
            if usage(self.process.pid).times_us[2:] == own.times_us[2:]:
                return used

    def _child_us(self, folder):
        try:
            child = usage(folder.name)
        except (FileNotFoundError, ProcessLookupError):
            return 0
        return sum(child.times_us[:2]) if child.parent == self.process.pid else 0

    def psql(self, *commands):
        """Runs commands one after the other; what the last prints."""
        words = [word for command in commands for word in ("-c", command)]
        return subprocess.run(
            [POSTGRES / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", self.url, *words],
            check=True, capture_output=True, text=True).stdout.strip()

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.folder)


class Server:
    """benchfront-server on a store."""

    def __init__(self, binary, store, log):
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.log = log.open("wb")
        self.process = subprocess.Popen(
            [binary, "serve", "--listen", self.address, *store], stdout=self.log,
            stderr=self.log)
        deadline = time.monotonic() + 60
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"benchfront-server does not start, see {log}")
            time.sleep(0.05)

    def cpu_us(self):
        """User and system time so far."""
        return sum(usage(self.process.pid).times_us[:2])

    def peak_bytes(self):
        """The most resident memory since its start."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("no VmHWM")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

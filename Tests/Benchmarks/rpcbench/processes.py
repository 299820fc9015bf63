"""Processes on a core of their own, and what the kernel counts of them."""

import os
import subprocess
import time
from pathlib import Path

from .settings import ROOT

TICK_US = 1e6 / os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGESIZE")


def built_server():
    """The path of benchfront-server, built for release."""
    build = ["swift", "build", "-c", "release", "--product", "benchfront-server"]
    print("building benchfront-server", flush=True)
    subprocess.run(build, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    shown = subprocess.run(
        [*build, "--show-bin-path"], cwd=ROOT, check=True, capture_output=True, text=True)
    return str(Path(shown.stdout.strip()) / "benchfront-server")


def on_core(core, command, **options):
    """Starts a process, all of whose threads stay on one core."""
    return subprocess.Popen(
        [str(word) for word in command],
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),  # noqa: PLW1509 (one thread here)
        text=True,
        **options,
    )


def run_on_core(core, command, timeout_s=600):
    """Runs a client to its end and returns what it printed; raises when it fails."""
    process = on_core(core, command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        output, errors = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise RuntimeError(f"{command[0]} took longer than {timeout_s} s") from None
    if process.returncode != 0:
        last = (errors or output).strip().splitlines()[-1:] or ["no word"]
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {last[0]}")
    return output


class ServerProcess:
    """A running server, whose address is known; all of its CPU and memory."""

    def __init__(self, process, address, started_at):
        self.process = process
        self.address = address
        self.started_at = started_at

    @property
    def endpoint(self):
        """Host and port, for sockets."""
        host, port = self.address.rsplit(":", 1)
        return host, int(port)

    def cpu_us(self):
        """User and system time so far, of threads that have ended too; it ticks in 10 ms."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * TICK_US

    def resident_bytes(self):
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * PAGE_BYTES

    def settled_bytes(self):
        """Resident memory once it has stood still for half a second, within ten."""
        last = self.resident_bytes()
        for _ in range(20):
            time.sleep(0.5)
            now = self.resident_bytes()
            if abs(now - last) < 65_536:
                return now
            last = now
        return last

    def stop(self):
        self.process.kill()
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()

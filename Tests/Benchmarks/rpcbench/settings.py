"""Where things lie, and what the environment asks for."""

import os
import resource
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HERE = ROOT / "Tests" / "Benchmarks"

# Bytes of a message, and of a message behind gRPC's five bytes of framing.
MESSAGE_BYTES = 256
FRAMED_BYTES = MESSAGE_BYTES + 5
# What every subject answers to Down, and to Large.
STREAM_MESSAGES = 1000
LARGE_BYTES = 4_000_000


def framed(message):
    """A message as gRPC frames it."""
    return b"\0" + len(message).to_bytes(4, "big") + message


class Settings:
    """The environment: RUNS, REQUESTS, CASES, SUBJECTS, CONNECTIONS, OUT, SERVER."""

    def __init__(self, environment):
        self.runs = int(environment.get("RUNS") or 3)
        # Of the fast subjects in the fast cases; cases and subjects that are slow take a share.
        self.requests = int(environment.get("REQUESTS") or 400_000)
        self.cases = _words(environment.get("CASES"))
        self.subjects = _words(environment.get("SUBJECTS"))
        self.connections = [int(n) for n in _words(environment.get("CONNECTIONS")) or ()]
        self.connections = self.connections or [1_000, 10_000]
        # Figures, built peers and their logs.
        self.out = Path(environment.get("OUT") or ROOT / ".build" / "bench")
        # A bench-rpc-server that is built already.
        self.server = environment.get("SERVER")
        # Servers have the first core, clients the last: alone where there are two.
        self.cores = sorted(os.sched_getaffinity(0))

    def wants_case(self, name):
        return self.cases is None or name in self.cases


def _words(text):
    return text.replace(",", " ").split() if text else None


def raise_file_limit():
    """10,000 connections take as many descriptors, here and in each server."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

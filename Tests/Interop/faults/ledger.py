"""What a trial has seen, kept outside of everything that is killed."""

import collections
import threading
import time

import grpc

#: A server that is killed, drained, cut off or without its store; a client tries again.
PASSING = {
    grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
}
#: Connections of grpcio are shared between channels otherwise, and what is cut for one for all.
CHANNEL = [
    ("grpc.use_local_subchannel_pool", 1), ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 500), ("grpc.max_reconnect_backoff_ms", 1000),
]


class Ledger:
    """Counts, acknowledgements and troubles; from any thread."""

    def __init__(self, say):
        self.began = time.monotonic()
        self.say_line = say
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.troubles = []
        #: Set with the first trouble.
        self.troubled = threading.Event()
        #: Execution -> request -> (token, moment) of its first acknowledgement.
        self.acknowledged = collections.defaultdict(dict)
        #: What agents announced: (execution, segment, token, agent).
        self.segments = set()
        #: Run -> executions of it that were leased.
        self.executions = collections.defaultdict(set)

    def say(self, text):
        """Prints a line with the time since the beginning."""
        self.say_line(f"{time.monotonic() - self.began:7.2f} {text}")

    def count(self, what, number=1):
        """Counts something."""
        with self.lock:
            self.counts[what] += number

    def trouble(self, text):
        """Remembers what must not be."""
        with self.lock:
            self.troubles.append(text)
        self.say(f"TROUBLE {text}")
        self.troubled.set()

    def announce(self, execution, segment, token, agent):
        """An agent is about to begin a segment."""
        with self.lock:
            self.segments.add((execution, segment, token, agent))

    def acknowledge(self, execution, indices, token):
        """An agent was told that its samples are committed."""
        now = time.monotonic()
        with self.lock:
            seen = self.acknowledged[execution]
            for index in indices:
                seen.setdefault(index, (token, now))
            self.counts["samples acknowledged"] += len(indices)

    def lease(self, run, execution):
        """An execution of a run was leased."""
        with self.lock:
            self.executions[run].add(execution)

    def known_before(self, execution, moment):
        """Requests of an execution that were acknowledged before a moment."""
        with self.lock:
            return [index for index, (_, at) in self.acknowledged[execution].items() if at < moment]

    def acknowledged_of(self, run):
        """How many samples of a run are acknowledged."""
        with self.lock:
            return sum(len(self.acknowledged[it]) for it in self.executions[run])

    def judge(self, who, error):
        """Takes a call's end that a fault may cause, and no other."""
        self.count(f"{who}: {error.code().name}")
        if error.code() not in PASSING:
            self.trouble(f"{who}: {error.code().name}: {error.details()}")

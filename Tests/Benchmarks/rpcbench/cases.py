"""The cases: what is done to a server, and the figures that come of it."""

import time

from . import clients, wire
from .settings import FRAMED_BYTES, LARGE_BYTES, STREAM_MESSAGES

UNARY = "/bench.Echo/Unary"
LARGE_MB = (LARGE_BYTES + 5) / 1e6


class Bench:
    """What the cases share: clients, running servers, and what was found so far."""

    def __init__(self, settings):
        self.settings = settings
        self.clients = clients.Clients(settings)
        self.servers = {}
        # Calls a second that h2load drove each subject to, newest last.
        self.saturation = {}
        # Sentences for the reader of the table.
        self.notes = []

    def server(self, subject, variant=""):
        """A server that stays for all cases."""
        if (subject.name, variant) not in self.servers:
            self.servers[subject.name, variant] = subject.start(variant)
        return self.servers[subject.name, variant]

    def requests(self, subject, share=1):
        return max(200, self.settings.requests // (subject.share * share))

    def stop(self):
        for server in self.servers.values():
            server.stop()


class Case:
    """One case; `measure` returns figures by name for one run of one subject."""

    # Whether more runs say more.
    repeats = True

    def __init__(self, name):
        self.name = name

    def takes(self, subject):
        return True

    def measure(self, bench, subject):
        raise NotImplementedError


class Unary(Case):
    """Closed loop by h2load."""

    def __init__(self, name, connections, streams, share=1):
        super().__init__(name)
        self.shape = (connections, streams)
        self.share = share

    def measure(self, bench, subject):
        result = bench.clients.h2load(
            bench.server(subject), UNARY, *self.shape, bench.requests(subject, self.share))
        if self.name == "unary-4x32":
            bench.saturation[subject.name] = result["calls_per_s"]
        return result


class Guarded(Case):
    """The same call with all that our product does for one; peers get its bytes, and only echo."""

    def measure(self, bench, subject):
        ours = subject.name == "benchfront"
        return bench.clients.h2load(
            bench.server(subject, "guarded" if ours else ""),
            "/bench.Echo/Message" if ours else UNARY, 4, 32, bench.requests(subject),
            body="value", headers=["-H", clients.TOKEN])


class Task(Case):
    """A unary handler of ours that answers from a task."""

    def takes(self, subject):
        return subject.name == "benchfront"

    def measure(self, bench, subject):
        return bench.clients.h2load(
            bench.server(subject), "/bench.Echo/Task", 4, 32, bench.requests(subject))


class Latency(Case):
    """Open loop at half of what h2load drove the same subject to, from the scheduled time."""

    def measure(self, bench, subject):
        server = bench.server(subject)
        if subject.name not in bench.saturation:
            bench.saturation[subject.name] = bench.clients.h2load(
                server, UNARY, 4, 32, bench.requests(subject))["calls_per_s"]
        rate = max(1, bench.saturation[subject.name] / 2)
        result = bench.clients.load(
            "open", server, UNARY, connections=4, rate=rate,
            calls=max(200, min(bench.requests(subject), int(rate * 5))))
        return {name: result[name] for name in ("p50_us", "p99_us", "p999_us", "calls_per_s")}


class Stream(Case):
    """1,000 messages a call, 4 connections x 8 calls at once, by our own load client."""

    def __init__(self, name, path, plan):
        super().__init__(name)
        self.path = path
        self.plan = plan

    def measure(self, bench, subject):
        calls = max(2, bench.requests(subject) // 500)
        result = bench.clients.load(
            "streams", bench.server(subject), self.path, connections=4, streams=8, calls=calls,
            **self.plan)
        return {
            "cpu_us_per_message": result["cpu_us"] / STREAM_MESSAGES,
            "messages_per_s": result["calls_per_s"] * STREAM_MESSAGES,
        }


class Large(Case):
    """Answers of 4 MB, one at a time on one connection, by h2load."""

    def measure(self, bench, subject):
        result = bench.clients.h2load(
            bench.server(subject), "/bench.Echo/Large", 1, 1,
            max(2, bench.settings.requests // 1000), answer_bytes=LARGE_BYTES + 5)
        return {
            "cpu_us_per_mb": result["cpu_us"] / LARGE_MB,
            "mb_per_s": result["calls_per_s"] * LARGE_MB,
        }


class Connections(Case):
    """Resident memory of a new process by so many connections, each of which made one call:
    idle when that has ended, busy when it is open (a stream that echoed one message)."""

    repeats = False
    # What takes more is not tried with more of them.
    most_kb = 400
    # Kilobytes of a connection, by subject and kind, as found last.
    costs = {}

    def __init__(self, count, kind):
        super().__init__(f"connections-{count}-{kind}")
        self.count = count
        self.kind = kind

    def takes(self, subject):
        return self.kind != "tls-idle" or subject.speaks_tls

    def measure(self, bench, subject):
        found = self.costs.get((subject.name, self.kind), 0)
        if found > self.most_kb:
            bench.notes.append(
                f"{self.name}: {subject.name} left out, fewer took {found:.0f} KB each")
            return {}
        tls = self.kind == "tls-idle"
        server = subject.start("tls" if tls else "")
        try:
            return self._measure(server, subject, tls)
        finally:
            server.stop()

    def _measure(self, server, subject, tls):
        def use(connection):
            if self.kind == "busy":
                connection.open_call("/bench.Echo/Chat", answers=subject.name != "nghttpd")
            else:
                connection.call(UNARY)

        first = wire.open_many(server.endpoint, 1, use, tls)
        before = server.settled_bytes()
        many = wire.open_many(server.endpoint, self.count, use, tls)
        try:
            after = server.settled_bytes()
        finally:
            wire.close_all(first + many)
        cost = (after - before) / self.count / 1024
        self.costs[subject.name, self.kind] = cost
        return {"kb_per_connection": cost, "resident_mb": after / 1e6}


class Start(Case):
    """From the start of the process to the end of the first call."""

    def measure(self, bench, subject):
        server = subject.start()
        try:
            connection = wire.HandConnection(server.endpoint)
            connection.call(UNARY)
            took = time.monotonic() - server.started_at
            connection.close()
            return {"start_ms": took * 1e3, "resident_mb": server.resident_bytes() / 1e6}
        finally:
            server.stop()


def all_cases(settings):
    """Every case, in the order of the table."""
    framed = STREAM_MESSAGES * FRAMED_BYTES
    cases = [
        Unary("unary-4x32", 4, 32),
        Guarded("guarded-4x32"),
        Task("task-4x32"),
        Unary("unary-1x1", 1, 1, share=8),
        Unary("unary-64x8", 64, 8),
        Unary("unary-1x100", 1, 100),
        Latency("latency-4x32"),
        Stream("server-stream", "/bench.Echo/Down", {"answer": framed}),
        Stream("client-stream", "/bench.Echo/Up", {"messages": STREAM_MESSAGES}),
        Large("large-4mb"),
        Start("start"),
    ]
    kinds = ("idle", "busy", "tls-idle")
    return cases + [Connections(n, kind) for kind in kinds for n in settings.connections]

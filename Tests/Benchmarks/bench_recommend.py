"""How often a recommendation is at hand, and what it takes, while results arrive.

5,000 distinct questions by Zipf's law with exponent 1, each about one of 50 models, RATE a second,
while one new result a second arrives. A hit is an answer that a cache had and that knows every
result which was acknowledged 1.5 s before it was asked for: what another server stored is known a
second later. Prints a table and writes .build/bench/recommend.json. `make bench-recommend` sets up
what this needs.

Environment: RUNS (1), RATE (500), WARM_UP_S (60), MEASURED_S (60), CASES (all), OUT (.build/bench),
SERVER (a benchfront-server that is built; else it is built).
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import grpc

from benchfront import Client
from benchfront.v1 import recommend_pb2
from ingestbench.servers import Postgres, Server, free_port
from recommendbench.questions import MODELS, QUESTIONS, Arrivals, Zipf, questions
from rpcbench.processes import built_server
from rpcbench.report import Report, refuse_unknown
from rpcbench.settings import ROOT

METHOD = "/benchfront.v1.Recommend/RecommendConfigurations"
COUNT = re.compile(
    r'^benchfront_recommendation_duration_seconds_count{(?=.*question="ranking")'
    r'.*cache="(\w+)".*} (\d+)', re.M)


class Settings:
    """The environment."""

    def __init__(self, environment):
        self.runs = int(environment.get("RUNS") or 1)
        self.rate = float(environment.get("RATE") or 500)
        self.warm_up_s = float(environment.get("WARM_UP_S") or 60)
        self.measured_s = float(environment.get("MEASURED_S") or 60)
        self.cases = (environment.get("CASES") or "").replace(",", " ").split()
        self.out = Path(environment.get("OUT") or ROOT / ".build" / "bench")
        self.out.mkdir(parents=True, exist_ok=True)
        self.server = environment.get("SERVER") or built_server()


class Replica(Server):
    """A server whose metrics are read."""

    def __init__(self, settings, name, store):
        self.metrics = f"127.0.0.1:{free_port()}"
        flags = [*store, "--metrics-listen", self.metrics]
        super().__init__(settings.server, flags, settings.out / f"{name}.log")

    def answers(self):
        """How many rankings it has answered, by where they came from: hit, shared, miss."""
        with urllib.request.urlopen(f"http://{self.metrics}/metrics", timeout=10) as answer:
            text = answer.read().decode()
        return {cache: int(count) for cache, count in COUNT.findall(text)}


class Asking:
    """Questions at a rate, to the replicas by turns."""

    def __init__(self, replicas, arrivals):
        self.arrivals = arrivals
        self.channels = [grpc.insecure_channel(replica.address) for replica in replicas]
        self.calls = [channel.unary_unary(METHOD) for channel in self.channels]
        self.bodies = [question.SerializeToString() for question in questions()]
        self.zipf = Zipf(QUESTIONS, 20_261)
        self.lock = threading.Lock()
        self.asked, self.seconds, self.problems, self.stale = 0, [], [], 0

    def ask(self, rate, length_s):
        """Asks for that long, open loop, while a result a second arrives."""
        with self.lock:
            self.asked, self.seconds, self.stale = 0, [], 0
        began = time.monotonic()
        news = threading.Thread(target=self._bring_news, args=(began, length_s))
        news.start()
        for number in range(int(rate * length_s)):
            due = began + number / rate
            time.sleep(max(0, due - time.monotonic()))
            question = self.zipf.draw()
            call = self.calls[number % len(self.calls)].future(self.bodies[question], timeout=10)
            self.asked += 1
            call.add_done_callback(
                lambda call, question=question, sent=time.monotonic():
                self._answered(call, question % MODELS, sent))
        news.join()
        while len(self.seconds) + len(self.problems) < self.asked:
            time.sleep(0.01)
        if self.problems:
            raise RuntimeError(f"{len(self.problems)} calls failed: {self.problems[0]}")

    def _bring_news(self, began, length_s):
        for second in range(int(length_s)):
            time.sleep(max(0, began + second + 0.5 - time.monotonic()))
            try:
                self.arrivals.send_one()
            except Exception as error:  # The main thread tells of it.
                with self.lock:
                    self.problems.append(error)

    def _answered(self, call, model, sent):
        took = time.monotonic() - sent
        error = call.exception()
        if error:
            with self.lock:
                self.problems.append(error)
            return
        answer = recommend_pb2.RecommendConfigurationsResponse.FromString(call.result())
        is_stale = answer.considered_count < self.arrivals.least(model, sent)
        with self.lock:
            self.seconds.append(took)
            self.stale += is_stale

    def close(self):
        for channel in self.channels:
            channel.close()


def measure(settings, replicas):
    """The figures of replicas of one store."""
    with Client(replicas[0].address) as client:
        arrivals = Arrivals(client, 7)
        arrivals.send(range(MODELS))
        asking = Asking(replicas, arrivals)
        try:
            asking.ask(settings.rate, settings.warm_up_s)
            before = [replica.answers() for replica in replicas]
            cpu = sum(replica.cpu_us() for replica in replicas)
            asking.ask(settings.rate, settings.measured_s)
            cpu = sum(replica.cpu_us() for replica in replicas) - cpu
            after = [replica.answers() for replica in replicas]
        finally:
            asking.close()
    counts = {
        cache: sum(late[cache] - early.get(cache, 0) for early, late in zip(before, after))
        for cache in ("hit", "shared", "miss")
        if any(cache in late for late in after)
    }
    if sum(counts.values()) != asking.asked:
        raise RuntimeError(f"{asking.asked} questions, but the servers count {counts}")
    times = sorted(asking.seconds)
    found = counts.get("hit", 0) + counts.get("shared", 0) - asking.stale
    return {
        "hit_ratio": found / asking.asked, "shared_ratio": counts.get("shared", 0) / asking.asked,
        "stale": asking.stale, "p50_ms": times[len(times) // 2] * 1e3,
        "p99_ms": times[len(times) * 99 // 100] * 1e3, "server_cpu_us": cpu / asking.asked,
    }


def one_server(settings, report):
    """One server on the embedded store."""
    with tempfile.TemporaryDirectory(dir=settings.out) as folder:
        replica = Replica(settings, "recommend-server", ["--data-dir", folder])
        try:
            report.add("zipf-1-sqlite", "benchfront", measure(settings, [replica]))
        finally:
            replica.stop()


def two_servers(settings, report):
    """Two servers on one PostgreSQL, with Redis between them."""
    postgres, replicas = Postgres(), []
    folder, port = tempfile.mkdtemp(dir=settings.out), free_port()
    redis = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder],
        stdout=subprocess.DEVNULL)
    try:
        store = ["--postgres", postgres.url, "--redis", f"redis://127.0.0.1:{port}"]
        for number in range(2):
            replicas.append(Replica(settings, f"recommend-server-{number}", store))
        report.add("zipf-2-redis", "benchfront", measure(settings, replicas))
    finally:
        for replica in replicas:
            replica.stop()
        redis.terminate()
        redis.wait()
        postgres.stop()
        shutil.rmtree(folder)


CASES = {"zipf-1-sqlite": one_server, "zipf-2-redis": two_servers}


def main():
    settings = Settings(os.environ)
    refuse_unknown(settings.cases, CASES)
    report, problems = Report(baseline="benchfront"), []
    for run in range(settings.runs):
        for name, case in CASES.items():
            if settings.cases and name not in settings.cases:
                continue
            print(f"run {run + 1} of {settings.runs}: {name}", flush=True)
            try:
                case(settings, report)
            except (OSError, RuntimeError, grpc.RpcError, subprocess.CalledProcessError) as error:
                problems.append(f"{name} failed: {error}")
    return report.finish(settings.out / "recommend.json", problems)


if __name__ == "__main__":
    sys.exit(main())

"""Runs that keep the agents busy, and watchers that see each of their commits."""

import random
import threading
import time
import uuid

import grpc
from benchfront.v1 import benchmark_control_pb2 as control_pb2
from benchfront.v1 import benchmark_control_pb2_grpc as control_grpc
from benchfront.v1 import configuration_pb2

from faults.ledger import CHANNEL
from faults.samples import ASKED_TOKENS, Row
from faults.session import ENGINE, HARDWARE

#: Runs of a kind that are under way at a time.
UNDER_WAY = 2


def known_matrix():
    """Two batches of two configurations, for agents that stream known samples."""
    return configuration_pb2.Matrix(
        name="known", model_ids=["meta-llama/Llama-3.1-8B-Instruct"], hardware_ids=[HARDWARE],
        engine_ids=[ENGINE], quantization_ids=["fp8", "int8"],
        workloads=[configuration_pb2.WorkloadPattern(
            name="chat", input_tokens=[128], output_tokens=[ASKED_TOKENS], concurrency=[1, 8])])


def simulated_matrix():
    """Two batches of two configurations, for agents of the build."""
    return configuration_pb2.Matrix(
        name="simulated", model_ids=["HuggingFaceTB/SmolLM2-135M-Instruct"],
        hardware_ids=["cpu-x1"], engine_ids=["simulated"], quantization_ids=["q8_0", "q4_1"],
        workloads=[configuration_pb2.WorkloadPattern(
            name="chat", input_tokens=[64], output_tokens=[8], concurrency=[2, 4])])


KINDS = {"known": known_matrix, "simulated": simulated_matrix}


class Watch(threading.Thread):
    """Follows a run from its first commit to its last, over whichever server answers."""

    def __init__(self, run, kind, requests, addresses, ledger):
        super().__init__(name=f"watch of {run}")
        self.run_id = run
        self.kind = kind
        self.requests = requests
        self.addresses = addresses
        self.ledger = ledger
        self.dice = random.Random(run)
        self.cursor = 0
        #: (execution, request) -> (commit, digest of the row).
        self.rows = {}
        self.ended = threading.Event()
        self.over = threading.Event()
        self.call = None

    def stop(self):
        """Ends it before the run has ended."""
        self.over.set()
        if self.call:
            self.call.cancel()
        self.join(timeout=30)

    def run(self):
        while not self.over.is_set():
            try:
                with grpc.insecure_channel(
                        self.dice.choice(self.addresses), options=CHANNEL) as channel:
                    self.follow(control_grpc.BenchmarkControlStub(channel))
                return self.ended.set()
            except grpc.RpcError as error:
                self.ledger.judge("watches", error)
            except Exception as error:  # A thread's end is seen by nobody else.
                self.ledger.trouble(f"{self.name} fails: {error!r}")
                raise
            self.over.wait(self.dice.uniform(0.1, 0.5))
        return None

    def follow(self, control):
        request = control_pb2.WatchRunRequest(
            run_id=self.run_id, after_commit_number=self.cursor)
        self.call = control.WatchRun(request)
        for commit in self.call:
            if commit.commit_number != self.cursor + 1:
                self.ledger.trouble(
                    f"{self.name}: commit {commit.commit_number} behind {self.cursor}")
            self.cursor = commit.commit_number
            execution = commit.samples.execution_id
            for sample in commit.samples.samples:
                place = (execution, sample.request_index)
                if place in self.rows:
                    self.ledger.trouble(f"{self.name}: {place} was told twice")
                self.rows[place] = (self.cursor, Row.of(sample).digest())


class Abandoned(Exception):
    """Nobody waits for an answer any more."""


class Refused(Exception):
    """What was asked for cannot be done any more."""


class Feeder(threading.Thread):
    """Creates runs while the faults last, and cancels a few."""

    def __init__(self, seed, addresses, ledger):
        super().__init__(name="feeder")
        self.dice = random.Random(f"{seed} runs")
        self.addresses = addresses
        self.ledger = ledger
        self.watches = []
        self.cancelled = set()
        self.over = threading.Event()
        self.is_abandoned = False

    def run(self):
        try:
            while not self.over.is_set():
                for kind in KINDS:
                    under_way = [it for it in self.watches
                                 if it.kind == kind and not it.ended.is_set()]
                    if len(under_way) < UNDER_WAY:
                        self.create(kind)
                    elif self.dice.random() < 0.004:
                        self.cancel(self.dice.choice(under_way))
                self.over.wait(0.25)
        except Abandoned:
            pass
        except Exception as error:  # A thread's end is seen by nobody else.
            self.ledger.trouble(f"the feeder fails: {error!r}")
            raise

    def create(self, kind):
        requests = self.dice.randrange(60, 160) if kind == "known" else self.dice.randrange(20, 50)
        request = control_pb2.CreateRunRequest(
            matrix=KINDS[kind](), requests_per_configuration=requests,
            request_id=str(uuid.uuid4()), warmup_requests=1)
        answer = self.ask(lambda control: control.CreateRun(request, timeout=5))
        watch = Watch(answer.run.id, kind, requests, self.addresses, self.ledger)
        self.watches.append(watch)
        watch.start()
        self.ledger.count(f"runs created, {kind}")

    def cancel(self, watch):
        """Cancels a run; what it had committed stays."""
        self.cancelled.add(watch.run_id)
        request = control_pb2.CancelRunRequest(run_id=watch.run_id)
        try:
            self.ask(lambda control: control.CancelRun(request, timeout=5))
            self.ledger.count("cancellations")
        except Refused:
            self.ledger.count("cancellations that came late")

    def ask(self, question):
        """The answer to a call, which is repeated until there is one."""
        while not self.is_abandoned:
            try:
                with grpc.insecure_channel(
                        self.dice.choice(self.addresses), options=CHANNEL) as channel:
                    return question(control_grpc.BenchmarkControlStub(channel))
            except grpc.RpcError as error:
                if error.code() == grpc.StatusCode.FAILED_PRECONDITION:
                    raise Refused from error
                self.ledger.judge("calls", error)
            time.sleep(0.3)
        raise Abandoned

    def stop(self):
        """Creates no more; what it has begun is created."""
        self.over.set()
        self.join(timeout=60)

    def abandon(self):
        """Ends it at once."""
        self.is_abandoned = True
        self.stop()

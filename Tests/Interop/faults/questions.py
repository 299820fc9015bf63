"""Questions while everything fails, and what has to be answered at the end."""

import random
import threading

import grpc
from benchfront.v1 import benchmark_control_pb2 as control_pb2
from benchfront.v1 import benchmark_control_pb2_grpc as control_grpc
from benchfront.v1 import catalog_pb2, recommend_pb2, recommend_pb2_grpc

from faults.ledger import CHANNEL
from faults.runs import known_matrix

#: Seconds between two questions.
PAUSE = 0.3


class Questions(threading.Thread):
    """Asks this server and that; each question is answered, or fails as a fault may have it."""

    def __init__(self, seed, addresses, ledger, watches):
        super().__init__(name="questions")
        self.dice = random.Random(f"{seed} questions")
        self.addresses = addresses
        self.ledger = ledger
        self.watches = watches
        self.over = threading.Event()

    def stop(self):
        """Asks no more."""
        self.over.set()
        self.join(timeout=60)

    def run(self):
        while not self.over.wait(PAUSE):
            what, question = self.dice.choice([("rankings", ask), ("runs", self.ask_for_run)])
            try:
                question(self.dice.choice(self.addresses))
                self.ledger.count(f"{what} answered")
            except grpc.RpcError as error:
                self.ledger.judge(what, error)
            except Exception as error:  # A thread's end is seen by nobody else.
                self.ledger.trouble(f"{self.name} fails: {error!r}")
                raise

    def ask_for_run(self, address):
        """Whichever server is asked, it knows of all that any of them has acknowledged."""
        if not self.watches:
            return
        run = self.dice.choice(self.watches[-4:]).run_id
        least = self.ledger.acknowledged_of(run)
        with grpc.insecure_channel(address, options=CHANNEL) as channel:
            control = control_grpc.BenchmarkControlStub(channel)
            found = control.GetRun(control_pb2.GetRunRequest(run_id=run), timeout=5).run
        if found.committed_sample_count < least:
            self.ledger.trouble(
                f"run {run} has {found.committed_sample_count} samples of {least} acknowledged")


def ask(address):
    """Configuration -> result of a ranking of what the known agents measure."""
    request = recommend_pb2.RecommendConfigurationsRequest(
        filter=catalog_pb2.ConfigurationFilter(model_ids=known_matrix().model_ids), top_k=20)
    with grpc.insecure_channel(address, options=CHANNEL) as channel:
        ranker = recommend_pb2_grpc.RecommendStub(channel)
        answer = ranker.RecommendConfigurations(request, timeout=5)
    return {item.configuration.id: item.result.id for item in answer.items}


def newest(results):
    """The same of all results that there are."""
    found = {}
    for result in results:
        stamp = (result.measured_at.seconds, result.measured_at.nanos)
        found[result.configuration_id] = max(
            found.get(result.configuration_id, ((0, 0), "")), (stamp, result.id))
    return {configuration: result for configuration, (_, result) in found.items()}

"""Two servers on one database and one Redis behind HAProxy, as deploy/compose has them."""

import contextlib
import signal
import threading
import time
from dataclasses import dataclass

import grpc
import pytest
from benchfront import Client
from benchfront.v1 import (
    benchmark_control_pb2 as control_pb2,
    catalog_pb2,
    catalog_pb2_grpc,
    configuration_pb2,
    recommend_pb2,
    recommend_pb2_grpc,
)

from conftest import BINARIES
from replicas import (
    HAProxyProcess,
    PostgresProcess,
    Program,
    RedisProcess,
    Replica,
    Watch,
    eventually,
    free_port,
    matrix,
)

MODEL = "meta-llama/Llama-3.1-8B-Instruct"
REDIS = "requirepass not-a-secret\nmaxmemory 64mb\nmaxmemory-policy allkeys-lru\nsave ''\n"


@dataclass
class Topology:
    """What runs; clients call the balancer."""

    balancer: HAProxyProcess
    replicas: list
    redis: RedisProcess


@pytest.fixture(scope="module")
def topology(tmp_path_factory):
    """All of it, for every test of this file; whoever stops a replica starts it again."""
    folder = tmp_path_factory.mktemp("replicas")
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(PostgresProcess())
        redis = stack.enter_context(RedisProcess(folder, REDIS))
        url = f"redis://:not-a-secret@127.0.0.1:{redis.port}"
        replicas = [
            stack.enter_context(Replica(folder, f"server-{number}", postgres, url))
            for number in (1, 2)
        ]
        balancer = stack.enter_context(HAProxyProcess(folder, replicas))
        yield Topology(balancer, replicas, redis)


@dataclass
class Failure:
    """A call that did not end well."""

    began: float
    code: grpc.StatusCode
    details: str


class Load:
    """Callers that ask one question after the other, each over a connection of its own."""

    CALLERS = 6

    def __init__(self, address):
        self.address = address
        self.answered = 0
        self.failures = []
        self.lock = threading.Lock()
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.call) for _ in range(self.CALLERS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def call(self):
        # grpcio would share one connection between all channels to an address.
        options = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(self.address, options=options) as channel:
            catalog = catalog_pb2_grpc.CatalogStub(channel)
            ranker = recommend_pb2_grpc.RecommendStub(channel)
            questions = [
                lambda: catalog.ListModels(catalog_pb2.ListModelsRequest(), timeout=30),
                lambda: catalog.GetModel(
                    catalog_pb2.GetModelRequest(model_id=MODEL), timeout=30),
                lambda: ranker.RecommendConfigurations(
                    recommend_pb2.RecommendConfigurationsRequest(top_k=3), timeout=30),
            ]
            # The pause leaves some of this machine to the servers.
            while not self.over.wait(0.005):
                self.ask(questions[self.answered % len(questions)])

    def ask(self, question):
        began = time.monotonic()
        try:
            question()
            with self.lock:
                self.answered += 1
        except grpc.RpcError as error:
            with self.lock:
                self.failures.append(Failure(began, error.code(), error.details()))

    def go_on(self, calls=100):
        """Waits for so many further answers."""
        wanted = self.answered + calls
        eventually(lambda: self.answered >= wanted, f"{calls} further answers")


def wait_for_calls(replica, calls=20):
    """Waits until a replica has been given so many further calls."""
    begun = replica.calls()
    eventually(lambda: replica.calls() >= begun + calls, f"calls to {replica.name}")


def test_what_one_server_is_told_the_other_knows(topology):
    one, other = topology.replicas
    with Client(one.address) as teller, Client(other.address) as asker:
        teller.register_model(configuration_pb2.Model(
            id="example/told-to-one", kind=configuration_pb2.MODEL_KIND_SELF_HOSTED,
            parameter_count=10**9, context_length=4096))
        assert "example/told-to-one" in [model.id for model in asker.models()]


def test_a_drained_replica_fails_no_call_and_a_killed_one_only_those_in_flight(topology):
    replica, other = topology.replicas
    with Load(topology.balancer.address) as load:
        wait_for_calls(replica)
        wait_for_calls(other)
        assert replica.end(signal.SIGTERM) == 0
        load.go_on()
        replica.start()
        wait_for_calls(replica)
        assert load.failures == []

        killed = time.monotonic()
        assert replica.end(signal.SIGKILL) == -signal.SIGKILL
        load.go_on(300)
        # HAProxy may send a call or two before it learns that the connection is gone.
        late = [failure for failure in load.failures if failure.began > killed + 1]
        assert late == []
        assert {failure.code for failure in load.failures} <= {grpc.StatusCode.UNAVAILABLE}
        assert len(load.failures) <= load.CALLERS * 2
        replica.start()
        wait_for_calls(replica)
    assert len(load.failures) <= load.CALLERS * 2


@pytest.fixture(scope="module")
def agent(topology, tmp_path_factory):
    """An agent that reaches the servers through HAProxy, and a simulated engine beside it."""
    folder = tmp_path_factory.mktemp("agent")
    engine, port = Program(folder, "engine"), free_port()
    engine.run(
        BINARIES / "benchfront-simengine", "--listen", f"127.0.0.1:{port}", "--ttft", "40",
        "--itl", "5")
    worker = Program(folder, "agent")
    worker.run(
        BINARIES / "benchfront-agent", "run", "--server", topology.balancer.address,
        "--spool", folder / "spool", "--hardware", "cpu-x1", "--engine", "simulated",
        "--endpoint", f"http://127.0.0.1:{port}")
    with engine, worker:
        yield worker


#: For each configuration: the run outlasts a drain.
REQUESTS = 100


def with_the_agent(topology):
    """The replica that has the agent's session, and the other one."""
    one, other = topology.replicas
    eventually(lambda: one.has_agent() or other.has_agent(), "the agent's session")
    return (one, other) if one.has_agent() else (other, one)


@pytest.mark.parametrize("end", [None, signal.SIGTERM, signal.SIGKILL])
def test_a_run_is_watched_on_the_other_replica_commit_by_commit(topology, agent, end):
    holder, other = with_the_agent(topology)
    with Client(topology.balancer.address) as anybody, Client(other.address) as client:
        run = anybody.create_run(matrix(), requests=REQUESTS)
        watch = Watch(client, run.id)
        if end is not None:
            # The agent goes on over the other replica with what was not acknowledged.
            eventually(lambda: watch.samples, "the first samples")
            holder.end(end)
            assert len(watch.samples) < 2 * REQUESTS
            holder.start()
        watch.finish()
        ended = anybody.control.GetRun(control_pb2.GetRunRequest(run_id=run.id), timeout=30).run
    assert agent.process.poll() is None, agent.log.read_text()
    assert ended.state == control_pb2.RUN_STATE_COMPLETED
    assert ended.committed_sample_count == 2 * REQUESTS
    # One after the other, none left out; one commit may tell of several things.
    assert watch.commits == sorted(watch.commits)
    assert set(watch.commits) == set(range(1, ended.commit_number + 1))
    assert len(watch.samples) == len(set(watch.samples)) == 2 * REQUESTS

"""One of two servers on a database stands still in the middle of a run."""

import contextlib
import signal
from dataclasses import dataclass

import pytest
from benchfront import Client
from benchfront.v1 import benchmark_control_pb2 as control_pb2
from benchfront.v1 import catalog_pb2

from conftest import BINARIES
from replicas import (
    PostgresProcess,
    Program,
    RedisProcess,
    Replica,
    Watch,
    eventually,
    free_port,
    matrix,
)

REQUESTS = 100


@dataclass
class Rig:
    """Two servers and an agent that knows both."""

    replicas: list
    agent: Program


@pytest.fixture
def rig(tmp_path):
    """All of it, with a simulated engine."""
    with contextlib.ExitStack() as stack:
        postgres = stack.enter_context(PostgresProcess())
        redis = stack.enter_context(RedisProcess(tmp_path, "save ''"))
        replicas = [
            stack.enter_context(Replica(
                tmp_path, f"server-{number}", postgres, f"redis://127.0.0.1:{redis.port}"))
            for number in (1, 2)
        ]
        engine, port = stack.enter_context(Program(tmp_path, "engine")), free_port()
        engine.run(
            BINARIES / "benchfront-simengine", "--listen", f"127.0.0.1:{port}", "--ttft", "40",
            "--itl", "5")
        agent = Program(tmp_path, "agent")
        agent.run(
            BINARIES / "benchfront-agent", "run",
            "--server", ",".join(replica.address for replica in replicas),
            "--spool", tmp_path / "spool", "--hardware", "cpu-x1", "--engine", "simulated",
            "--endpoint", f"http://127.0.0.1:{port}")
        yield Rig(replicas, stack.enter_context(agent))


def stored(client, run):
    """Request indices of every result of a run, by execution."""
    results = client.catalog.ListResults(
        catalog_pb2.ListResultsRequest(run_id=run, page_size=100), timeout=30).results
    return {
        entry.result.id: [
            sample.request_index for sample in client.catalog.ListRequestSamples(
                catalog_pb2.ListRequestSamplesRequest(
                    execution_id=entry.result.id, page_size=1000), timeout=30).samples
        ]
        for entry in results
    }


def test_the_agent_of_a_server_that_stands_still_goes_on_with_its_lease_on_the_other(rig):
    frozen, other = rig.replicas
    eventually(frozen.has_agent, "the agent's session with the first of its list")
    with Client(other.address) as client:
        run = client.create_run(matrix(), requests=REQUESTS)
        watch = Watch(client, run.id)
        eventually(lambda: watch.samples, "the first samples")
        frozen.process.send_signal(signal.SIGSTOP)
        try:
            assert len(watch.samples) < 2 * REQUESTS
            watch.finish()
            assert other.has_agent()
        finally:
            frozen.process.send_signal(signal.SIGCONT)
        ended = client.control.GetRun(control_pb2.GetRunRequest(run_id=run.id), timeout=30).run
        assert ended.state == control_pb2.RUN_STATE_COMPLETED
        # The lease was never lost, even where the server stood still with its run locked.
        assert [batch.fencing_token for batch in ended.batches] == [1]
        assert watch.commits == list(range(1, ended.commit_number + 1))
        assert len(watch.samples) == len(set(watch.samples)) == 2 * REQUESTS
        # What the server still had to do when it stood still changes nothing.
        eventually(lambda: not frozen.has_agent(), "the end of its session")
        assert list(stored(client, run.id).values()) == [list(range(REQUESTS))] * 2
    assert "the server has said nothing for 10 seconds" in rig.agent.log.read_text()
    assert rig.agent.process.poll() is None

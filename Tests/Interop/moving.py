"""A server on any store, what it answers, and an agent's session that does what it is told."""

import json
import queue
import subprocess

from benchfront import Client
from benchfront.v1 import benchmark_control_pb2 as control_pb2
from benchfront.v1 import configuration_pb2, sample_pb2

from conftest import BINARIES
from replicas import Program, free_port

#: Tokens of the answers that sessions measure.
ASKED_TOKENS = 64


class Server(Program):
    """A server on some store; the environment says nothing of it."""

    def __init__(self, folder, name, store, environment):
        super().__init__(folder, name)
        self.address = f"127.0.0.1:{free_port()}"
        self.run(
            BINARIES / "benchfront-server", "serve", "--listen", self.address,
            "--lease-duration", "900", "--loops", "1", *store, env=environment)
        self.wait_for(lambda: "serving on" in self.log.read_text())


def cli(address, *words):
    """What the command line prints."""
    run = subprocess.run(
        [BINARIES / "benchfront", *words, "--server", address], capture_output=True, text=True,
        check=False, timeout=120)
    assert run.returncode == 0, (words, run.stderr)
    return run.stdout


def answers_of(address, questions):
    """What the command line prints as JSON, by its words."""
    return {words: json.loads(cli(address, *words, "--output", "json")) for words in questions}


class Session:
    """An agent's session that does what it is told."""

    def __init__(self, address, held=()):
        self.requests = queue.Queue()
        self.client = Client(address)
        inventory = control_pb2.AgentInventory(
            host_name="h", agent_version="1", hardware_ids=["h100-80gb-x1"], engine_ids=["vllm"])
        self.say(hello=control_pb2.AgentHello(
            agent_id="mover", inventory=inventory, held_leases=held))
        self.answers = self.client.control.AgentSession(iter(self.requests.get, None))
        assert next(self.answers).HasField("welcome")

    def say(self, **message):
        self.requests.put(control_pb2.AgentSessionRequest(**message))

    def answer(self, kind):
        """The next answer of a kind; others are passed over."""
        for answer in self.answers:
            if answer.HasField(kind):
                return getattr(answer, kind)
        raise AssertionError(f"no {kind}")

    def take(self):
        """Takes a batch, begins its first execution, and returns lease and execution."""
        self.say(lease_request=control_pb2.LeaseRequest())
        grant = self.answer("lease")
        execution = grant.items[0].execution_id
        self.announce(grant.lease, execution)
        return grant.lease, execution

    def announce(self, lease, execution):
        """Says that the segment begins, or that samples of it follow in this session too."""
        event = control_pb2.ExecutionEvent(
            lease=lease, execution_id=execution,
            kind=control_pb2.EXECUTION_EVENT_KIND_SEGMENT_STARTED, segment=0,
            engine_version="0.19.0 \U0001f680", model_revision="abc")
        event.wall_clock_anchor.FromSeconds(1_780_000_000)
        self.say(execution_event=event)

    def send(self, lease, execution, sequence, indices, gaps=()):
        """Samples, and waits until they are acknowledged."""
        self.say(samples=control_pb2.SampleBatch(
            lease=lease, execution_id=execution, sequence=sequence,
            samples=[sample(index, gaps) for index in indices]))
        assert self.answer("ack").sequence == sequence

    def end(self):
        self.requests.put(None)
        self.answers.cancel()
        self.client.close()


def one_batch(name):
    """A matrix of one configuration that a session can take."""
    return configuration_pb2.Matrix(
        name=name, model_ids=["meta-llama/Llama-3.1-8B-Instruct"], hardware_ids=["h100-80gb-x1"],
        engine_ids=["vllm"], quantization_ids=["fp8"],
        workloads=[configuration_pb2.WorkloadPattern(
            name="chat", input_tokens=[64], output_tokens=[ASKED_TOKENS], concurrency=[1])])


def sample(index, gaps=()):
    """A request that was answered, with gaps below 16,384 ns; with more than were asked for it
    broke off."""
    start = index * 1_000_000_000
    first, last = start + 2000, start + 2000 + sum(gaps)
    is_whole = len(gaps) < ASKED_TOKENS
    return sample_pb2.RequestSample(
        request_index=index, segment=0,
        outcome=sample_pb2.REQUEST_OUTCOME_OK if is_whole
        else sample_pb2.REQUEST_OUTCOME_INCOMPLETE,
        http_status=200, scheduled_nanoseconds=start, sent_nanoseconds=start + 10,
        first_byte_nanoseconds=start + 1000, first_content_nanoseconds=first,
        first_visible_nanoseconds=first, last_content_nanoseconds=last,
        end_nanoseconds=last + 500, input_tokens=64, output_tokens=ASKED_TOKENS,
        token_source=sample_pb2.TOKEN_SOURCE_USAGE, content_chunks=len(gaps) + 1,
        gaps=b"".join(
            bytes([gap]) if gap < 0x80 else bytes([gap & 0x7f | 0x80, gap >> 7]) for gap in gaps))

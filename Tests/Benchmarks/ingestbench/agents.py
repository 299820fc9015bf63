"""Agents that each have a lease of their own and replay what was laid out before."""

import itertools
import time

from benchfront import Client
from benchfront.v1 import benchmark_control_pb2 as control_pb2
from benchfront.v1 import configuration_pb2

from .samples import GAPS, PER_MESSAGE, messages
from .wire import Connection, Poll, laid_out

METHOD = "/benchfront.v1.BenchmarkControl/AgentSession"
# What none of them waits for longer.
PATIENCE_S = 300


def matrix(number):
    """One configuration, another one for each number."""
    return configuration_pb2.Matrix(
        name=f"ingest {number}", model_ids=["meta-llama/Llama-3.1-8B-Instruct"],
        hardware_ids=["h100-80gb-x1"], engine_ids=["vllm"], quantization_ids=["fp8"],
        workloads=[configuration_pb2.WorkloadPattern(
            name="chat", input_tokens=[128], output_tokens=[GAPS + 1], concurrency=[1])])


class Agent:
    """A session that has taken a lease and begun its one execution."""

    def __init__(self, poll, connection, agent_id):
        self.stream = connection.open(METHOD)
        answers = []
        self.stream.answered = answers.append
        inventory = control_pb2.AgentInventory(
            host_name="bench", agent_version="1", hardware_ids=["h100-80gb-x1"],
            engine_ids=["vllm"])
        self.say(hello=control_pb2.AgentHello(agent_id=agent_id, inventory=inventory))
        self.say(lease_request=control_pb2.LeaseRequest())
        poll.until(lambda: len(answers) == 2)
        welcome, granted = map(control_pb2.AgentSessionResponse.FromString, answers)
        self.credit = welcome.welcome.sample_credit // PER_MESSAGE
        self.lease = granted.lease.lease
        self.execution_id = granted.lease.items[0].execution_id
        event = control_pb2.ExecutionEvent(
            lease=self.lease, execution_id=self.execution_id,
            kind=control_pb2.EXECUTION_EVENT_KIND_SEGMENT_STARTED,
            segment=granted.lease.items[0].next_segment, engine_version="1", model_revision="1")
        event.wall_clock_anchor.GetCurrentTime()
        self.say(execution_event=event)
        self.stream.answered = self._acknowledged

    def say(self, **message):
        encoded = control_pb2.AgentSessionRequest(**message).SerializeToString()
        self.stream.send(laid_out(self.stream.number, encoded))

    def encode(self, bodies, count):
        """Lays out what is sent."""
        self.encoded = [
            laid_out(self.stream.number, message)
            for message in messages(self.lease, self.execution_id, bodies, count)]

    def start(self, due, interval_s):
        """Sends all from then on, within the credit and no faster than a message an interval."""
        self.sent_at, self.latencies = [], []
        self.due, self.interval_s = due, interval_s

    def send(self, now):
        """Sends what is due; when the next will be, None while it waits for the server."""
        while len(self.sent_at) < min(len(self.encoded), len(self.latencies) + self.credit):
            if now < self.due:
                return self.due
            self.due += self.interval_s
            self.stream.send(self.encoded[len(self.sent_at)])
            self.sent_at.append(now)
        return None

    @property
    def is_done(self):
        return len(self.latencies) == len(self.encoded)

    def _acknowledged(self, message):
        answer = control_pb2.AgentSessionResponse.FromString(message)
        if not answer.HasField("ack"):
            raise RuntimeError(f"the server said {answer}")
        # Each message has its own: sequences count from 1.
        self.latencies.append(time.monotonic() - self.sent_at[answer.ack.sequence - 1])


class Fleet:
    """Agents on runs of their own, up to ten of them on a connection."""

    numbers = itertools.count()

    def __init__(self, address, count, per_agent):
        # One request is left open: nothing is computed of the samples while they are counted.
        requests = per_agent + 1
        with Client(address) as client:
            for _ in range(count):
                client.create_run(matrix(next(self.numbers)), requests=requests)
        self.poll = Poll()
        self.connections = [Connection(self.poll, address) for _ in range(min(count, 100))]
        self.agents = [
            Agent(self.poll, connection, f"bench-{next(self.numbers)}")
            for connection, _ in zip(itertools.cycle(self.connections), range(count))]

    def encode(self, bodies, per_agent):
        for agent in self.agents:
            agent.encode(bodies, per_agent)

    def stream(self, interval_s=0, while_running=None):
        """Sends everything; seconds until the last acknowledgement. With a process to wait for,
        seconds from its end on."""
        began = time.monotonic()
        for place, agent in enumerate(self.agents):
            # They do not keep step with each other.
            agent.start(began + interval_s * place / len(self.agents), interval_s)
        deadline = began + PATIENCE_S
        while not all(agent.is_done for agent in self.agents):
            now = time.monotonic()
            if now > deadline:
                raise RuntimeError(f"the server did not take all within {PATIENCE_S} s")
            dues = [due for agent in self.agents if (due := agent.send(now)) is not None]
            self.poll.turn(max(0, min(dues) - time.monotonic()) if dues else 0.1)
            if while_running and while_running.poll() is not None:
                began, while_running = time.monotonic(), None
        return time.monotonic() - began

    def latencies(self):
        return sorted(latency for agent in self.agents for latency in agent.latencies)

    def close(self):
        for connection in self.connections:
            connection.close()

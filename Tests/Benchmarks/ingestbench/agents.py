"""Agents over stock gRPC: each has a lease of its own and sends what was encoded before."""

import itertools
import queue
import threading
import time

import grpc
from benchfront import Client
from benchfront.v1 import benchmark_control_pb2 as control_pb2
from benchfront.v1 import configuration_pb2

from .samples import GAPS, PER_MESSAGE, messages

METHOD = "/benchfront.v1.BenchmarkControl/AgentSession"
OPTIONS = [("grpc.use_local_subchannel_pool", 1), ("grpc.max_receive_message_length", -1)]


def matrix(number):
    """One configuration, another one for each number."""
    return configuration_pb2.Matrix(
        name=f"ingest {number}", model_ids=["meta-llama/Llama-3.1-8B-Instruct"],
        hardware_ids=["h100-80gb-x1"], engine_ids=["vllm"], quantization_ids=["fp8"],
        workloads=[configuration_pb2.WorkloadPattern(
            name="chat", input_tokens=[128], output_tokens=[GAPS + 1], concurrency=[1])])


class Agent:
    """A session that has taken a lease and begun its one execution."""

    def __init__(self, channel, agent_id):
        self.requests = queue.Queue()
        self.rest = iter(())
        self.credit = threading.Semaphore(0)
        self.sent_at = {}
        self.latencies = []
        call = channel.stream_stream(
            METHOD, request_serializer=None,
            response_deserializer=control_pb2.AgentSessionResponse.FromString)
        self.answers = call(self._outgoing())
        inventory = control_pb2.AgentInventory(
            host_name="bench", agent_version="1", hardware_ids=["h100-80gb-x1"],
            engine_ids=["vllm"])
        self.say(hello=control_pb2.AgentHello(agent_id=agent_id, inventory=inventory))
        welcome = next(self.answers).welcome
        self.window = welcome.sample_credit // PER_MESSAGE
        for _ in range(self.window):
            self.credit.release()
        self.say(lease_request=control_pb2.LeaseRequest())
        grant = next(self.answers).lease
        self.lease, self.execution_id = grant.lease, grant.items[0].execution_id
        event = control_pb2.ExecutionEvent(
            lease=self.lease, execution_id=self.execution_id,
            kind=control_pb2.EXECUTION_EVENT_KIND_SEGMENT_STARTED,
            segment=grant.items[0].next_segment, engine_version="1", model_revision="1")
        event.wall_clock_anchor.GetCurrentTime()
        self.say(execution_event=event)

    def say(self, **message):
        self.requests.put(control_pb2.AgentSessionRequest(**message).SerializeToString())

    def encode(self, bodies, count):
        """Lays out what `stream` sends."""
        self.encoded = messages(self.lease, self.execution_id, bodies, count)

    def start(self, interval_s=0):
        """Sends all, within the credit and no faster than a message an interval."""
        self.interval_s = interval_s
        self.requests.put(None)

    def finish(self):
        """Waits until everything is acknowledged; a later message acknowledges alone."""
        for _ in range(len(self.encoded)):
            answer = next(self.answers)
            if not answer.HasField("ack"):
                raise RuntimeError(f"the server said {answer}")
            self.latencies.append(time.monotonic() - self.sent_at.pop(answer.ack.sequence))
            self.credit.release()

    def close(self):
        self.answers.cancel()

    def _outgoing(self):
        yield from iter(self.requests.get, None)
        due = time.monotonic()
        for sequence, message in enumerate(self.encoded, 1):
            self.credit.acquire()
            if self.interval_s:
                due += self.interval_s
                time.sleep(max(0, due - time.monotonic()))
            self.sent_at[sequence] = time.monotonic()
            yield message
        # The stream stays open until the answers are in.
        threading.Event().wait()


class Fleet:
    """Agents on runs of their own, up to ten of them on a connection."""

    numbers = itertools.count()

    def __init__(self, address, count, per_agent):
        # One request is left open: nothing is computed of the samples while they are counted.
        requests = per_agent + 1
        with Client(address) as client:
            for _ in range(count):
                client.create_run(matrix(next(self.numbers)), requests=requests)
        self.channels = [
            grpc.insecure_channel(address, options=OPTIONS) for _ in range(min(count, 100))]
        self.agents = [
            Agent(channel, f"bench-{next(self.numbers)}")
            for channel, _ in zip(itertools.cycle(self.channels), range(count))]

    def encode(self, bodies, per_agent):
        for agent in self.agents:
            agent.encode(bodies, per_agent)

    def stream(self, interval_s=0):
        """Sends everything; seconds until the last acknowledgement."""
        threads = [threading.Thread(target=agent.finish) for agent in self.agents]
        began = time.monotonic()
        for agent in self.agents:
            agent.start(interval_s)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        missing = sum(len(agent.encoded) - len(agent.latencies) for agent in self.agents)
        if missing:
            raise RuntimeError(f"{missing} messages were not acknowledged")
        return took

    def stream_while(self, blocker):
        """Begins to send, lets the blocker end after a while, and waits for the rest."""
        threads = [threading.Thread(target=agent.finish) for agent in self.agents]
        for agent in self.agents:
            agent.start()
        for thread in threads:
            thread.start()
        blocker.communicate()
        began = time.monotonic()
        for thread in threads:
            thread.join()
        return time.monotonic() - began

    def latencies(self):
        return sorted(latency for agent in self.agents for latency in agent.latencies)

    def close(self):
        for agent in self.agents:
            agent.close()
        for channel in self.channels:
            channel.close()

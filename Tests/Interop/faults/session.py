"""One session of an agent of known samples, by the protocol's rules, over a stock gRPC client."""

import queue
import threading
import time

import grpc
from benchfront.v1 import benchmark_control_pb2 as control_pb2
from benchfront.v1 import benchmark_control_pb2_grpc as control_grpc
from google.protobuf import timestamp_pb2

from faults.ledger import CHANNEL
from faults.samples import known, mark
from faults.spool import Item, Lease, Message, Start

HARDWARE = "h100-80gb-x1"
ENGINE = "vllm"
#: Seconds without a word of the server after which an agent looks for another.
SILENCE = 4
#: Messages that an agent keeps for the server to acknowledge.
SPOOLED = 64

Request = control_pb2.AgentSessionRequest


class Killed(Exception):
    """The agent was killed: its session ends without a word."""


class Ended(Exception):
    """The session is over, and the next one goes on."""


class Session:
    """One session of an agent."""

    def __init__(self, agent, deaths):
        self.agent = agent
        self.deaths = deaths
        self.spool = agent.spool
        self.ledger = agent.ledger
        self.dice = agent.dice
        self.outgoing = queue.SimpleQueue()
        self.inbox = queue.SimpleQueue()
        self.credit = 0
        self.beat = 1.0
        self.unanswered = set()
        self.ask_at = 0.0
        self.has_asked = False
        #: When it asked last for what it is given.
        self.asked_at = time.monotonic()
        self.now = time.monotonic()
        self.heard = self.next_step = self.next_beat = self.now

    def run(self, address):
        with grpc.insecure_channel(address, options=CHANNEL) as channel:
            stub = control_grpc.BenchmarkControlStub(channel)
            call = stub.AgentSession(iter(self.outgoing.get, None))
            reader = threading.Thread(target=self.read, args=(call,))
            reader.start()
            try:
                self.greet()
                while not (self.agent.over.is_set() and not self.agent.leases):
                    self.turn()
            finally:
                self.outgoing.put(None)
                call.cancel()
                reader.join(timeout=30)
                assert not reader.is_alive(), "a cancelled call goes on"

    def read(self, call):
        try:
            for message in call:
                self.inbox.put(message)
            self.inbox.put(None)
        except grpc.RpcError as error:
            self.inbox.put(error)

    def turn(self):
        """Hears one message, or says what is due."""
        due = min(self.next_step, self.next_beat)
        try:
            message = self.inbox.get(timeout=max(0.001, due - time.monotonic()))
        except queue.Empty:
            message = False
        was_awake = self.agent.awake.is_set()
        self.agent.check(self.deaths)
        self.now = time.monotonic()
        if message is not False or not was_awake:
            self.heard = self.now
        if message is None:
            raise Ended("ended by the server")
        if isinstance(message, grpc.RpcError):
            raise message
        if message is not False:
            self.hear(message)
        elif self.now - self.heard > SILENCE:
            raise Ended("left for silence")
        elif self.now >= self.next_beat:
            self.next_beat = self.now + self.beat
            self.heartbeat()
        elif self.now >= self.next_step:
            self.next_step = self.now + self.dice.uniform(0.05, 0.3)
            if self.credit:
                self.step()

    # Saying

    def say(self, **message):
        self.outgoing.put(Request(**message))

    def greet(self):
        held = self.spool.leases | {it.fence for it in self.spool.messages.values()}
        self.unanswered = set(held)
        inventory = control_pb2.AgentInventory(
            host_name="known", agent_version="1", hardware_ids=[HARDWARE], engine_ids=[ENGINE])
        self.say(hello=control_pb2.AgentHello(
            agent_id=self.agent.name, inventory=inventory,
            held_leases=[reference(fence) for fence in sorted(held)]))

    def heartbeat(self):
        for fence in self.agent.leases or [None]:
            lease = None if fence is None else reference(fence)
            self.say(heartbeat=control_pb2.Heartbeat(lease=lease))

    def announce(self, fence, execution, start):
        self.ledger.announce(execution, start.number, fence[1], self.agent.number)
        self.say(execution_event=control_pb2.ExecutionEvent(
            lease=reference(fence), execution_id=execution,
            kind=control_pb2.EXECUTION_EVENT_KIND_SEGMENT_STARTED, segment=start.number,
            wall_clock_anchor=start.anchor, engine_version="1", model_revision="known"))

    def send(self, sequence, message):
        """Sends samples; once more when they were sent before."""
        marked = mark(message.fence[1], self.agent.number)
        rows = [
            known(self.agent.seed, message.execution, index, message.segment, marked)
            for index in message.indices
        ]
        self.ledger.count("samples sent", len(rows))
        self.say(samples=control_pb2.SampleBatch(
            lease=reference(message.fence), execution_id=message.execution, sequence=sequence,
            samples=[row.message() for row in rows]))

    def step(self):
        """The next thing to do: samples of the first lease, or asking for one."""
        for lease in self.agent.leases.values():
            if lease.items:
                return self.measure(lease)
        for fence in [it for it in self.agent.leases if not self.spool.of(it)]:
            self.say(lease_release=control_pb2.LeaseRelease(lease=reference(fence)))
            self.lose(fence)
        may_ask = not self.agent.leases and not self.unanswered and not self.agent.over.is_set()
        if may_ask and not self.has_asked and self.now >= self.ask_at:
            self.has_asked = True
            self.asked_at = time.monotonic()
            self.say(lease_request=control_pb2.LeaseRequest())
        return None

    def measure(self, lease):
        item = lease.items[0]
        key = (lease.fence, item.execution)
        if item.segment is None and item.missing:
            starts = self.spool.starts.setdefault(key, [])
            item.segment = max([item.next_segment, *(it.number + 1 for it in starts)])
            anchor = timestamp_pb2.Timestamp()
            anchor.GetCurrentTime()
            starts.append(Start(item.segment, anchor))
            return self.announce(lease.fence, item.execution, starts[-1])
        size = self.dice.randint(1, 24)
        unacknowledged = sum(len(it.indices) for it in self.spool.messages.values())
        if unacknowledged + size > self.credit or len(self.spool.messages) >= SPOOLED:
            return self.ledger.count("steps that waited for credit")
        indices, item.missing = item.missing[:size], item.missing[size:]
        if indices:
            self.spool.sequence += 1
            message = Message(lease.fence, item.execution, indices, item.segment)
            self.spool.messages[self.spool.sequence] = message
            self.send(self.spool.sequence, message)
        if not item.missing:
            lease.items.pop(0)
            self.say(execution_event=control_pb2.ExecutionEvent(
                lease=reference(lease.fence), execution_id=item.execution,
                kind=control_pb2.EXECUTION_EVENT_KIND_FINISHED))
        return None

    # Hearing

    def hear(self, message):
        match message.WhichOneof("message"):
            case "welcome":
                self.credit = message.welcome.sample_credit
                interval = message.welcome.heartbeat_interval
                self.beat = interval.seconds + interval.nanos / 1e9
                self.resume()
            case "lease":
                self.take(message.lease)
            case "no_work":
                self.has_asked = False
                delay = message.no_work.retry_after
                self.ask_at = self.now + delay.seconds + delay.nanos / 1e9
            case "ack":
                self.acknowledged(message.ack)
            case "revoked":
                self.ledger.count("leases revoked")
                fence = (message.revoked.lease.batch_id, message.revoked.lease.fencing_token)
                self.unanswered.discard(fence)
                self.lose(fence)

    def resume(self):
        """Says once more what was not acknowledged, behind the starts of its segments."""
        for (fence, execution), starts in self.spool.starts.items():
            for start in starts:
                self.announce(fence, execution, start)
        for sequence, message in self.spool.messages.items():
            self.ledger.count("samples sent again", len(message.indices))
            self.send(sequence, message)

    def take(self, grant):
        fence = (grant.lease.batch_id, grant.lease.fencing_token)
        self.has_asked = False
        self.unanswered.discard(fence)
        self.spool.leases.add(fence)
        self.ledger.count("leases granted or resumed")
        before = {it.execution: it.segment for it in self.items(fence)}
        lease = Lease(fence, [])
        for work in grant.items:
            self.judge(grant.run_id, work)
            done = {index for it in self.spool.of(fence) if it.execution == work.execution_id
                    for index in it.indices}
            missing = [
                index for index in range(grant.requests_per_configuration)
                if not is_committed(work, index) and index not in done
            ]
            lease.items.append(Item(
                work.execution_id, missing, before.get(work.execution_id), work.next_segment))
        self.agent.leases[fence] = lease

    def judge(self, run, work):
        """What was acknowledged to anybody before it asked is not to be done once more."""
        self.ledger.lease(run, work.execution_id)
        again = [index for index in self.ledger.known_before(work.execution_id, self.asked_at)
                 if not is_committed(work, index)]
        if again:
            self.ledger.trouble(
                f"{self.agent.name} is to measure acknowledged requests of {work.execution_id} "
                f"again: {again[:5]}")

    def items(self, fence):
        lease = self.agent.leases.get(fence)
        return lease.items if lease else []

    def acknowledged(self, ack):
        message = self.spool.messages.pop(ack.sequence, None)
        if message is None:
            return
        if message.execution != ack.execution_id:
            self.ledger.trouble(f"{self.agent.name}: an acknowledgement of another execution")
        self.ledger.acknowledge(message.execution, message.indices, message.fence[1])
        if self.dice.random() < 0.05 and message.fence in self.agent.leases:
            self.ledger.count("samples sent again", len(message.indices))
            self.send(ack.sequence, message)

    def lose(self, fence):
        self.spool.drop(fence)
        self.agent.leases.pop(fence, None)


def is_committed(work, index):
    """Whether a lease says that a request is committed."""
    return bool(work.committed_requests[index // 8] >> index % 8 & 1)


def reference(fence):
    """A lease as messages name it."""
    return control_pb2.LeaseReference(batch_id=fence[0], fencing_token=fence[1])

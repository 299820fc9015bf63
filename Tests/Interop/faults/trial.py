"""A trial: a topology, agents, runs, the faults of a seed, and the verdict."""

import contextlib
import random
import sqlite3
import time

import grpc
from benchfront.v1 import benchmark_control_pb2 as control_pb2
from benchfront.v1 import benchmark_control_pb2_grpc as control_grpc
from conftest import BINARIES
from replicas import Program, eventually, free_port

from faults import chaos
from faults.known_agent import KnownAgent
from faults.ledger import Ledger
from faults.network import Network
from faults.processes import Agent, Postgres, Redis, Server
from faults.questions import Questions, ask, newest
from faults.runs import Feeder
from faults.tables import PostgresTables, SQLiteTables
from faults.verdict import Verdict

#: Seconds in which every run has to end once everything is healed.
HEALED = 150
KNOWN_AGENTS = 3
#: Metrics that say what a server does and has.
TOLD = ("benchfront_agents", "benchfront_batches", "benchfront_ingest", "benchfront_store")
#: Seconds of a lease, one of them in each trial: shorter than some faults, longer than others.
LEASES = ["2", "4", "6"]


class Trial:
    """All of it under one seed. Processes are started and ended from one thread."""

    def __init__(self, seed, folder, store, say=print):
        self.seed = seed
        self.folder = folder
        self.store = store
        self.ledger = Ledger(say)
        self.programs = []
        self.links = []
        self.servers = []
        self.targets = []
        self.agents = []
        self.known = []
        self.redis = None
        self.verdict = None
        self.stack = contextlib.ExitStack()

    def run(self, *, count=None, seconds=None, spacing=chaos.SPACING):
        """Runs it; AssertionError says what was wrong, and how to see it again."""
        length = f"--faults {count}" if count else f"--seconds {seconds}"
        again = (f"python -m faults --seed {self.seed} --store {self.store} {length} "
                 f"--spacing {spacing}")
        self.ledger.say(f"seed {self.seed}, logs in {self.folder}; the same again: {again}")
        with self.stack:
            self.build()
            try:
                self.perform(chaos.plan(
                    self.seed, self.targets, count=count, seconds=seconds, spacing=spacing))
            finally:
                self.heal()
            self.finish()
        self.ledger.say("counted: " + ", ".join(
            f"{what}: {number}" for what, number in sorted(self.ledger.counts.items())))
        troubles = self.ledger.troubles
        assert not troubles, f"seed {self.seed}: {len(troubles)} troubles, the first: " + "; ".join(
            troubles[:5]) + f"\nthe same again: {again}"
        return self.ledger.counts

    # The topology

    def build(self):
        network = self.stack.enter_context(Network())
        if self.store == "postgres":
            self.build_shared(network)
        else:
            self.database = self.folder / "data"
            self.serve("server-1", "--data-dir", self.database)
        self.fronts = [network.link(f"agents to {it.name}", it.port) for it in self.servers]
        self.links += self.fronts
        addresses = [it.address for it in self.fronts]
        self.build_agents(addresses)
        self.feeder = Feeder(self.seed, addresses, self.ledger)
        self.questions = Questions(self.seed, addresses, self.ledger, self.feeder.watches)
        self.known += [
            KnownAgent(number, self.seed, addresses, self.ledger)
            for number in range(1, KNOWN_AGENTS + 1)
        ]
        self.targets.append(chaos.everything(
            [it for it in self.programs if it not in self.agents]))
        self.targets += map(chaos.link, self.links)
        self.targets += map(chaos.known_agent, self.known)
        for thread in [*self.known, self.feeder, self.questions]:
            thread.start()
        self.stack.callback(self.leave)

    def build_shared(self, network):
        self.database = self.keep(Postgres(self.folder, self.ledger))
        self.redis = redis = self.keep(Redis(self.folder, self.ledger))
        self.targets += [chaos.postgres(self.database, self.seed), chaos.redis(redis)]
        for name in ["server-1", "server-2"]:
            base = network.link(f"{name} to postgres", self.database.port)
            cache = network.link(f"{name} to redis", redis.port)
            self.links += [base, cache]
            self.serve(
                name, "--postgres", f"postgresql://benchfront@{base.address}/postgres", "--redis",
                f"redis://{cache.address}",
                environment={"PGPASSFILE": str(self.database.password_file)})

    def serve(self, name, *flags, environment=None):
        lease = random.Random(f"{self.seed} lease").choice(LEASES)
        server = self.keep(Server(
            self.folder, name, self.ledger, "--lease-duration", lease, *flags,
            environment=environment))
        self.servers.append(server)
        self.targets.append(chaos.program(server, 1.2))

    def build_agents(self, addresses):
        for number in (1, 2):
            engine, port = Program(self.folder, f"engine-{number}"), free_port()
            engine.run(
                BINARIES / "benchfront-simengine", "--listen", f"127.0.0.1:{port}", "--ttft", "20",
                "--itl", "2")
            self.stack.enter_context(engine)
            policy = ["pick_first", "round_robin"][number - 1]
            agent = self.keep(Agent(
                self.folder, f"agent-{number}", self.ledger, addresses, policy,
                f"http://127.0.0.1:{port}"))
            self.agents.append(agent)
            self.targets.append(chaos.program(agent, 0.8))

    def keep(self, program):
        """Has a program among those that are supervised, and ended behind the trial."""
        self.programs.append(self.stack.enter_context(program))
        return program

    # Its course

    def supervise(self):
        for program in self.programs:
            program.supervise()

    def perform(self, faults):
        """Does what the plan says when it is due, until the first trouble."""
        begin = time.monotonic()
        for at, text, act in chaos.steps(faults, self.targets):
            while (left := begin + at - time.monotonic()) > 0:
                self.supervise()
                if self.ledger.troubled.wait(min(left, 0.1)):
                    return
            self.ledger.say(text)
            act()
        self.ledger.count("faults", len(faults))

    def heal(self):
        """Ends every fault."""
        self.ledger.say("healed")
        for link in self.links:
            link.release()
        for program in self.programs:
            program.thaw()
            program.revive()
        for agent in self.known:
            agent.thaw()
            agent.revive()

    def finish(self):
        """Every run ends, everybody leaves well, and what is stored is judged."""
        self.feeder.stop()
        # Questions go on: a cache that was given up is tried again when somebody asks.
        if not self.wait_for_runs():
            return
        self.questions.stop()
        for agent in self.known:
            agent.stop()
        self.leave_well(self.agents)
        self.verdict = Verdict(self.seed, self.ledger, self.feeder)
        self.verdict.read_results(f"127.0.0.1:{self.servers[0].port}")
        self.judge_answers()
        self.leave_well(self.servers)
        self.ledger.say("judged")
        with contextlib.closing(self.tables()) as tables:
            self.verdict.judge(tables, self.ledger)
        self.judge_spools()

    def tables(self):
        """What the store holds."""
        if self.store == "postgres":
            return PostgresTables(self.database)
        return SQLiteTables(self.database / "benchfront.sqlite")

    def wait_for_runs(self):
        """Whether every run has ended in time, and everybody is back."""
        def are_all_back():
            self.supervise()
            metrics = [it.metrics() for it in self.servers]
            sessions = sum(it.get("benchfront_agents_connected", 0) for it in metrics)
            return (
                sessions == len(self.known) + len(self.agents)
                and all(map(is_sound, metrics))
                and all(watch.ended.is_set() for watch in self.feeder.watches))
        try:
            return eventually(are_all_back, "the end of every run", HEALED)
        except AssertionError as error:
            left = [it for it in self.feeder.watches if not it.ended.is_set()]
            names = [f"{it.run_id} ({it.kind}) at commit {it.cursor}" for it in left]
            self.ledger.trouble(f"{error}; runs that go on: {names}")
            self.say_what_is_left(left)
            return False

    def say_what_is_left(self, watches):
        """What the servers say of themselves, and of runs that do not end."""
        for server in self.servers:
            told = {key: value for key, value in server.metrics().items()
                    if key.startswith(TOLD) and "bucket" not in key}
            self.ledger.say(f"{server.name}: {told}")
        for watch in watches:
            with grpc.insecure_channel(f"127.0.0.1:{self.servers[0].port}") as channel:
                run = control_grpc.BenchmarkControlStub(channel).GetRun(
                    control_pb2.GetRunRequest(run_id=watch.run_id), timeout=10).run
            self.ledger.say(str(run))
        for agent in self.known:
            self.ledger.say(
                f"{agent.name}: leases {list(agent.leases)}, spooled {agent.spool.leases}, "
                f"{len(agent.spool.messages)} messages")

    def leave_well(self, programs):
        """Ends programs that have nothing left to do."""
        for program in programs:
            program.is_held_down = True
            if (code := program.end()) != 0:
                self.ledger.trouble(f"{program.name} left with {code}: {program.tail()}")

    def leave(self):
        """Ends every thread, also behind a trouble."""
        self.feeder.abandon()
        self.questions.stop()
        for watch in self.feeder.watches:
            watch.stop()
        for agent in self.known:
            agent.abandon()

    def judge_answers(self):
        """Every server ranks the newest results, and again when Redis has lost its answers."""
        wanted = newest(
            result for watch in self.feeder.watches if watch.kind == "known"
            for result in self.verdict.results[watch.run_id].values())
        for loss in [lambda: None, self.redis.flush if self.redis else lambda: None]:
            loss()
            for server in self.servers:
                eventually(
                    lambda server=server: ask(f"127.0.0.1:{server.port}") == wanted,
                    f"the newest results from {server.name}", 30)

    def judge_spools(self):
        """Nothing is left that nobody acknowledged."""
        for agent in self.agents:
            with sqlite3.connect(agent.spool / "spool.sqlite") as database:
                left = database.execute("SELECT count(*) FROM message").fetchone()[0]
            if left:
                self.ledger.trouble(f"{agent.name} still has {left} messages in its spool")


def is_sound(metrics):
    """Whether a server says that it has all that it needs, and that nothing waits in it."""
    return (
        metrics.get("benchfront_store_available", 1) == 1
        and metrics.get("benchfront_shared_cache_available", 1) == 1
        and metrics.get("benchfront_ingest_queue_messages") == 0
        and metrics.get('benchfront_batches{state="leased"}') == 0)

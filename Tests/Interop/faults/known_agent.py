"""Agents that stream known samples, and that are killed and paused as processes are."""

import random
import threading

import grpc

from faults.session import Ended, Killed, Session
from faults.spool import Spool


class KnownAgent(threading.Thread):
    """One agent; it lives as long as the trial, however often it is killed."""

    def __init__(self, number, seed, addresses, ledger):
        super().__init__(name=f"known-{number}")
        self.number = number
        self.seed = seed
        self.addresses = addresses
        self.ledger = ledger
        self.dice = random.Random(f"{seed} agent {number}")
        self.spool = Spool()
        #: Leases that this process works on; gone when it is killed.
        self.leases = {}
        self.deaths = 0
        self.over = threading.Event()
        self.alive = threading.Event()
        self.alive.set()
        self.awake = threading.Event()
        self.awake.set()

    # What is done to it, from the thread of the faults.

    def kill(self):
        """Ends its session without a word; the spool stays."""
        self.alive.clear()
        self.deaths += 1

    def forget(self):
        """Kills it, and its spool is lost."""
        # In this order: whoever sees this death sees the new spool.
        self.spool = Spool()
        self.kill()

    def revive(self):
        """Starts it again."""
        self.alive.set()

    def freeze(self):
        """It says and hears nothing, as a stopped process."""
        self.awake.clear()

    def thaw(self):
        """It goes on where it was."""
        self.awake.set()

    def stop(self):
        """Ends it for good, once it has nothing left to do."""
        self.over.set()
        self.revive()
        self.thaw()
        self.join(timeout=60)

    def abandon(self):
        """Ends it for good as it is."""
        self.deaths += 1
        self.stop()

    # What it does itself.

    def run(self):
        deaths = 0
        while not self.over.is_set():
            self.alive.wait()
            if deaths != self.deaths:
                deaths = self.deaths
                self.leases = {}
            try:
                Session(self, deaths).run(self.dice.choice(self.addresses))
            except grpc.RpcError as error:
                self.ledger.judge("agents' sessions", error)
            except Killed:
                self.ledger.count("known agents killed in a session")
            except Ended as end:
                self.ledger.count(f"agents' sessions: {end}")
            except Exception as error:  # A thread's end is seen by nobody else.
                self.ledger.trouble(f"{self.name} fails: {error!r}")
                raise
            self.over.wait(self.dice.uniform(0.05, 0.4))

    def check(self, deaths):
        """Waits while it is stopped; raises when it has died once more."""
        self.awake.wait()
        if self.deaths != deaths:
            raise Killed

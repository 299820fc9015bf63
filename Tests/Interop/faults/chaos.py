"""Which faults come when, by a seed, and what each of them does."""

import random
from dataclasses import dataclass
from typing import Callable

#: Seconds that a fault lasts: as many short ones as long ones.
SHORTEST, LONGEST = 0.2, 8.0
#: Seconds from one fault to the next on average, unless a trial wants another.
SPACING = 1.2
#: Seconds that a target is left alone behind a fault.
REST = 1.5


@dataclass(frozen=True)
class Kind:
    """What can be done to a target; without an end it is over at once."""

    name: str
    begin: Callable[[], None]
    end: Callable[[], None] | None = None


@dataclass(frozen=True)
class Target:
    """What faults happen to; `weight` says how often."""

    name: str
    weight: float
    kinds: list

    def kind(self, name):
        """One of its faults."""
        return next(kind for kind in self.kinds if kind.name == name)


@dataclass(frozen=True)
class Fault:
    """One fault of a plan, in seconds from the beginning."""

    at: float
    until: float
    target: str
    kind: str

    def __str__(self):
        return f"{self.target}: {self.kind}" + (
            f" for {self.until - self.at:.2f} s" if self.until > self.at else "")


def plan(seed, targets, *, count=None, seconds=None, spacing=SPACING):
    """The faults of a seed; nothing but the seed and the targets' names decides them."""
    dice = random.Random(f"{seed} faults")
    free_at = {target.name: 0.0 for target in targets}
    faults, at = [], 1.0
    while (count is None or len(faults) < count) and (seconds is None or at < seconds):
        at += min(dice.expovariate(1 / spacing), 4 * spacing)
        free = [target for target in targets if free_at[target.name] <= at]
        if not free:
            continue
        target = dice.choices(free, [target.weight for target in free])[0]
        kind = dice.choice(target.kinds)
        length = SHORTEST * (LONGEST / SHORTEST) ** dice.random() if kind.end else 0.0
        free_at[target.name] = at + length + REST
        faults.append(Fault(at, at + length, target.name, kind.name))
    return faults


def steps(faults, targets):
    """Moments with what is to be done and said then, in order."""
    by_name = {target.name: target for target in targets}
    found = []
    for fault in faults:
        kind = by_name[fault.target].kind(fault.kind)
        found.append((fault.at, str(fault), kind.begin))
        if kind.end:
            found.append((fault.until, f"{fault.target}: {fault.kind} ends", kind.end))
    return sorted(found, key=lambda step: step[0])


# Targets

def link(link_):
    """A connection of the network."""
    def reset_late():
        link_.cut()
        link_.release()

    return Target(link_.name, 0.6, [
        Kind("cut", link_.cut), Kind("refuse", link_.refuse, link_.release),
        Kind("hold, then deliver", link_.hold, link_.release),
        Kind("hold, then cut", link_.hold, reset_late),
    ])


def program(process, weight):
    """A server or an agent of the build."""
    return Target(process.name, weight, [
        Kind("kill -9", process.kill, process.revive),
        Kind("SIGSTOP", process.freeze, process.thaw),
        Kind("SIGTERM", process.terminate, process.revive),
    ])


def postgres(process, seed):
    """The database."""
    dice = random.Random(f"{seed} backends")
    return Target("postgres", 1.5, [
        Kind("kill -9", process.kill, process.revive),
        Kind("kill -9 of one process", lambda: process.kill_backend(dice)),
        Kind("SIGSTOP", process.freeze, process.thaw),
        Kind("SIGSTOP of the postmaster", process.freeze_postmaster, process.thaw),
        Kind("fast shutdown", process.terminate, process.revive),
    ])


def redis(process):
    """What the servers share beside the database."""
    return Target("redis", 1, [
        Kind("kill -9", process.kill, process.revive), Kind("FLUSHALL", process.flush),
        Kind("SIGSTOP", process.freeze, process.thaw),
    ])


def everything(processes):
    """The machine of all servers and stores, whose power is cut."""
    def kill():
        for process in processes:
            process.kill()

    def revive():
        for process in processes:
            process.revive()

    return Target("everything but agents", 0.4, [Kind("kill -9", kill, revive)])


def known_agent(agent):
    """An agent of known samples."""
    return Target(agent.name, 0.8, [
        Kind("kill", agent.kill, agent.revive),
        Kind("kill, and its spool is lost", agent.forget, agent.revive),
        Kind("pause", agent.freeze, agent.thaw),
    ])

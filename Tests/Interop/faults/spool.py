"""What an agent of known samples remembers: on its disk, and of its work."""

from dataclasses import dataclass, field

from google.protobuf import timestamp_pb2


@dataclass
class Start:
    """A segment that began."""

    number: int
    anchor: timestamp_pb2.Timestamp


@dataclass
class Message:
    """Samples that nobody has acknowledged."""

    fence: tuple
    execution: str
    indices: list
    segment: int


@dataclass
class Spool:
    """What an agent finds when it is started again."""

    sequence: int = 0
    leases: set = field(default_factory=set)
    #: By (fence, execution), in order.
    starts: dict = field(default_factory=dict)
    messages: dict = field(default_factory=dict)

    def drop(self, fence):
        """Forgets all of a lease."""
        self.leases.discard(fence)
        self.starts = {key: list_ for key, list_ in self.starts.items() if key[0] != fence}
        self.messages = {
            number: it for number, it in self.messages.items() if it.fence != fence}

    def of(self, fence):
        """The messages of a lease."""
        return [it for it in self.messages.values() if it.fence == fence]


@dataclass
class Item:
    """An execution that the lease has to measure, or to go on with."""

    execution: str
    missing: list
    #: The segment under way; nil before it has begun in this process.
    segment: int | None
    next_segment: int


@dataclass
class Lease:
    """Work of one lease."""

    fence: tuple
    items: list

"""Samples that are known before they are sent: all of one follows from the seed and its place."""

import hashlib
import random
from typing import NamedTuple

from benchfront.v1 import sample_pb2

#: Tokens that every known configuration asks for.
ASKED_TOKENS = 64

OK = sample_pb2.REQUEST_OUTCOME_OK
FAILURES = [
    (sample_pb2.REQUEST_OUTCOME_TIMED_OUT, 0), (sample_pb2.REQUEST_OUTCOME_HTTP_ERROR, 503),
    (sample_pb2.REQUEST_OUTCOME_CONNECTION_FAILED, 0),
]


class Row(NamedTuple):
    """A sample as the tables of both stores hold it, in the order of their columns here."""

    request_index: int
    segment: int
    outcome: int
    http_status: int
    scheduled: int
    sent: int
    first_byte: int
    first_content: int
    first_visible: int
    last_content: int
    ended: int
    input_tokens: int
    output_tokens: int
    token_source: int
    content_chunks: int
    gaps: bytes

    def digest(self):
        """A short stand-in for the row, to be compared."""
        return hashlib.blake2b(repr(tuple(self)).encode(), digest_size=8).digest()

    def message(self):
        """The row as it travels."""
        return sample_pb2.RequestSample(
            request_index=self.request_index, segment=self.segment, outcome=self.outcome,
            http_status=self.http_status, scheduled_nanoseconds=self.scheduled,
            sent_nanoseconds=self.sent, first_byte_nanoseconds=self.first_byte,
            first_content_nanoseconds=self.first_content,
            first_visible_nanoseconds=self.first_visible,
            last_content_nanoseconds=self.last_content, end_nanoseconds=self.ended,
            input_tokens=self.input_tokens, output_tokens=self.output_tokens,
            token_source=self.token_source, content_chunks=self.content_chunks, gaps=self.gaps)

    @classmethod
    def of(cls, message):
        """The row of a sample that travelled."""
        return cls(
            message.request_index, message.segment, message.outcome, message.http_status,
            message.scheduled_nanoseconds, message.sent_nanoseconds,
            message.first_byte_nanoseconds, message.first_content_nanoseconds,
            message.first_visible_nanoseconds, message.last_content_nanoseconds,
            message.end_nanoseconds, message.input_tokens, message.output_tokens,
            message.token_source, message.content_chunks, message.gaps)


#: Agents that a mark can tell apart.
AGENTS = 100


def mark(token, agent):
    """What a known sample says of its sender where others have the tokens of the prompt."""
    return token * AGENTS + agent


def sender(row):
    """Token and agent of a known sample's mark."""
    return divmod(row.input_tokens, AGENTS)


def known(seed, execution, index, segment, marked):
    """The sample of a request; segment and mark say under which lease it was sent."""
    dice = random.Random(f"{seed} {execution} {index}")
    sent = 1 + index * 2_000_000 + dice.randrange(1_000_000)
    if dice.random() < 0.04:
        outcome, status = dice.choice(FAILURES)
        return Row(
            index, segment, outcome, status, sent, sent, 0, 0, 0, 0,
            sent + dice.randrange(1, 1_000_000_000), marked, 0, sample_pb2.TOKEN_SOURCE_CHUNKS, 0,
            b"")
    first = sent + dice.randrange(1, 30_000_000)
    chunks = 1 if dice.random() < 0.05 else dice.randrange(2, 40)
    gaps = [dice.randrange(10 ** dice.randrange(1, 8)) for _ in range(chunks - 1)]
    last = first + sum(gaps)
    tokens, source = chunks, sample_pb2.TOKEN_SOURCE_CHUNKS
    if dice.random() < 0.5:
        tokens, source = dice.randrange(chunks, ASKED_TOKENS + 1), sample_pb2.TOKEN_SOURCE_USAGE
    return Row(
        index, segment, OK, 200, sent, sent, first - dice.randrange(first - sent), first,
        first + sum(gaps[:dice.randrange(chunks)]), last, last + dice.randrange(1_000_000), marked,
        tokens, source, chunks, b"".join(map(varint, gaps)))


def varint(number):
    """A number in seven bits a byte, the lowest first."""
    data = bytearray()
    while number >= 0x80:
        data.append(number & 0x7F | 0x80)
        number >>= 7
    data.append(number)
    return bytes(data)


def gaps_of(data):
    """The numbers that `varint` made."""
    numbers, number, shift = [], 0, 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(number)
            number, shift = 0, 0
    return numbers

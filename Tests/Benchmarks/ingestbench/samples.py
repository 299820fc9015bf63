"""Samples as an agent sends them, encoded before the clock starts."""

import random

from benchfront.v1 import benchmark_control_pb2 as control_pb2
from benchfront.v1 import sample_pb2

# Gaps of a sample: DESIGN's figure is about answers of so many chunks.
GAPS = 128
# Samples of a message: agents send one once it has 32 KiB of gaps.
PER_MESSAGE = 64
# Answers that differ; requests take them in turn.
VARIANTS = 64


def varint(number):
    """An unsigned LEB128 number."""
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def answers(seed):
    """Samples without their request index: chunks some 20 ms apart, whose gaps take 4 bytes."""
    chance = random.Random(seed)
    bodies = []
    for _ in range(VARIANTS):
        gaps = [round(chance.lognormvariate(16.8, 0.3)) for _ in range(GAPS)]
        sent = chance.randrange(10**9, 10**12)
        first = sent + chance.randrange(10**7, 10**9)
        last = first + sum(gaps)
        bodies.append(sample_pb2.RequestSample(
            outcome=sample_pb2.REQUEST_OUTCOME_OK, http_status=200,
            scheduled_nanoseconds=sent, sent_nanoseconds=sent, first_byte_nanoseconds=first,
            first_content_nanoseconds=first, first_visible_nanoseconds=first,
            last_content_nanoseconds=last, end_nanoseconds=last, input_tokens=128,
            output_tokens=GAPS + 1, token_source=sample_pb2.TOKEN_SOURCE_USAGE,
            content_chunks=GAPS + 1, gaps=b"".join(map(varint, gaps))).SerializeToString())
    return bodies


def field(number, content):
    """A length-delimited field."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def messages(lease, execution_id, bodies, count):
    """Messages of `count` samples from request 0 on, framed as AgentSessionRequest."""
    index = varint(sample_pb2.RequestSample.REQUEST_INDEX_FIELD_NUMBER << 3)
    samples_field = control_pb2.SampleBatch.SAMPLES_FIELD_NUMBER
    encoded = []
    for sequence, start in enumerate(range(0, count, PER_MESSAGE), 1):
        head = control_pb2.SampleBatch(
            lease=lease, execution_id=execution_id, sequence=sequence).SerializeToString()
        samples = b"".join(
            field(samples_field, index + varint(i) + bodies[i % VARIANTS])
            for i in range(start, min(start + PER_MESSAGE, count)))
        encoded.append(
            field(control_pb2.AgentSessionRequest.SAMPLES_FIELD_NUMBER, head + samples))
    return encoded

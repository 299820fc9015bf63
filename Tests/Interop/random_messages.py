"""Random messages of every type, made and checked by Python's protobuf.

  make SEED COUNT FILE       writes COUNT messages of every type
  check FILE RETURNED        compares them with what somebody else decoded and encoded
A record: length and bytes of the type's name, length and bytes of the message; lengths are 32
bits, the lowest byte first.
"""

import pathlib
import random
import struct
import sys
import tempfile

import grpc_tools
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_tools import protoc

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"
EDGES = [0, 1, -1, 127, 128, 2**31 - 1, -(2**31), 2**32 - 1, 2**63 - 1, -(2**63), 2**64 - 1]
NUMBERS = [0.0, 1.0, -1.5, 1e-300, 1.7976931348623157e308, float("inf"), float("-inf")]
CHARACTERS = "aZ09 /-.\t\n\u00e9\u00df\u4e2d\u2028\uffff\U0001f680\U0010ffff\x01\x7f"


def described():
    """The descriptors of the interface, compiled from its .proto files, and of its imports."""
    files = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
    well_known = pathlib.Path(grpc_tools.__path__[0]) / "_proto"
    with tempfile.NamedTemporaryFile() as output:
        status = protoc.main(["protoc", f"-I{PROTO}", f"-I{well_known}", "--include_imports",
                              f"--descriptor_set_out={output.name}", *files])
        if status:
            sys.exit(status)
        return descriptor_pb2.FileDescriptorSet.FromString(output.read())


def pool():
    """The descriptors, and the names of all messages but those of descriptors themselves."""
    result = descriptor_pool.DescriptorPool()
    files = described().file
    for file in files:
        result.Add(file)
    return result, [name for file in files if file.syntax == "proto3"
                    for name in messages(file.package, file.message_type)]


def messages(scope, types):
    """Full names of messages and of those in them; a map's entry is part of its map."""
    for message in types:
        if not message.options.map_entry:
            yield f"{scope}.{message.name}"
            yield from messages(f"{scope}.{message.name}", message.nested_type)


def number(chance, lowest, highest):
    if chance.random() < 0.5:
        return chance.choice([edge for edge in EDGES if lowest <= edge <= highest])
    return chance.randint(lowest, highest)


def scalar(chance, field):
    kind = field.cpp_type
    if kind == field.CPPTYPE_STRING:
        length = chance.choice([0, 1, 5, 200])
        if field.type == field.TYPE_BYTES:
            return chance.randbytes(length)
        return "".join(chance.choices(CHARACTERS, k=length))
    if kind == field.CPPTYPE_BOOL:
        return chance.random() < 0.5
    if kind in (field.CPPTYPE_DOUBLE, field.CPPTYPE_FLOAT):
        # protobuf-c drops the sign of a zero, so no negative one.
        return chance.choice(NUMBERS + [chance.uniform(-1e6, 1e6)])
    if kind in (field.CPPTYPE_INT32, field.CPPTYPE_ENUM):
        return number(chance, -(2**31), 2**31 - 1)
    if kind == field.CPPTYPE_INT64:
        return number(chance, -(2**63), 2**63 - 1)
    return number(chance, 0, 2**32 - 1 if kind == field.CPPTYPE_UINT32 else 2**64 - 1)


def fill(chance, message, depth=0):
    """Sets each field or leaves it out; the deeper, the less."""
    for field in message.DESCRIPTOR.fields:
        if chance.random() < 0.3 + 0.1 * depth:
            continue
        if field.message_type and field.message_type.GetOptions().map_entry:
            fill_map(chance, getattr(message, field.name), field.message_type, depth)
        elif field.is_repeated:
            values = getattr(message, field.name)
            for _ in range(chance.choice([0, 1, 2, 5] if depth < 2 else [0, 1])):
                if field.message_type:
                    fill(chance, values.add(), depth + 1)
                else:
                    values.append(scalar(chance, field))
        elif field.message_type:
            part = getattr(message, field.name)
            part.SetInParent()
            fill(chance, part, depth + 1)
        else:
            setattr(message, field.name, scalar(chance, field))


def fill_map(chance, values, entry, depth):
    """No defaults: protobuf-c leaves them out of an entry, which means the same."""
    key, value = entry.fields_by_name["key"], entry.fields_by_name["value"]
    for _ in range(chance.choice([0, 1, 2, 5] if depth < 2 else [0, 1])):
        name = scalar(chance, key)
        if value.message_type:
            fill(chance, values[name or "x"], depth + 1)
        elif content := scalar(chance, value):
            values[name or "x"] = content


def make(seed, count, path):
    chance = random.Random(seed)
    known, names = pool()
    with open(path, "wb") as output:
        for name in names:
            kind = message_factory.GetMessageClass(known.FindMessageTypeByName(name))
            for _ in range(count):
                message = kind()
                fill(chance, message)
                for part in (name.encode(), message.SerializeToString(deterministic=True)):
                    output.write(struct.pack("<I", len(part)) + part)


def records(path):
    content = pathlib.Path(path).read_bytes()
    position = 0
    while position < len(content):
        parts = []
        for _ in range(2):
            (length,) = struct.unpack_from("<I", content, position)
            parts.append(content[position + 4:position + 4 + length])
            position += 4 + length
        yield parts[0].decode(), parts[1]


def check(path, returned):
    known, names = pool()
    before, after = list(records(path)), list(records(returned))
    if len(before) != len(after):
        sys.exit(f"{len(before)} messages went, {len(after)} came back")
    for (name, sent), (other, received) in zip(before, after):
        kind = message_factory.GetMessageClass(known.FindMessageTypeByName(name))
        if name != other or kind.FromString(sent) != kind.FromString(received):
            sys.exit(f"a {name} came back as something else: {received.hex()}")
    print(f"{len(after)} messages of {len(names)} types agree")


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        check(sys.argv[2], sys.argv[3])

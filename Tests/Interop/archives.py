"""Reads archives of benchfront-server export by docs/archive.proto alone."""

import hashlib
import importlib
import os
import subprocess
import sys
from pathlib import Path

DESCRIPTION = Path(__file__).parents[2] / "docs/archive.proto"


def messages(folder):
    """The messages of docs/archive.proto, generated into a folder."""
    subprocess.run(
        [
            sys.executable, "-m", "grpc_tools.protoc", "-I", DESCRIPTION.parent,
            f"--python_out={folder}", DESCRIPTION.name,
        ], check=True)
    sys.path.insert(0, os.fspath(folder))
    try:
        return importlib.import_module("archive_pb2")
    finally:
        sys.path.pop(0)


def varint(data, at):
    """A number in groups of seven bits, and where it ends."""
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7f) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


class Archive:
    """What is in an archive: header, trailer, and rows by table."""

    def __init__(self, data, archive_pb2):
        self.tables = {}
        at = 0
        while at < len(data):
            began = at
            size, at = varint(data, at)
            record = archive_pb2.Record.FromString(data[at:at + size])
            at += size
            name = record.WhichOneof("content")
            content = getattr(record, name)
            if name == "header":
                self.header = content
            elif name == "trailer":
                self.trailer = content
                self.digest = hashlib.sha256(data[:began]).digest()
            else:
                self.tables.setdefault(name, []).append(content)

    def rows(self, table):
        """The rows of a table, each as a dictionary; what has no value is None."""
        for row in self.tables.get(table, []):
            yield {
                field.name: None if field.has_presence and not row.HasField(field.name)
                else getattr(row, field.name)
                for field in row.DESCRIPTOR.fields
            }

"""Faults of a machine for a process of its own: a full disk, one that only reads, a wrong clock."""

import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

WELL, FULL, READ_ONLY = range(3)


class Faults:
    """What a process meets that was started with `environment`; nothing at first."""

    def __init__(self):
        # Readable for whoever PostgreSQL runs as.
        self.folder = Path(tempfile.mkdtemp(prefix="benchfront-faults-"))
        self.folder.chmod(0o755)
        self.file = self.folder / "faults"
        self.disk, self.clock_seconds = WELL, 0
        self.write()
        library = self.folder / "faults.so"
        source = Path(__file__).with_name("failures.c")
        subprocess.run(
            ["gcc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        self.environment = {
            **os.environ, "LD_PRELOAD": str(library), "FAULTS": str(self.file)}

    def write(self):
        """Changes the file in place: it is mapped."""
        mode = "r+b" if self.file.exists() else "wb"
        with self.file.open(mode) as file:
            file.write(struct.pack("qq", self.disk, self.clock_seconds))

    def set(self, disk=None, clock_seconds=None):
        """Begins a fault, or ends it."""
        if disk is not None:
            self.disk = disk
        if clock_seconds is not None:
            self.clock_seconds = clock_seconds
        self.write()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)

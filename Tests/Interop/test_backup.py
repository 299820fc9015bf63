"""Backup and restore as docs/storage.md and the README write them, while servers write."""

import contextlib
import json
import os
import re
import shlex
import sqlite3
import subprocess
import threading
from pathlib import Path

from benchfront import Client

from moving import Server, Session, answers_of, cli, one_batch
from replicas import PostgresProcess, eventually

ROOT = Path(__file__).parents[2]
REQUESTS = 100_000
GAPS = [129] * 63


def documented(file, pattern):
    """The only line of a document that begins as given."""
    lines = [line for line in (ROOT / file).read_text().splitlines() if re.match(pattern, line)]
    assert len(lines) == 1, lines
    return lines[0]


class Writer:
    """An agent that sends samples until it is told to stop."""

    def __init__(self, address):
        with Client(address) as client:
            self.run = client.create_run(one_batch("written"), requests=REQUESTS).id
        self.session = Session(address)
        self.lease, self.execution = self.session.take()
        self.acknowledged = 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.write)
        self.thread.start()

    def write(self):
        for sequence, start in enumerate(range(0, REQUESTS, 20), 1):
            if self.over.is_set():
                return
            self.session.send(
                self.lease, self.execution, sequence, range(start, start + 20),
                gaps=GAPS)
            self.acknowledged = start + 20

    def wait_for(self, more):
        """Waits until so many further samples are acknowledged; returns how many are."""
        wanted = self.acknowledged + more
        eventually(lambda: self.acknowledged >= wanted, f"{more} further samples")
        return self.acknowledged

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.session.end()


def check_restored(writer, address, least, before):
    """A server on a copy: what was acknowledged before it is there, exactly once, and goes on."""
    shown = json.loads(cli(address, "run", "show", writer.run, "--output", "json"))
    count = shown["committed_sample_count"]
    assert least <= count < writer.acknowledged
    assert answers_of(address, before) == before
    # The samples that the copy lacks are sent again, and those that it has count once.
    session = Session(address, [writer.lease])
    session.announce(writer.lease, writer.execution)
    start = count - count % 20
    for sequence, first in enumerate(range(max(0, start - 40), start + 40, 20), 1):
        session.send(
            writer.lease, writer.execution, sequence, range(first, first + 20),
            gaps=GAPS)
    session.end()
    again = json.loads(cli(address, "run", "show", writer.run, "--output", "json"))
    assert again["committed_sample_count"] == start + 40


QUESTIONS = [("models",), ("hardware",), ("engines",), ("prices",), ("recommend",)]


def test_a_database_is_dumped_while_it_is_written_and_restored(tmp_path):
    dump = documented("docs/storage.md", "pg_dump ")
    restore = documented("docs/storage.md", "pg_restore ")
    with PostgresProcess() as postgres, contextlib.ExitStack() as stack:
        environment = {**os.environ, "PGPASSFILE": str(postgres.password_file)}

        def run(line, cwd=tmp_path):
            line = line.replace("postgresql://benchfront@db/", postgres.url.removesuffix("postgres"))
            subprocess.run(shlex.split(line), check=True, env=environment, cwd=cwd)

        for name in ("benchfront", "empty"):
            run(f"psql -q -c 'CREATE DATABASE {name}' {postgres.url}")
        url = postgres.url.replace("/postgres", "/")
        server = stack.enter_context(
            Server(tmp_path, "server", ["--postgres", url + "benchfront"], environment))
        before = answers_of(server.address, QUESTIONS)
        with Writer(server.address) as writer:
            least = writer.wait_for(200)
            run(dump)
            writer.wait_for(200)
        server.end()
        run(restore)
        restored = stack.enter_context(
            Server(tmp_path, "restored", ["--postgres", url + "empty"], environment))
        check_restored(writer, restored.address, least, before)


def test_a_folder_is_copied_while_it_is_written_and_put_back(tmp_path):
    line = documented("README.md", "sqlite3 data/")
    with Server(tmp_path, "filled", ["--data-dir", tmp_path / "data"], dict(os.environ)):
        pass
    # What takes longer to copy than the agent pauses between two messages.
    with contextlib.closing(sqlite3.connect(tmp_path / "data/benchfront.sqlite")) as stored:
        with stored:
            stored.execute(
                """
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 15000)
                INSERT INTO request_sample
                SELECT 1 << 40, i, 0, 0, 1, 200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, randomblob(4000)
                FROM n
                """)
    with Server(tmp_path, "server", ["--data-dir", tmp_path / "data"], dict(os.environ)) as server:
        before = answers_of(server.address, QUESTIONS)
        with Writer(server.address) as writer:
            least = writer.wait_for(200)
            subprocess.run(shlex.split(line), check=True, cwd=tmp_path, timeout=60)
            writer.wait_for(200)
    for file in (tmp_path / "data").glob("benchfront.sqlite*"):
        file.unlink()
    (tmp_path / "backup.sqlite").rename(tmp_path / "data/benchfront.sqlite")
    with Server(
        tmp_path, "restored", ["--data-dir", tmp_path / "data"], dict(os.environ)) as restored:
        check_restored(writer, restored.address, least, before)


def test_a_folder_whose_server_was_stopped_is_one_file(tmp_path):
    with Server(tmp_path, "server", ["--data-dir", tmp_path / "data"], dict(os.environ)) as server:
        before = answers_of(server.address, QUESTIONS)
        with Writer(server.address) as writer:
            writer.wait_for(100)
        count = writer.acknowledged
    copy = tmp_path / "copy"
    copy.mkdir()
    (tmp_path / "data/benchfront.sqlite").rename(copy / "benchfront.sqlite")
    with Server(tmp_path, "restored", ["--data-dir", copy], dict(os.environ)) as restored:
        assert answers_of(restored.address, before) == before
        shown = json.loads(
            cli(restored.address, "run", "show", writer.run, "--output", "json"))
        assert shown["committed_sample_count"] == count

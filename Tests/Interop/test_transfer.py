"""`benchfront-server export` and `import`, as somebody uses them who outgrows a data folder."""

import contextlib
import json
import os
import re
import resource
import signal
import sqlite3
import subprocess

import pytest
from benchfront import Client
from benchfront.v1 import benchmark_control_pb2 as control_pb2

import archives
from conftest import BINARIES
from moving import Server, Session, answers_of, cli, one_batch
from replicas import PostgresProcess, Program, eventually, free_port

COLUMNS = (
    "id,silicon_data_source,backend,backend_version,model_path,system,precision,mode,isl,osl,"
    "gemm_quant_mode,moe_quant_mode,batch_size,tp_size,pp_size,attention_dp_size,moe_tp_size,"
    "moe_ep_size,prefill_num_workers,prefill_tp_size,prefill_pp_size,prefill_attention_dp_size,"
    "prefill_moe_ep_size,decode_num_workers,decode_tp_size,decode_pp_size,"
    "decode_attention_dp_size,decode_moe_ep_size,silicon_ttft_ms,silicon_tpot_ms")
ROWS = [
    f"row_{concurrency},x; config_id=7; silicon_concurrency={concurrency}; "
    "measured=2026-04-17T00:00:00.000Z,vllm,0.19.0,org/modèle,h100_sxm,fp8,agg,1024,512,fp8,fp8,"
    f"{concurrency},4,1,1,4,1,,,,,,,,,,,{ttft},12.25"
    for concurrency, ttft in ((8, 250.5), (16, 0.7), (32, 999.75))
]
MATRIX = """
version: 1
name: mövé "it"
models: [HuggingFaceTB/SmolLM2-135M-Instruct]
hardware: [cpu-x1]
engines: [simulated]
quantizations: [q8_0]
workloads:
  - name: chat
    input_tokens: [64]
    output_tokens: [8]
    concurrency: [1, 2]
"""
#: Requests of the execution that an agent is in the middle of.
HALF = 100
#: As many as a sample may have.
MOST_GAPS = 1 << 20


def transfer(*words, environment=None, **options):
    """Runs benchfront-server with words; returns how it ended."""
    return subprocess.run(
        [BINARIES / "benchfront-server", *words], capture_output=True, check=False, timeout=300,
        env=environment or dict(os.environ), **options)


def measure(address, folder):
    """Runs the matrix on the simulated engine; returns the run's id."""
    engine, port = Program(folder, "engine"), free_port()
    engine.run(
        BINARIES / "benchfront-simengine", "--listen", f"127.0.0.1:{port}", "--ttft", "5",
        "--itl", "1")
    agent = Program(folder, "agent")
    agent.run(
        BINARIES / "benchfront-agent", "run", "--server", address, "--spool", folder / "spool",
        "--hardware", "cpu-x1", "--engine", "simulated", "--endpoint", f"http://127.0.0.1:{port}")
    matrix = folder / "matrix.yaml"
    matrix.write_text(MATRIX)
    with engine, agent:
        text = cli(address, "run", "create", matrix, "--requests", "20")
        run = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", text).group()
        eventually(
            lambda: json.loads(cli(address, "run", "show", run, "--output", "json"))["state"]
            == "completed", "the run's end", seconds=120)
    return run


def begin_half(address):
    """A run whose agent has sent half of its samples; returns run, lease and execution."""
    with Client(address) as client:
        run = client.create_run(one_batch("half"), requests=HALF)
    session = Session(address)
    lease, execution = session.take()
    session.send(lease, execution, 1, [0], gaps=[1] * MOST_GAPS)
    session.send(lease, execution, 2, range(1, HALF // 2), gaps=[500] * 63)
    session.end()
    return run.id, lease, execution


@pytest.fixture(scope="module")
def postgres():
    """A PostgreSQL for the tests of this file."""
    with PostgresProcess() as process:
        yield process


class Database:
    """A new database of it."""

    number = 0

    def __init__(self, postgres):
        Database.number += 1
        self.environment = {**os.environ, "PGPASSFILE": str(postgres.password_file)}
        self.url = postgres.url.replace("/postgres", f"/moved{Database.number}")
        subprocess.run(
            ["psql", "-q", "-c", f"CREATE DATABASE moved{Database.number}", postgres.url],
            check=True, env=self.environment)

    def ask(self, sql):
        """What it answers, without a frame."""
        return subprocess.run(
            ["psql", "-qAt", "-c", sql, self.url], check=True, env=self.environment,
            capture_output=True, text=True).stdout.strip()


@pytest.fixture
def database(postgres):
    """A new database."""
    return Database(postgres)


class Origin:
    """A data folder with something of everything, its archive, and what its server printed."""

    def __init__(self, folder):
        self.data, self.archive = folder / "data", folder / "archive"
        with Server(folder, "origin", ["--data-dir", self.data], dict(os.environ)) as server:
            table = folder / "sample.csv"
            table.write_text("\n".join([COLUMNS, *ROWS, ""]))
            assert "3 results stored" in cli(server.address, "import", table)
            self.run = measure(server.address, folder)
            self.half, self.lease, self.execution = begin_half(server.address)
            self.answers = answers(server.address, self.run, self.half)
            # While it serves nobody else may read its folder.
            refused = transfer("export", "--data-dir", self.data, folder / "none")
            assert refused.returncode == 5
            assert b"Another server is using" in refused.stderr
            assert not (folder / "none").exists() and not (folder / "none.partial").exists()
        exported = transfer("export", "--data-dir", self.data, self.archive)
        assert exported.returncode == 0, exported.stderr
        self.lines = exported.stdout


def answers(address, run, half):
    """Everything that the command line shows of a server, less what moves with the clock."""
    printed = answers_of(address, [
        ("models",), ("hardware",), ("engines",), ("prices",), ("results",), ("run", "list"),
        ("run", "show", run), ("run", "show", half), ("recommend",),
        ("recommend", "--provenance", "simulated"), ("pareto", "--provenance", "simulated"),
    ])
    results = printed[("results",)]
    assert {result["provenance"] for result in results} == {"imported", "simulated"}
    more = [("results", "show", result["configuration"]["id"]) for result in results]
    more += [
        ("results", "requests", result["result_id"]) for result in results
        if result["provenance"] == "simulated"
    ]
    return printed | answers_of(address, more)


@pytest.fixture(scope="module")
def origin(tmp_path_factory):
    """What is moved."""
    return Origin(tmp_path_factory.mktemp("origin"))


def test_the_archive_is_what_its_description_says(origin, tmp_path):
    archive = archives.Archive(origin.archive.read_bytes(), archives.messages(tmp_path))
    assert archive.header.format == "benchfront archive"
    assert archive.digest == archive.trailer.sha256
    with contextlib.closing(sqlite3.connect(origin.data / "benchfront.sqlite")) as stored:
        stored.row_factory = sqlite3.Row
        for summary in archive.trailer.tables:
            rows = list(archive.rows(summary.table))
            assert len(rows) == summary.count > 0, summary.table
            names = ", ".join(rows[0])
            kept = stored.execute(f"SELECT {names} FROM {summary.table} ORDER BY 1, 2").fetchall()
            for mine, row in zip(rows, kept, strict=True):
                for name, value in mine.items():
                    theirs = row[name]
                    if isinstance(theirs, str) and not isinstance(value, str):
                        theirs = json.loads(theirs)
                        value = list(value)
                    assert value == theirs, (summary.table, name)


def test_a_folder_moves_to_a_database_and_an_agent_goes_on_there(origin, database, tmp_path):
    imported = transfer(
        "import", "--postgres", database.url, origin.archive, environment=database.environment)
    assert imported.returncode == 0, imported.stderr
    assert imported.stdout == origin.lines
    tables = origin.lines.count(b"\n")
    assert imported.stderr.startswith(b"all %d tables were read back" % tables)
    assert re.search(rb"(?m)^request_sample +90  sha256:[0-9a-f]{64}$", imported.stdout)
    again = transfer(
        "import", "--postgres", database.url, origin.archive, environment=database.environment)
    assert again.returncode == 4
    assert b"It holds models" in again.stderr and b"no server has been started on" in again.stderr
    store = ["--postgres", database.url]
    with Server(tmp_path, "moved", store, database.environment) as server:
        assert answers(server.address, origin.run, origin.half) == origin.answers
        # While the server serves, what it has can be exported.
        running = transfer(
            "export", "--postgres", database.url, tmp_path / "again",
            environment=database.environment)
        assert running.stdout == origin.lines
        # The agent has its lease still, and sends what was never acknowledged.
        session = Session(server.address, [origin.lease])
        session.announce(origin.lease, origin.execution)
        session.send(origin.lease, origin.execution, 3, range(HALF // 2 - 10, HALF))
        session.say(execution_event=control_pb2.ExecutionEvent(
            lease=origin.lease, execution_id=origin.execution,
            kind=control_pb2.EXECUTION_EVENT_KIND_FINISHED))
        shown = ("run", "show", origin.half, "--output", "json")
        eventually(
            lambda: json.loads(cli(server.address, *shown))["state"] == "completed",
            "the end of the run that was moved")
        session.end()
        results = json.loads(
            cli(server.address, "results", "--run", origin.half, "--output", "json"))
        assert [result["result_id"] for result in results] == [origin.execution]
        requests = json.loads(cli(
            server.address, "results", "requests", origin.execution, "--output", "json"))
        assert len(requests) == HALF
    back = tmp_path / "back"
    assert transfer(
        "export", "--postgres", database.url, tmp_path / "last",
        environment=database.environment).returncode == 0
    assert transfer("import", "--data-dir", back, tmp_path / "last").returncode == 0
    with Server(tmp_path, "back", ["--data-dir", back], dict(os.environ)) as server:
        assert json.loads(cli(server.address, *shown))["committed_sample_count"] == HALF


def test_an_archive_goes_through_a_pipe(origin, database):
    exported = transfer("export", "--data-dir", origin.data, "-")
    assert exported.returncode == 0
    assert exported.stderr == origin.lines
    imported = transfer(
        "import", "--postgres", database.url, "-", environment=database.environment,
        input=exported.stdout)
    assert imported.returncode == 0, imported.stderr
    assert imported.stdout == origin.lines


def half_of(origin, *words, environment):
    """An import that has been given half of the archive and waits for more."""
    process = subprocess.Popen(
        [BINARIES / "benchfront-server", "import", *words, "-"], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    data = origin.archive.read_bytes()
    process.stdin.write(data[:len(data) - 20_000])
    process.stdin.flush()
    return process


def test_a_killed_import_leaves_a_database_empty(origin, database, tmp_path):
    process = half_of(origin, "--postgres", database.url, environment=database.environment)
    # It holds the tables from the beginning on; once it waits it has written what it was given.
    eventually(
        lambda: database.ask(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state = 'idle in transaction'") == "1", "the import waits")
    assert database.ask("SELECT count(*) FROM benchfront.model") == "0"
    process.kill()
    assert process.wait() == -signal.SIGKILL
    eventually(
        lambda: database.ask(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()") == "1",
        "the import's connection is gone")
    assert database.ask("SELECT count(*) FROM benchfront.request_sample") == "0"
    imported = transfer(
        "import", "--postgres", database.url, origin.archive, environment=database.environment)
    assert imported.returncode == 0, imported.stderr
    assert imported.stdout == origin.lines


def test_a_killed_import_leaves_a_folder_empty(origin, tmp_path):
    data = tmp_path / "data"
    process = half_of(origin, "--data-dir", data, environment=dict(os.environ))
    eventually(lambda: (data / "import.sqlite").exists(), "the import has begun")
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert not (data / "benchfront.sqlite").exists()
    imported = transfer("import", "--data-dir", data, origin.archive)
    assert imported.returncode == 0, imported.stderr
    assert sorted(path.name for path in data.iterdir()) == ["benchfront.sqlite", "lock"]


def test_what_cannot_be_done_is_said_and_changes_nothing(origin, database, tmp_path):
    data = origin.archive.read_bytes()
    cut, altered, newer = (tmp_path / name for name in ("cut", "altered", "newer"))
    cut.write_bytes(data[:-1000])
    altered.write_bytes(data.replace("mövé".encode(), b"movie!", 1))
    place = data.index(b"benchfront archive") + len(b"benchfront archive")
    assert data[place:place + 2] == b"\x10\x01"
    newer.write_bytes(data[:place + 1] + b"\x02" + data[place + 2:])
    into = ["--postgres", database.url]
    cases = [
        (["import", *into, tmp_path / "missing"], 3, "No such file"),
        (["import", *into, cut], 4, "it is cut off: it ends"),
        (["import", *into, altered], 4, "rows of run were exported with checksum"),
        (["import", *into, newer], 4, "archive of version 2"),
        (["import", *into, origin.data / "benchfront.sqlite"], 4, "does not begin as an archive"),
        (["import", *into, "--data-dir", tmp_path / "both", cut], 2, "give one of them"),
        (["import", "--data-dir", origin.data, origin.archive], 4, "It holds models"),
        (["import", "--postgres", "host=127.0.0.1 port=1", cut], 5, "cannot be reached"),
        (["export", "--data-dir", tmp_path / "none", tmp_path / "file"], 3, "no benchfront.sqlite"),
        (["export", *into, tmp_path / "file"], 4, "benchfront-server migrate"),
        (["export", "--data-dir", origin.data, tmp_path / "no" / "file"], 3, "No such file"),
        (["export", "--data-dir", origin.data, "/dev/full"], 5, "No space left"),
        (["export"], 2, "file"),
    ]
    for words, code, reason in cases:
        # The database has no tables until the first import that is refused has made them.
        if words[0] == "export" and words[1:] and words[1] == "--postgres":
            database.ask("DROP SCHEMA benchfront CASCADE")
        ended = transfer(*words, environment=database.environment)
        assert ended.returncode == code, (words, ended.stderr)
        assert reason.encode() in ended.stderr, (words, ended.stderr)
        assert ended.stdout == b""
    for name in ("none", "file", "file.partial", "both"):
        assert not (tmp_path / name).exists()


def peak(*words, environment):
    """Bytes of memory that a command of benchfront-server has at most."""
    process = subprocess.Popen(
        [BINARIES / "benchfront-server", *words], stdout=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, words
    assert isinstance(usage, resource.struct_rusage)
    return usage.ru_maxrss << 10


def test_memory_does_not_grow_with_what_is_moved(origin, database, tmp_path):
    small, large = tmp_path / "small", tmp_path / "large"
    for data in (small, large):
        data.mkdir()
        with contextlib.closing(sqlite3.connect(origin.data / "benchfront.sqlite")) as stored:
            with contextlib.closing(sqlite3.connect(data / "benchfront.sqlite")) as copy:
                stored.backup(copy)
    with contextlib.closing(sqlite3.connect(large / "benchfront.sqlite")) as stored:
        with stored:
            stored.execute(
                """
                WITH RECURSIVE n (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 7000)
                INSERT INTO request_sample
                SELECT s.execution_key, n.i, s.commit_number, s.segment, s.outcome, s.http_status,
                  s.scheduled, s.sent, s.first_byte, s.first_content, s.first_visible,
                  s.last_content, s.ended, s.input_tokens, s.output_tokens, s.token_source,
                  s.content_chunks, randomblob(10000)
                FROM request_sample s, n WHERE s.execution_key =
                  (SELECT min(execution_key) FROM request_sample) AND s.request_index = 0
                """)
    plain = dict(os.environ)
    usual = peak("export", "--data-dir", small, tmp_path / "archive", environment=plain)
    most = usual + (32 << 20)
    assert peak("export", "--data-dir", large, tmp_path / "archive", environment=plain) < most
    assert (tmp_path / "archive").stat().st_size > 60_000_000
    for command, store in (
        ("import", ["--data-dir", tmp_path / "other"]),
        ("import", ["--postgres", database.url]),
    ):
        used = peak(command, *store, tmp_path / "archive", environment=database.environment)
        assert used < most, (store, used, usual)
    again = tmp_path / "again"
    used = peak("export", "--postgres", database.url, again, environment=database.environment)
    assert used < most, (used, usual)
    assert again.stat().st_size == (tmp_path / "archive").stat().st_size

"""What a store holds, read behind the servers' backs."""

import csv
import sqlite3
import subprocess
from collections import defaultdict

from replicas import POSTGRES

from faults.samples import Row

COLUMNS = ", ".join(f"s.{name}" for name in Row._fields[:-1])


class PostgresTables:
    """The tables of a database, by a psql that answers question after question."""

    schema = "benchfront."
    bytes_as_text = "encode({}, 'hex')"
    has_hours = True
    #: What it says behind each answer.
    mark = "-- that is all --"

    def __init__(self, postgres):
        self.process = subprocess.Popen(
            [POSTGRES / "psql", "--no-psqlrc", "--quiet", "--csv", "--tuples-only",
             "--set", "ON_ERROR_STOP=1", postgres.url],
            env={"PGPASSFILE": str(postgres.password_file)}, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)

    def read(self, question):
        """Rows of texts."""
        self.process.stdin.write(f"{question};\n\\echo {self.mark}\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == f"{self.mark}\n":
                return list(csv.reader(lines))
            lines.append(line)
        raise AssertionError(f"psql ended with {self.process.wait()} at: {question}")

    def close(self):
        """Ends it."""
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=30)


class SQLiteTables:
    """The tables of a data folder that no server uses any more."""

    schema = ""
    bytes_as_text = "lower(hex({}))"
    has_hours = False

    def __init__(self, file):
        self.database = sqlite3.connect(f"file:{file}?mode=ro", uri=True)

    def read(self, question):
        """Rows of texts."""
        return [["" if it is None else str(it) for it in row]
                for row in self.database.execute(question)]

    def close(self):
        """Ends its use."""
        self.database.close()


class Contents:
    """The questions that both kinds of tables answer."""

    def __init__(self, tables):
        self.tables = tables

    def ask(self, text):
        """Rows of a question, in which tables stand in braces."""
        names = ["run", "batch", "execution", "segment", "run_commit", "request_sample",
                 "configuration", "hardware", "sample_hour"]
        return self.tables.read(
            text.format(**{name: self.tables.schema + name for name in names}))

    def hexed(self, column):
        """A column of bytes as hexadecimal digits."""
        return self.tables.bytes_as_text.format(column)

    def runs(self):
        """Ids of all runs."""
        return {name for name, in self.ask("SELECT id FROM {run}")}

    def run(self, run_id):
        """A run's row by name."""
        names = ["key", "state", "committed_sample_count", "commit_number",
                 "configuration_count", "completed_count", "failed_count"]
        found = self.ask(f"SELECT {', '.join(names)} FROM {{run}} WHERE id = '{run_id}'")
        values = dict(zip(names, found[0]))
        return {name: value if name == "state" else int(value) for name, value in values.items()}

    def batches(self, key):
        """Key -> (state, newest token)."""
        rows = self.ask(f"SELECT key, state, fencing_token FROM {{batch}} WHERE run_key = {key}")
        return {int(batch): (state, int(token)) for batch, state, token in rows}

    def executions(self, key):
        """Executions of a run as tuples."""
        rows = self.ask(
            f"""
            SELECT e.key, e.id, e.batch_key, e.state, e.request_count,
              {self.hexed('e.committed')}, e.failure, c.concurrency, h.accelerator_count
            FROM {{execution}} e JOIN {{configuration}} c ON c.key = e.configuration_key
            JOIN {{hardware}} h ON h.id = c.hardware_id
            WHERE e.run_key = {key} ORDER BY e.key
            """)
        return [
            (int(own), name, int(batch), state, int(count), bytes.fromhex(bits), failure,
             int(concurrency), int(accelerators))
            for own, name, batch, state, count, bits, failure, concurrency, accelerators in rows
        ]

    def samples(self, keys):
        """Execution's key -> [(commit, row)] of executions, by request."""
        found = defaultdict(list)
        for execution, commit, *numbers, gaps in self.ask(
                f"""
                SELECT s.execution_key, s.commit_number, {COLUMNS}, {self.hexed('s.gaps')}
                FROM {{request_sample}} s WHERE s.execution_key IN ({listed(keys)})
                ORDER BY s.execution_key, s.request_index
                """):
            row = Row(*map(int, numbers), bytes.fromhex(gaps))
            found[int(execution)].append((int(commit), row))
        return found

    def segments(self, key):
        """(execution's key, number) -> agent."""
        return {
            (int(execution), int(number)): agent
            for execution, number, agent in self.ask(
                f"""
                SELECT g.execution_key, g.number, g.agent_id FROM {{segment}} g
                JOIN {{execution}} e ON e.key = g.execution_key WHERE e.run_key = {key}
                """)
        }

    def commits(self, key):
        """[(number, execution's key, first request, last request)] where samples were committed."""
        return [
            tuple(map(int, row)) for row in self.ask(
                f"""
                SELECT number, execution_key, first_request, last_request
                FROM {{run_commit}} WHERE run_key = {key} AND kind = 1 ORDER BY number
                """)
        ]

    def states(self, key):
        """[(number, state, whether it is the run's and no execution's)] of its other commits."""
        return [
            (int(number), state, kind == "3") for number, kind, state in self.ask(
                f"""
                SELECT number, kind, state FROM {{run_commit}}
                WHERE run_key = {key} AND kind <> 1 ORDER BY number
                """)
        ]

    def hours(self, keys):
        """Execution's key -> the sums that the store makes of its samples, if it does."""
        if not self.tables.has_hours:
            return {}
        return {
            int(execution): tuple(map(int, sums))
            for execution, *sums in self.ask(
                f"""
                SELECT o.execution_key, sum(o.request_count), sum(o.error_count),
                  sum(o.input_tokens), sum(o.output_tokens)
                FROM {{sample_hour}} o WHERE o.execution_key IN ({listed(keys)}) GROUP BY 1
                """)
        }

    def strangers(self):
        """Samples of no execution, and executions that hold a request twice."""
        lost = self.ask(
            """
            SELECT count(*) FROM {request_sample} s
            WHERE NOT EXISTS (SELECT 1 FROM {execution} e WHERE e.key = s.execution_key)
            """)
        twice = self.ask(
            """
            SELECT execution_key, request_index, count(*) FROM {request_sample}
            GROUP BY 1, 2 HAVING count(*) > 1
            """)
        return int(lost[0][0]), twice


def listed(keys):
    """Keys as a question lists them, of which tables with indexes look up each."""
    return ", ".join(map(str, keys))

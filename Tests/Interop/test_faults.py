"""Nothing is lost and nothing is counted twice, whatever is killed, paused or cut off."""

import contextlib
import shutil
import sqlite3

from faults.ledger import Ledger
from faults.tables import SQLiteTables
from faults.trial import Trial

#: Faults that nothing happens under show nothing.
LEAST = {"samples acknowledged": 500, "runs completed": 3, "figures computed again": 200}

FIRST = """
    (SELECT min(e.key) FROM execution e JOIN configuration c ON c.key = e.configuration_key
     WHERE c.engine_id = '{}' AND e.state = 'completed')
    """
KNOWN, SIMULATED = FIRST.format("vllm"), FIRST.format("simulated")
ACKNOWLEDGED = "(SELECT key FROM execution WHERE id = :execution)"

#: What is done to a folder behind a trial -> what has to be said of it.
DAMAGE = {
    f"DELETE FROM request_sample WHERE execution_key = {ACKNOWLEDGED} AND request_index = :request":
        "was acknowledged and is lost",
    f"UPDATE request_sample SET ended = ended + 1 WHERE execution_key = {KNOWN}":
        "was not sent so",
    f"UPDATE request_sample SET gaps = x'' WHERE execution_key = {KNOWN}":
        "was not sent so",
    f"UPDATE request_sample SET sent = sent - 1 WHERE execution_key = {SIMULATED}":
        "told otherwise than stored",
    f"UPDATE request_sample SET ended = 2 * ended WHERE execution_key = {SIMULATED}":
        "figure (",
    f"""
    UPDATE request_sample SET request_index = 1000000
    WHERE execution_key = {KNOWN} AND request_index = 1
    """: "rows and committed requests differ",
    f"""
    UPDATE request_sample SET input_tokens = input_tokens + 100
    WHERE execution_key = {KNOWN} AND request_index = 0
    """: "a superseded lease wrote",
    "DELETE FROM run_commit WHERE number = 2": "its log has gaps",
    "UPDATE run SET committed_sample_count = committed_sample_count + 1": "committed_sample_count",
    f"UPDATE execution SET state = 'running' WHERE key = {KNOWN}": "is running",
}


def run(trial, faults):
    """Runs a trial in which enough happens."""
    counts = trial.run(count=faults)
    assert counts["faults"] == faults
    assert {what: counts[what] for what, number in LEAST.items() if counts[what] < number} == {}


def test_every_acknowledged_sample_is_stored_once(tmp_path):
    run(Trial(4, tmp_path, "postgres"), 30)


def test_one_server_on_a_folder_loses_nothing_and_a_loss_would_be_seen(tmp_path):
    trial = Trial(4, tmp_path, "sqlite")
    run(trial, 20)
    execution, requests = next(iter(trial.ledger.acknowledged.items()))
    place = {"execution": execution, "request": next(iter(requests))}
    for question, words in DAMAGE.items():
        copy = shutil.copy(tmp_path / "data/benchfront.sqlite", tmp_path / "copy.sqlite")
        with contextlib.closing(sqlite3.connect(copy)) as database, database:
            named = {name: value for name, value in place.items() if f":{name}" in question}
            assert database.execute(question, named).rowcount > 0, question
        ledger = Ledger(say=lambda line: None)
        with contextlib.closing(SQLiteTables(copy)) as tables:
            trial.verdict.judge(tables, ledger)
        assert any(words in trouble for trouble in ledger.troubles), (question, ledger.troubles[:5])

"""The benchmarks still run, with counts too small to say anything."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARIES = Path(os.environ["BENCHFRONT_BIN"])


def run_benchmark(out, **environment):
    """Its exit status, what it printed, and what it wrote."""
    result = subprocess.run(
        [sys.executable, ROOT / "Tests" / "Benchmarks" / "bench_rpc.py"],
        env={
            **os.environ, "OUT": str(out), "RUNS": "1", "REQUESTS": "2000", "CONNECTIONS": "20",
            "SERVER": str(BINARIES / "bench-rpc-server"), **environment,
        },
        capture_output=True, text=True, timeout=300, check=False,
    )
    figures = out / "rpc.json"
    return (
        result.returncode, result.stdout + result.stderr,
        json.loads(figures.read_text()) if figures.exists() else None)


def test_every_case_gives_figures_for_us_and_nghttpd(tmp_path):
    status, output, figures = run_benchmark(tmp_path, SUBJECTS="benchfront,nghttpd")
    assert status == 0, output
    assert set(figures) == {"machine", "commit", "rows"}
    assert all(
        set(row) == {"case", "subject", "metric", "value", "runs", "min", "max"}
        for row in figures["rows"])
    found = {(row["case"], row["subject"]) for row in figures["rows"]}
    both = {
        "unary-4x32", "unary-1x1", "unary-64x8", "unary-1x100", "guarded-4x32", "latency-4x32",
        "server-stream", "client-stream", "large-4mb", "start", "connections-20-idle",
        "connections-20-busy", "connections-20-tls-idle",
    }
    wanted = {(case, subject) for case in both for subject in ("benchfront", "nghttpd")}
    assert found == wanted | {("task-4x32", "benchfront")}, output


def test_a_subject_that_cannot_be_measured_is_named(tmp_path):
    missing = tmp_path / "no-server"
    status, output, _ = run_benchmark(
        tmp_path, SUBJECTS="benchfront,nghttpd", SERVER=str(missing), CASES="start")
    assert status == 1
    assert f"benchfront is missing: there is no program {missing}" in output


def test_a_case_that_does_not_exist_is_refused(tmp_path):
    status, output, figures = run_benchmark(tmp_path, CASES="unary-4x33")
    assert status == 1
    assert "There is no case unary-4x33" in output
    assert figures is None


def run_ingest(out, **environment):
    """The figures of a run that went well, by case, subject and metric."""
    result = subprocess.run(
        [sys.executable, ROOT / "Tests" / "Benchmarks" / "bench_ingest.py"],
        env={
            **os.environ, "OUT": str(out), "RUNS": "1", "SAMPLES": "5120",
            "PYTHONPATH": str(ROOT / "clients" / "python" / "src"),
            "SERVER": str(BINARIES / "benchfront-server"), **environment,
        },
        capture_output=True, text=True, timeout=300, check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    rows = json.loads((out / "ingest.json").read_text())["rows"]
    return {(row["case"], row["subject"], row["metric"]): row["value"] for row in rows}


def test_ingest_is_measured_beside_a_bare_copy(tmp_path):
    figures = run_ingest(tmp_path, CASES="stream-to-commit,paced-20000,stream-to-sqlite")
    rates = {
        (case, subject) for case, subject, metric in figures if metric == "rows_per_s"}
    assert rates == {
        ("stream-to-commit", "benchfront"), ("stream-to-commit", "copy-binary"),
        ("resent", "benchfront"), ("paced-20000", "benchfront"), ("stream-to-sqlite", "benchfront"),
    }


def test_a_crowd_of_agents_is_slowed_by_a_database_that_hangs_and_loses_no_session(tmp_path):
    # It fails for a session that ends, and for a sample that is never acknowledged.
    figures = run_ingest(tmp_path, CASES="crowd", CROWD="200")
    # They send 134 MB. The server holds 64 MiB of samples, 64 KiB of each session, and what its
    # windows may grow by.
    assert figures["crowd-200", "benchfront", "grown_mb"] < 120


def test_recommendations_are_asked_for_while_results_arrive(tmp_path):
    result = subprocess.run(
        [sys.executable, ROOT / "Tests" / "Benchmarks" / "bench_recommend.py"],
        env={
            **os.environ, "OUT": str(tmp_path), "RATE": "40", "WARM_UP_S": "1",
            "MEASURED_S": "3", "SERVER": str(BINARIES / "benchfront-server"),
        },
        capture_output=True, text=True, timeout=300, check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    rows = json.loads((tmp_path / "recommend.json").read_text())["rows"]
    figures = {(row["case"], row["metric"]): row["value"] for row in rows}
    for case in ("zipf-1-sqlite", "zipf-2-redis"):
        assert 0 < figures[case, "hit_ratio"] < 1, figures
        assert figures[case, "stale"] == 0
    assert figures["zipf-2-redis", "shared_ratio"] > 0

"""Who changed what, as the server keeps it and the command line lists it."""

import json
import os
import subprocess
import time

import grpc
import pytest

from benchfront import BenchfrontError, Client
from benchfront.v1 import benchmark_control_pb2 as control_pb2
from benchfront.v1 import catalog_pb2, configuration_pb2

from runs import one_configuration, taken_run
from test_access import code_of, make_token


@pytest.fixture
def guarded(binaries, start_server, tmp_path):
    """A server with one token of each role: the server, the tokens by role."""
    tokens, lines = {}, []
    for role in ("reader", "operator", "agent", "admin"):
        tokens[role], line = make_token(binaries, "a-" + role, role)
        lines.append(line)
    file = tmp_path / "access"
    file.write_text("\n".join(lines))
    return start_server("--access-file", str(file)), tokens


def audit(binaries, server, *flags, token=""):
    """What `benchfront audit` prints."""
    return subprocess.run(
        [binaries / "benchfront", "audit", "list", "--server", server.address, *flags],
        capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "BENCHFRONT_TOKEN": token})


def records(binaries, server, count, token=""):
    """Waits for so many records, which are written behind their calls; the newest first."""
    deadline = time.monotonic() + 20
    while True:
        listed = audit(binaries, server, "--output", "json", token=token)
        assert listed.returncode == 0, listed.stderr
        found = json.loads(listed.stdout)
        if len(found) >= count:
            assert len(found) == count, found
            return found
        assert time.monotonic() < deadline, found


def test_callers_and_what_they_changed_are_listed_to_admins(binaries, guarded):
    server, tokens = guarded
    model = configuration_pb2.Model(
        id="example/audited", kind=configuration_pb2.MODEL_KIND_SELF_HOSTED,
        parameter_count=10**9, context_length=4096)
    with Client(server.address, token=tokens["operator"]) as operator:
        operator.register_model(model)
        run = operator.create_run(one_configuration(), requests=1)
        operator.control.CancelRun(control_pb2.CancelRunRequest(run_id=run.id), timeout=10)
        with pytest.raises(grpc.RpcError):
            operator.control.CancelRun(control_pb2.CancelRunRequest(run_id="none"), timeout=10)
        # Reading is nothing to record, nor is a stranger's call.
        assert model.id in [each.id for each in operator.models()]
    with Client(server.address, token=tokens["reader"]) as reader:
        with pytest.raises(BenchfrontError):
            reader.register_model(model)
    cancel = "/benchfront.v1.BenchmarkControl/CancelRun"
    assert code_of(server.address, cancel) == grpc.StatusCode.UNAUTHENTICATED

    found = records(binaries, server, 5, tokens["admin"])
    assert [(each["caller"], each["method"], each["subject"], each["outcome"]) for each in found] == [
        ("a-reader", "benchfront.v1.Catalog/RegisterModel", None, "PERMISSION_DENIED"),
        ("a-operator", "benchfront.v1.BenchmarkControl/CancelRun", "run none", "NOT_FOUND"),
        ("a-operator", "benchfront.v1.BenchmarkControl/CancelRun", f"run {run.id}", "OK"),
        ("a-operator", "benchfront.v1.BenchmarkControl/CreateRun", f"run {run.id}", "OK"),
        ("a-operator", "benchfront.v1.Catalog/RegisterModel", "model example/audited", "OK"),
    ]
    assert found[0]["roles"] == ["reader"] and found[1]["roles"] == ["reader", "operator"]
    assert all(each["recorded_at"] for each in found)

    for role in ("reader", "operator", "agent"):
        assert audit(binaries, server, token=tokens[role]).returncode == 4
    table = audit(binaries, server, "--limit", "1", token=tokens["admin"]).stdout
    assert "a-reader" in table and "PERMISSION_DENIED" in table and "a-operator" not in table


def test_agents_get_a_line_for_each_session_and_each_batch(binaries, start_server):
    server = start_server()
    with Client(server.address) as client:
        with taken_run(client) as run:
            batch = client.control.GetRun(
                control_pb2.GetRunRequest(run_id=run.id), timeout=10).run.batches[0]
            found = records(binaries, server, 3)
        assert [(each["caller"], each["subject"]) for each in found] == [
            (None, f"batch {batch.id} to agent idle, token 1"), (None, "agent idle"),
            (None, f"run {run.id}"),
        ]
        pages = []
        request = catalog_pb2.ListAuditRecordsRequest(page_size=2)
        while not pages or request.page_token:
            page = client.catalog.ListAuditRecords(request, timeout=10)
            pages.append([record.subject for record in page.records])
            request.page_token = page.next_page_token
        assert pages == [[each["subject"] for each in found[:2]], [found[2]["subject"]]]
    assert "anonymous" in audit(binaries, server).stdout

"""The end of a real server, whatever holds it up."""

import fcntl
import re
import signal
import subprocess

import grpc
import pytest


def test_a_server_whose_loops_are_blocked_ends_all_the_same(binaries, tmp_path):
    process = subprocess.Popen(
        [
            binaries / "benchfront-server", "serve", "--listen", "127.0.0.1:0", "--loops", "1",
            "--data-dir", tmp_path / "data", "--log-level", "debug", "--drain-grace", "0.1",
        ],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    try:
        # Nobody reads the log: the line that no longer fits blocks the loop that writes it.
        fcntl.fcntl(process.stderr, fcntl.F_SETPIPE_SZ, 4096)
        address = re.search(r"serving on (\S+)", process.stdout.readline()).group(1)
        with grpc.insecure_channel(address) as channel:
            list_models = channel.unary_unary("/benchfront.v1.Catalog/ListModels")
            with pytest.raises(grpc.RpcError) as error:
                for _ in range(1000):
                    list_models(b"", timeout=3)
            assert error.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 1
    finally:
        process.kill()
        process.wait()

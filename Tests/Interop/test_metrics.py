"""Prometheus and an orchestrator's probes, as they meet a real server."""

import json
import re
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

import grpc


def get(url):
    """Status and body of a GET."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def call(address, method="/benchfront.v1.Catalog/ListModels"):
    """A unary call with an empty request, whose status does not matter."""
    with grpc.insecure_channel(address) as channel:
        try:
            channel.unary_unary(method)(b"", timeout=10)
        except grpc.RpcError:
            pass


def test_promtool_finds_nothing_to_complain_about(server):
    call(server.address)
    call(server.address, "/no.Such/Method")
    status, text = get(server.metrics + "/metrics")
    assert status == 200
    check = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")


def test_calls_are_counted_by_method_and_status(server):
    method = "benchfront.v1.Catalog/GetModel"
    call(server.address, "/" + method)
    _, text = get(server.metrics + "/metrics")
    assert f'grpc_server_call_started_total{{grpc_method="{method}"}} 1' in text
    line = f'duration_seconds_count{{grpc_method="{method}",grpc_status="NOT_FOUND"}} 1'
    assert line in text


def test_probes_and_other_paths(server):
    assert get(server.metrics + "/healthz") == (200, "alive\n")
    assert get(server.metrics + "/readyz") == (200, "ready\n")
    assert get(server.metrics + "/")[0] == 404
    request = urllib.request.Request(server.metrics + "/metrics", data=b"x", method="POST")
    try:
        urllib.request.urlopen(request, timeout=10)
        raise AssertionError("a POST was answered")
    except urllib.error.HTTPError as error:
        assert error.code == 405


def test_a_draining_server_is_alive_and_not_ready(start_server):
    server = start_server()
    method = "/benchfront.v1.Catalog/ImportResults"
    with grpc.insecure_channel(server.address) as channel:
        # An upload without a word keeps the server from ending at once.
        calls = channel.stream_unary(method).future(iter(lambda: time.sleep(60), None))
        deadline = time.monotonic() + 10
        while 'ImportResults"} 1' not in get(server.metrics + "/metrics")[1]:
            assert time.monotonic() < deadline
        server.process.send_signal(signal.SIGTERM)
        while get(server.metrics + "/readyz") != (503, "draining\n"):
            assert time.monotonic() < deadline
        assert get(server.metrics + "/healthz")[0] == 200
        calls.cancel()
    assert server.process.wait(timeout=30) == 0


def test_a_real_prometheus_scrapes_it(server, tmp_path):
    target = server.metrics.removeprefix("http://")
    configuration = tmp_path / "prometheus.yml"
    configuration.write_text(
        "scrape_configs:\n  - job_name: benchfront\n    scrape_interval: 1s\n"
        f"    static_configs: [{{targets: ['{target}']}}]\n"
    )
    log = (tmp_path / "prometheus.log").open("w+")
    prometheus = subprocess.Popen(
        [
            "prometheus", f"--config.file={configuration}", f"--storage.tsdb.path={tmp_path}/data",
            "--web.listen-address=127.0.0.1:0",
        ],
        stderr=log,
    )
    try:
        port = listening_port(prometheus, log)
        query = f"http://127.0.0.1:{port}/api/v1/query?query=benchfront_build_info"
        deadline = time.monotonic() + 30
        while True:
            # It listens before it is ready.
            status, text = get(query)
            result = json.loads(text)["data"]["result"] if status == 200 else None
            if result:
                break
            assert time.monotonic() < deadline, "nothing was scraped"
            time.sleep(0.2)
        assert result[0]["value"][1] == "1"
        assert result[0]["metric"]["instance"] == target
    finally:
        prometheus.terminate()
        prometheus.wait(timeout=30)


def listening_port(process, log):
    """The port of a process, from the kernel: Prometheus logs the one that it was asked for."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, open(log.name, encoding="utf-8").read()
        inodes = subprocess.run(
            ["find", f"/proc/{process.pid}/fd", "-lname", "socket:*", "-printf", "%l\n"],
            capture_output=True, text=True, check=False,
        ).stdout
        with open("/proc/net/tcp", encoding="utf-8") as table:
            for line in list(table)[1:]:
                fields = line.split()
                if fields[3] == "0A" and f"[{fields[9]}]" in inodes:
                    return int(fields[1].split(":")[1], 16)
        time.sleep(0.1)
    raise AssertionError("Prometheus listens on no port")


def test_a_caller_over_its_rate_is_refused_and_logged(start_server):
    server = start_server("--calls-per-second", "2")
    with grpc.insecure_channel(server.address) as channel:
        list_models = channel.unary_unary("/benchfront.v1.Catalog/ListModels")
        codes = []
        for _ in range(5):
            try:
                list_models(b"", timeout=10)
                codes.append(grpc.StatusCode.OK)
            except grpc.RpcError as error:
                codes.append(error.code())
                trailers = dict(error.trailing_metadata())
                assert 0 < int(trailers["grpc-retry-pushback-ms"]) <= 500
    assert codes[:2] == [grpc.StatusCode.OK] * 2
    assert grpc.StatusCode.RESOURCE_EXHAUSTED in codes
    server.stop()
    assert "RESOURCE_EXHAUSTED" in server.log.read_text()


def value(server, name):
    """A metric's number, by its name with labels."""
    _, text = get(server.metrics + "/metrics")
    return float(next(line for line in text.splitlines() if line.startswith(name + " ")).split()[-1])


def eventually(server, name, wanted):
    """Waits until a metric has a number."""
    deadline = time.monotonic() + 10
    while value(server, name) != wanted:
        assert time.monotonic() < deadline, f"{name} is {value(server, name)}, not {wanted}"
        time.sleep(0.02)


def dial(address):
    """A connection without a word."""
    host, port = address.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=10)


def test_connections_are_counted_by_what_becomes_of_them(start_server):
    server = start_server(
        "--limit", "max-connections-per-address=2", "--limit", "max-idle=500ms",
        "--limit", "settings-rate=5+1/s")
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    settings = b"\0\0\0\4\0\0\0\0\0"
    with dial(server.address) as first, dial(server.address):
        eventually(server, "benchfront_connections", 2)
        with dial(server.address) as third:
            assert third.recv(1) == b""
        bound = 'benchfront_connections_refused_total{bound="max_connections_per_address"}'
        eventually(server, bound, 1)
        first.sendall(b"\x16\x03\x01\x02\x00")
        eventually(server, 'benchfront_handshake_failures_total{reason="not_cleartext"}', 1)
    eventually(server, "benchfront_connections", 0)
    with dial(server.address) as flood, dial(server.address) as idle:
        flood.sendall(preface + settings * 20)
        eventually(server, 'benchfront_goaways_sent_total{reason="enhance_your_calm"}', 1)
        idle.sendall(preface + settings)
        eventually(server, 'benchfront_goaways_sent_total{reason="idle"}', 1)
    with dial(server.address) as broken:
        # DATA on stream 0: the library says goodbye by itself.
        broken.sendall(preface + settings + b"\0\0\1\0\0\0\0\0\0x")
        eventually(server, 'benchfront_goaways_sent_total{reason="protocol_error"}', 1)
    assert value(server, "benchfront_connections_accepted_total") >= 5


def test_failed_tls_handshakes_are_counted_by_reason(start_server, certificates):
    server = start_server(
        "--tls-cert", certificates / "server.pem", "--tls-key", certificates / "server.key",
        "--client-ca", certificates / "ca.pem")

    def greet(authority="ca", protocols=("h2",), client=None):
        context = ssl.create_default_context(cafile=certificates / f"{authority}.pem")
        if protocols:
            context.set_alpn_protocols(protocols)
        if client:
            context.load_cert_chain(certificates / f"{client}.pem", certificates / f"{client}.key")
        with dial(server.address) as plain:
            try:
                with context.wrap_socket(plain, server_hostname="localhost") as connection:
                    connection.recv(1)
            except OSError:
                pass

    def failures(reason):
        return f'benchfront_handshake_failures_total{{reason="{reason}"}}'

    greet()
    eventually(server, failures("certificate"), 1)
    greet(client="stranger")
    eventually(server, failures("certificate"), 2)
    greet(authority="other-ca", client="client")
    eventually(server, failures("refused"), 1)
    greet(protocols=(), client="client")
    eventually(server, failures("not_http2"), 1)
    with dial(server.address) as plain:
        plain.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        eventually(server, failures("not_tls"), 1)


def test_the_product_is_measured(server):
    method = "/benchfront.v1.Recommend/RecommendConfigurations"
    for _ in range(2):
        call(server.address, method)
    labels = '{question="ranking",cache="hit"}'
    eventually(server, "benchfront_recommendation_duration_seconds_count" + labels, 1)
    for name in ('benchfront_runs{state="running"}', 'benchfront_batches{state="leased"}',
                 "benchfront_agents_connected", "benchfront_samples_committed_total",
                 "benchfront_ingest_queue_messages", "benchfront_store_queue_writes"):
        eventually(server, name, 0)


def test_answers_are_compressed_where_the_server_is_told_to(start_server):
    answers, sizes = [], []
    sent = re.compile(
        r"^grpc_server_call_sent_total_compressed_message_size_bytes_sum{.*ListPrices.*} (\d+)",
        re.M)
    for flags in ([], ["--compress-answers"]):
        server = start_server(*flags)
        with grpc.insecure_channel(server.address) as channel:
            list_prices = channel.unary_unary("/benchfront.v1.Catalog/ListPrices")
            answers.append(len(list_prices(b"", timeout=10)))
        _, text = get(server.metrics + "/metrics")
        sizes.append(int(sent.search(text).group(1)))
    assert sizes[0] == answers[0]
    assert sizes[1] < answers[1] / 2

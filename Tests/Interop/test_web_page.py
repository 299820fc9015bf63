"""A page in a real browser, of another origin than the server's, calls by gRPC-Web over TLS."""

import functools
import http.server
import threading
import urllib.parse
from pathlib import Path

import pytest

from benchfront import TLS, Client
from benchfront.v1 import benchmark_control_pb2 as control_pb2
from browser import Browser
from runs import taken_run
from test_access import make_token

PAGE = Path(__file__).parents[2] / "clients" / "web"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def origin():
    """Where the page is served from."""
    handler = functools.partial(Quiet, directory=PAGE)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser(tmp_path_factory, certificates):
    browser = Browser(tmp_path_factory.mktemp("browser"), certificates / "server.pem")
    yield browser
    browser.close()


def address(origin, server, **more):
    """The page's address with what it is to call in its fragment."""
    port = server.address.rsplit(":", 1)[1]
    more["server"] = f"https://localhost:{port}"
    return f"{origin}/index.html#{urllib.parse.urlencode(more)}"


@pytest.mark.parametrize("text", [0, 1])
def test_the_page_calls_a_unary_method_and_reads_a_stream_as_it_comes(
    start_server, flags, certificates, origin, browser, text
):
    server = start_server(*flags, "--web-origin", origin)
    tls = TLS(ca=certificates / "ca.pem")
    with Client(server.address, tls=tls, timeout=20) as client, taken_run(client) as run:
        browser.open(address(origin, server, run=run.id, text=text))
        browser.wait("#models-state", "6 in the catalog")
        assert "meta-llama/Llama-3.1-8B-Instruct" in browser.text("#models")
        # The stream goes on, and what came of it is shown.
        browser.wait("#events", "the run is running")
        assert browser.text("#run-state") == "watching"
        client.control.CancelRun(control_pb2.CancelRunRequest(run_id=run.id))
        browser.wait("#run-state", "ended")
        events = browser.text("#events")
        assert "the run is cancelled" in events and "c1-" in events
    # A status without a message, in the headers.
    browser.open(address(origin, server, run="00000000-0000-7000-8000-000000000000", text=text))
    browser.wait("#run-state", "status 5")


def test_the_page_shows_its_token_and_learns_when_it_is_not_good(
    start_server, flags, binaries, tmp_path, origin, browser
):
    token, line = make_token(binaries, "page", "reader")
    (tmp_path / "access").write_text(line)
    server = start_server(*flags, "--web-origin", origin, "--access-file", tmp_path / "access")
    browser.open(address(origin, server, token=token))
    browser.wait("#models-state", "6 in the catalog")
    for bad in ["", "bf_" + "5" * 64]:
        browser.open(address(origin, server, token=bad))
        browser.wait("#models-state", "status 16")


@pytest.mark.parametrize("let_in", [None, "https://dash.example"])
def test_a_page_of_another_origin_reads_nothing(start_server, flags, origin, browser, let_in):
    server = start_server(*flags, *(["--web-origin", let_in] if let_in else []))
    browser.open(address(origin, server))
    browser.wait("#models-state", "no answer that this page may read")
    assert browser.text("#models") == ""


def test_any_page_reads_where_any_may(start_server, flags, origin, browser):
    server = start_server(*flags, "--web-origin", "*")
    browser.open(address(origin, server))
    browser.wait("#models-state", "6 in the catalog")

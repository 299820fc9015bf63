"""A headless Chromium, driven through the pipe of its DevTools protocol."""

import base64
import json
import os
import select
import shutil
import subprocess
import time

import pytest


def key_digest(certificate):
    """What Chromium calls a certificate's public key by: the SHA-256 of it in base64."""
    key = subprocess.run(
        ["openssl", "x509", "-in", certificate, "-pubkey", "-noout"],
        capture_output=True, check=True,
    ).stdout
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "der"], input=key, capture_output=True, check=True
    ).stdout
    digest = subprocess.run(
        ["openssl", "dgst", "-sha256", "-binary"], input=der, capture_output=True, check=True
    ).stdout
    return base64.b64encode(digest).decode()


class Browser:
    """One browser with one page, which trusts the key of one certificate besides the system's."""

    def __init__(self, folder, certificate):
        program = shutil.which("chromium")
        assert program, "chromium is not installed: deploy/local/packages.sh test"
        self.log = folder / "chromium.log"
        in_read, self.to_browser = os.pipe()
        self.from_browser, out_write = os.pipe()
        # Its own user holds no sandbox where the tests run as root.
        command = [
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--disable-background-networking", "--disable-component-update",
            f"--user-data-dir={folder / 'profile'}", "--remote-debugging-pipe",
            f"--ignore-certificate-errors-spki-list={key_digest(certificate)}",
        ]
        self.process = subprocess.Popen(
            # The browser reads from descriptor 3 and writes to 4.
            ["bash", "-c", f'exec "$@" 3<&{in_read} 4>&{out_write}', "bash", *command],
            pass_fds=[in_read, out_write], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=self.log.open("wb"), env={**os.environ, "HOME": str(folder)},
            start_new_session=True,
        )
        os.close(in_read)
        os.close(out_write)
        self.buffer = b""
        self.last_id = 0
        self.session = None
        page = self.command("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.command("Target.attachToTarget", targetId=page, flatten=True)[
            "sessionId"]

    def _next(self, deadline):
        while b"\0" not in self.buffer:
            left = deadline - time.monotonic()
            ready = left > 0 and select.select([self.from_browser], [], [], left)[0]
            data = os.read(self.from_browser, 65_536) if ready else b""
            if not data:
                pytest.fail(f"the browser does not answer: {self.log.read_text()[-2000:]}")
            self.buffer += data
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def command(self, method, timeout=60, **parameters):
        """Sends a command and gives its result."""
        self.last_id += 1
        command = {"id": self.last_id, "method": method, "params": parameters}
        if self.session:
            command["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(command).encode() + b"\0")
        deadline = time.monotonic() + timeout
        while True:
            answer = self._next(deadline)
            if answer.get("id") == self.last_id:
                assert "error" not in answer, answer
                return answer["result"]

    def open(self, url):
        """Opens a page anew, also when only the fragment differs from that of the last."""
        self.command("Page.navigate", url="about:blank")
        result = self.command("Page.navigate", url=url)
        assert "errorText" not in result, result

    def text(self, selector):
        """The text of an element; empty while there is none."""
        script = f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"
        return self.command("Runtime.evaluate", expression=script)["result"]["value"]

    def wait(self, selector, wanted, timeout=60):
        """Returns an element's text once it has the wanted text in it."""
        deadline = time.monotonic() + timeout
        while wanted not in (text := self.text(selector)):
            if time.monotonic() > deadline:
                pytest.fail(f"{selector} is {text!r}, not {wanted!r}: {self.text('body')}")
            time.sleep(0.05)
        return text

    def screenshot(self):
        """What the page looks like, as PNG."""
        return base64.b64decode(self.command("Page.captureScreenshot")["data"])

    def close(self):
        """Ends the browser and all of its processes."""
        self.session = None
        try:
            self.command("Browser.close")
            self.process.wait(timeout=20)
        finally:
            if self.process.poll() is None:
                os.killpg(self.process.pid, 9)
                self.process.wait(timeout=20)
            os.close(self.to_browser)
            os.close(self.from_browser)

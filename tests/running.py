"""The whole platform in demo mode, as `make run` starts it, on ports and data of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec

ROOT = Path(__file__).parents[1]
READY_WITHIN_S = 120


@dataclass(frozen=True)
class Platform:
    """A running platform."""

    url: str
    directory: Path
    environment: dict[str, str]

    @property
    def api(self) -> str:
        return f"{self.url}/api/v1"

    def pid(self, child: str, within_s: float = 30) -> int:
        """Return the process of one of its services; waits for one that is being started again."""
        deadline = time.monotonic() + within_s
        while True:
            told = msgspec.json.decode((self.directory / "up.json").read_bytes())
            if child in told["children"]:
                return int(told["children"][child]["pid"])
            assert time.monotonic() < deadline, f"{child} does not come back:\n{self.log()[-3000:]}"
            time.sleep(0.1)

    def kill(self, child: str) -> None:
        """kill -9, as a crash would."""
        os.kill(self.pid(child), signal.SIGKILL)

    def verify_ledger(self) -> str:
        """Run `zaryad ledger verify`; returns what it says, which is nothing good when it fails."""
        done = subprocess.run(
            [sys.executable, "-m", "zaryad", "ledger", "verify", "--demo"],
            env=self.environment,
            cwd=self.directory,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout + done.stderr

    def log(self) -> str:
        """What it has said."""
        return (self.directory / "up.log").read_text(errors="replace")


def free_ports(count: int) -> list[int]:
    """Return ports that nobody listens on now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


@contextmanager
def running(**settings: str) -> Iterator[Platform]:
    """`zaryad up --demo` from nothing; stopped as Ctrl-C stops it. `settings` are ZARYAD_* variables."""
    directory = Path(tempfile.mkdtemp(prefix="zaryad-up-"))
    directory.chmod(0o755)
    http, gateway, nats, bank = free_ports(4)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ZARYAD_")} | {
        "PYTHONPATH": str(ROOT),
        "ZARYAD_DATA_DIR": str(directory),
        "ZARYAD_HTTP__PORT": str(http),
        "ZARYAD_GATEWAY__PORT": str(gateway),
        "ZARYAD_NATS__PORT": str(nats),
        "ZARYAD_TESTBANK__PORT": str(bank),
        "ZARYAD_METRICS__GATEWAY": "0",
        "ZARYAD_METRICS__WORKER": "0",
        "ZARYAD_METRICS__SANDBOX": "0",
        **settings,
    }
    with (directory / "up.log").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "zaryad", "up", "--demo"],
            env=environment,
            cwd=directory,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    platform = Platform(f"http://127.0.0.1:{http}", directory, environment)
    try:
        _wait(process, platform)
        yield platform
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    shutil.rmtree(directory, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], platform: Platform) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while "is ready in" not in platform.log():
        assert process.poll() is None, platform.log()[-4000:]
        assert time.monotonic() < deadline, platform.log()[-4000:]
        time.sleep(0.2)


class Person:
    """A driver with a phone in a bad network: asks again until there is an answer, as the app does."""

    def __init__(self, platform: Platform, phone: str) -> None:
        self.platform = platform
        self.client = httpx.Client(base_url=platform.api, timeout=10)
        self._sign_in(phone)

    def ask(self, method: str, path: str, within_s: float = 60, **said: object) -> httpx.Response:
        """Ask until it is answered; 5xx and a dead server are no answers."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                answer = self.client.request(method, path, **said)  # type: ignore[arg-type]  # the library's own keywords
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < 500:
                return answer
            assert time.monotonic() < deadline, f"{method} {path}: {answer and answer.text}"
            time.sleep(0.2)

    def get(self, path: str) -> dict:  # type: ignore[type-arg]
        answer = self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def top_up(self, amount_minor: int, payment_id: str) -> None:
        """Pay at the Test Bank's page, as the button does."""
        answer = self.ask("PUT", f"/payments/{payment_id}", json={"amount_minor": amount_minor})
        assert answer.status_code == 202, answer.text
        until(lambda: self.get(f"/payments/{payment_id}")["url"])
        page = self.get(f"/payments/{payment_id}")["url"]
        assert httpx.post(page, data={"act": "pay"}).status_code == 303
        until(lambda: self.get(f"/payments/{payment_id}")["state"] == "paid")

    def _sign_in(self, phone: str) -> None:
        assert self.ask("POST", "/auth/codes", json={"phone": phone}).status_code == 202

        def code() -> str | None:
            for message in self.ask("GET", "/demo/messages").json():
                digits = "".join(c if c.isdigit() else " " for c in message["text"]).split()
                if message["phone"] == phone and digits:
                    return str(next(word for word in digits if len(word) == 6))
            return None

        until(code)
        answer = self.ask("POST", "/auth/sessions", json={"phone": phone, "code": code()})
        assert answer.status_code == 201, answer.text
        self.client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"


def until(done: object, within_s: float = 60) -> None:
    """Wait until it is so."""
    assert callable(done)
    deadline = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.1)

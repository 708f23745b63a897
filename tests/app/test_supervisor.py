"""`up` for real: processes are killed, and come back; the supervisor is killed, and nothing of it stays."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

import msgspec
import psycopg
import pytest

from zaryad.app.config import Config
from zaryad.app.owner import Owner, Proc
from zaryad.app.services import postgres_server

ROOT = Path(__file__).parents[2]


class Up:
    """One run of `up.py`, and what it says."""

    def __init__(self, data: Path, port: int, which: str) -> None:
        self.data = data
        self.said: list[str] = []
        self._lines: Queue[str | None] = Queue()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ZARYAD_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.app.up", str(data), str(port), which],
            cwd=ROOT,
            env={**environment, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip())
        self._lines.put(None)

    def hears(self, words: str, within_s: float = 30) -> str:
        """Wait for a line with these words."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                line = self._lines.get(timeout=max(deadline - time.monotonic(), 0.01))
            except Empty:
                line = None
            if line is None:
                pytest.fail(f"never said {words!r}; said:\n" + "\n".join(self.said))
            self.said.append(line)
            if words in line:
                return line

    def ends(self, within_s: float = 30) -> int:
        code = self.process.wait(within_s)
        while (line := self._lines.get(timeout=5)) is not None:
            self.said.append(line)
        return code

    def owner(self) -> Owner:
        return msgspec.json.decode((self.data / "up.json").read_bytes(), type=Owner)

    def child(self, name: str, other_than: int | None = None) -> Proc:
        """Return a running child once it is another process than the one given."""
        until(lambda: name in self.owner().children and self.owner().children[name].pid != other_than)
        return self.owner().children[name]


def until(true: Callable[[], object], within_s: float = 15) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "never came true"
        time.sleep(0.05)


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="zaryad-up-") as directory:
        Path(directory).chmod(0o755)  # the database's unprivileged user has to get in
        yield Path(directory) / "data"


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def up(data: Path, port: int, which: str = "all") -> Iterator[Up]:
    running = Up(data, port, which)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.send_signal(signal.SIGTERM)
            try:
                running.process.wait(20)
            except subprocess.TimeoutExpired:
                running.process.kill()
        if (data / "up.json").exists():  # it was killed: what should have gone by itself must not stay after a failure
            for child in running.owner().children.values():
                if child.lives():
                    os.kill(child.pid, signal.SIGKILL)


def database_answers(data: Path) -> bool:
    config = msgspec.convert({"data": {"dir": str(data)}}, Config)
    try:
        psycopg.connect(postgres_server(config).url("postgres"), connect_timeout=2).close()
    except (psycopg.OperationalError, OSError):
        return False
    return True


def test_whoever_is_killed_comes_back_and_ctrl_c_stops_all_in_order(data: Path, port: int) -> None:
    with up(data, port) as running:
        running.hears("READY")
        for name in ("second", "nats", "postgres"):
            killed = running.child(name)
            os.kill(killed.pid, signal.SIGKILL)
            running.hears(f"{name} | was killed by SIGKILL")
            running.hears(f"{name} | is back")
            assert running.child(name, other_than=killed.pid).lives()
        assert database_answers(data)
        children = running.owner().children
        running.process.send_signal(signal.SIGINT)
        assert running.ends() == 0
        said = "\n".join(running.said)
        assert said.index("second | bye") < said.index("first | bye")
        assert not any(child.lives() for child in children.values())
        assert not (data / "up.json").exists()


def test_a_killed_supervisor_leaves_nothing_and_the_next_start_works(data: Path, port: int) -> None:
    with up(data, port) as running:
        running.hears("READY")
        children = running.owner().children
        assert set(children) == {"postgres", "nats", "first", "second"}
        running.process.kill()
        running.process.wait()
        if sys.platform == "linux":  # elsewhere the databases stay until the next start ends them
            until(lambda: not any(child.lives() for child in children.values()))
    began = time.monotonic()
    with up(data, port) as again:
        again.hears("the last start was killed")
        again.hears("READY")
        assert time.monotonic() - began < 15
        assert database_answers(data)
        assert not any(child.lives() for child in children.values())


def test_a_start_right_after_a_kill_ends_what_is_left(data: Path, port: int) -> None:
    with up(data, port) as running:
        running.hears("READY")
        children = running.owner().children
        running.process.kill()
        running.process.wait()
        with up(data, port) as again:
            again.hears("READY")
            assert not any(child.lives() for child in children.values())


def test_a_second_start_names_the_owner(data: Path, port: int) -> None:
    with up(data, port, "services") as running:
        running.hears("READY")
        second = Up(data, port, "services")
        said = second.hears("is in use by")
        assert second.ends() == 1
        assert f"process {running.process.pid} since 20" in said
        assert "http://127.0.0.1:1" in said
        assert all(child.lives() for child in running.owner().children.values())


def test_a_taken_port_is_named_with_its_key(data: Path, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        running = Up(data, port, "all")
        said = running.hears("is taken")
        assert running.ends() == 1
        assert f"127.0.0.1:{port}" in said
        assert "nats.port" in said
        assert "ZARYAD_NATS__PORT" in said


def test_a_service_that_cannot_start_ends_it_all_and_says_why(data: Path, port: int) -> None:
    running = Up(data, port, "broken")
    assert running.ends() == 1
    said = "\n".join(running.said)
    assert said.count("broken | no such luck") == 3
    assert "given up: broken ended with code 1" in said


def test_a_child_that_does_not_stop_is_killed_within_the_bound(data: Path, port: int) -> None:
    with up(data, port, "deaf") as running:
        until(lambda: (data / "up.json").exists() and running.owner().children)
        deaf = running.child("deaf")
        time.sleep(0.3)  # until it has become deaf
        began = time.monotonic()
        running.process.send_signal(signal.SIGTERM)
        assert running.ends() == 0
        assert 1.5 < time.monotonic() - began < 6
        assert not deaf.lives()


def test_asked_twice_it_hurries(data: Path, port: int) -> None:
    with up(data, port, "deaf") as running:
        until(lambda: (data / "up.json").exists() and running.owner().children)
        time.sleep(0.3)
        began = time.monotonic()
        running.process.send_signal(signal.SIGINT)
        running.hears("stopping")
        running.process.send_signal(signal.SIGINT)
        assert running.ends() == 0
        assert time.monotonic() - began < 1.5


NURSERY = """
import asyncio, os, signal, socket, sys
from zaryad.app.nursery import Nursery

async def main():
    nursery = Nursery(os.environ)
    ours, theirs = socket.socketpair()
    child = await nursery.spawn(("check",), os.environ, theirs)
    said = (await child.stdout.read()).decode()
    print(await child.wait(), "Usage" in said or "security.secret is missing" in said)
    child = await nursery.spawn(("ledger", "--help"), {**os.environ, "COLUMNS": "80"}, theirs)
    print(b"Check every invariant" in await child.stdout.read(), await child.wait())
    child = await nursery.spawn(("sandbox", "run-nothing"), os.environ, theirs)
    print(await child.wait())
    nowhere = {**os.environ, "ZARYAD_DATABASE__URL": "postgresql://127.0.0.1:1/x"}
    child = await nursery.spawn(("prepare", "--demo"), nowhere, theirs)
    await asyncio.sleep(1)
    print("zaryad prepare" in open(f"/proc/{child.pid}/cmdline").read())
    os.kill(nursery._process.pid, signal.SIGKILL)
    print(await asyncio.wait_for(child.wait(), 5) == -signal.SIGKILL)
    child = await nursery.spawn(("ledger", "--help"), os.environ, theirs)
    print(await child.wait())
    await nursery.close()

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="there is no nursery elsewhere")
def test_the_nursery_forks_whole_programs_and_survives_its_own_death(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ZARYAD_")}
    done = subprocess.run(
        [sys.executable, "-c", NURSERY],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split("\n")[:-1] == ["2 True", "True 0", "2", "True", "True", "0"], done

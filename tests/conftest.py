"""One real PostgreSQL for the run; a database cloned from a migrated template for each test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from zaryad.platform.bus import NatsBus
from zaryad.platform.db import Db
from zaryad.platform.postgres import Server

# A property is about what is true, not about how long a busy machine takes to see it.
settings.register_profile("zaryad", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("zaryad")

_STATE: dict[str, object] = {}
FAST = {
    "fsync": "off",
    "synchronous_commit": "on",
    "full_page_writes": "off",
    "max_connections": "300",
    "shared_buffers": "256MB",
}


def _ready(url: str, timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def pytest_configure(config: pytest.Config) -> None:
    """Start the server in the process that pytest was called in; workers inherit its URL."""
    if hasattr(config, "workerinput") or config.option.collectonly or "ZARYAD_TEST_POSTGRES" in os.environ:
        return
    directory = Path(tempfile.mkdtemp(prefix="zaryad-test-"))
    directory.chmod(0o755)
    server = Server(directory / "pg", FAST)
    server.initialise()
    process = server.start()
    _STATE.update(directory=directory, process=process)
    admin = server.url("postgres")
    _ready(admin)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("create database template_zaryad")
    from tests.schema import make_schema  # noqa: PLC0415  # workers that are given a server need no schema

    make_schema(server.url("template_zaryad"))
    os.environ["ZARYAD_TEST_POSTGRES"] = admin
    _STATE["ours"] = True


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that this process started."""
    process = _STATE.get("process")
    if isinstance(process, subprocess.Popen):
        Server.stop(process)
        shutil.rmtree(str(_STATE["directory"]), ignore_errors=True)
        os.environ.pop("ZARYAD_TEST_POSTGRES", None)


@pytest.fixture(scope="session")
def nats_url() -> Iterator[str]:
    """A NATS server of the worker's own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    binary = Path(sys.executable).parent / "nats-server"
    process = subprocess.Popen(
        [binary, "-a", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 10
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert time.monotonic() < deadline, "nats-server did not start"
        time.sleep(0.02)
    yield f"nats://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


@pytest.fixture
async def bus(nats_url: str) -> AsyncIterator[NatsBus]:
    """A real bus, shared by the worker's tests: use subjects of your own."""
    bus = await NatsBus.connect(nats_url, "test")
    yield bus
    await bus.close()


@pytest.fixture
def database_url() -> Iterator[str]:
    """A fresh, migrated database of one's own."""
    admin = os.environ["ZARYAD_TEST_POSTGRES"]
    name = f"t_{uuid4().hex}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"create database {name} template template_zaryad strategy file_copy")  # type: ignore[arg-type]  # our own name
        yield admin.replace("/postgres?", f"/{name}?")
        connection.execute(f"drop database {name} with (force)")  # type: ignore[arg-type]  # our own name


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Db]:
    """The test's database, open."""
    db = Db.connect(database_url, pool=20)
    yield db
    await db.close()

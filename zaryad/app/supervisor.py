"""`zaryad up`: one process that owns the data directory and keeps the services running as its children."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from zaryad.app.child import Child, House, Listener, Spec, own_environment
from zaryad.app.nursery import Nursery
from zaryad.app.owner import OwnedError, Owner, Ownership, Proc, end_leftovers
from zaryad.kernel.clock import SystemClock
from zaryad.platform import process


class Told(msgspec.Struct, frozen=True):
    """Where the supervisor says what it does; `announce` presents it to a person."""

    line: Callable[[str, str], None]
    event: Callable[[str, str], None]
    ready: Callable[[Mapping[str, str], Sequence[str]], None]  # URLs, notes of the children


class Bounds(msgspec.Struct, frozen=True):
    """Seconds a child has to become ready, and to stop."""

    ready_within_s: float = 60
    stop_within_s: float = 20


class Supervisor:
    """Runs `specs` on `directory` until it is told to stop, or until one of them cannot be started."""

    def __init__(
        self,
        directory: Path,
        specs: Sequence[Spec],
        told: Told,
        *,
        urls: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        bounds: Bounds | None = None,
        nursery: Nursery | None = None,
    ) -> None:
        bounds = bounds or Bounds()
        self._ownership = Ownership(directory)
        self._nursery = nursery
        self._told = told
        self._urls = dict(urls or {})
        self._since = SystemClock().now().isoformat(timespec="seconds")
        self._failure: str | None = None
        self._notes: list[str] = []
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()
        self._is_up = False
        house = House(
            line=told.line,
            event=told.event,
            note=lambda _name, text: self._notes.append(text),
            failed=self._give_up,
            changed=self._tell,
            environment={**own_environment(), **(environment or {})},
            nursery=nursery,
            ready_within_s=bounds.ready_within_s,
            stop_within_s=bounds.stop_within_s,
        )
        self.children: dict[str, Child] = {}
        for spec in specs:
            needs = [self.children[name] for name in spec.after]  # in order: what is needed comes first
            self.children[spec.name] = Child(spec, house, needs)

    async def run(self) -> int:
        """Own the data, run everything, and return the exit code."""
        try:
            left = self._ownership.take()
        except (OwnedError, OSError) as error:
            self._told.event("up", str(error))
            return 1
        try:
            if left is not None:
                ended = await asyncio.to_thread(end_leftovers, left)
                self._told.event(
                    "up", f"the last start was killed; ended what it left: {', '.join(ended) or 'nothing'}"
                )
            taken = [where for child in self.children.values() for where in child.spec.listens if is_taken(where)]
            for where in taken:
                self._told.event(
                    "up",
                    f"{where.host}:{where.port} is taken by another program. Stop that one, or set {where.key} to a "
                    f"free port (in the file, or {_variable(where.key)}).",
                )
            return 1 if taken else await self._run_children()
        finally:
            self._ownership.release()

    async def _run_children(self) -> int:
        loop = asyncio.get_running_loop()
        for how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(how, self._asked)
        keeping = [asyncio.create_task(child.keep(), name=child.spec.name) for child in self.children.values()]
        for task in keeping:
            task.add_done_callback(self._kept)
        announcing = asyncio.create_task(self._announce())
        await self._stop.wait()
        announcing.cancel()
        await self._stop_children()
        await asyncio.wait(keeping, timeout=10)
        for task in keeping:
            task.cancel()
        await asyncio.gather(*keeping, announcing, return_exceptions=True)
        if self._nursery is not None:
            await self._nursery.close()
        if self._failure is not None:
            self._told.event("up", f"given up: {self._failure}")
            return 1
        self._told.event("up", "stopped")
        return 0

    async def _announce(self) -> None:
        for child in self.children.values():
            await child.ready.wait()
        self._is_up = True
        self._tell()
        self._told.ready(self._urls, self._notes)

    async def _stop_children(self) -> None:
        """Stop in reverse order, those that wait on nothing of each other together."""
        left = dict(self.children)
        while left:
            last = [
                child for name, child in left.items() if not any(name in other.spec.after for other in left.values())
            ]
            stopping = asyncio.create_task(_all(child.stop() for child in last))
            hurry = asyncio.create_task(self._hurry.wait())
            await asyncio.wait({stopping, hurry}, return_when=asyncio.FIRST_COMPLETED)
            if self._hurry.is_set():
                for child in self.children.values():
                    child.kill()
            hurry.cancel()
            await stopping
            for child in last:
                del left[child.spec.name]

    def _asked(self) -> None:
        if self._stop.is_set():
            self._told.event("up", "asked again: killing what is left")
            self._hurry.set()
            return
        self._told.event("up", "stopping")
        self._stop.set()

    def _kept(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._give_up(f"{task.get_name()}: {error!r}")

    def _give_up(self, why: str) -> None:
        self._failure = self._failure or why
        self._stop.set()

    def _tell(self) -> None:
        children = {name: child.proc for name, child in self.children.items() if child.proc is not None}
        us = Proc(os.getpid(), process.born(os.getpid()))
        with contextlib.suppress(OSError):
            self._ownership.tell(Owner(us.pid, self._since, self._urls if self._is_up else {}, children))


async def _all(work: Iterable[Coroutine[None, None, None]]) -> None:
    await asyncio.gather(*work)


def is_taken(where: Listener) -> bool:
    """Whether somebody listens there already."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((where.host, where.port))
        except OSError as error:
            return error.errno in {errno.EADDRINUSE, errno.EACCES}
    return False


def _variable(key: str) -> str:
    return "ZARYAD_" + key.upper().replace(".", "__")

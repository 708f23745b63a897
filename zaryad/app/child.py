"""One child process kept alive: started when what it needs is ready, watched, restarted ever more slowly, stopped."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from zaryad.app.nursery import Forked, Nursery
from zaryad.app.owner import Proc
from zaryad.platform import process
from zaryad.platform.lifecycle import SUPERVISOR_FD
from zaryad.platform.postgres import as_user

BACKOFF_S = 0.1
BACKOFF_S_MAX = 15.0
STEADY_AFTER_S = 30  # a child that has run so long has recovered: the next restart is quick again
FIRST_ATTEMPTS = 3  # that a child may fail before it has ever been ready
CONFIGURATION = 2  # exit code: trying again cannot help
TAIL_LINES = 25


class Listener(msgspec.Struct, frozen=True):
    """A port that a child is going to listen on, and the key that sets it."""

    key: str
    host: str
    port: int


class Spec(msgspec.Struct, frozen=True, kw_only=True):
    """How a child is run.

    One of our services says over its channel when it is ready; of a foreign program `answers` finds out. `once`: it
    has done its work when it exits with 0. `prepare` runs before each start, in a thread. `forked`: the verbs of our
    own program by which the nursery starts it, where there is one; else `command` does.
    """

    name: str
    does: str
    command: Callable[[], list[str]]
    forked: tuple[str, ...] | None = None
    after: tuple[str, ...] = ()
    environment: Mapping[str, str] = {}
    prepare: Callable[[], object] | None = None
    answers: Callable[[], Awaitable[bool]] | None = None
    once: bool = False
    foreign: bool = False
    user: int | None = None
    stop_by: signal.Signals = signal.SIGTERM
    listens: tuple[Listener, ...] = ()


class House(msgspec.Struct, frozen=True):
    """What the children share with their supervisor."""

    line: Callable[[str, str], None]  # a line of a child's output
    event: Callable[[str, str], None]  # something happened to a child
    note: Callable[[str, str], None]  # a child has something to tell its supervisor
    failed: Callable[[str], None]  # it cannot be started: everything is given up
    changed: Callable[[], None]  # a process began or ended
    environment: Mapping[str, str]
    nursery: Nursery | None
    ready_within_s: float
    stop_within_s: float


class Child:
    """Keeps one spec running."""

    def __init__(self, spec: Spec, house: House, needs: list[Child]) -> None:
        self.spec = spec
        self.ready = asyncio.Event()  # has been ready once
        self.process: asyncio.subprocess.Process | Forked | None = None
        self.proc: Proc | None = None
        self._house = house
        self._needs = needs
        self._stopping = asyncio.Event()
        self._tail: collections.deque[str] = collections.deque(maxlen=TAIL_LINES)

    async def keep(self) -> None:
        """Run until stopped."""
        for child in self._needs:
            await self._unless_stopped(child.ready)
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                code = await self._run_once()
            except (OSError, RuntimeError) as error:  # it could not even be started
                self._tail.append(str(error))
                code = None
            if self._stopping.is_set() or (self.spec.once and code == 0):
                return
            failures = 1 if time.monotonic() - began > STEADY_AFTER_S else failures + 1
            if not self.ready.is_set() and (code == CONFIGURATION or failures >= FIRST_ATTEMPTS):
                shown = not self.spec.foreign and code is not None
                self._house.failed(f"{self.spec.name} {ended(code)}" + ("" if shown else "\n" + "\n".join(self._tail)))
                return
            pause = min(BACKOFF_S * 2 ** (failures - 1), BACKOFF_S_MAX)
            self._house.event(self.spec.name, f"{ended(code)}; again in {pause:.1f} s")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)

    async def _unless_stopped(self, event: asyncio.Event) -> None:
        waiting = [asyncio.create_task(event.wait()), asyncio.create_task(self._stopping.wait())]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()

    async def stop(self) -> None:
        """Ask it to stop, and kill it when it does not within the time given."""
        self._stopping.set()
        process = self.process
        if process is None or process.returncode is not None:
            return
        self._signal(self.spec.stop_by)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), self._house.stop_within_s)
            return
        self._house.event(self.spec.name, f"did not stop within {self._house.stop_within_s:g} s: killed")
        self._kill()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 5)
            return
        self._signal(signal.SIGKILL)
        await process.wait()

    def kill(self) -> None:
        """End it at once; databases at least roll back in order."""
        self._stopping.set()
        self._kill()

    def _kill(self) -> None:
        self._signal(signal.SIGQUIT if self.spec.foreign else signal.SIGKILL)

    def _signal(self, how: signal.Signals) -> None:
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(how)

    async def _run_once(self) -> int:
        """Start it, see it become ready, wait for its end; returns the exit code."""
        if self.spec.prepare is not None:
            await asyncio.to_thread(self.spec.prepare)
        if self._stopping.is_set():
            return 0
        ours, theirs = socket.socketpair()
        with theirs:
            process = await self._spawn(theirs)
        self.process, self.proc = process, _proc(process.pid)
        if self._stopping.is_set():  # it was being born when we were told to stop
            self._signal(self.spec.stop_by)
        self._house.changed()
        told = asyncio.Event()
        reading = asyncio.create_task(self._read(process))
        hearing = asyncio.create_task(self._hear(ours, told))
        becoming = asyncio.create_task(self._become_ready(told))
        try:
            code = await process.wait()
            await asyncio.wait({reading, hearing}, timeout=1)  # longer only if a child of its own holds the pipe open
        finally:
            for task in (becoming, hearing, reading):
                task.cancel()
            await asyncio.gather(becoming, hearing, reading, return_exceptions=True)
            ours.close()
            self.process = self.proc = None
            self._house.changed()
        if self.spec.once and code == 0:
            self.ready.set()
        return code

    async def _spawn(self, theirs: socket.socket) -> asyncio.subprocess.Process | Forked:
        environment = {**self._house.environment, **self.spec.environment}
        if self.spec.forked is not None and self._house.nursery is not None:
            return await self._house.nursery.spawn(self.spec.forked, environment, theirs)
        how: dict[str, Any] = {"env": environment, **as_user(self.spec.user)}
        if self.spec.foreign:
            how |= {"preexec_fn": process.dying_with_parent(self.spec.stop_by), "cwd": "/"}
        else:
            environment[SUPERVISOR_FD] = str(theirs.fileno())
            how["pass_fds"] = (theirs.fileno(),)
        return await asyncio.create_subprocess_exec(
            *self.spec.command(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C at the terminal is for us alone: we stop them in order
            **how,
        )

    async def _become_ready(self, told: asyncio.Event) -> None:
        if self.spec.once:
            return
        try:
            async with asyncio.timeout(self._house.ready_within_s):
                if self.spec.answers is None:
                    await told.wait()
                else:
                    while not await self.spec.answers():  # noqa: ASYNC110  # a foreign program sets no event of ours
                        await asyncio.sleep(0.03)
        except TimeoutError:
            self._house.event(self.spec.name, f"was not ready within {self._house.ready_within_s:g} s: killed")
            self._kill()
        else:
            self._is_ready()

    async def _hear(self, channel: socket.socket, told: asyncio.Event) -> None:
        """Read what the child says to us: `ready`, or `note <text>`."""
        channel.setblocking(False)  # the call's own shape
        reader, writer = await asyncio.open_connection(sock=channel, limit=1 << 20)
        try:
            while line := (await reader.readline()).decode(errors="replace").strip():
                word, _, rest = line.partition(" ")
                if word == "ready":
                    told.set()
                elif word == "note":
                    self._house.note(self.spec.name, rest)
        finally:
            writer.close()

    def _is_ready(self) -> None:
        if self.ready.is_set():
            self._house.event(self.spec.name, "is back")
        self.ready.set()

    async def _read(self, process: asyncio.subprocess.Process | Forked) -> None:
        assert process.stdout is not None
        rest = ""
        while chunk := await process.stdout.read(65_536):
            *lines, rest = (rest + chunk.decode(errors="replace")).split("\n")
            for line in lines:
                self._say(line)
            if len(rest) > 65_536:
                self._say(rest)
                rest = ""
        if rest:
            self._say(rest)

    def _say(self, line: str) -> None:
        self._tail.append(line.rstrip())
        self._house.line(self.spec.name, line.rstrip())


def ended(code: int | None) -> str:
    """Say how a process ended."""
    if code is None:
        return "could not be started"
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"was killed by {signal.Signals(-code).name}"
    return f"ended with code {code}"


def our_program() -> list[str]:
    """Return how to start ourselves."""
    return [sys.executable, "-m", "zaryad"]


def _proc(pid: int) -> Proc:
    with contextlib.suppress(OSError):
        return Proc(pid, process.born(pid))
    return Proc(pid, None)


def own_environment() -> dict[str, str]:
    """Return what children inherit from us: everything but the channel of our own supervisor, if we have one."""
    return {name: value for name, value in os.environ.items() if name != SUPERVISOR_FD}

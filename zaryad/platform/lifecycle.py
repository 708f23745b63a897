"""How one service lives in its process: signals, loop, readiness, and the end of its supervisor.

`zaryad up` gives each of our services one end of a socket pair (`ZARYAD_SUPERVISOR_FD`). The service writes `ready` to
it; when it reads the end of the stream the supervisor is gone, however it went, and the service stops too. Works on
every Unix, needs no polling.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import resource
import signal
import socket
import threading
from collections.abc import Awaitable, Callable

import structlog
import uvloop

log = structlog.get_logger()

SUPERVISOR_FD = "ZARYAD_SUPERVISOR_FD"
FILES_WANTED = 65_536
ORPHAN_STOPS_WITHIN_S = 5

_supervisor: list[socket.socket] = []

GARBAGE_LOOKED_FOR_EVERY = 20_000  # objects made and not freed; a few megabytes at most


def run(main: Callable[[asyncio.Event], Awaitable[None]], *, service: str, stop_within_s: float = 20) -> int:
    """Run `main(stop)` to its end and return the exit code. SIGTERM and SIGINT set `stop`; a second one kills.

    `main` calls `ready()` when it serves, and returns soon after `stop` is set; later than `stop_within_s` it is
    cancelled. Whatever it leaves undone is safe: durable before answer.
    """
    raise_file_limit()
    try:
        uvloop.run(_live(main, service, stop_within_s))
    except Exception:
        log.exception("service.failed", service=service)
        return 1
    return 0


def ready() -> None:
    """Say that the service serves."""
    settle_memory()
    channel = _channel()
    if channel is not None:
        with contextlib.suppress(OSError):
            channel.sendall(b"ready\n")
    log.info("service.ready", pid=os.getpid())


def settle_memory() -> None:
    """Keep what is loaded by now out of garbage collection for good, and look for garbage less often.

    Hundreds of messages in hand are young objects by the thousand and no garbage: at Python's own threshold each
    wave of them was walked over ten times.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_LOOKED_FOR_EVERY, 10, 10)


def note(text: str) -> None:
    """Tell the supervisor something to show when all is ready; one line."""
    channel = _channel()
    if channel is not None:
        channel.sendall(b"note " + text.replace("\n", " ").encode() + b"\n")


def raise_file_limit(wanted: int = FILES_WANTED) -> int:
    """Raise the limit of open files as far as we may, up to `wanted`; every station is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    aim = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= aim:
        return soft
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (aim, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _channel() -> socket.socket | None:
    """Return the channel to our supervisor, if we have one."""
    number = os.environ.pop(SUPERVISOR_FD, None)  # ours alone: not for what we start
    if number is not None:
        channel = socket.socket(fileno=int(number))
        channel.set_inheritable(False)
        _supervisor[:] = [channel]
    return _supervisor[0] if _supervisor else None


async def _live(main: Callable[[asyncio.Event], Awaitable[None]], service: str, stop_within_s: float) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def asked(how: signal.Signals) -> None:
        if stop.is_set():
            log.warning("service.killed_while_stopping", service=service)
            os._exit(1)
        log.info("service.stopping", service=service, signal=how.name)
        stop.set()

    for how in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(how, asked, how)
    _follow_supervisor(loop, stop, service)
    work = asyncio.ensure_future(main(stop))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({work, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not work.done():
        await asyncio.wait({work}, timeout=stop_within_s)
    if not work.done():
        log.error("service.did_not_stop", service=service, within_s=stop_within_s)
        work.cancel()
    try:
        await work
    except asyncio.CancelledError:
        if not stop.is_set():
            raise


def _follow_supervisor(loop: asyncio.AbstractEventLoop, stop: asyncio.Event, service: str) -> None:
    channel = _channel()
    if channel is None:
        return

    def watch() -> None:
        """Wait in a thread: the loop may be busy just when its supervisor dies."""
        with contextlib.suppress(OSError):
            while channel.recv(64):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(stop.set)
        log.warning("service.orphaned", service=service)
        threading.Event().wait(ORPHAN_STOPS_WITHIN_S)
        os._exit(1)

    threading.Thread(target=watch, name="supervisor-watch", daemon=True).start()

"""A process that has imported everything once and forks our services from there (Linux).

Importing the platform takes a second of processor time. Forked, a service starts at once: `up` is ready in half the
time, a killed service is back before its stations notice, and what was imported is in memory once. The nursery has one
thread and no event loop, so that forking it is safe. When it dies its children are ended, and it is started anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import os
import select
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

import msgspec

from zaryad.platform.lifecycle import SUPERVISOR_FD

AVAILABLE = sys.platform == "linux"  # elsewhere system libraries do not take well to a fork without exec
TITLE_LENGTH = 40
BORN_WITHIN_S = 120  # the first imports on a slow disk take their time
_PR_SET_NAME = 15
_MESSAGE_BYTES_MAX = 1 << 18


class Birth(msgspec.Struct, frozen=True):
    """What the supervisor asks for; two descriptors come with it: where to write, and the child's channel."""

    arguments: tuple[str, ...]
    environment: dict[str, str]


class News(msgspec.Struct, frozen=True):
    """What the nursery tells: `born` in answer to a request, or the end of a child and its exit code."""

    pid: int
    code: int | None = None  # absent: it has been born


class Forked:
    """A child of the nursery, to be used as an `asyncio.subprocess.Process`."""

    def __init__(self, pid: int, stdout: asyncio.StreamReader) -> None:
        self.pid = pid
        self.stdout = stdout
        self.returncode: int | None = None
        self._ended = asyncio.Event()

    def end(self, code: int) -> None:
        """Note that it has ended."""
        self.returncode = code
        self._ended.set()

    async def wait(self) -> int:
        """Wait for its end; returns the exit code, negative for a signal."""
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, how: int) -> None:
        """Send it a signal."""
        if self.returncode is None:
            os.kill(self.pid, how)


class Nursery:
    """The supervisor's side."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {**environment}
        self._control: socket.socket | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._hearing: asyncio.Task[None] | None = None
        self._born: asyncio.Queue[int] = asyncio.Queue()
        self._children: dict[int, Forked] = {}
        self._one_at_a_time = asyncio.Lock()

    async def spawn(self, arguments: Sequence[str], environment: Mapping[str, str], channel: socket.socket) -> Forked:
        """Start `zaryad <arguments>`; OSError when the nursery has just died (trying again starts a new one)."""
        loop = asyncio.get_running_loop()
        async with self._one_at_a_time:
            await self.start()
            assert self._control is not None
            ours, theirs = os.pipe()
            request = msgspec.json.encode(Birth(tuple(arguments), dict(environment))) + b"\n"
            try:
                socket.send_fds(self._control, [request], [theirs, channel.fileno()])
            finally:
                os.close(theirs)
            stdout = asyncio.StreamReader()
            await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdout), os.fdopen(ours, "rb"))
            pid = await asyncio.wait_for(self._born.get(), BORN_WITHIN_S)
            if not pid:
                raise OSError("the nursery died; it is started anew")
            child = Forked(pid, stdout)
            self._children[pid] = child
            return child

    async def start(self) -> None:
        """Start the nursery unless it runs."""
        if (
            self._process is not None
            and self._process.returncode is None
            and self._hearing
            and not self._hearing.done()
        ):
            return
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "zaryad", "nursery", str(theirs.fileno()).ljust(TITLE_LENGTH)),
                pass_fds=(theirs.fileno(),),
                stdin=asyncio.subprocess.DEVNULL,
                env=self._environment,
                start_new_session=True,
            )
        self._control = ours
        self._born = asyncio.Queue()
        hearing = ours.dup()
        hearing.setblocking(False)  # the call's own shape
        self._hearing = asyncio.create_task(self._hear(hearing), name="nursery")

    async def close(self) -> None:
        """End it; its children have ended."""
        process, control, self._process = self._process, self._control, None
        if process is None or control is None:
            return
        with contextlib.suppress(OSError):
            control.shutdown(socket.SHUT_RDWR)
        control.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 0.5)  # it may be in the midst of importing
        if process.returncode is None:
            process.kill()
            await process.wait()
        if self._hearing is not None:
            await asyncio.gather(self._hearing, return_exceptions=True)

    async def _hear(self, control: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=control)
        with contextlib.suppress(OSError):
            while line := await reader.readline():
                news = msgspec.json.decode(line, type=News)
                if news.code is None:
                    self._born.put_nowait(news.pid)
                elif (child := self._children.pop(news.pid, None)) is not None:
                    child.end(news.code)
        writer.close()
        self._born.put_nowait(0)
        for pid, child in self._children.items():  # nobody could tell us of their ends any more
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            child.end(-signal.SIGKILL)
        self._children.clear()


def nurse(control: socket.socket) -> NoReturn:
    """Be the nursery: import everything, fork on request, tell of ends, until the supervisor is gone."""
    import zaryad.app.build  # noqa: PLC0415  # everything there is
    import zaryad.app.prepare  # noqa: F401, PLC0415

    gc.collect()
    gc.freeze()  # so that a child's collections do not copy what it shares
    woken, wakes = os.pipe()
    for end in (woken, wakes):
        os.set_blocking(end, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
    while True:
        ready, _, _ = select.select([control.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
        _reap(control)
        if control.fileno() in ready:
            asked, given, _, _ = socket.recv_fds(control, _MESSAGE_BYTES_MAX, 2)
            while asked and not asked.endswith(b"\n"):
                asked += control.recv(_MESSAGE_BYTES_MAX)
            if not asked:
                os._exit(0)
            _bear(control, msgspec.json.decode(asked, type=Birth), given, (woken, wakes))


def _reap(control: socket.socket) -> None:
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            _tell(control, News(pid, os.waitstatus_to_exitcode(status)))


def _bear(control: socket.socket, birth: Birth, given: Sequence[int], ours: Sequence[int]) -> None:
    pid = os.fork()
    if pid:
        for number in given:
            os.close(number)
        _tell(control, News(pid))
        return
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        for how in (signal.SIGINT, signal.SIGCHLD):
            signal.signal(how, signal.SIG_DFL)
        os.setsid()
        out, channel = given
        os.dup2(out, 1)
        os.dup2(out, 2)
        for number in (out, control.fileno(), *ours):
            os.close(number)
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # it is a text stream
        os.environ.clear()
        os.environ.update({**birth.environment, SUPERVISOR_FD: str(channel)})
        _name_us(f"zaryad {' '.join(birth.arguments)}")
        from zaryad.app.cli import call  # noqa: PLC0415  # upwards: the child is a command line of its own

        code = call(list(birth.arguments))
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001  # nothing may get past: the nursery's own stack is below us
        import traceback  # noqa: PLC0415

        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _tell(control: socket.socket, news: News) -> None:
    with contextlib.suppress(OSError):
        control.sendall(msgspec.json.encode(news) + b"\n")


def _name_us(title: str) -> None:
    """Show in `ps` and `top` what we are, not what we were forked from. Only for people: failing does no harm."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        ctypes.CDLL(None).prctl(_PR_SET_NAME, title.encode(), 0, 0, 0)
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        start, end = (
            int(fields[45]),
            int(fields[46]),
        )  # where the kernel reads our command line (proc(5): arg_start, arg_end)
        words = Path("/proc/self/cmdline").read_bytes()
        if len(words) == end - start:
            ctypes.memmove(start, title.encode().ljust(end - start, b"\0")[: end - start], end - start)

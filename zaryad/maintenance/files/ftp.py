"""The same files over FTP, for stations that know no other way. A thread of its own; the database is the loop's.

What a user may do is one thing: fetch the file of its grant, or put files. It sees nothing else, and nobody's names.
"""

from __future__ import annotations

import asyncio
import io
import logging
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

import structlog
from pyftpdlib.authorizers import AuthenticationFailed, DummyAuthorizer
from pyftpdlib.filesystems import AbstractedFS, FilesystemError
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import ThreadedFTPServer

from zaryad.kernel.clock import Clock
from zaryad.kernel.errors import DomainError
from zaryad.maintenance.files import store
from zaryad.maintenance.files.grant import open_grant
from zaryad.maintenance.files.keep import Taker, give_out
from zaryad.maintenance.files.model import CHUNK, UPLOADS_MAX, Ftp, Grant, StoredFile
from zaryad.maintenance.logs.arrive import arrived
from zaryad.platform.db import Db

log = structlog.get_logger()
logging.getLogger("pyftpdlib").setLevel(logging.CRITICAL)  # it writes down passwords

WITHIN_S = 60
T = TypeVar("T")


class Desk:
    """What the FTP threads ask of the loop: grants, files, bytes."""

    def __init__(self, db: Db, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._loop = asyncio.get_running_loop()

    def ask(self, what: Coroutine[Any, Any, T]) -> T:
        """Run it on the loop and wait, in a thread that is not the loop's."""
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(WITHIN_S)

    def open(self, user: str, password: str) -> tuple[Grant, StoredFile | None]:
        """Return the grant of these credentials, and its file."""

        async def look() -> tuple[Grant, StoredFile | None]:
            async with self._db.begin() as tx:
                leave = await open_grant(tx, user, password, self._clock.now())
                return leave, None if leave.file_id is None else await store.find(tx, leave.file_id)

        return self.ask(look())

    def read(self, it: StoredFile, start: int, size: int) -> bytes:
        """Read some of a file."""

        async def look() -> bytes:
            return b"".join([piece async for piece in give_out(self._db, it, start, min(start + size, it.size))])

        return self.ask(look()) if start < it.size else b""

    def taker(self, leave: Grant, name: str) -> Taker:
        """Begin to take a file in."""

        async def begin() -> Taker:
            async with self._db.begin() as tx:
                if not await store.take_upload(tx, leave.id, UPLOADS_MAX):
                    raise FilesystemError("too many files")
            by = Taker(self._db, kind="log", name=name, most=leave.bytes_max, by="station", station_id=leave.station_id)
            await by.begin(self._clock.now())
            return by

        return self.ask(begin())

    def take(self, taker: Taker, data: bytes) -> None:
        """Take more of it."""
        self.ask(taker.take(data))

    def finish(self, taker: Taker, leave: Grant) -> None:
        """Keep it."""

        async def keep() -> None:
            whole = await taker.finish()
            await arrived(self._db, leave, whole, self._clock.now())

        self.ask(keep())

    def give_up(self, taker: Taker) -> None:
        """Forget it."""
        self.ask(taker.give_up())


class _Reader(io.RawIOBase):
    """A file of a grant as a stream that can be sought in: a station goes on where it was cut off."""

    def __init__(self, desk: Desk, it: StoredFile) -> None:
        super().__init__()
        self.name = it.name
        self._desk = desk
        self._it = it
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._it.size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def tell(self) -> int:
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        data = self._desk.read(self._it, self._at, CHUNK if size is None or size < 0 else min(size, CHUNK))
        self._at += len(data)
        return data


class _Writer(io.RawIOBase):
    """What a station sends; kept only when its transfer ended well."""

    def __init__(self, desk: Desk, leave: Grant, name: str) -> None:
        super().__init__()
        self.name = name
        self._desk = desk
        self._leave = leave
        self._taker: Taker | None = desk.taker(leave, name)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        assert self._taker is not None
        self._desk.take(self._taker, bytes(data))
        return len(data)

    def done(self) -> None:
        """Keep it: all of it has come."""
        taker, self._taker = self._taker, None
        if taker is not None:
            self._desk.finish(taker, self._leave)

    def close(self) -> None:
        taker, self._taker = self._taker, None
        if taker is not None and not self.closed:
            self._desk.give_up(taker)
        super().close()


class _Authorizer(DummyAuthorizer):  # type: ignore[misc]  # the library is untyped
    """Knows a user by a grant."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def validate_authentication(self, username: str, password: str, handler: Any) -> None:
        try:
            handler.leave, handler.file = self._desk.open(username, password)
        except DomainError as error:
            raise AuthenticationFailed("no such user or password") from error

    def get_home_dir(self, _username: str) -> str:
        return "/"

    def has_user(self, _username: str) -> bool:
        return True

    def has_perm(self, _username: str, perm: str, _path: str | None = None) -> bool:
        return perm in "elrwm"

    def get_perms(self, _username: str) -> str:
        return "elrwm"

    def get_msg_login(self, _username: str) -> str:
        return "Welcome."

    def get_msg_quit(self, _username: str) -> str:
        return "Goodbye."

    def impersonate_user(self, _username: str, _password: str) -> None:
        """Nothing to do: no file of this machine is ever touched."""

    def terminate_impersonation(self, _username: str) -> None:
        """Nothing to do."""


class _Files(AbstractedFS):  # type: ignore[misc]  # the library is untyped
    """One directory with one file in it, or none."""

    def validpath(self, _path: str) -> bool:
        return True

    def ftp2fs(self, ftppath: str) -> str:
        path: str = self.ftpnorm(ftppath)
        return path

    def fs2ftp(self, fspath: str) -> str:
        return fspath

    def chdir(self, path: str) -> None:
        self.cwd = path  # stations change into whatever directory they were told: here there is but one

    def open(self, filename: str, mode: str) -> Any:
        handler = self.cmd_channel
        if "r" in mode and handler.file is not None:
            return _Reader(handler.desk, handler.file)
        if "r" not in mode and handler.leave.purpose == "upload":
            return _Writer(handler.desk, handler.leave, filename)
        raise FilesystemError("not for you")

    def getsize(self, _path: str) -> int:
        return 0 if self.cmd_channel.file is None else self.cmd_channel.file.size

    def isfile(self, path: str) -> bool:
        return self.cmd_channel.file is not None and path != "/"

    def isdir(self, path: str) -> bool:
        return not self.isfile(path)

    def lexists(self, path: str) -> bool:
        return self.isfile(path)

    def listdir(self, _path: str) -> list[str]:
        return [] if self.cmd_channel.file is None else [self.cmd_channel.file.name]

    def format_list(self, _basedir: str, listing: list[str], ignore_err: bool = True) -> Any:  # noqa: ARG002  # the library's signature
        for name in listing:
            yield f"-r--r--r-- 1 zaryad zaryad {self.getsize(name)} Jan 01 00:00 {name}\r\n".encode()

    def getmtime(self, _path: str) -> float:
        return 0.0


class _Handler(FTPHandler):  # type: ignore[misc]  # the library is untyped
    desk: Desk
    leave: Grant
    file: StoredFile | None
    use_sendfile = False
    banner = "Files."
    log_prefix = ""
    auth_failed_timeout = 3
    max_login_attempts = 3

    def on_file_received(self, _file: str) -> None:
        """Keep what has come whole."""

    def ftp_MKD(self, path: str) -> str:  # noqa: N802  # the library's name for the command
        """Say yes: some stations make a directory of their own first."""
        self.respond(f'257 "{path}" directory created.')
        return path


class _DataHandler(FTPHandler.dtp_handler):  # type: ignore[misc]  # the library is untyped
    def close(self) -> None:
        """Keep the file before the station is told that it has arrived."""
        writer = self.file_obj
        if isinstance(writer, _Writer) and self.transfer_finished and self.receive:
            try:
                writer.done()
            except Exception as error:  # noqa: BLE001  # whatever it is, the station must not hear that it is kept
                log.warning("ftp.not_kept", station=writer._leave.station_id, error=repr(error)[:200])  # noqa: SLF001  # of this file
                self.resp = ("451 It could not be kept.", None)
                self._resp = ("451 It could not be kept.", log.warning)
        super().close()


class FtpDoor:
    """The FTP server, in its thread; `close` ends it and every connection."""

    def __init__(self, db: Db, clock: Clock, rules: Ftp) -> None:
        desk = Desk(db, clock)
        handler: Any = type("Handler", (_Handler,), {})
        handler.desk = desk
        handler.authorizer = _Authorizer(desk)
        handler.abstracted_fs = _Files
        handler.dtp_handler = _DataHandler
        handler.passive_ports = range(rules.passive_first, rules.passive_last + 1)
        handler.timeout = rules.idle_s
        if not _is_local(rules.host):
            handler.masquerade_address = rules.host
        self._server = ThreadedFTPServer((rules.listen, rules.port), handler)
        self._server.max_cons = rules.connections_max
        self.port: int = self._server.address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"handle_exit": False}, daemon=True)

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        log.info("ftp.listening", port=self.port)

    async def close(self) -> None:
        """Stop listening and end what is connected."""
        await asyncio.to_thread(self._server.close_all)
        await asyncio.to_thread(self._thread.join, 5)


def _is_local(host: str) -> bool:
    return host in ("", "127.0.0.1", "localhost", "::1")

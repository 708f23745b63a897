"""The database never runs as root, and works even from where its user cannot reach."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from zaryad.platform import reach
from zaryad.platform.postgres import SOCKET, Server, fitted
from zaryad.platform.reach import ReachError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")


@pytest.fixture
def closed() -> Iterator[Path]:
    """A directory that only we may enter."""
    with tempfile.TemporaryDirectory(prefix="zaryad-closed-") as directory:
        yield Path(directory)


@as_root
def test_data_under_a_closed_directory_is_kept_elsewhere_for_good(closed: Path) -> None:
    user = reach.unprivileged_user()
    home = reach.reachable_home(closed / ".data" / "postgres", user)
    try:
        assert home.is_relative_to(reach.ELSEWHERE)
        closed.chmod(0o755)  # reachable now, but the data is there already
        assert reach.reachable_home(closed / ".data" / "postgres", user) == home
    finally:
        shutil.rmtree(home.parent)


@as_root
def test_data_that_became_unreachable_is_not_forgotten(closed: Path) -> None:
    (closed / ".data" / "postgres" / "data").mkdir(parents=True)
    with pytest.raises(ReachError, match="chmod o\\+x"):
        reach.reachable_home(closed / ".data" / "postgres", reach.unprivileged_user())


@as_root
def test_programs_out_of_reach_are_copied_once(closed: Path) -> None:
    program = closed / "wheel" / "bin" / "server"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    name = f"test-{closed.name}"
    try:
        tree = reach.reachable_copy(closed, ("wheel", "absent"), "wheel/bin/server", reach.unprivileged_user(), name)
        assert tree == reach.ELSEWHERE / name
        assert reach.can(reach.unprivileged_user(), "x", tree / "wheel" / "bin" / "server")
        inode = (tree / "wheel").stat().st_ino
        reach.reachable_copy(closed, ("wheel",), "wheel/bin/server", reach.unprivileged_user(), name)
        assert (tree / "wheel").stat().st_ino == inode
    finally:
        shutil.rmtree(reach.ELSEWHERE / name, ignore_errors=True)


def test_what_is_in_reach_stays_where_it_is(tmp_path: Path) -> None:
    assert reach.reachable_home(tmp_path / "data" / "postgres", None) == tmp_path / "data" / "postgres"


def test_a_socket_path_that_does_not_fit_is_shortened(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 100) / "run"
    short = reach.socket_directory(long, SOCKET)
    assert len(os.fsencode(short / SOCKET)) <= 103
    assert reach.socket_directory(long, SOCKET) == short
    assert reach.socket_directory(Path("/srv/zaryad/run"), SOCKET) == Path("/srv/zaryad/run")


def test_a_directory_that_somebody_else_put_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    with pytest.raises(ReachError, match="somebody else"):
        reach.make_private(tmp_path / "link", None)
    reach.make_private(tmp_path / "ours", None)
    assert (tmp_path / "ours").stat().st_mode & 0o777 == 0o700


def test_a_server_starts_from_a_very_deep_directory() -> None:
    with tempfile.TemporaryDirectory(prefix="zaryad-deep-") as directory:
        Path(directory).chmod(0o755)
        deep = Path(directory) / ("deep" * 25)
        deep.mkdir(parents=True)
        server = Server(deep / "pg", {"fsync": "off"})
        assert server.initialise()
        assert not server.initialise()
        process = server.start()
        try:
            deadline = time.monotonic() + 20
            while True:
                try:
                    assert server.ensure_database()
                    break
                except psycopg.OperationalError:
                    assert time.monotonic() < deadline
                    time.sleep(0.05)
            assert not server.ensure_database()
            if server.user is not None:
                assert Path(f"/proc/{process.pid}").stat().st_uid == server.user
        finally:
            Server.stop(process)
            shutil.rmtree(server.run, ignore_errors=True)


def test_settings_fit_the_machine() -> None:
    assert fitted(1 << 30)["shared_buffers"] == "128MB"
    assert fitted(8 << 30)["shared_buffers"] == "1024MB"
    assert fitted(256 << 30)["shared_buffers"] == "2048MB"
    assert fitted(1 << 30)["synchronous_commit"] == "on"

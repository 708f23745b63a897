"""Migrations lead to the very schema that is declared, once however many migrate, and again changes nothing."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.schema import create
from zaryad.app import migrate
from zaryad.platform import job_queue
from zaryad.platform.postgres import PROGRAMS, Server


@contextmanager
def empty() -> Iterator[str]:
    """Return a database with nothing in it."""
    admin = os.environ["ZARYAD_TEST_POSTGRES"]
    name = f"e_{uuid4().hex}"
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(
            psycopg.sql.SQL("create database {} template template0").format(psycopg.sql.Identifier(name))
        )
        yield admin.replace("/postgres?", f"/{name}?")
        connection.execute(psycopg.sql.SQL("drop database {} with (force)").format(psycopg.sql.Identifier(name)))


@pytest.fixture
def empty_url() -> Iterator[str]:
    with empty() as url:
        yield url


@pytest.fixture
def declared_url() -> Iterator[str]:
    """A database made from the tables' declarations alone."""
    with empty() as url:
        create(url)
        yield url


def described(url: str, programs: Path) -> dict[str, list[str]]:
    """Return the schema as pg_dump tells it: a statement and its lines, in an order that says nothing."""
    command = [str(programs / "pg_dump"), "--schema-only", "--no-owner", "--restrict-key=x", "-d", url]
    dump = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, list[str]] = {}
    for entry in re.split(r"\n--\n-- Name: ", dump)[1:]:
        head, _, body = entry.partition("\n--\n")
        if not re.match(rf"({job_queue.VERSIONS}|alembic_version)", head):
            found[head.split("; Owner")[0]] = sorted(
                line.rstrip(",") for line in body.split("\n\n")[:40] for line in line.split("\n")
            )
    return found


def test_the_migrations_make_what_the_tables_declare(empty_url: str, declared_url: str) -> None:
    migrate.migrate(empty_url)
    programs = Server(Path("/nowhere")).programs()
    assert programs.parts[-2:] == PROGRAMS.parts[-2:]
    made, declared = described(empty_url, programs), described(declared_url, programs)
    assert sorted(made) == sorted(declared)
    assert {name: made[name] for name in made if made[name] != declared[name]} == {}


def test_several_migrate_at_once_and_it_is_done_once(empty_url: str) -> None:
    steps: list[str] = []
    failures: list[BaseException] = []

    def one() -> None:
        try:
            migrate.migrate(empty_url, steps.append)
        except BaseException as error:  # noqa: BLE001  # told to the test
            failures.append(error)

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failures
    assert len(steps) == len(set(steps))
    assert steps[0] == "job queue: schema.sql"
    assert not migrate.migrate(empty_url)
    with psycopg.connect(empty_url) as connection:
        assert migrate.revision(connection) == migrate.head()


def test_the_queue_s_later_migrations_are_applied_in_order(empty_url: str) -> None:
    newest = job_queue.migration_names()[-1]
    with psycopg.connect(empty_url, autocommit=True) as connection:
        assert job_queue.bring_up_to_date(connection) == ["schema.sql"]
        connection.execute(f"delete from {job_queue.VERSIONS} where name = %s", (newest,))
        connection.execute("drop function if exists procrastinate_retry_job_v2 cascade")
        assert job_queue.bring_up_to_date(connection) == [newest]
        assert job_queue.bring_up_to_date(connection) == []

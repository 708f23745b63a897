"""A transaction is a value you hold. Whoever holds `Tx` is inside; whoever holds `Db` is not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

# Every module's tables hang here, so that Alembic and the tests see one schema.
metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# What a database that is away, or too busy, raises: the caller may try again.
UNAVAILABLE = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)

# Says "this changed" to whoever watches; subject and a small payload. Losing one loses freshness, never truth.
Hint = Callable[[str, bytes], None]


def no_hint(_subject: str, _payload: bytes) -> None:
    """For programs without a bus: nobody is watching."""


class Tx:
    """An open transaction. Nothing leaves the process while it is held: no frame, no HTTP call, no SMS."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.execute = connection.execute
        self.scalar = connection.scalar
        self._hints: dict[tuple[str, bytes], None] = {}

    def hint(self, subject: str, payload: bytes = b"") -> None:
        """Tell the bus after the commit, once per subject and payload. What must happen is a job or an order."""
        self._hints[(subject, payload)] = None

    @property
    def hints(self) -> list[tuple[str, bytes]]:
        """What will be told after the commit, in order."""
        return list(self._hints)

    async def driver(self) -> psycopg.AsyncConnection[Any]:
        """Return the psycopg connection underneath: jobs and unnest-inserts join this transaction through it."""
        raw = await self.connection.get_raw_connection()
        connection = raw.driver_connection
        assert isinstance(connection, psycopg.AsyncConnection)
        return connection


class Db:
    """The database, from outside a transaction."""

    def __init__(self, engine: AsyncEngine, hint: Hint = no_hint) -> None:
        self.engine = engine
        self._hint = hint

    @classmethod
    def connect(cls, url: str, *, pool: int = 10, hint: Hint = no_hint) -> Db:
        """Make a pool of at most `pool` connections (plus as many in a rush) to a `postgresql://` URL."""
        driver_url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        engine = create_async_engine(
            driver_url,
            pool_size=pool,
            max_overflow=pool,
            pool_timeout=10,
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            connect_args={"options": "-c lock_timeout=10s -c statement_timeout=60s -c timezone=UTC"},
        )
        return cls(engine, hint)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Tx]:
        """Commit on leaving, roll back on an exception; hints go out after the commit only."""
        async with self.engine.begin() as connection:
            tx = Tx(connection)
            yield tx
        for subject, payload in tx.hints:
            self._hint(subject, payload)

    async def ping(self) -> None:
        """Raise unless the database answers."""
        async with self.engine.connect() as connection:
            await connection.exec_driver_sql("select 1")

    async def close(self) -> None:
        """Close every pooled connection."""
        await self.engine.dispose()

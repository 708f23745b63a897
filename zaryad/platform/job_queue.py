"""The job queue's own tables: made by procrastinate's schema, kept up to date by its migrations.

They are no part of our metadata and of our migrations. `zaryad migrate` calls `bring_up_to_date` before those.
"""

from __future__ import annotations

from importlib.resources import files

import psycopg

# Names that are not ours: our migrations leave them alone.
PREFIX = "procrastinate_"
VERSIONS = "job_queue_version"


def migration_names() -> list[str]:
    """Return procrastinate's migrations, in the order they are applied."""
    return sorted(f.name for f in (files("procrastinate") / "sql" / "migrations").iterdir() if f.name.endswith(".sql"))


def bring_up_to_date(connection: psycopg.Connection[tuple[object, ...]]) -> list[str]:
    """Make the tables, or apply what has been added since, in one transaction; returns what was applied."""
    names = migration_names()
    with connection.transaction():
        connection.execute(
            f"create table if not exists {VERSIONS} (name text primary key, applied_at timestamptz default now())"
        )
        known = {str(name) for (name,) in connection.execute(f"select name from {VERSIONS}").fetchall()}  # noqa: S608  # our own constant
        if known:
            applied = [name for name in names if name not in known]
            for name in applied:
                connection.execute(_sql("migrations", name))
        else:
            found = connection.execute("select to_regclass('procrastinate_jobs') is not null").fetchone()
            applied = [] if found and found[0] else ["schema.sql"]
            for name in applied:
                connection.execute(_sql(name))
        for name in names:
            connection.execute(f"insert into {VERSIONS} (name) values (%s) on conflict do nothing", (name,))  # noqa: S608  # our own constant
    return applied


def _sql(*path: str) -> bytes:
    return files("procrastinate").joinpath("sql", *path).read_bytes()

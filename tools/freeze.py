"""Write what `tables.py` files declare as one frozen SQL file: the first migration.

Only until the first release: a migration that somebody has run never changes. Later ones: `make migration`.

python -m tools.freeze migrations/versions/0001_initial.sql
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import sqlalchemy as sa

from tests.schema import import_tables
from zaryad.platform.db import metadata
from zaryad.platform.postgres import Server


def dump(server: Server, url: str) -> str:
    """Return the schema of a database as SQL, without what differs from server to server."""
    flags = ("--schema-only", "--no-owner", "--no-privileges", "--no-comments")
    command = [str(server.programs() / "pg_dump"), *flags, url]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    kept = [line for line in text.splitlines() if not line.startswith(("--", "\\", "SET ", "SELECT pg_catalog."))]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip() + "\n"


def main() -> None:
    """Make the declared schema in a server of its own, and write it down."""
    directory = Path(tempfile.mkdtemp(prefix="zaryad-freeze-"))
    directory.chmod(0o755)
    server = Server(directory / "pg", {"fsync": "off"})
    server.initialise()
    process = server.start()
    try:
        for _ in range(200):
            try:
                with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
                    connection.execute("create database frozen")
                break
            except psycopg.OperationalError:
                time.sleep(0.05)
        url = server.url("frozen")
        import_tables()
        metadata.create_all(sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1)))
        Path(sys.argv[1]).write_text(dump(server, url))
    finally:
        Server.stop(process)
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()

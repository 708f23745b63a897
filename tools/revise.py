"""Write the next migration: what the declared tables have and the migrations do not.

    make migration ARGS="what it does"

Works on a throwaway server of its own. Read what it wrote before you commit it: partitions, triggers, data are yours.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

import psycopg
from alembic import command

from zaryad.app.migrate import alembic, directory, head, migrate
from zaryad.platform.postgres import Server


def main(message: str) -> int:
    """Write it and return the exit code."""
    scratch = Path(tempfile.mkdtemp(prefix="zaryad-revise-"))
    scratch.chmod(0o755)
    server = Server(scratch / "pg", {"fsync": "off"})
    server.initialise()
    running = server.start()
    try:
        wait_for(server)
        server.ensure_database()
        migrate(server.url(), print)
        settings = alembic(server.url(), print)
        settings.attributes["compare"] = True
        number = f"{int(head() or 0) + 1:04d}"
        slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")[:50]
        settings.set_main_option("file_template", f"{number}_{slug}")
        command.revision(settings, message, autogenerate=True, rev_id=number)
        sys.stdout.write(f"read and mend {directory() / 'versions' / f'{number}_{slug}.py'}\n")
    finally:
        Server.stop(running)
        shutil.rmtree(scratch, ignore_errors=True)
    return 0


def wait_for(server: Server) -> None:
    """Wait until it takes connections."""
    for _ in range(300):
        try:
            psycopg.connect(server.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the scratch server did not start")


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:]) or sys.exit("say what the migration does")))

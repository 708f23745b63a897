"""How Alembic runs our migrations: called by `zaryad.app.migrate`, without an alembic.ini."""

import importlib
from pathlib import Path

import sqlalchemy as sa
import sqlalchemy.dialects.postgresql
from alembic import context
from alembic.operations import ops

import zaryad
from zaryad.platform.db import metadata
from zaryad.platform.job_queue import PREFIX, VERSIONS

LOCK_TIMEOUT = "5s"  # a migration that waits for a lock holds up everybody behind it: give way and try again


def whole_schema() -> sa.MetaData:
    """Import every module's tables, so that what they declare can be compared with what is there."""
    package = Path(zaryad.__file__).parent
    for file in sorted(package.rglob("tables.py")):
        importlib.import_module(".".join(("zaryad", *file.relative_to(package).with_suffix("").parts)))
    return metadata


def ours(thing, name, kind, reflected, compared):
    """Leave alone the job queue's tables, and tables nobody declares: partitions, and what a later release contracts."""
    table = name if kind == "table" else getattr(getattr(thing, "table", None), "name", "")
    if table.startswith(PREFIX) or table == VERSIONS:
        return False
    return not (kind == "table" and reflected and compared is None)


def complete(_context, _revision, directives):
    """Add what Alembic does not see: sequences, and DDL that hangs on a table (its partitions, triggers, constraints)."""
    operations = directives[0].upgrade_ops
    dialect = sa.dialects.postgresql.dialect()
    connection = context.get_bind()
    found = []
    for sequence in whole_schema()._sequences.values():
        if not connection.dialect.has_sequence(connection, sequence.name):
            found.append(ops.ExecuteSQLOp(str(sa.schema.CreateSequence(sequence).compile(dialect=dialect))))
    for operation in operations.ops:
        found.append(operation)
        if isinstance(operation, ops.CreateTableOp):
            table = metadata.tables[operation.table_name]
            statements = [it for it in table.dispatch.after_create if isinstance(it, sa.DDL)]
            found += [ops.ExecuteSQLOp(str(it.against(table).compile(dialect=dialect))) for it in statements]
    operations.ops = found


def run() -> None:
    attributes = context.config.attributes
    engine = sa.create_engine(
        attributes["url"].replace("postgresql://", "postgresql+psycopg://", 1), poolclass=sa.NullPool
    )
    with engine.connect() as connection:
        connection.execute(sa.text(f"set lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=whole_schema() if attributes.get("compare") else None,
            include_object=ours,
            compare_server_default=True,
            transaction_per_migration=True,
            process_revision_directives=complete,
            on_version_apply=lambda step, **_: attributes["told"](f"{step.up_revision_id}: {step.up_revision.doc}"),
        )
        with context.begin_transaction():
            context.run_migrations()


run()

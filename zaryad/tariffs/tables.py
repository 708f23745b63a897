"""Rows of tariffs. A version is written once; the database itself refuses to change it."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

tariff = sa.Table(
    "tariff",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("names", JSONB, nullable=False),  # language -> name
    sa.Column("currency", sa.CHAR(3), nullable=False),
    sa.Column("network_default", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("archived", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index("uq_tariff_network_default", "currency", unique=True, postgresql_where=sa.text("network_default")),
    sa.CheckConstraint("not (archived and network_default)", name="default_is_live"),
)

tariff_version = sa.Table(
    "tariff_version",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("tariff_id", sa.ForeignKey("tariff.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("valid_from", _TIME, nullable=False),
    sa.Column("body", JSONB, nullable=False),  # TariffVersion
    sa.Column("digest", sa.LargeBinary, nullable=False),  # of currency, names and elements
    sa.Column("published_at", _TIME, nullable=False),
    sa.UniqueConstraint("tariff_id", "number"),
    sa.Index("ix_tariff_version_in_force", "tariff_id", sa.text("valid_from desc"), sa.text("number desc")),
)

sa.event.listen(
    tariff_version,
    "after_create",
    sa.DDL(  # type: ignore[no-untyped-call]  # SQLAlchemy left this one untyped
        """
create or replace function tariff_version_stands() returns trigger language plpgsql as $$
begin
    raise exception 'a published tariff version never changes';
end $$;
create trigger tariff_version_stands before update or delete on tariff_version
    for each row execute function tariff_version_stands();
"""
    ),
)

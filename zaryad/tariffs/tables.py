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

# Which tariff serves whom and where, beside a connector's own and the network's default (choose.py).
tariff_assignment = sa.Table(
    "tariff_assignment",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),  # Scope
    sa.Column("scope", sa.Text, nullable=False),  # a contract, a group, "station/connector", a station, a location
    sa.Column("tariff_id", sa.ForeignKey("tariff.id"), nullable=False),
    sa.Column("priority", sa.Integer, nullable=False, server_default="0"),
    sa.Column("valid_from", _TIME, nullable=False),
    sa.Column("valid_to", _TIME),
    sa.Column("author", sa.Text, nullable=False, server_default=""),
    sa.Index("ix_tariff_assignment_scope", "kind", "scope"),
    sa.CheckConstraint("kind in ('contract', 'group', 'connector', 'station', 'location', 'network')", name="kind"),
    sa.CheckConstraint("valid_to is null or valid_to > valid_from", name="valid"),
)

# Driver groups and contracts of people, dated.
tariff_member = sa.Table(
    "tariff_member",
    metadata,
    sa.Column("person_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),  # "group", "contract"
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("valid_from", _TIME, nullable=False),
    sa.Column("valid_to", _TIME),
    sa.CheckConstraint("kind in ('contract', 'group')", name="kind"),
)

# Days that are holidays in a country (ISO 3166, "KG") or for the network ("network", which has the last word).
tariff_holiday = sa.Table(
    "tariff_holiday",
    metadata,
    sa.Column("calendar", sa.Text, primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("holiday", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("names", JSONB, nullable=False, server_default="{}"),
)

# The next version of a tariff, while people work on it.
tariff_draft = sa.Table(
    "tariff_draft",
    metadata,
    sa.Column("tariff_id", sa.ForeignKey("tariff.id"), primary_key=True),
    sa.Column("body", JSONB, nullable=False),  # Draft
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("updated_at", _TIME, nullable=False),
)

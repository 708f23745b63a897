"""Reservations. The number comes from one sequence: OCPP wants an integer, and the same one replaces."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

reservation_number = sa.Sequence(
    "station_reservation_number", minvalue=1, maxvalue=2**31 - 1, cycle=True, metadata=metadata
)

station_reservation = sa.Table(
    "station_reservation",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Integer, reservation_number, nullable=False, server_default=reservation_number.next_value()),
    sa.Column("station_id", sa.Text(collation="C"), nullable=False),
    sa.Column("connector", sa.Integer, nullable=False),
    sa.Column("token", sa.Text, nullable=False),
    sa.Column("token_kind", sa.Text, nullable=False),
    sa.Column("group", sa.Text),
    sa.Column("expires_at", _TIME, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("detail", JSONB, nullable=False, server_default="{}"),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("order_id", sa.Uuid, nullable=False, index=True),
    sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
    sa.Column("charge_ref", sa.Text),  # the transaction that used it
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("ended_at", _TIME),
    sa.CheckConstraint(
        "status in ('requested', 'active', 'refused', 'used', 'cancelled', 'expired', 'removed')", name="status"
    ),
    sa.Index(
        "uq_station_reservation_live",
        "station_id",
        "number",
        unique=True,
        postgresql_where=sa.text("status in ('requested', 'active')"),
    ),
    sa.Index(
        "ix_station_reservation_expiring",
        "expires_at",
        postgresql_where=sa.text("status in ('requested', 'active')"),
    ),
    sa.Index("ix_station_reservation_station_created", "station_id", "created_at", "id"),
    sa.Index("ix_station_reservation_created", "created_at", "id"),
)

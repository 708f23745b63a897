"""Orders as rows. The gateway that holds the station's connection sends them; the row is the audit trail."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from zaryad.platform.db import metadata

# 2.x knows reports by a 32-bit number of the order that asked for them; it starts again when it is used up.
order_number = sa.Sequence("station_order_number", minvalue=1, maxvalue=2**31 - 1, cycle=True, metadata=metadata)

station_order = sa.Table(
    "station_order",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("station_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body", JSONB, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("priority", sa.SmallInteger, nullable=False, server_default="5"),  # lower goes first
    sa.Column("state", sa.Text, nullable=False, server_default="created"),
    sa.Column("detail", JSONB, nullable=False, server_default="{}"),  # what the station said, or why there is no answer
    sa.Column("placed_at", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column("before", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column("sent_at", sa.TIMESTAMP(timezone=True)),
    sa.Column("sent_epoch", sa.BigInteger),  # the connection it went out on
    sa.Column("ended_at", sa.TIMESTAMP(timezone=True)),
    sa.Column("number", sa.Integer, order_number, nullable=False, server_default=order_number.next_value()),
    sa.CheckConstraint(
        "state in ('created', 'sent', 'done', 'refused', 'not_supported', 'expired', 'cancelled')", name="state"
    ),
    sa.Index(
        "ix_station_order_open",
        "station_id",
        "priority",
        "placed_at",
        postgresql_where=sa.text("state in ('created', 'sent')"),
    ),
    sa.Index("ix_station_order_station_placed", "station_id", "placed_at"),
    sa.Index("ix_station_order_placed", "placed_at", "id"),
    sa.Index("ix_station_order_number", "station_id", "number"),
)

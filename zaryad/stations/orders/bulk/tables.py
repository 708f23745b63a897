"""Orders to many stations, and what came of each."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

bulk_order = sa.Table(
    "bulk_order",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("body", JSONB, nullable=False),  # the order with its kind; less its secrets when it is over
    sa.Column("filter", JSONB, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("parallelism", sa.SmallInteger, nullable=False),
    sa.Column("wait_s", sa.Integer, nullable=False),
    sa.Column("deadline", _TIME, nullable=False),
    sa.Column("placed_at", _TIME, nullable=False),
    sa.Column("ended_at", _TIME),
    sa.CheckConstraint("state in ('running', 'done', 'cancelled')", name="state"),
    sa.Index("ix_bulk_order_placed", "placed_at", "id"),
    sa.Index("ix_bulk_order_running", "id", postgresql_where=sa.text("state = 'running'")),
)

bulk_order_item = sa.Table(
    "bulk_order_item",
    metadata,
    sa.Column("bulk_id", sa.ForeignKey("bulk_order.id"), primary_key=True),
    sa.Column("station_id", sa.Text(collation="C"), primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("order_id", sa.Uuid, unique=True),
    sa.Column("detail", JSONB, nullable=False, server_default="{}"),
    sa.Column("ended_at", _TIME),
    sa.Index("ix_bulk_order_item_state", "bulk_id", "state", "station_id"),
)

"""Rows of changes that take longer than one order: a process that ends in between takes nothing with it."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

password_rotation = sa.Table(
    "password_rotation",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("station_id", sa.ForeignKey("station.id"), nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary),  # the new password, until it is confirmed or given up
    sa.Column("tries", sa.Integer, nullable=False, server_default="1"),
    sa.Column("order_id", sa.Uuid),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("started_at", _TIME, nullable=False),
    sa.Column("ended_at", _TIME),
    sa.Column("why", sa.Text),
    sa.CheckConstraint("state in ('ordered', 'taken', 'unanswered', 'done', 'kept', 'stuck')", name="state"),
    sa.Index(
        "uq_password_rotation_open",
        "station_id",
        unique=True,
        postgresql_where=sa.text("state in ('ordered', 'taken', 'unanswered')"),
    ),
    sa.Index("ix_password_rotation_station", "station_id", "started_at"),
    sa.Index("ix_password_rotation_order", "order_id"),
)

profile_change = sa.Table(
    "profile_change",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("station_id", sa.ForeignKey("station.id"), nullable=False),
    sa.Column("from_profile", sa.SmallInteger),
    sa.Column("to_profile", sa.SmallInteger, nullable=False),
    sa.Column("protocol", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("why", sa.Text),
    sa.Column("order_id", sa.Uuid),
    sa.Column("slot", sa.Integer),
    sa.Column("priority", sa.Text),
    sa.Column("back_before", _TIME),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("started_at", _TIME, nullable=False),
    sa.Column("changed_at", _TIME, nullable=False),
    sa.Column("life", JSONB, nullable=False),
    sa.CheckConstraint("to_profile between 0 and 3", name="to_profile"),
    sa.Index(
        "uq_profile_change_open",
        "station_id",
        unique=True,
        postgresql_where=sa.text("state not in ('done', 'rolled_back', 'failed', 'cancelled')"),
    ),
    sa.Index("ix_profile_change_station", "station_id", "started_at"),
    sa.Index("ix_profile_change_order", "order_id"),
)

"""Rows of what stations tell of themselves. Events and notices go when they are old; the rest is what holds now."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

station_event = sa.Table(
    "station_event",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("station_id", sa.Text(collation="C"), nullable=False),
    sa.Column("event_id", sa.Integer, nullable=False),  # the station's own number of it
    sa.Column("at", _TIME, nullable=False),
    sa.Column("received_at", _TIME, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("trigger", sa.Text, nullable=False),
    sa.Column("severity", sa.SmallInteger),
    sa.Column("cleared", sa.Boolean, nullable=False),
    sa.Column("cause", sa.Integer),
    sa.Column("monitor", sa.Integer),
    sa.Column("code", sa.Text),
    sa.Column("info", sa.Text),
    sa.Column("charge_ref", sa.Text),
    sa.Column("kind", sa.Text, nullable=False, server_default=""),
    # A station numbers its events itself, and begins anew when it likes: the time tells two of one number apart.
    sa.UniqueConstraint("station_id", "event_id", "at", "key", name="uq_station_event_same"),
    sa.Index("ix_station_event_received", "received_at"),
    sa.Index("ix_station_event_station", "station_id", "id"),
)

station_monitor = sa.Table(
    "station_monitor",
    metadata,
    sa.Column("station_id", sa.Text(collation="C"), primary_key=True),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("severity", sa.SmallInteger, nullable=False),
    sa.Column("while_transaction", sa.Boolean, nullable=False),
    sa.Column("reported_at", _TIME, nullable=False),
)

station_display = sa.Table(
    "station_display",
    metadata,
    sa.Column("station_id", sa.Text(collation="C"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("body", JSONB, nullable=False),
    sa.Column("reported_at", _TIME, nullable=False),
)

station_notice = sa.Table(
    "station_notice",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("station_id", sa.Text(collation="C"), nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("received_at", _TIME, nullable=False, index=True),
    sa.Column("connector", sa.Integer),
    sa.Column("charge_ref", sa.Text),
    sa.Column("request", sa.Integer),
    sa.Column("body", JSONB, nullable=False),
    sa.Index("ix_station_notice_station", "station_id", "id"),
)

"""Rows of what stations told about their security."""

import sqlalchemy as sa

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

security_event = sa.Table(
    "security_event",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),  # of station, kind, time and text: told twice is told once
    sa.Column("station_id", sa.Text(collation="C"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),  # the station's time, ours where it gave none
    sa.Column("received_at", _TIME, nullable=False),
    sa.Column("info", sa.Text),
    sa.Column("critical", sa.Boolean, nullable=False),
    sa.Index("ix_security_event_station", "station_id", "at", "id"),
    sa.Index("ix_security_event_at", "at", "id"),
    sa.Index("ix_security_event_kind", "kind", "at"),
)

"""The OCPP log: one row per exchange, one partition per day, in it one for what is kept shortly; made ahead, dropped.

A day is partitioned by `bulk`, so that its heartbeats and meter values are forgotten early by dropping a table. Days
made before that was so are plain partitions, and are dropped whole. Why these indexes: docs/ocpp-log.md.
"""

import sqlalchemy as sa

from zaryad.platform.db import metadata

ocpp_frame = sa.Table(
    "ocpp_frame",
    metadata,
    sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),  # our clock, when the first frame passed
    sa.Column("station_id", sa.Text, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),  # of the connection; 0 before it had one
    sa.Column("direction", sa.Text, nullable=False),  # who asked: "in" the station, "out" we
    sa.Column("kind", sa.Text, nullable=False),  # call, told, stray, junk, opened, closed, hushed
    sa.Column("action", sa.Text),
    sa.Column("message_id", sa.Text),
    sa.Column("outcome", sa.Text),  # "answered", or the error's code, or "unanswered"
    sa.Column("latency_ms", sa.REAL),
    sa.Column("payload", sa.Text),  # the frame as it was, cut when long, secrets masked
    sa.Column("answer", sa.Text),
    sa.Column("nr", sa.BigInteger, nullable=False, server_default="0"),  # tells apart rows of one moment
    sa.Column("bulk", sa.Boolean, nullable=False, server_default=sa.false()),  # kept shortly
    sa.Column("protocol", sa.Text),  # the connection's subprotocol
    sa.Column("charge_ref", sa.Text),  # the transaction it is about, as the station knows it
    sa.Index("ix_ocpp_frame_station_at", "station_id", "at"),
    sa.Index("ix_ocpp_frame_at", "at"),
    sa.Index("ix_ocpp_frame_action_at", "action", "at", postgresql_where=sa.text("not bulk")),
    sa.Index("ix_ocpp_frame_odd", "action", "at", postgresql_where=sa.text("outcome <> 'answered'")),
    postgresql_partition_by="RANGE (at)",
)

# What is odd about a station's messages, by kind: for whoever looks after it, and for its vendor.
station_oddity = sa.Table(
    "station_oddity",
    metadata,
    sa.Column("station_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("first_at", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column("last_at", sa.TIMESTAMP(timezone=True), nullable=False),
    sa.Column("times", sa.BigInteger, nullable=False),
)

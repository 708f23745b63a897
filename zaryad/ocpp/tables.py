"""The OCPP log: one row per exchange, one partition per day, made ahead and dropped when old."""

import sqlalchemy as sa

from zaryad.platform.db import metadata

ocpp_frame = sa.Table(
    "ocpp_frame",
    metadata,
    sa.Column("at", sa.TIMESTAMP(timezone=True), nullable=False),  # our clock, when the first frame passed
    sa.Column("station_id", sa.Text, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),  # of the connection; 0 before it had one
    sa.Column("direction", sa.Text, nullable=False),  # who asked: "in" the station, "out" we
    sa.Column("kind", sa.Text, nullable=False),  # call, stray, junk, opened, closed
    sa.Column("action", sa.Text),
    sa.Column("message_id", sa.Text),
    sa.Column("outcome", sa.Text),  # "answered", or the error's code, or "unanswered"
    sa.Column("latency_ms", sa.REAL),
    sa.Column("payload", sa.Text),  # the frame as it was, cut when long, secrets masked
    sa.Column("answer", sa.Text),
    sa.Index("ix_ocpp_frame_station_at", "station_id", "at"),
    postgresql_partition_by="RANGE (at)",
)

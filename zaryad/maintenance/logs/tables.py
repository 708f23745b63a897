"""Rows of logs that stations were asked for."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

log_request = sa.Table(
    "log_request",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),  # of the order as well
    sa.Column("station_id", sa.Text(collation="C"), nullable=False),
    sa.Column("log", sa.Text, nullable=False),
    sa.Column("via", sa.Text, nullable=False),
    sa.Column("plain", sa.Boolean, nullable=False, server_default=sa.false()),  # GetDiagnostics: no number comes back
    sa.Column("since", _TIME),
    sa.Column("until", _TIME),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("asked_at", _TIME, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="asked"),
    sa.Column("said", sa.Text),  # the station's own last word
    sa.Column("file_name", sa.Text),  # as the station told it
    sa.Column("files", ARRAY(sa.Uuid), nullable=False, server_default="{}"),
    sa.Column("changed_at", _TIME, nullable=False),
    sa.CheckConstraint(
        "state in ('asked', 'accepted', 'uploading', 'uploaded', 'nothing', 'refused', 'failed', 'expired')",
        name="state",
    ),
    sa.Index("ix_log_request_station", "station_id", "asked_at"),
)

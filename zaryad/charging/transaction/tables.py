"""What stations of 2.x report of their transactions, event by event: the evidence that a session is made from.

A row is written once, before its answer. It is not partitioned, because its key is what makes a repetition known; rows
go by their age instead (`events_keep_days`), found by an index that costs next to nothing.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

transaction_event = sa.Table(
    "transaction_event",
    metadata,
    sa.Column("station_id", sa.Text(collation="C"), primary_key=True),
    sa.Column("charge_ref", sa.Text(collation="C"), primary_key=True),
    sa.Column("seq_no", sa.Integer, primary_key=True),
    sa.Column("told", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),  # the station's clock
    sa.Column("received_at", _TIME, nullable=False),
    sa.Column("offline", sa.Boolean, nullable=False),
    sa.Column("trigger", sa.Text, nullable=False),
    sa.Column("body", JSONB, nullable=False),  # the fact, whole, without what it leaves out
    sa.Column("verdict", JSONB(none_as_null=True)),  # what its token was answered
    # Other contents under the same number, the first few; and how often it came again with the same.
    sa.Column("others", JSONB, nullable=False, server_default="[]"),
    sa.Column("repeats", sa.Integer, nullable=False, server_default="0"),
    sa.CheckConstraint("told in ('started', 'updated', 'ended')", name="told"),
    sa.Index("ix_transaction_event_received", "received_at", postgresql_using="brin"),
)

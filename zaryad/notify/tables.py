"""Rows of messages."""

import sqlalchemy as sa

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

sms_message = sa.Table(
    "sms_message",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("phone", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("text", sa.Text),  # null once sent, except by the development channel
    sa.Column("state", sa.Text, nullable=False, server_default="queued"),
    sa.Column("channel", sa.Text),
    sa.Column("external_id", sa.Text),
    sa.Column("segments", sa.SmallInteger, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("at", _TIME, nullable=False, index=True),
    sa.Column("not_after", _TIME, nullable=False),
    sa.Column("sent_at", _TIME),
    sa.CheckConstraint("state in ('queued', 'sent', 'failed', 'expired')", name="state"),
    sa.CheckConstraint("(state = 'sent') = (sent_at is not null)", name="sent"),
)

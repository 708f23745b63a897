"""Rows of campaigns and of their stations."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

campaign = sa.Table(
    "campaign",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("firmware_id", sa.ForeignKey("firmware.id"), nullable=False),
    sa.Column("plan", JSONB, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="draft"),
    sa.Column("why", sa.Text),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("started_at", _TIME),
    sa.Column("ended_at", _TIME),
    sa.CheckConstraint("state in ('draft', 'running', 'paused', 'halted', 'done', 'cancelled')", name="state"),
    sa.Index("ix_campaign_running", "id", postgresql_where=sa.text("state = 'running'")),
)

campaign_station = sa.Table(
    "campaign_station",
    metadata,
    sa.Column("campaign_id", sa.ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("station_id", sa.Text(collation="C"), primary_key=True),
    sa.Column("canary", sa.Boolean, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="waiting"),
    sa.Column("update_id", sa.Uuid, index=True),
    sa.Column("tries", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("why", sa.Text),
    sa.Column("changed_at", _TIME, nullable=False),
    sa.CheckConstraint("state in ('waiting', 'under_way', 'done', 'failed', 'skipped')", name="state"),
)

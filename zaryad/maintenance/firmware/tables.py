"""Rows of firmware and of each station's updates."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

firmware = sa.Table(
    "firmware",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("file_id", sa.ForeignKey("stored_file.id"), nullable=False),
    sa.Column("vendor", sa.Text, nullable=False),  # patterns with * and ?: whom it is for
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("version", sa.Text, nullable=False),  # what a station says it has once it has it
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("certificate", sa.Text),  # PEM, with a signature (base64): signed firmware
    sa.Column("signature", sa.Text),
    sa.Column("withdrawn", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("brought_by", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.CheckConstraint("(certificate is null) = (signature is null)", name="signed"),
)

firmware_update = sa.Table(
    "firmware_update",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),  # of the order as well
    sa.Column("station_id", sa.Text(collation="C"), nullable=False),
    sa.Column("firmware_id", sa.ForeignKey("firmware.id"), nullable=False),
    sa.Column("campaign_id", sa.Uuid, index=True),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("from_version", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("why", sa.Text),
    sa.Column("steps", JSONB, nullable=False, server_default="[]"),  # [[when, the station's own word], ...]
    sa.Column("asked_at", _TIME, nullable=False),
    sa.Column("changed_at", _TIME, nullable=False),
    sa.Column("ended_at", _TIME),
    sa.CheckConstraint(
        "state in ('asked', 'accepted', 'downloading', 'downloaded', 'installing', 'rebooting', 'installed', "
        "'verified', 'refused', 'failed', 'expired')",
        name="state",
    ),
    sa.Index("ix_firmware_update_station", "station_id", "asked_at"),
    sa.Index("uq_firmware_update_open", "station_id", unique=True, postgresql_where=sa.text("ended_at is null")),
)

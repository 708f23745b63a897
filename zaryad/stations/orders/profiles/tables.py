"""Profiles by name, and what stations are known to have: told by their answers to us, and by their reports."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

charging_profile_template = sa.Table(
    "charging_profile_template",
    metadata,
    sa.Column("name", sa.Text(collation="C"), primary_key=True),
    sa.Column("profile", JSONB, nullable=False),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("changed_at", _TIME, nullable=False),
    sa.Column("changed_by", sa.Uuid, nullable=False),
)

station_profile = sa.Table(
    "station_profile",
    metadata,
    sa.Column("station_id", sa.ForeignKey("station.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),  # its id at the station: the same again replaces
    sa.Column("connector", sa.Integer, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("stack_level", sa.Integer, nullable=False),
    sa.Column("charge_ref", sa.Text),
    sa.Column("source", sa.Text, nullable=False),  # who set the limit: CSO (we), EMS, SO, Other
    sa.Column("profile", JSONB, nullable=False),
    sa.Column("noted_at", _TIME, nullable=False),
    sa.Column("request", sa.Integer),  # the report that told of it last
)

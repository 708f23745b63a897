"""Rows of what stations report of their settings, of what we want of them, and of how far that has come."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from zaryad.platform.db import metadata

_TIME = sa.TIMESTAMP(timezone=True)

# One attribute of one variable as its station last told it; in 1.6, one key. `folded` is the key in lower case.
device_variable = sa.Table(
    "device_variable",
    metadata,
    sa.Column("station_id", sa.Text(collation="C"), primary_key=True),
    sa.Column("folded", sa.Text(collation="C"), primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("value", sa.Text),  # null: unknown, write-only, or a secret
    sa.Column("mutability", sa.Text, nullable=False, server_default="read_write"),
    sa.Column("persistent", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("constant", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("unit", sa.Text),
    sa.Column("data_type", sa.Text),
    sa.Column("minimum", sa.Text),
    sa.Column("maximum", sa.Text),
    sa.Column("allowed", sa.Text),  # comma separated
    sa.Column("monitored", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("reported_at", _TIME, nullable=False),
    sa.CheckConstraint("mutability in ('read_only', 'write_only', 'read_write')", name="mutability"),
)

# When a station's settings were last read as a whole, and under which firmware.
device_model = sa.Table(
    "device_model",
    metadata,
    sa.Column("station_id", sa.Text(collation="C"), primary_key=True),
    sa.Column("asked_at", _TIME),
    sa.Column("complete_at", _TIME),
    sa.Column("firmware", sa.Text),
    sa.Column("protocol", sa.Text),
)

# A report in parts, while it comes and after: which parts are here. Parts may come in any order, and twice.
device_report = sa.Table(
    "device_report",
    metadata,
    sa.Column("station_id", sa.Text(collation="C"), primary_key=True),
    sa.Column("request", sa.Integer, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("parts", ARRAY(sa.Integer), nullable=False),
    sa.Column("last_part", sa.Integer),
    sa.Column("began_at", _TIME, nullable=False, index=True),
    sa.Column("complete_at", _TIME),
    sa.Column("texts", JSONB, nullable=False, server_default="{}"),  # of customer information: part -> text
)

# What people want of one station, over what its templates say.
wanted_setting = sa.Table(
    "wanted_setting",
    metadata,
    sa.Column("station_id", sa.Text(collation="C"), primary_key=True),
    sa.Column("folded", sa.Text(collation="C"), primary_key=True),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("wanted_at", _TIME, nullable=False),
)

# The last try to bring a setting to a value, and what became of it.
setting_attempt = sa.Table(
    "setting_attempt",
    metadata,
    sa.Column("station_id", sa.Text(collation="C"), primary_key=True),
    sa.Column("folded", sa.Text(collation="C"), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("order_id", sa.Uuid, nullable=False, index=True),
    sa.Column("asked_at", _TIME, nullable=False),
    sa.Column("outcome", sa.Text),  # null while the order is open
    sa.Column("why", sa.Text),
    sa.Column("ended_at", _TIME),
    sa.CheckConstraint(
        "outcome in ('accepted', 'reboot_needed', 'refused', 'not_supported', 'unanswered')", name="outcome"
    ),
)

# Settings for all stations that fit; the higher priority wins, then the one that is told more exactly whom it is for.
setting_template = sa.Table(
    "setting_template",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("vendor", sa.Text),  # a pattern with * and ?, as the next two
    sa.Column("model", sa.Text),
    sa.Column("firmware", sa.Text),
    sa.Column("protocol", sa.Text),
    sa.Column("location_id", sa.Uuid),
    sa.Column("priority", sa.Integer, nullable=False, server_default="0"),
    sa.Column("settings", JSONB, nullable=False),
    sa.Column("automatic", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("changed_by", sa.Text, nullable=False),
    sa.Column("changed_at", _TIME, nullable=False),
)
